import { describe, expect, test } from "bun:test";

import { array, assert, boolean, constantFrom, nat, property, record } from "fast-check";

import {
  applyTexts,
  type EditKind,
  parseLines,
  readTexts,
  rebase,
  type Texts,
  textsOf,
} from "../../../src/collections/edit/form.ts";
import { paramLine } from "../../../src/collections/revisions/describe.ts";

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
  applyTexts(kind, element, { ...textsOf(kind, element), ...changes });
  // Elements of any shape are looked into here.
  // oxlint-disable-next-line typescript/no-explicit-any
  return element as Record<string, any>;
};

describe("the form of a request", () => {
  test("shows everything as text", () => {
    expect(textsOf("request", item())).toEqual({
      name: "Create order",
      method: "POST",
      url: "{{base}}/orders/:id?a=1&b=2",
      params: "a: 1\nb: 2\n// c: 3",
      pathVariables: "id: 7",
      headers: "Accept: */*\n// X-Off: 1",
      body: '{\n  "a": 1\n}',
      prerequest: "one();\ntwo();",
      test: "three();\nfour();",
      description: "Why",
    });
  });

  test("that is sent back as it came changes nothing", () => {
    expect(after({})).toEqual(item());
  });

  test("that comes with the line ends of browsers changes nothing", () => {
    const shown = textsOf("request", item());
    const sent = readTexts("request", item(), (name) => (shown[name] ?? "").replaceAll("\n", "\r\n"));

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

  test("changes a parameter in the list and in the address, and keeps descriptions", () => {
    const { request } = after({ params: "a: 1\n// b: 2\nc: 4" });

    expect(request.url.raw).toBe("{{base}}/orders/:id?a=1&c=4");
    expect(request.url.query).toEqual([
      { key: "a", value: "1", description: "first" },
      { key: "b", value: "2", disabled: true },
      { key: "c", value: "4" },
    ]);
  });

  test("changes the address and its parts", () => {
    const { request } = after({ url: "https://shop.internal/v2/orders/:id?a=1" });

    expect(request.url).toMatchObject({
      raw: "https://shop.internal/v2/orders/:id?a=1",
      protocol: "https",
      host: ["shop", "internal"],
      path: ["v2", "orders", ":id"],
      variable: [{ key: "id", value: "7" }],
    });
    expect(request.url.query).toContainEqual({ key: "a", value: "1", description: "first" });
  });

  test("changes headers line by line", () => {
    expect(
      after({ headers: "Accept: application/json\n// X-Off: 1\nX-New:  a:b " })["request"].header,
    ).toEqual([
      { key: "Accept", value: "application/json", description: "any" },
      { key: "X-Off", value: "1", disabled: true },
      { key: "X-New", value: "a:b" },
    ]);
  });

  test("changes the body and keeps its language", () => {
    expect(after({ body: "{}" })["request"].body).toEqual({
      mode: "raw",
      raw: "{}",
      options: { raw: { language: "json" } },
    });
  });

  test("shows forms and GraphQL as what they are", () => {
    const withBody = (body: object) => {
      const made = item();
      return { ...made, request: { ...made.request, body } };
    };
    const form = withBody({
      mode: "formdata",
      formdata: [
        { key: "a", value: "1", type: "text" },
        { key: "f", type: "file", src: "x.png" },
      ],
    });
    const graphql = withBody({ mode: "graphql", graphql: { query: "{ a }", variables: "{}" } });

    expect(textsOf("request", form)).toMatchObject({ fields: "a: 1\nf: @x.png" });
    expect(after({ fields: "a: 2\nf: @x.png" }, "request", form)["request"].body.formdata).toEqual([
      { key: "a", value: "2", type: "text" },
      { key: "f", type: "file", src: "x.png" },
    ]);
    expect(after({ graphqlQuery: "{ b }" }, "request", graphql)["request"].body.graphql).toEqual({
      query: "{ b }",
      variables: "{}",
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

  test("sent back as it came changes nothing, and hides secrets", () => {
    expect(textsOf("collection", collection())["variables"]).toBe(
      "base: http://a\ncount: 3\ntoken: ••••••••\n// off: x",
    );
    expect(after({}, "collection", collection())).toEqual(collection());
  });

  test("changes variables and keeps what no line shows", () => {
    const { variable } = after(
      { variables: "base: http://b\ncount: 3\n// token: ••••••••\noff: x\nnew: 1" },
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

  test("never takes the dots for a value", () => {
    expect(() => after({ variables: "renamed: ••••••••" }, "collection", collection())).toThrow(
      "A hidden value cannot go to another name",
    );
  });
});

describe("lines of parameters", () => {
  const param = record({
    key: constantFrom("a", "b", "c:d", ""),
    value: constantFrom("1", "x: y", " space ", "two\nlines", "// no"),
    enabled: boolean(),
    description: constantFrom("one", "two"),
  });

  test("that are not touched are the parameters that they were", () => {
    assert(
      property(array(param, { maxLength: 6 }), (params) => {
        expect(parseLines(params.map(paramLine).join("\n"), params)).toEqual(params);
      }),
    );
  });

  test("change only the parameter of the line that is changed", () => {
    assert(
      property(array(param, { minLength: 1, maxLength: 6 }), nat(), (params, pick) => {
        const at = pick % params.length;
        const lines = params.map(paramLine).with(at, "new: value");
        const parsed = parseLines(lines.join("\n"), params);
        expect(parsed.toSpliced(at, 1)).toEqual(params.toSpliced(at, 1));
        expect(parsed[at]).toMatchObject({ key: "new", value: "value", enabled: true });
      }),
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
