import { describe, expect, test } from "bun:test";

import { anything, array, assert, boolean, constantFrom, nat, property, record } from "fast-check";

import { applyTexts, type EditKind, readTexts, rebase, textsOf } from "../../../src/collections/edit/form.ts";
import { type Row } from "../../../src/collections/edit/rows.ts";
import type { Texts } from "../../../src/collections/edit/texts.ts";
import { syncUrl } from "../../../src/collections/edit/url-sync.ts";
import { createSecretBox } from "../../../src/lib/seal.ts";

const box = createSecretBox(new Uint8Array(32).fill(7));
/** Rows as their text; `was` is the place unless a row says otherwise. */
const rows = (...list: (Partial<Row> & { key: string })[]): string =>
  JSON.stringify(
    list.map(({ key, value = "", state = "on", ...more }, was) => ({ was, key, value, state, ...more })),
  );
/** What a browser sends of a table. */
const columns = (name: string, list: Row[]): [string, string[]][] => [
  [`${name}.was`, list.map(({ was }) => String(was ?? ""))],
  [`${name}.key`, list.map(({ key }) => key)],
  [`${name}.value`, list.map(({ value }) => value)],
  [`${name}.sealed`, list.map(() => "")],
  [`${name}.state`, list.map(({ state }) => state)],
];
const tables = new Set(["params", "pathVariables", "headers", "urlencoded", "formdata", "variables"]);
/** Everything that the form sends when these are its texts, with the line ends of browsers. */
const sentBy = (texts: Texts): ((name: string) => string[]) => {
  const sent = new Map(
    Object.entries(texts).flatMap(([name, text]): [string, string[]][] =>
      // The form holds no other tables than ours.
      tables.has(name) ? columns(name, JSON.parse(text) as Row[]) : [[name, [text.replaceAll("\n", "\r\n")]]],
    ),
  );
  return (name) => sent.get(name) ?? [];
};

const item = () => ({
  id: "a",
  name: "Create order",
  "x-team": "shop",
  event: [
    { listen: "prerequest", script: { id: "s1", type: "text/javascript", exec: ["one();", "two();"] } },
    { listen: "test", script: { exec: "three();\r\nfour();", packages: {} } },
  ],
  request: {
    method: "POST",
    description: { content: "Why", type: "text/markdown" },
    auth: { type: "bearer", bearer: [{ key: "token", value: "t" }] },
    header: [
      { key: "Accept", value: "*/*", description: "any" },
      { key: "X-Off", value: "1", disabled: true },
    ],
    body: { mode: "raw", raw: '{\n  "a": 1\n}', options: { raw: { language: "json" } } },
    url: {
      raw: "{{base}}/orders/:id?a=1&b=2",
      host: ["{{base}}"],
      path: ["orders", ":id"],
      query: [
        { key: "a", value: "1", description: "first" },
        { key: "b", value: "2" },
        { key: "c", value: "3", disabled: true },
      ],
      variable: [{ key: "id", value: "7" }],
    },
  },
});
const after = (changes: Texts, kind: EditKind = "request", element: Record<string, unknown> = item()) => {
  const base = textsOf(kind, element);
  applyTexts(kind, element, syncUrl(base, { ...base, ...changes }), box);
  // Elements of any shape are looked into here.
  // oxlint-disable-next-line typescript/no-explicit-any
  return element as Record<string, any>;
};

describe("the form of a request", () => {
  test("shows everything as text", () => {
    expect(textsOf("request", item())).toMatchObject({
      name: "Create order",
      method: "POST",
      url: "{{base}}/orders/:id?a=1&b=2",
      params: rows(
        { key: "a", value: "1" },
        { key: "b", value: "2" },
        { key: "c", value: "3", state: "off" },
      ),
      pathVariables: rows({ key: "id", value: "7" }),
      headers: rows({ key: "Accept", value: "*/*" }, { key: "X-Off", value: "1", state: "off" }),
      auth: "bearer",
      "auth.bearer.token": "••••••••",
      bodyMode: "raw",
      bodyLanguage: "json",
      body: '{\n  "a": 1\n}',
      prerequest: "one();\ntwo();",
      test: "three();\nfour();",
      description: "Why",
    });
  });

  test("that is sent back as it came changes nothing", () => {
    expect(after({})).toEqual(item());
  });

  test("that comes as browsers send it changes nothing", () => {
    const base = textsOf("request", item());
    const sent = readTexts(base, sentBy(base), box);

    expect(sent).toEqual(base);
    expect(after(sent)).toEqual(item());
  });

  test("changes a script and keeps what else belongs to it", () => {
    const { event } = after({ test: "three();\nfive();" });

    expect(event).toEqual([
      item().event[0],
      { listen: "test", script: { type: "text/javascript", exec: ["three();", "five();"], packages: {} } },
    ]);
  });

  test("takes a script away that is emptied, and adds one that was not there", () => {
    expect(after({ test: "  \n" })["event"]).toEqual([item().event[0]]);
    const { event: _, ...plain } = item();
    expect(after({ test: "x();" }, "request", plain)["event"]).toEqual([
      { listen: "test", script: { type: "text/javascript", exec: ["x();"] } },
    ]);
    expect(after({ prerequest: "", test: "" })).not.toHaveProperty("event");
  });

  test("changes a parameter in the rows and in the address, and keeps descriptions", () => {
    const { request } = after({
      params: rows(
        { key: "a", value: "1" },
        { key: "b", value: "2", state: "off" },
        { key: "c", value: "4" },
      ),
    });

    expect(request.url.raw).toBe("{{base}}/orders/:id?a=1&c=4");
    expect(request.url.query).toEqual([
      { key: "a", value: "1", description: "first" },
      { key: "b", value: "2", disabled: true },
      { key: "c", value: "4" },
    ]);
  });

  test("changes the address and its parts; rows follow, and those that are off stay", () => {
    const { request } = after({ url: "https://shop.internal/v2/:shop/orders/:id?new&a=1" });

    expect(request.url).toMatchObject({
      raw: "https://shop.internal/v2/:shop/orders/:id?new&a=1",
      protocol: "https",
      host: ["shop", "internal"],
      path: ["v2", ":shop", "orders", ":id"],
      variable: [
        { key: "shop", value: "" },
        { key: "id", value: "7" },
      ],
      query: [
        { key: "new", value: null },
        { key: "a", value: "1", description: "first" },
        { key: "c", value: "3", disabled: true },
      ],
    });
  });

  test("takes the value of a path variable away with it", () => {
    expect(after({ url: "{{base}}/orders?a=1&b=2" })["request"].url).not.toHaveProperty("variable");
  });

  test("refuses an address and rows that were both changed and differ", () => {
    const both = { url: "{{base}}/orders/:id?a=2", params: rows({ key: "a", value: "3" }) };

    expect(() => after(both)).toThrow("were both changed and differ");
  });

  test("changes headers row by row", () => {
    const headers = JSON.stringify([
      { was: 0, key: "Accept", value: "application/json", state: "on" },
      { was: 1, key: "X-Off", value: "1", state: "remove" },
      { key: "X-New", value: "a:b", state: "off" },
    ]);

    expect(after({ headers })["request"].header).toEqual([
      { key: "Accept", value: "application/json", description: "any" },
      { key: "X-New", value: "a:b", disabled: true },
    ]);
  });

  test("changes the body and keeps its language", () => {
    expect(after({ body: "{}" })["request"].body).toEqual({
      mode: "raw",
      raw: "{}",
      options: { raw: { language: "json" } },
    });
  });

  describe("with a body", () => {
    const withBody = (body: object) => {
      const made = item();
      return { ...made, request: { ...made.request, body } };
    };
    const bodyAfter = (body: object, changes: Texts) =>
      after(changes, "request", withBody(body))["request"].body;

    test("in form-data changes texts, and files keep what they are", () => {
      const file = { key: "f", type: "file", src: ["/a", "/b"], "x-more": 1 };
      const body = { mode: "formdata", formdata: [{ key: "a", value: "1", type: "text" }, file] };
      const shown = JSON.parse(textsOf("request", withBody(body))["formdata"] ?? "");
      expect(shown[1]).toEqual({ was: 1, key: "f", value: '["/a","/b"]', state: "on", kind: "file" });

      const formdata = JSON.stringify([
        { ...shown[0], value: "2" },
        { ...shown[1], key: "renamed", state: "off" },
        { key: "new", value: "3", state: "on" },
      ]);

      expect(bodyAfter(body, { formdata }).formdata).toEqual([
        { key: "a", value: "2", type: "text" },
        { ...file, key: "renamed", disabled: true },
        { type: "text", key: "new", value: "3" },
      ]);
    });

    test("in GraphQL changes the query and keeps what is beside it", () => {
      const body = { mode: "graphql", graphql: { query: "{ a }", variables: "{}", operationName: "A" } };

      expect(bodyAfter(body, { graphqlQuery: "{ b }" }).graphql).toEqual({
        query: "{ b }",
        variables: "{}",
        operationName: "A",
      });
    });

    test("takes what the mode before held away, and keeps what is of neither", () => {
      const body = {
        mode: "raw",
        raw: "secret",
        disabled: true,
        options: { raw: { language: "json" }, more: 1 },
      };
      const urlencoded = rows({ key: "a", value: "1" }).replace('"was":0,', "");

      expect(bodyAfter(body, { bodyMode: "urlencoded", urlencoded })).toEqual({
        mode: "urlencoded",
        disabled: true,
        options: { more: 1 },
        urlencoded: [{ key: "a", value: "1" }],
      });
      expect(bodyAfter(body, { bodyMode: "" })).toBeUndefined();
    });

    test("says its language, or nothing", () => {
      const body = { mode: "raw", raw: "{}", options: { raw: { language: "json", more: 1 } } };

      expect(bodyAfter(body, { bodyLanguage: "xml" }).options).toEqual({ raw: { language: "xml", more: 1 } });
      expect(bodyAfter(body, { bodyLanguage: "" }).options).toEqual({ raw: { more: 1 } });
    });

    test("does not read what belongs to a mode that is not chosen", () => {
      const base = textsOf("request", item());
      const sent = readTexts(base, sentBy({ ...base, graphqlQuery: "typed" }), box);

      expect(sent["graphqlQuery"]).toBe("");
    });

    test("of a file keeps it", () => {
      const body = { mode: "file", file: { src: "/a.bin" } };

      expect(bodyAfter(body, { name: "Renamed" })).toEqual(body);
    });

    test("in a mode that does not exist is refused", () => {
      expect(() => bodyAfter({ mode: "raw" }, { bodyMode: "carrier-pigeon" })).toThrow("one of the modes");
    });
  });

  test("of a request that is an address only makes it whole when it changes", () => {
    const short = { id: "b", name: "Ping", request: "http://a/b" };

    expect(after({}, "request", { ...short })).toEqual(short);
    expect(after({ method: "POST" }, "request", { ...short })["request"].method).toBe("POST");
  });

  test.each([
    [{ name: " " }, "name"],
    [{ method: "GET /" }, "method"],
    [{ method: "" }, "method"],
    [{ body: "a\0b" }, "body"],
  ])("with %j is refused at %s", (changes, field) => {
    expect(() => after(changes)).toThrow(
      expect.objectContaining({ body: expect.objectContaining({ details: { param: field } }) }),
    );
  });
});

describe("the form of a collection", () => {
  const collection = () => ({
    info: { name: "Shop", schema: "s", description: "All" },
    variable: [
      { id: "v1", key: "base", value: "http://a" },
      { key: "count", value: 3, type: "number" },
      { key: "token", value: "t", type: "secret" },
      { key: "off", value: "x", disabled: true },
    ],
    item: [],
  });

  const shown = () => textsOf("collection", collection())["variables"] ?? "";

  test("sent back as it came changes nothing, and hides secrets", () => {
    expect(shown()).toBe(
      rows(
        { key: "base", value: "http://a" },
        { key: "count", value: "3" },
        { key: "token", value: "••••••••", kind: "secret" },
        { key: "off", value: "x", state: "off" },
      ),
    );
    expect(after({}, "collection", collection())).toEqual(collection());
  });

  test("changes variables and keeps what no row shows", () => {
    const list = JSON.parse(shown());
    const { variable } = after(
      {
        variables: JSON.stringify([
          { ...list[0], value: "http://b" },
          list[1],
          { ...list[2], state: "off" },
          { ...list[3], state: "on" },
          { key: "new", value: "1", state: "on" },
        ]),
      },
      "collection",
      collection(),
    );

    expect(variable).toEqual([
      { id: "v1", key: "base", value: "http://b" },
      { key: "count", value: 3, type: "number" },
      { key: "token", value: "t", type: "secret", disabled: true },
      { key: "off", value: "x" },
      { key: "new", value: "1" },
    ]);
  });

  test("seals a secret that is typed, and stores it opened", () => {
    const base = textsOf("collection", collection());
    const list: Row[] = JSON.parse(base["variables"] ?? "");
    const typed = list.map((row) => (row.key === "token" ? { ...row, value: "n3w" } : row));
    const sent = readTexts(base, sentBy({ ...base, variables: JSON.stringify(typed) }), box);

    expect(JSON.stringify(sent)).not.toContain("n3w");
    expect(after(sent, "collection", collection())["variable"][2]).toEqual({
      key: "token",
      value: "n3w",
      type: "secret",
    });
  });

  test("never takes the dots for a value", () => {
    const variables = JSON.stringify([{ key: "renamed", value: "••••••••", state: "on" }]);

    expect(() => after({ variables }, "collection", collection())).toThrow(
      "dots stand for one that is hidden",
    );
  });

  test.each([
    [[{ key: "", value: "1", state: "on" }], "variables.key-0"],
    [[{ key: "a", value: "a\0b", state: "on" }], "variables.value-0"],
    [[{ key: 1 }], "variables"],
  ])("with the rows %j is refused at %s", (list, field) => {
    expect(() => after({ variables: JSON.stringify(list) }, "collection", collection())).toThrow(
      expect.objectContaining({ body: expect.objectContaining({ details: { param: field } }) }),
    );
  });
});

test("what somebody changed goes on top of what others changed meanwhile", () => {
  const base = { name: "a", test: "one", body: "x" };

  expect(rebase(base, { ...base, test: "mine" }, { name: "theirs", test: "one", body: "x" })).toEqual({
    name: "theirs",
    test: "mine",
    body: "x",
  });
});

test("rows that somebody changed go on top of rows that others changed", () => {
  const list = [
    { key: "a", value: "1" },
    { key: "b", value: "2" },
  ];
  const base = { headers: rows(...list) };
  const mine = { headers: rows(list[0] ?? { key: "" }, { key: "b", value: "mine" }) };
  const now = {
    headers: rows({ key: "first", value: "theirs" }, { key: "a", value: "theirs" }, { key: "b", value: "2" }),
  };

  expect(JSON.parse(rebase(base, mine, now)["headers"] ?? "")).toEqual([
    { was: 1, key: "a", value: "theirs", state: "on" },
    { was: 2, key: "b", value: "mine", state: "on" },
    { was: 0, key: "first", value: "theirs", state: "on" },
  ]);
});

describe("entries of any shape", () => {
  const entry = record(
    {
      key: constantFrom("a", "b", "a=b", ""),
      value: constantFrom("1", "", " space ", "two\r\nlines", null, 7, true),
      type: constantFrom("text", "file", "secret", "any"),
      src: constantFrom("x.png", null),
      disabled: boolean(),
      description: constantFrom("one", { content: "two", type: "text/plain" }),
      "x-more": anything({ maxDepth: 1 }).map((value) => JSON.parse(JSON.stringify(value) ?? "0")),
    },
    { requiredKeys: ["key"] },
  );
  const elementWith = (list: object[]) => ({
    id: "a",
    name: "A",
    request: {
      method: "GET",
      url: { raw: "http://a", query: structuredClone(list) },
      header: structuredClone(list),
      body: { mode: "formdata", formdata: structuredClone(list) },
    },
  });

  test("come back from a browser as they were", () => {
    assert(
      property(array(entry, { maxLength: 5 }), (list) => {
        const base = textsOf("request", elementWith(list));
        const sent = readTexts(base, sentBy(base), box);
        expect(sent).toEqual(base);
        expect(after(sent, "request", elementWith(list))).toEqual(elementWith(list));
      }),
    );
  });

  test("stay as they are when another one is changed", () => {
    assert(
      property(array(entry, { minLength: 1, maxLength: 5 }), nat(), (list, pick) => {
        const at = pick % list.length;
        const element = elementWith(list);
        const shown: Row[] = JSON.parse(textsOf("request", element)["headers"] ?? "");
        const changed = shown.map((row, place) => (place === at ? { ...row, key: "renamed" } : row));
        const { request } = after({ headers: JSON.stringify(changed) }, "request", element);
        expect(request.header.toSpliced(at, 1)).toEqual(elementWith(list).request.header.toSpliced(at, 1));
        expect(request.header[at]).toStrictEqual({ ...elementWith(list).request.header[at], key: "renamed" });
      }),
    );
  });
});
