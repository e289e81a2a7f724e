import { afterAll, expect, test } from "bun:test";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest, startServer } from "../support.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const list = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));
const environment = { values: [{ key: "secret", value: "s3cret" }] };

test.each([
  ["v2.1", list({ username: "ü", password: "{{secret}}" })],
  ["v2.0", { username: "ü", password: "{{secret}}" }],
])("basic in the form of %s", async (_version, basic) => {
  await using server = await startServer();

  await runRequest({ url: server.url, auth: { type: "basic", basic } }, { engine, environment });

  expect(server.requests[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from("ü:s3cret").toString("base64")}`,
  );
});

test("bearer replaces an Authorization header set by hand", async () => {
  await using server = await startServer();
  const header = [{ key: "authorization", value: "own" }];

  await runRequest(
    { url: server.url, header, auth: { type: "bearer", bearer: list({ token: "{{secret}}" }) } },
    { engine, environment },
  );

  expect(server.requests[0]?.headers.authorization).toBe("Bearer s3cret");
});

test("an apikey goes into a header by default", async () => {
  await using server = await startServer();

  await runRequest(
    { url: server.url, auth: { type: "apikey", apikey: list({ key: "X-Key", value: "{{secret}}" }) } },
    { engine, environment },
  );

  expect(server.requests[0]?.headers["x-key"]).toBe("s3cret");
});

test.each([
  ["", "/?k=a%20b%26c"],
  ["/p?x=1", "/p?x=1&k=a%20b%26c"],
  ["/p?k=old&x=1#f", "/p?x=1&k=a%20b%26c"],
])("an apikey goes into the query, escaped, and replaces its namesake: %s", async (path, expected) => {
  await using server = await startServer();
  const apikey = list({ key: "k", value: "a b&c", in: "query" });

  await runRequest({ url: server.url + path, auth: { type: "apikey", apikey } }, { engine });

  expect(server.requests[0]?.url).toBe(expected);
});

test("credentials in the URL become basic auth and leave the URL", async () => {
  await using server = await startServer();

  const step = await runRequest(`http://us%40er:pass@127.0.0.1:${server.port}/`, { engine });

  expect(server.requests[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from("us@er:pass").toString("base64")}`,
  );
  expect(step.request?.url).toBe(`${server.url}/`);
});

const bearer = (token: string) => ({ type: "bearer", bearer: list({ token }) });

test("auth is inherited from the nearest folder, and noauth ends it", async () => {
  await using server = await startServer();

  await runItems(
    [
      { name: "of collection", request: server.url },
      {
        name: "folder",
        auth: bearer("folder"),
        item: [
          { name: "of folder", request: { url: server.url } },
          { name: "own", request: { url: server.url, auth: bearer("own") } },
          { name: "none", request: { url: server.url, auth: { type: "noauth" } } },
        ],
      },
    ],
    { engine, collection: { auth: bearer("collection") } },
  );

  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer collection",
    "Bearer folder",
    "Bearer own",
    undefined,
  ]);
});

test.each(["made-up", "constructor"])(
  "of a type that does not exist people are warned, and the request goes out without it: %s",
  async (type) => {
    await using server = await startServer();

    const step = await runRequest({ url: server.url, auth: { type, [type]: [] } }, { engine });

    const warning = `runtime: could not find a handler for auth: ${type}`;
    expect(step.console.map(({ level, messages }) => [level, ...messages])).toEqual([
      ["warn", warning],
      ["warn", warning],
    ]);
    expect(step.errors).toEqual([]);
    expect(server.requests).toHaveLength(1);
  },
);
