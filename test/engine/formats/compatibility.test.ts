import { describe, expect, test } from "bun:test";

import { checkCollection, checkVariables } from "../../../src/engine/formats/compatibility.ts";

const collectionOf = (...item: object[]) => ({ info: { name: "C" }, item });

/** Findings of one request, as text. */
const findingsOf = (item: object) =>
  checkCollection(collectionOf({ name: "r", ...item })).map(
    ({ level, where, what }) => `${level}: ${where}: ${what}`,
  );
const findingsOfScript = (...exec: string[]) =>
  findingsOf({ request: "http://x", event: [{ listen: "test", script: { exec } }] });

describe("nothing is found", () => {
  test.each([
    ["in a plain request", { request: "http://x" }],
    ["in variables instead of a scheme", { request: { url: "{{base}}/a" } }],
    ["in supported authorization", { request: { url: "http://x", auth: { type: "awsv4" } } }],
    [
      "in a grant that needs nobody",
      {
        request: {
          url: "http://x",
          auth: { type: "oauth2", oauth2: [{ key: "grant_type", value: "client_credentials" }] },
        },
      },
    ],
    [
      "in a stored access token",
      {
        request: {
          url: "http://x",
          auth: {
            type: "oauth2",
            oauth2: [
              { key: "grant_type", value: "authorization_code" },
              { key: "accessToken", value: "{{token}}" },
            ],
          },
        },
      },
    ],
    [
      "in known settings",
      {
        request: "http://x",
        protocolProfileBehavior: {
          followRedirects: false,
          insecureHTTPParser: false,
          tlsPreferServerCiphers: true,
          disableUrlEncoding: true,
        },
      },
    ],
    [
      "in a proxy that is switched off",
      { request: { url: "http://x", proxy: { host: "p", disabled: true } } },
    ],
    [
      "in disabled headers, fields and scripts",
      {
        request: {
          url: "http://x",
          header: [{ key: "Content-Length", value: "1", disabled: true }],
          body: { mode: "formdata", formdata: [{ key: "f", type: "file", src: "a.png", disabled: true }] },
        },
        event: [{ listen: "test", disabled: true, script: { exec: ["pm.visualizer.set('')"] } }],
      },
    ],
    ["in an item that is no object", 5 as unknown as object],
  ])("%s", (_, item) => {
    expect(checkCollection(collectionOf(item))).toEqual([]);
  });

  test("in scripts with the libraries of Postman, nor in comments", () => {
    expect(
      findingsOfScript(
        "const _ = require('lodash'); // pm.visualizer",
        "/* pm.vault.get('x')",
        "   require('fs') */ const url = 'http://pm.test/x';",
        "pm.test('x', () => pm.expect(1).to.equal(1)); myrequire('fs'); xpm.vault",
        "pm.test('x', function () { return pm.sendRequest(async) }); const fetch = async () => 1;",
        "_.capitalize('a'); _('a').padLeft(3); _.chain(['a']).map(x => x).truncate(); list.first()",
        "Date.prototype.addDays = function (n) { return n }; new Date().addDays(1); const add = { isBlank: 1 }",
        "await pm.execution.runRequest('r'); await pm.execution.runRequest(id)",
      ),
    ).toEqual([]);
  });
});

describe("found is", () => {
  test.each([
    [
      "unknown authorization",
      { request: { url: "http://x", auth: { type: "kerberos" } } },
      /^unsupported: r: .*"kerberos"/,
    ],
    [
      "a grant that needs a person",
      {
        request: {
          url: "http://x",
          auth: { type: "oauth2", oauth2: { grant_type: "authorization_code_with_pkce" } },
        },
      },
      /^unsupported: r: .*browser/,
    ],
    ["a WebSocket", { request: { url: { raw: "ws://x" } } }, /^unsupported: r: requests over ws /],
    ["gRPC", { request: "grpc://x" }, /^unsupported: r: requests over grpc /],
    [
      "a protocol in parts",
      { request: { url: { protocol: "wss", host: ["x"] } } },
      /^unsupported: r: requests over wss /,
    ],
    [
      "a GraphQL subscription",
      { request: { url: "http://x", body: { mode: "graphql", graphql: { query: "subscription { a }" } } } },
      /^unsupported: r: GraphQL subscriptions/,
    ],
    [
      "a file",
      { request: { url: "http://x", body: { mode: "file", file: { src: "a.png" } } } },
      /^different: r: the file "a\.png" must lie/,
    ],
    [
      "a file field",
      {
        request: {
          url: "http://x",
          body: { mode: "formdata", formdata: [{ type: "file", src: ["b.png"] }] },
        },
      },
      /^different: r: the file "b\.png" must lie/,
    ],
    [
      "a header that frames the message",
      { request: { url: "http://x", header: [{ key: "Transfer-Encoding", value: "chunked" }] } },
      /^different: r: the header Transfer-Encoding/,
    ],
    [
      "an unknown setting",
      { request: "http://x", protocolProfileBehavior: { warp: true } },
      /^different: r: the setting warp/,
    ],
    [
      "a parser that forgives",
      { request: "http://x", protocolProfileBehavior: { insecureHTTPParser: true } },
      /^different: r: insecureHTTPParser has no effect/,
    ],
    [
      "a proxy of the request",
      { request: { url: "http://x", proxy: { host: "p", port: 1 } } },
      /^different: r: its proxy/,
    ],
    [
      "a certificate of the request",
      { request: { url: "http://x", certificate: { cert: { src: "a" } } } },
      /^different: r: its client certificate/,
    ],
    ["a Unix socket", { request: "http://unix:/var/run/x.sock:/info" }, /^unsupported: r: .*Unix sockets/],
    [
      "a quote in the name of a form field",
      { request: { url: "http://x", body: { mode: "formdata", formdata: [{ key: 'a"b', value: "1" }] } } },
      /^different: r: quotes and line breaks/,
    ],
    [
      "a vault variable",
      { request: { url: "http://x/{{vault:key}}" } },
      /^different: r: variables of the vault/,
    ],
    [
      "a package",
      {
        request: "http://x",
        event: [{ listen: "test", script: { exec: [""], packages: { "@team/a": {} } } }],
      },
      /^unsupported: r: a script requires "@team\/a": the package library/,
    ],
    [
      "a script elsewhere",
      { request: "http://x", event: [{ listen: "test", script: { src: "http://y/a.js" } }] },
      /^unsupported: r: a script lies in another file/,
    ],
  ])("%s", (_, item, expected) => {
    expect(findingsOf(item)).toEqual([expect.stringMatching(expected)]);
  });

  test.each([
    ["pm.vault.get('a')", /^different: .*pm\.vault/],
    ["pm.visualizer.set('<b>')", /^different: .*pm\.visualizer/],
    ["pm.datasets('x')", /^unsupported: .*pm\.datasets/],
    ["pm.require('npm:left-pad@1.0.0')", /^unsupported: .*"npm:left-pad@1\.0\.0": packages are not fetched/],
    ["pm.test('x', async () => {})", /^different: .*async test/],
    ["const Model = Backbone.Model.extend({})", /^unsupported: .*Backbone/],
    ["'a b'.capitalize()", /^unsupported: .*capitalize of the library Sugar/],
    ["new Date().addDays(1)", /^unsupported: .*addDays of the library Sugar/],
    ["pm.execution.runRequest('elsewhere')", /^unsupported: .*"elsewhere", which is not in this collection/],
    ['const fs = require("fs")', /^unsupported: .*"fs": it is none of the libraries/],
  ])("%s", (code, expected) => {
    expect(findingsOfScript(code, code)).toEqual([expect.stringMatching(expected)]);
  });
});

test("writing to the vault is refused", () => {
  expect(findingsOfScript("pm.vault.set('a', 'b')")).toEqual([
    expect.stringContaining("different"),
    expect.stringMatching(/^unsupported: .*pm\.vault\.set/),
  ]);
});

test("a script may run requests of its collection by id and by name, wherever they lie", () => {
  const script = { exec: "pm.execution.runRequest('deep-id'); pm.execution.runRequest('Deep')" };

  const findings = checkCollection(
    collectionOf(
      { name: "a", request: "http://x", event: [{ listen: "test", script }] },
      { name: "F", item: [{ id: "deep-id", name: "Deep", request: "http://x" }] },
    ),
  );

  expect(findings).toEqual([]);
});

test("findings stand in the order of the document, each with its place", () => {
  const script = [{ listen: "prerequest", script: { exec: "pm.vault.get('a')" } }];
  const findings = checkCollection({
    ...collectionOf(
      { name: "A", event: script, item: [{ name: "a", request: "ws://x" }] },
      { name: "b", request: "grpc://x" },
    ),
    event: script,
  });

  expect(findings.map(({ where }) => where)).toEqual(["", "A", "A / a", "b"]);
});

test("a document nested five thousand deep is read", () => {
  let item: object = { name: "r", request: "ws://x" };
  for (let depth = 0; depth < 5_000; depth++) item = { name: "f", item: [item] };

  expect(checkCollection(collectionOf(item))).toHaveLength(1);
});

test("variables whose values lie in Postman's vault are named", () => {
  expect(
    checkVariables({
      values: [
        { key: "a", value: "1" },
        { key: "b", value: "", secret: true, source: { provider: "postman" } } as never,
      ],
    }),
  ).toEqual([{ level: "different", where: "b", what: expect.stringContaining("vault") }]);
});
