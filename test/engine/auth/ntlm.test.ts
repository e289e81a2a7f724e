import { afterAll, expect, spyOn, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest } from "../support.ts";
import { startNtlmServer } from "./ntlm-server.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const list = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));
const auth = (parameters: Record<string, unknown> = {}) => ({
  type: "ntlm",
  ntlm: list({ username: "User", password: "Pässword", domain: "corp", workstation: "ws", ...parameters }),
});

test("three legs on one connection, one step", async () => {
  await using server = await startNtlmServer();

  const step = await runRequest(
    { method: "POST", url: server.url, body: { mode: "raw", raw: "body" }, auth: auth() },
    { engine },
  );

  expect(server.log).toEqual(["1 nobody body", "1 negotiate body", "1 CORP\\User@WS body"]);
  expect(step.response?.code).toBe(200);
  expect(step.console).toEqual([]);
  expect(step.errors).toEqual([]);
});

test.each([
  ["CORP\\User", "CORP\\User@WS"],
  ["User@corp", "CORP\\User@WS"],
  ["User", "\\User@WS"],
  ["a\\b@c", "\\a\\b@c@WS"],
])("the domain may stand in the name: %s", async (username, expected) => {
  await using server = await startNtlmServer();

  await runRequest({ url: server.url, auth: auth({ username, domain: "" }) }, { engine });

  expect(server.log.at(-1)).toBe(`1 ${expected}`);
});

test("steps that inherit the auth go on with the login; nothing else uses its connection", async () => {
  await using server = await startNtlmServer();
  const folder = (name: string, more: object, items: number) => ({
    name,
    ...more,
    item: Array.from({ length: items }, (_, index) => ({ name: `${index}`, request: { url: server.url } })),
  });

  const { steps } = await runItems(
    [
      folder("logged in", { auth: auth() }, 2),
      folder("other login", { auth: auth() }, 1),
      folder("none", {}, 1),
    ],
    { engine },
  );

  expect(server.log).toEqual([
    "1 nobody",
    "1 negotiate",
    "1 CORP\\User@WS",
    "1 CORP\\User@WS",
    "2 nobody",
    "2 negotiate",
    "2 CORP\\User@WS",
    "3 nobody",
  ]);
  expect(steps.map(({ response }) => response?.code)).toEqual([200, 200, 200, 401]);
});

test("runs side by side do not take each other's connection", async () => {
  await using server = await startNtlmServer();

  const steps = await Promise.all(
    Array.from({ length: 10 }, () =>
      runRequest({ method: "POST", url: server.url, auth: auth() }, { engine }),
    ),
  );

  expect(steps.map(({ response }) => response?.code)).toEqual(Array.from({ length: 10 }, () => 200));
});

test("a gate that takes its time between the legs does not cost the connection", async () => {
  await using server = await startNtlmServer();
  let lateMs = 0;
  const realNow = performance.now.bind(performance);
  using _clock = spyOn(performance, "now").mockImplementation(() => realNow() + lateMs);
  const gated = createEngine({
    scripts: noScripts,
    gate: {
      check: () => {
        lateMs += 2000;
        return Promise.resolve({ allowed: true });
      },
    },
  });

  const step = await runRequest({ method: "POST", url: server.url, auth: auth() }, { engine: gated });
  await gated.close();

  expect(server.log).toEqual(["1 nobody", "1 negotiate", "1 CORP\\User@WS"]);
  expect(step.response?.code).toBe(200);
});

test("HTTP/2 is not taken when it is only offered: a login belongs to a connection of HTTP/1.1", async () => {
  const read = (name: string) => readFileSync(new URL(`../../support/tls/${name}`, import.meta.url));
  const versions: string[] = [];
  const server = createSecureServer(
    { cert: read("server.pem"), key: read("server.key.pem"), allowHTTP1: true },
    (request, response) => {
      versions.push(request.httpVersion);
      response.end();
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this kind.
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const secure = createEngine({
    scripts: noScripts,
    connection: { extraCaCerts: [read("ca.pem").toString()] },
  });
  const protocolProfileBehavior = { protocolVersion: "auto" };

  await runItems(
    [
      { name: "login", request: { url, auth: auth() }, protocolProfileBehavior },
      { name: "no login", request: { url }, protocolProfileBehavior },
    ],
    { engine: secure },
  );
  await secure.close();
  server.close();

  expect(versions).toEqual(["1.1", "2.0"]);
});

test("a wrong password is tried once", async () => {
  await using server = await startNtlmServer({ password: "other" });

  const step = await runRequest({ url: server.url, auth: auth() }, { engine });

  expect(server.log).toEqual(["1 nobody", "1 negotiate", "1 refused"]);
  expect(step.response?.code).toBe(401);
});

test.each([
  ["a server that asks for something else", { offer: ["Basic"] }, {}],
  ["disableRetryRequest", {}, { disableRetryRequest: true }],
])("%s ends it after one leg", async (_what, settings, parameters) => {
  await using server = await startNtlmServer(settings);

  const step = await runRequest({ url: server.url, auth: auth(parameters) }, { engine });

  expect(server.log).toEqual(["1 nobody"]);
  expect(step.console).toEqual([]);
});

test.each([
  ["NTLM", "ntlm: server did not send NTLM type 2 message"],
  ["NTLM bm9uc2Vuc2U=", "ntlm: server did not correctly process authentication request"],
])("a server that breaks the protocol is named in the console: %s", async (answer, problem) => {
  await using server = await startNtlmServer({ answer });

  const step = await runRequest({ url: server.url, auth: auth() }, { engine });

  expect(step.response?.code).toBe(401);
  expect(step.console.map(({ level, messages }) => [level, ...messages])).toEqual([
    ["warn", `runtime~ntlm.auth: there was an error validating auth: ${problem}`],
  ]);
});
