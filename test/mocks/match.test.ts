import { describe, expect, test } from "bun:test";

import type { MockConfig } from "../../db/schema.ts";
import { canonicalBody } from "../../src/mocks/body.ts";
import { compileExamples } from "../../src/mocks/example.ts";
import { chooseExample, scoreQuery } from "../../src/mocks/match.ts";
import { defaultMockConfig } from "../../src/mocks/mock.ts";
import { parseRequestPath } from "../../src/mocks/path.ts";
import { collectionOf, type Saved } from "./support.ts";

const uuid = (first: number) => `${first}0000000-0000-4000-8000-000000000000`;

interface Asked {
  path?: string;
  query?: [string, string][];
  headers?: Record<string, string>;
  body?: string;
  config?: Partial<MockConfig>;
}

/** The name of the example that answers, or undefined. */
function answering(
  saved: readonly Saved[],
  { path = "/books", query = [], headers = {}, body = "", config }: Asked,
) {
  const examples = compileExamples(collectionOf(saved), new Map()).byMethod.get("GET") ?? [];
  const choice = chooseExample(
    examples,
    {
      path: parseRequestPath(path),
      query,
      headers: new Map(Object.entries(headers)),
      body: canonicalBody({ text: body }),
    },
    { ...defaultMockConfig, ...config },
  );
  return "example" in choice ? choice.example.name : undefined;
}

describe("of several examples", () => {
  test("the path decides first", () => {
    const saved = [
      { name: "wild", url: "{{baseUrl}}/books/{{id}}" },
      { name: "exact", url: "{{baseUrl}}/books/7" },
    ];

    expect(answering(saved, { path: "/books/7" })).toBe("exact");
    expect(answering(saved, { path: "/books/seven" })).toBe("wild");
  });

  test("an equal score goes to the first by id with 200", () => {
    const saved = [
      { id: uuid(3), name: "third", code: 200 },
      { id: uuid(2), name: "second", code: 200 },
      { id: uuid(1), name: "first", code: 404 },
    ];

    expect(answering(saved, {})).toBe("second");
  });

  test("an equal score without any 200 goes to the first by id", () => {
    const saved = [
      { id: uuid(2), name: "second", code: 500 },
      { id: uuid(1), name: "first", code: 404 },
    ];

    expect(answering(saved, {})).toBe("first");
  });

  test("parameters of the query decide between equal paths", () => {
    const saved = [
      { id: uuid(1), name: "all", url: "{{baseUrl}}/books" },
      { id: uuid(2), name: "page two", url: "{{baseUrl}}/books?page=2" },
      { id: uuid(3), name: "page three", url: "{{baseUrl}}/books?page=3" },
    ];

    expect(answering(saved, {})).toBe("all");
    expect(answering(saved, { query: [["page", "3"]] })).toBe("page three");
    expect(answering(saved, { query: [["page", "3"]], config: { matchQueryParams: false } })).toBe("all");
  });

  test("switched-off parameters do not count", () => {
    const url = {
      raw: "{{baseUrl}}/books?page=2",
      host: ["{{baseUrl}}"],
      path: ["books"],
      query: [{ key: "page", value: "2", disabled: true }],
    };

    expect(
      answering(
        [
          { id: uuid(2), name: "off", url },
          { id: uuid(1), name: "on", url: "{{baseUrl}}/books?a=1" },
        ],
        {},
      ),
    ).toBe("off");
  });
});

describe("the score of a query", () => {
  const pairs = (text: string) => [...new URLSearchParams(text)];

  test.each([
    ["", "", 10],
    ["a=1&b=2", "b=2&a=1", 10],
    ["a=1&b=2", "a=1", 5],
    ["a=1", "a=1&b=2", 5],
    ["a=1&b=2&c=3", "a=1&b=2&c=4", 20 / 3],
    ["a=1", "A=1", 0],
    ["a=1", "a=2", 0],
    ["a=1", "", -1],
    ["", "a=1&b=2", -2],
    ["", "a&b&c&d&e&f&g&h&i&j&k&l", -10],
  ])("%p for %p is %d", (saved, sent, expected) => {
    expect(scoreQuery(pairs(saved), pairs(sent))).toBeCloseTo(expected);
  });
});

describe("headers", () => {
  const saved = [
    { name: "north", requestHeader: [{ key: "X-Shop", value: "North" }] },
    { name: "south", requestHeader: [{ key: "X-Shop", value: "South" }] },
  ];

  test("count when the mock is told to match them, whatever their case", () => {
    const config = { matchHeader: true, headers: ["x-shop"] };

    expect(answering(saved, { headers: { "x-shop": "SOUTH" }, config })).toBe("south");
    expect(answering(saved, { headers: { "x-shop": "west" }, config })).toBeUndefined();
  });

  test("count when the call asks for it, and the call wins over the mock", () => {
    const asked = { "x-mock-match-request-headers": "x-other, X-Shop", "x-shop": "south" };

    expect(answering(saved, { headers: asked })).toBe("south");
    expect(
      answering(saved, {
        headers: { "x-mock-match-request-headers": "", "x-shop": "west" },
        config: { matchHeader: true, headers: ["x-shop"] },
      }),
    ).toBeDefined();
  });
});

describe("bodies", () => {
  const raw = (text: string) => ({ mode: "raw", raw: text });
  const saved = [
    { id: uuid(1), name: "one", requestBody: raw('{"a":1,"b":[2]}') },
    { id: uuid(2), name: "two", requestBody: raw('{"a":2}') },
  ];

  test("that are equal weigh a little when nobody asks for it", () => {
    expect(answering(saved, { body: '{ "a": 2 }' })).toBe("two");
    expect(answering(saved, { body: "{}" })).toBe("one");
  });

  test("decide when the mock or the call asks for it", () => {
    const asked = { "x-mock-match-request-body": "true" };

    expect(answering(saved, { body: '{"b":[2],"a":1}', headers: asked })).toBe("one");
    expect(answering(saved, { body: "{}", headers: asked })).toBeUndefined();
    expect(answering(saved, { body: "{}", config: { matchBody: true } })).toBeUndefined();
  });

  test("do not decide when the call says so", () => {
    const headers = { "x-mock-match-request-body": "false" };

    expect(answering(saved, { body: "{}", headers, config: { matchBody: true } })).toBe("one");
  });

  test("of forms and of GraphQL are compared by what they say", () => {
    const forms = [
      { name: "form", requestBody: { mode: "urlencoded", urlencoded: [{ key: "a", value: "1" }] } },
      {
        name: "graphql",
        requestBody: { mode: "graphql", graphql: { query: "{ me }", variables: '{"x": 1}' } },
      },
    ];
    const headers = { "x-mock-match-request-body": "true" };

    expect(answering(forms, { body: '{"query":"{ me }","variables":{"x":1}}', headers })).toBe("graphql");
    expect(answering(forms, { body: "a=1", headers })).toBeUndefined();
  });
});
