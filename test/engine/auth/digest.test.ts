import { afterAll, expect, test } from "bun:test";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest, startServer } from "../support.ts";
import { startDigestServer } from "./digest-server.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const list = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

const auth = (parameters: Record<string, unknown> = {}) => ({
  type: "digest",
  digest: list({ username: "user", password: "secret", ...parameters }),
});

test.each(
  ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"].flatMap((algorithm) =>
    ["", "auth", "auth-int", "auth-int, auth"].map((qop) => [algorithm, qop] as const),
  ),
)("a challenge is answered within one step: %s, qop %p", async (algorithm, qop) => {
  await using server = await startDigestServer({ algorithm, qop });

  const step = await runRequest(
    {
      method: "POST",
      url: `${server.url}/ä?b=c d`,
      body: { mode: "raw", raw: "bödy" },
      auth: auth({ algorithm }),
    },
    { engine },
  );

  expect(server.verdicts).toEqual(["no answer", "ok"]);
  expect(server.requests.map(({ body }) => body)).toEqual(["bödy", "bödy"]);
  expect(step.response?.code).toBe(200);
  expect(step.errors).toEqual([]);
  expect(step.console).toEqual([]);
});

test("without an algorithm the server's is used", async () => {
  await using server = await startDigestServer({ algorithm: "SHA-256" });

  const step = await runRequest({ url: server.url, auth: auth() }, { engine });

  expect(step.response?.code).toBe(200);
});

test("of several challenges the one with the wanted algorithm is answered", async () => {
  const challenge = (algorithm: string) =>
    `Digest realm="r", nonce="first", opaque="mirror", qop="auth", algorithm=${algorithm}`;
  const challenges = ["Basic realm=x", challenge("MD5"), challenge("SHA-256")];
  await using server = await startDigestServer({ algorithm: "SHA-256", challenges });

  const step = await runRequest({ url: server.url, auth: auth({ algorithm: "SHA-256" }) }, { engine });

  expect(step.response?.code).toBe(200);
});

test("steps that inherit the auth go on with its challenge, counting", async () => {
  await using server = await startDigestServer();
  const items = ["/1", "/2", "/3"].map((path) => ({ name: path, request: { url: server.url + path } }));

  const { steps } = await runItems(items, { engine, collection: { auth: auth() } });

  expect(server.verdicts).toEqual(["no answer", "ok", "ok", "ok"]);
  expect(steps.map(({ response }) => response?.code)).toEqual([200, 200, 200]);
  expect(server.requests.at(-1)?.headers.authorization).toContain("nc=00000003");
});

test("a nonce that has become stale is replaced", async () => {
  await using server = await startDigestServer({ changesNonce: true });
  const item = { name: "Item", request: { url: server.url } };

  const { steps } = await runItems([item, item], { engine, collection: { auth: auth() } });

  expect(server.verdicts).toEqual(["no answer", "ok", "stale", "ok"]);
  expect(steps.map(({ response }) => response?.code)).toEqual([200, 200]);
});

test("each server has its own challenge, and each run begins without one", async () => {
  await using one = await startDigestServer({ changesNonce: true });
  await using two = await startDigestServer({ changesNonce: true });
  const items = [one, two].map(({ url }) => ({ name: url, request: { url } }));

  await runItems(items, { engine, collection: { auth: auth() } });
  await runItems(items, { engine, collection: { auth: auth() } });

  expect(one.verdicts).toEqual(["no answer", "ok", "no answer", "ok"]);
  expect(two.verdicts).toEqual(["no answer", "ok", "no answer", "ok"]);
});

test("a wrong password is tried once", async () => {
  await using server = await startDigestServer({ password: "other" });

  const step = await runRequest({ url: server.url, auth: auth() }, { engine });

  expect(server.verdicts).toEqual(["no answer", "wrong"]);
  expect(step.response?.code).toBe(401);
  expect(step.errors).toEqual([]);
});

test("disableRetryRequest leaves the challenge unanswered", async () => {
  await using server = await startDigestServer();

  const step = await runRequest({ url: server.url, auth: auth({ disableRetryRequest: true }) }, { engine });

  expect(server.verdicts).toEqual(["no answer"]);
  expect(step.response?.code).toBe(401);
});

test("a 401 without a challenge for digest is an answer like any other", async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(401, { "www-authenticate": "Bearer" });
    response.end();
  });

  const step = await runRequest({ url: server.url, auth: auth() }, { engine });

  expect(server.requests).toHaveLength(1);
  expect(step.response?.code).toBe(401);
});
