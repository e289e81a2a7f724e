import { describe, expect, test } from "bun:test";

import { convertV3 } from "../../../src/engine/formats/v3.ts";

const convert = (files: Record<string, string>, name = "folder name") =>
  convertV3(new Map(Object.entries(files)), name);

/** The collection of a folder that holds one. */
function collectionOf(files: Record<string, string>) {
  const { documents } = convert(files);
  expect(documents.map(({ kind }) => kind)).toEqual(["collection"]);
  // Checked by the line above; what is in it is what the tests look at.
  return documents[0]?.content as unknown as {
    info: object;
    item: { name: string; item?: { name: string }[]; request?: Record<string, unknown> }[];
  } & Record<string, unknown>;
}

/** The item of a folder with one request file. */
const itemOf = (yaml: string, more: Record<string, string> = {}) =>
  collectionOf({ "Get.request.yaml": yaml, ...more }).item[0];
const requestOf = (yaml: string) => itemOf(yaml)?.request;

describe("the definition", () => {
  test("gives name, id, description, variables, authorization and scripts", () => {
    const collection = collectionOf({
      ".resources/definition.yaml": `
$kind: collection
id: c-1
name: Books
description: About books
variables:
  - key: base
    value: http://x
  - key: off
    value: '1'
    disabled: true
auth:
  - id: a
    type: bearer
    credentials:
      - key: token
        value: '{{token}}'
scripts:
  - type: http:beforeRequest
    language: text/javascript
    code: |-
      first();
      second();
  - type: http:afterResponse
    code: third();
`,
    });

    expect(collection).toEqual({
      info: {
        _postman_id: "c-1",
        name: "Books",
        description: "About books",
        schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
      },
      item: [],
      auth: { type: "bearer", bearer: [{ type: "string", key: "token", value: "{{token}}" }] },
      event: [
        { listen: "prerequest", script: { type: "text/javascript", exec: ["first();", "second();"] } },
        { listen: "test", script: { type: "text/javascript", exec: ["third();"] } },
      ],
      variable: [
        { key: "base", value: "http://x" },
        { key: "off", value: "1", disabled: true },
      ],
    });
  });

  test("may write pairs as maps and authorization as an object", () => {
    const collection = collectionOf({
      ".resources/definition.yaml": `
variables:
  base: http://x
  count: 5
auth:
  type: basic
  credentials:
    username: u
    password: p
`,
    });

    expect(collection.info).toMatchObject({ name: "folder name" });
    expect(collection["variable"]).toEqual([
      { key: "base", value: "http://x" },
      { key: "count", value: "5" },
    ]);
    expect(collection["auth"]).toEqual({
      type: "basic",
      basic: [
        { type: "string", key: "username", value: "u" },
        { type: "string", key: "password", value: "p" },
      ],
    });
  });
});

test("requests and folders stand in the order of their numbers, those without one behind, by name", () => {
  const request = (order?: number) => `url: http://x\n${order === undefined ? "" : `order: ${order}\n`}`;
  const { item } = collectionOf({
    "zeta.request.yaml": request(1000),
    "b.request.yaml": request(),
    "a.request.yaml": request(),
    "last.request.yaml": request(3000),
    "Folder/.resources/definition.yaml": "name: Named\norder: 2000\n",
    "Folder/two.request.yaml": request(2.5),
    "Folder/one.request.yaml": request(2),
    "Plain/x.request.yaml": request(),
    "Empty/notes.yaml": "a: 1\n",
  });

  expect(item.map(({ name, item: inner }) => [name, inner?.map((one) => one.name)])).toEqual([
    ["zeta", undefined],
    ["Named", ["one", "two"]],
    ["last", undefined],
    ["Plain", ["x"]],
    ["a", undefined],
    ["b", undefined],
  ]);
});

describe("the URL", () => {
  test("without lists stays text", () => {
    expect(requestOf("url: 'http://x/a?b=c'\n")).toMatchObject({ method: "GET", url: "http://x/a?b=c" });
  });

  test("takes its query from the list, disabled ones too, and is not given it twice", () => {
    const request = requestOf(`
url: 'http://{{host}}:8080/a/:id?page=9#top'
queryParams:
  - key: page
    value: '1'
    description: which
  - key: off
    value: x
    disabled: true
pathVariables:
  id: '7'
`);

    expect(request?.["url"]).toEqual({
      raw: "http://{{host}}:8080/a/:id?page=1#top",
      protocol: "http",
      host: ["{{host}}"],
      port: "8080",
      path: ["a", ":id"],
      query: [
        { key: "page", value: "1", description: "which" },
        { key: "off", value: "x", disabled: true },
      ],
      hash: "top",
      variable: [{ key: "id", value: "7" }],
    });
  });

  test("keeps the written query beside path variables", () => {
    const request = requestOf("url: '{{base}}/:id?a&b=1=2'\npathVariables:\n  - key: id\n    value: x\n");

    expect(request?.["url"]).toEqual({
      raw: "{{base}}/:id?a&b=1=2",
      host: ["{{base}}"],
      path: [":id"],
      query: [
        { key: "a", value: null },
        { key: "b", value: "1=2" },
      ],
      variable: [{ key: "id", value: "x" }],
    });
  });
});

test.each([
  [
    "json",
    "type: json\n  content: '{\"a\":1}'",
    { mode: "raw", raw: '{"a":1}', options: { raw: { language: "json" } } },
  ],
  [
    "a JSON body written as YAML",
    "type: json\n  content:\n    a: [1, true]",
    { mode: "raw", raw: '{\n  "a": [\n    1,\n    true\n  ]\n}', options: { raw: { language: "json" } } },
  ],
  ["xml", "type: xml\n  content: <a/>", { mode: "raw", raw: "<a/>", options: { raw: { language: "xml" } } }],
  ["text", "type: text\n  content: hi", { mode: "raw", raw: "hi", options: { raw: { language: "text" } } }],
  [
    "urlencoded as a map",
    "type: urlencoded\n  content:\n    a: 1.0",
    { mode: "urlencoded", urlencoded: [{ key: "a", value: "1.0" }] },
  ],
  [
    "a form",
    "type: formdata\n  content:\n    - {key: a, type: text, value: b}\n    - {key: f, type: file, src: ./f.png}",
    {
      mode: "formdata",
      formdata: [
        { key: "a", type: "text", value: "b" },
        { key: "f", type: "file", src: "./f.png" },
      ],
    },
  ],
  ["a file", "type: file\n  content: ./book.pdf", { mode: "file", file: { src: "./book.pdf" } }],
  ["none", "type: none", undefined],
])("body: %s", (_, yaml, expected) => {
  expect(requestOf(`url: http://x\nmethod: POST\nbody:\n  ${yaml}\n`)?.["body"]).toEqual(expected as never);
});

test("a GraphQL request is a POST with a graphql body", () => {
  const request = requestOf(
    "$kind: graphql-request\nurl: http://x\nquery: '{ a }'\nvariables: '{\"b\":1}'\n",
  );

  expect(request).toMatchObject({
    method: "POST",
    body: { mode: "graphql", graphql: { query: "{ a }", variables: '{"b":1}' } },
  });
});

test("headers, own authorization, settings and scripts of a request", () => {
  expect(
    itemOf(`
url: http://x
headers:
  Accept: text/plain
auth:
  type: noauth
settings:
  followRedirects: false
scripts:
  - type: beforeRequest
    code: a()
  - type: afterResponse
    code: b()
`),
  ).toMatchObject({
    request: { header: [{ key: "Accept", value: "text/plain" }], auth: { type: "noauth" } },
    protocolProfileBehavior: { followRedirects: false },
    event: [
      { listen: "prerequest", script: { exec: ["a()"] } },
      { listen: "test", script: { exec: ["b()"] } },
    ],
  });
});

test("numbers stay as they are written", () => {
  const request = requestOf(
    "url: http://x\nheaders:\n  A: 1.0\n  B: 0x10\n  C: 12345678901234567890\n  D: 007\n",
  );

  expect(request?.["header"]).toEqual([
    { key: "A", value: "1.0" },
    { key: "B", value: "0x10" },
    { key: "C", value: "12345678901234567890" },
    { key: "D", value: "007" },
  ]);
});

test("examples become saved responses", () => {
  const examples = ".resources/Get.resources/examples";
  const item = itemOf("url: http://x\n", {
    [`${examples}/OK.example.yaml`]: `
$kind: http-example
order: 2
request: {url: 'http://x/1', method: GET}
response:
  statusCode: 200
  statusText: OK
  headers: [{key: Content-Type, value: application/json}]
  body: {type: json, content: '{}'}
`,
    [`${examples}/Broken.example.yaml`]: "name: Server error\norder: 1\nresponse:\n  statusCode: 500\n",
  });

  expect(item).toMatchObject({
    response: [
      { name: "Server error", code: 500, body: "" },
      {
        name: "OK",
        code: 200,
        status: "OK",
        body: "{}",
        _postman_previewlanguage: "json",
        header: [{ key: "Content-Type", value: "application/json" }],
        originalRequest: { method: "GET", url: "http://x/1" },
      },
    ],
  });
});

test("what cannot be sent or is left out is warned of, never dropped in silence", () => {
  const { warnings } = convert({
    "Stream.request.yaml": "$kind: grpc-request\nurl: x\n",
    "Get.request.yaml": `
url: http://x
auth:
  - {type: basic, credentials: []}
  - {type: bearer, credentials: []}
body: {type: hologram, content: x}
scripts:
  - {type: 'grpc:beforeInvoke', code: a()}
`,
  });

  expect(warnings).toEqual([
    expect.stringMatching(/Stream is left out: it is a grpc-request/),
    expect.stringMatching(/Get: it has 2 ways to authenticate; the first one, basic/),
    expect.stringMatching(/Get: a script for "grpc:beforeInvoke" is left out/),
    expect.stringMatching(/Get: its body is of an unknown type "hologram"/),
  ]);
});

test("a workspace gives all its collections, environments and globals", () => {
  const { documents } = convert({
    "postman/collections/A/.resources/definition.yaml": "name: A\n",
    "postman/collections/B/x.request.yaml": "url: http://x\n",
    "postman/environments/local.environment.yaml":
      "values:\n  - {key: t, value: s, type: secret}\n  - {key: o, value: x, enabled: false}\n",
    "postman/globals/workspace.globals.yaml": "values:\n  - {key: g, value: '1'}\n",
    "postman/specs/openapi.yaml": "openapi: 3.1.0\n",
  });

  expect(documents.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "collection A",
    "collection B",
    "environment local",
    "globals workspace",
  ]);
  expect(documents[2]?.content).toMatchObject({
    values: [
      { key: "t", value: "s", type: "secret", enabled: true },
      { key: "o", value: "x", type: "default", enabled: false },
    ],
  });
});

describe("refused are", () => {
  test.each([
    ["a folder without a collection", { "a.yaml": "a: 1\n" }, "without a collection"],
    [
      "a broken request, by its name",
      { "Get.request.yaml": "url: [open\n" },
      'Get.request.yaml", which is not YAML',
    ],
    [
      "aliases that would fill the memory",
      {
        "Get.request.yaml": `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
          .split("")
          .map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]},`.repeat(9)}]`)
          .join("\n")}\n`,
      },
      "is not YAML",
    ],
  ])("%s", (_, files, why) => {
    expect(() => convert(files as unknown as Record<string, string>)).toThrow(why);
  });
});
