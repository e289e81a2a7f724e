import { afterAll, expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";

import { createEngine } from "../../../src/engine/engine.ts";
import { runItems, runRequest, startServer, testScriptHost, type ReceivedRequest } from "../support.ts";
import { startDigestServer } from "./digest-server.ts";

const engine = createEngine({ scripts: testScriptHost() });
afterAll(() => engine.close());

const list = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));
const hawk = { type: "hawk", hawk: list({ authId: "id", authKey: "key", algorithm: "sha256" }) };
const aws = (more: object = {}) => ({
  type: "awsv4",
  awsv4: list({ accessKey: "AKID", secretKey: "secret", ...more }),
});
const fields = (header = ""): Record<string, string> =>
  Object.fromEntries(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
const sha256 = (data: string) => createHash("sha256").update(data).digest("hex");
const multipart = { mode: "formdata", formdata: [{ key: "a", value: "ü", type: "text" }] };

/** The scheme's own rules, on what arrived. */
function isHawk({ method, url, headers, body }: ReceivedRequest): boolean {
  const { ts, nonce, mac, hash = "" } = fields(headers.authorization);
  const type = headers["content-type"]?.split(";")[0] ?? "";
  const payload = createHash("sha256").update(`hawk.1.payload\n${type}\n${body}\n`).digest("base64");
  const [host, port] = (headers.host ?? "").split(":");
  const text = ["hawk.1.header", ts, nonce, method, url, host, port, hash, "", ""].join("\n");
  return (
    (hash === "" || hash === payload) && mac === createHmac("sha256", "key").update(text).digest("base64")
  );
}

test.each([
  ["raw JSON", { mode: "raw", raw: '{"a":1}', options: { raw: { language: "json" } } }],
  ["text", { mode: "raw", raw: "text" }],
  ["a form", { mode: "urlencoded", urlencoded: list({ "a b": "(c)!*" }) }],
  ["a multipart form", multipart],
])("a payload hash covers the body and the type that are sent: %s", async (_what, body) => {
  await using server = await startServer();
  const auth = { type: "hawk", hawk: [...hawk.hawk, { key: "includePayloadHash", value: true }] };

  await runRequest({ method: "POST", url: server.url, body, auth }, { engine });

  expect(server.requests.map(({ headers }) => fields(headers.authorization)["hash"])).toEqual([
    expect.any(String),
  ]);
  expect(server.requests.map(isHawk)).toEqual([true]);
});

test("each request has a nonce and a time of its own", async () => {
  await using server = await startServer();
  const item = { name: "Item", request: { url: server.url } };
  const startedAt = Math.floor(Date.now() / 1000);

  await runItems([item, item], { engine, collection: { auth: hawk } });

  const nonces = server.requests.map(({ headers }) => fields(headers.authorization));
  expect(new Set(nonces.map(({ nonce }) => nonce)).size).toBe(2);
  for (const { ts } of nonces) expect(Number(ts)).toBeWithin(startedAt, startedAt + 60);
  expect(server.requests.map(isHawk)).toEqual([true, true]);
});

test("AWS's hash is that of the body on the wire", async () => {
  await using server = await startServer();

  await runItems(
    [
      { name: "multipart", request: { method: "POST", url: server.url, body: multipart } },
      { name: "not sent", request: { method: "GET", url: server.url, body: { mode: "raw", raw: "x" } } },
    ],
    { engine, collection: { auth: aws() } },
  );

  const [posted, pruned] = server.requests;
  expect(posted?.headers["x-amz-content-sha256"]).toBe(sha256(posted?.body ?? ""));
  expect(pruned?.body).toBe("");
  expect(pruned?.headers["x-amz-content-sha256"]).toBeUndefined();
});

test("headers that only we can set are not signed", async () => {
  await using server = await startServer();
  const header = list({ "Content-Length": "5", Cookie: "a=b", "X-Own": "1" });

  await runRequest({ url: server.url, header, auth: aws() }, { engine });

  expect(server.requests[0]?.headers.authorization).toContain("SignedHeaders=host;x-amz-date;x-own,");
});

test("an old signature in the URL is replaced", async () => {
  await using server = await startServer();
  const url = `${server.url}/?X-Amz-Signature=old&X-Amz-Date=20200101T000000Z&a=1`;

  await runRequest({ url, auth: aws({ addAuthDataToQuery: true }) }, { engine });

  const query = new URLSearchParams(server.requests[0]?.url.slice(2));
  expect(query.getAll("X-Amz-Signature")).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(query.get("X-Amz-Date")).not.toStartWith("2020");
  expect(query.get("a")).toBe("1");
});

test("an old signature in the URL goes when the new one is in headers", async () => {
  await using server = await startServer();
  const url = `${server.url}/?X-Amz-Signature=old&a=1`;

  await runRequest({ url, auth: aws() }, { engine });

  expect(server.requests[0]?.url).toBe("/?a=1");
});

const digest = { type: "digest", digest: list({ username: "user", password: "secret" }) };

test("pm.sendRequest signs, and answers challenges", async () => {
  await using server = await startDigestServer();
  const exec = [
    `const answer = await pm.sendRequest({ url: "${server.url}/s", auth: ${JSON.stringify(digest)} });`,
    "console.log(answer.code);",
  ];

  const { steps } = await runItems(
    [
      {
        name: "Item",
        event: [{ listen: "prerequest", script: { exec } }],
        request: { url: server.url, auth: digest },
      },
    ],
    { engine, environment: { values: list({ nowhere: server.url }) } },
  );

  expect(server.verdicts).toEqual(["no answer", "ok", "no answer", "ok"]);
  expect(steps[0]?.console.map(({ messages }) => messages[0])).toEqual(["200"]);
});

test("a request remembers its challenge from one iteration to the next, whatever scripts do to it", async () => {
  await using server = await startDigestServer();
  const exec = 'pm.request.headers.upsert({ key: "X-Own", value: "1" });';

  const { steps } = await runItems(
    [
      {
        name: "Item",
        event: [{ listen: "prerequest", script: { exec } }],
        request: { url: server.url, auth: digest },
      },
    ],
    { engine, options: { iterationCount: 3 } },
  );

  expect(server.verdicts).toEqual(["no answer", "ok", "ok", "ok"]);
  expect(steps.map(({ response }) => response?.code)).toEqual([200, 200, 200]);
});

test("tests see the last response and the signed request", async () => {
  await using server = await startDigestServer();
  const exec = 'console.log(pm.response.code, pm.request.headers.get("Authorization").slice(0, 6));';

  const { steps } = await runItems(
    [
      {
        name: "Item",
        event: [{ listen: "test", script: { exec } }],
        request: { url: server.url, auth: digest },
      },
    ],
    { engine },
  );

  expect(steps).toHaveLength(1);
  expect(steps[0]?.console.map(({ messages }) => messages.join(" "))).toEqual(["200 Digest"]);
});
