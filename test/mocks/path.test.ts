import { describe, expect, test } from "bun:test";

import { capturesOf, compilePath, parseRequestPath, scoreClose, scoreLoose } from "../../src/mocks/path.ts";

const score = (saved: string, sent: string, wildcards = true) => {
  const [example, request] = [compilePath(saved), parseRequestPath(sent)];
  return scoreClose(example, request, wildcards) ?? scoreLoose(example, request);
};

describe("the score of a path", () => {
  test.each([
    ["/books", "/books", 100],
    ["/", "/", 100],
    ["/a b/é", "/a%20b/%C3%A9", 100],
    ["/books", "/books/", 95],
    ["/books/", "/books", 95],
    ["/Books", "/bOOKS", 90],
    ["/Books/", "/books", 85],
    ["/books/{{id}}", "/books/7", 80],
    ["/books/{{id}}", "/BOOKS/7/", 80],
    ["/books/:id/pages", "/books/7/pages", 80],
    ["/books/17", "/books/4", 79],
    ["/books/a1b2", "/books/9f", 79],
    ["/books/17/", "/books/4", 75],
    ["/categories", "/categorys", 70],
    ["/books", "/boks", 70],
  ])("%s for %s is %d", (saved, sent, expected) => {
    expect(score(saved, sent)).toBe(expected);
  });

  test.each([
    ["/books", "/authors"],
    ["/books", "/books/7"],
    ["/books/{{id}}", "/books"],
    ["/books/{{id}}", "/books/"],
    ["/books/{{id}}", "/books/7/pages"],
    ["/books/x{{id}}", "/books/7"],
    ["/v1/books", "/v2/books"],
    ["/a", "/b"],
    ["/books/17", "/books/seven"],
  ])("%s is none for %s", (saved, sent) => {
    expect(score(saved, sent)).toBeUndefined();
  });

  test("knows no wildcards when they are switched off", () => {
    expect(score("/books/{{title}}", "/books/dune", false)).toBeUndefined();
  });

  test("comes with what stands in the place of its wildcards, decoded", () => {
    const example = compilePath("/shops/{{shop}}/books/{{ book }}");
    const captures = (sent: string) => Object.fromEntries(capturesOf(example, parseRequestPath(sent)));

    expect(captures("/shops/North/books/dune%20ii")).toEqual({ shop: "North", book: "dune ii" });
    // An encoded slash is a slash: one segment more, so this is another path.
    expect(captures("/shops/north/books/a%2Fb")).toEqual({});
  });
});

// A pattern that goes back and forth would not come to an end here.
test.each([
  ["digits before what no id has", `/${"1".repeat(1_000_000)}!`],
  ["slashes before what is none", `${"/".repeat(1_000_000)}x`],
])("a long path is gone through once: %s", (_, path) => {
  expect(parseRequestPath(path).text).toHaveLength(1_000_002 - Number(path.endsWith("x")));
});
