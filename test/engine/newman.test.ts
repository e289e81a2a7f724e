import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createEngine } from "../../src/engine/engine.ts";
import { defaultRunOptions } from "../../src/engine/types.ts";
import { startServer, testScriptHost, type ReceivedRequest } from "./support.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const raw = (text: string, language?: string) => ({
  mode: "raw",
  raw: text,
  ...(language ? { options: { raw: { language } } } : {}),
});
const list = (values: Record<string, string>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));
const item = (name: string, request: object, more: object = {}) => ({ name, request, ...more });
const get = (url: string, more: object = {}) => ({ method: "GET", url: `{{base}}${url}`, ...more });
const post = (url: string, more: object = {}) => ({ method: "POST", url: `{{base}}${url}`, ...more });
const before = (...exec: string[]) => ({ event: [{ listen: "prerequest", script: { exec } }] });

/** What collections do to a request, one item each. */
const items = (port: number) => [
  item("query", get("/q?a=1&b={{nested}}&c=a b&d={{missing}}&e=ü&f=100%&g=%41")),
  item("odd query", get("?a&&b=&=c&d==e")),
  item("odd path", get("/a//b/./c/../d/[x]|{y}^`'")),
  item("fragment", get("/f?x=1#part?y")),
  item("no protocol", { method: "GET", url: `127.0.0.1:${port}/n` }),
  item("credentials", {
    method: "GET",
    url: `http://us%40er:pa ss@127.0.0.1:${port}/u`,
    auth: { type: "noauth" },
  }),
  item("URL of parts", {
    method: "GET",
    header: [
      { key: "X-One", value: "{{e}}" },
      { key: "X-One", value: "two" },
      { key: "x-off", value: "1", disabled: true },
      { key: "X-Empty", value: "" },
      { key: "{{headerName}}", value: "v" },
    ],
    url: {
      protocol: "http",
      host: ["127", "0", "0", "1"],
      port: String(port),
      path: ["p", ":id", "{{c}}", ":file.json"],
      query: [
        { key: "q", value: "a&b#c=d" },
        { key: "off", value: "1", disabled: true },
        { key: "k=1", value: "{{e}}" },
        { key: "null", value: null },
        { key: "empty", value: "" },
      ],
      variable: list({ id: "{{number}}", file: "re/port" }),
    },
  }),
  item("json", post("/json", { body: raw('{"a":"{{e}}","n":{{number}}}', "json") })),
  item("text", post("/text", { body: raw("hello {{c}}") })),
  item(
    "own type",
    post("/own", { header: list({ "content-type": "application/x" }), body: raw("{}", "json") }),
  ),
  item("xml", post("/xml", { method: "PUT", body: raw("<a/>", "xml") })),
  item(
    "urlencoded",
    post("/form", {
      body: {
        mode: "urlencoded",
        urlencoded: [
          ...list({ "a b": "1 2", n: "x", m: "(it's)!*", empty: "", special: "é+&=" }),
          { key: "n", value: "{{e}}" },
          { key: "off", value: "1", disabled: true },
          { key: "no value" },
        ],
      },
    }),
  ),
  item(
    "multipart",
    post("/multipart", {
      body: {
        mode: "formdata",
        formdata: [
          { key: "a", value: "{{e}}", type: "text" },
          { key: "j", value: '{"x":1}', type: "text", contentType: "application/json" },
        ],
      },
    }),
  ),
  item(
    "graphql",
    post("/g", {
      body: { mode: "graphql", graphql: { query: "{ a({{number}}) }", variables: '{"v":"{{e}}"}' } },
    }),
  ),
  item(
    "graphql without variables",
    post("/g", { body: { mode: "graphql", graphql: { query: "{ a }", variables: "" } } }),
  ),
  item("body of a GET", get("/pruned", { body: raw("pruned") })),
  item("kept body of a GET", get("/kept", { body: raw("kept") }), {
    protocolProfileBehavior: { disableBodyPruning: true },
  }),
  item("body of a DELETE", post("/d", { method: "DELETE", body: raw("del") })),
  item("empty POST", post("/empty")),
  item("method in lower case", post("/lower", { method: "patch" })),
  ...[301, 302, 303, 307, 308].map((code) =>
    item(
      `redirect ${code}`,
      post(`/redirect/${code}`, { header: list({ "X-K": "1" }), body: raw('{"r":1}', "json") }),
    ),
  ),
  item("own cookie", get("/cookie", { header: list({ Cookie: "own=1" }) })),
  item("noauth", get("/noauth", { auth: { type: "noauth" } })),
  item(
    "basic",
    get("/basic", { auth: { type: "basic", basic: list({ username: "{{e}}", password: "p:w" }) } }),
  ),
  item("Authorization by hand", get("/hand", { header: list({ authorization: "Own" }) })),
  item(
    "Authorization by hand, noauth",
    get("/hand", { auth: { type: "noauth" }, header: list({ authorization: "Own" }) }),
  ),
  item(
    "apikey in a header",
    get("/key", { auth: { type: "apikey", apikey: list({ key: "X-Key", value: "{{e}}" }) } }),
  ),
  item(
    "apikey in the query",
    get("/key?z=1&k=old", {
      auth: { type: "apikey", apikey: list({ key: "k", value: "v w&x", in: "query" }) },
    }),
  ),
  item(
    "system headers by hand",
    get("/system", {
      header: list({
        "Accept-Encoding": "identity",
        Host: "virtual.example",
        Connection: "close",
        "Cache-Control": "max-age=0",
      }),
    }),
  ),
  item("system headers off", post("/off", { body: raw("x") }), {
    protocolProfileBehavior: {
      disabledSystemHeaders: { accept: true, "content-type": true, "cache-control": true },
    },
  }),
  item(
    "set by a script",
    get("/s/{{set}}/{{local}}"),
    before('pm.environment.set("set", "S"); pm.variables.set("local", "L");'),
  ),
  item("after that script", get("/s/{{set}}/{{local}}")),
  item(
    "changed by a script",
    get("/changed"),
    before(
      'pm.request.headers.upsert({ key: "X-Mutated", value: "{{e}}" });',
      'pm.request.addQueryParams("q={{c}}");',
      'pm.request.method = "PUT";',
      'pm.request.body = { mode: "raw", raw: "changed {{e}}" };',
    ),
  ),
];

const document = (base: string, port: number) => ({
  info: { name: "C", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  auth: { type: "bearer", bearer: list({ token: "{{token}}" }) },
  variable: [...list({ base, c: "collection", nested: "{{c}}-{{e}}" }), { key: "number", value: 5 }],
  item: items(port),
});

const environment = {
  id: "environment",
  name: "Environment",
  values: list({ e: "env", token: "T", headerName: "X-Dynamic" }).map((value) => ({
    ...value,
    enabled: true,
  })),
};

/** What differs between any two runs: tokens, boundaries, the name of the program, the order of headers. */
function comparable({ method, url, rawHeaders, body }: ReceivedRequest) {
  const boundary = /boundary=(\S+)/.exec(rawHeaders.join(" "))?.[1] ?? "no boundary";
  const headers = rawHeaders.flatMap((name, index) => {
    const lowerName = name.toLowerCase();
    if (index % 2 === 1 || lowerName === "postman-token" || lowerName === "user-agent") return [];
    return [`${lowerName}: ${(rawHeaders[index + 1] ?? "").replace(boundary, "…")}`];
  });
  const isForm = boundary !== "no boundary";
  return {
    request: `${method} ${url}`,
    headers: headers.filter((line) => !isForm || !line.startsWith("content-length")).toSorted(),
    body: body.replaceAll(boundary, "…").replaceAll(/-+…/g, "…"),
  };
}

test("every request is the one that newman sends", async () => {
  await using server = await startServer((request, response) => {
    const [, code] = /^\/redirect\/(\d+)/.exec(request.url) ?? [];
    response.setHeader("set-cookie", ["sid=abc; Path=/", "p=q; Path=/elsewhere"]);
    if (code) response.writeHead(Number(code), { location: "/target?x=1" });
    response.end();
  });
  const folder = await mkdtemp(join(tmpdir(), "newman-"));
  const collection = document(server.url, server.port);
  await Bun.write(join(folder, "collection.json"), JSON.stringify(collection));
  await Bun.write(join(folder, "environment.json"), JSON.stringify(environment));

  const newman = Bun.spawn(
    [
      "node",
      path("node_modules/newman/bin/newman.js"),
      "run",
      "collection.json",
      "-e",
      "environment.json",
      "--silent",
    ],
    { cwd: folder, stdout: "ignore", stderr: "inherit" },
  );
  expect(await newman.exited).toBe(0);
  const expected = server.requests.splice(0).map(comparable);
  const scripts = testScriptHost();
  const engine = createEngine({ scripts });
  const run = engine.run(
    { collection, environment, options: defaultRunOptions },
    { signal: new AbortController().signal },
  );
  for await (const _event of run);
  await engine.close();
  await rm(folder, { recursive: true });

  expect(expected.length).toBe(collection.item.length + 5);
  expect(server.requests.map(comparable)).toEqual(expected);
}, 120_000);
