import { describe, expect, test } from "bun:test";

import { questionWords, searchItemsOf, toQuery, toVector, wordsOf } from "../../src/catalog/search-text.ts";

describe("words", () => {
  test.each([
    ["List all orders", ["list", "all", "orders"]],
    ["listOrders", ["listorders", "list", "orders"]],
    ["OAuth2Token", ["oauth2token", "oauth2", "token"]],
    [
      "{{baseUrl}}/v1/books/:bookId?limit=2",
      ["baseurl", "base", "url", "v1", "books", "bookid", "book", "id", "limit", "2"],
    ],
    ["Bücher & Zeitschriften", ["bücher", "zeitschriften"]],
    ["it's 'quoted' \\ slashed", ["it", "s", "quoted", "slashed"]],
    ["", []],
  ])("of %j", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test("are few and short, however long the text", () => {
    const words = wordsOf(Array.from({ length: 1000 }, (_, index) => `${"x".repeat(100)}${index}`).join(" "));

    expect(words.length).toBeLessThanOrEqual(200);
    expect(Math.max(...words.map((word) => word.length))).toBe(60);
  });

  test("of a question are not taken apart", () => {
    expect(questionWords("listOrders for BOOKS, books!")).toEqual(["listorders", "for", "books"]);
  });

  test("are written as Postgres reads them", () => {
    expect(toVector(["list", "orders"])).toBe("'list' 'orders'");
    expect(toQuery(["list", "orders"], "all")).toBe("'list':* & 'orders':*");
    expect(toQuery(["list", "orders"], "any")).toBe("'list':* | 'orders':*");
  });
});

describe("items of a collection", () => {
  test("are the collection, its folders and its requests, with what they stand in", () => {
    const items = searchItemsOf("c1", {
      info: { name: "Bookshop", description: { content: "All of it" } },
      item: [
        { id: "r1", name: "List", request: "http://a/books" },
        {
          id: "f1",
          name: "Orders",
          item: [
            {
              id: "r2",
              name: "Create",
              request: { method: "post", url: { host: ["a", "b"], path: ["orders"] } },
            },
          ],
        },
        {
          id: "r3",
          name: "Last",
          request: { method: "GET", url: { raw: "http://a/last" }, description: "Says\0so" },
        },
      ],
    });

    expect(
      items.map(({ kind, id, name, method, url, description }) => [kind, id, name, method, url, description]),
    ).toEqual([
      ["collection", "c1", "Bookshop", null, null, "All of it"],
      ["request", "r1", "List", "GET", "http://a/books", ""],
      ["folder", "f1", "Orders", null, null, ""],
      ["request", "r2", "Create", "POST", "a.b/orders", ""],
      ["request", "r3", "Last", "GET", "http://a/last", "Saysso"],
    ]);
    expect(items.at(-2)?.words).toEqual(["create", "post", "a", "b", "orders", "bookshop"]);
  });

  test("are read from a document of any depth and any nonsense", () => {
    let item: unknown = { name: "Deepest" };
    for (let depth = 0; depth < 190; depth++)
      item = { name: "F", item: [item, null, 7, "x", { name: 5, request: 5 }] };

    expect(searchItemsOf("c", { info: null, item: [item] })).toHaveLength(1 + 190 * 2 + 1);
  });
});
