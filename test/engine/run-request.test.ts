import { afterAll, expect, test } from "bun:test";

import { createEngine } from "../../src/engine/engine.ts";
import type { Secret } from "../../src/engine/redact.ts";
import { defaultRunOptions } from "../../src/engine/types.ts";
import { testHost } from "./sandbox/support.ts";
import { runItems, startServer } from "./support.ts";

const engine = createEngine({ scripts: testHost() });
afterAll(() => engine.close());

const script = (listen: "prerequest" | "test", exec: string) => ({ listen, script: { exec } });

test("a script runs another request with its scripts, and sees its answer and its variables", async () => {
  await using server = await startServer();
  const login = {
    id: "login",
    name: "Log in",
    request: { url: `${server.url}/login/{{user}}` },
    event: [
      script(
        "test",
        `pm.environment.set("token", "t1"); pm.test("logged in", () => pm.response.to.have.status(200))`,
      ),
    ],
  };
  const profile = {
    name: "Profile",
    request: { url: `${server.url}/profile`, header: [{ key: "X-Token", value: "{{token}}" }] },
    event: [
      script(
        "prerequest",
        `const answer = await pm.execution.runRequest("login", { variables: { user: "ann" } });
         pm.test("answered", () => pm.expect(answer.json().url).to.equal("/login/ann"));
         pm.test("variables are here", () => pm.expect(pm.environment.get("token")).to.equal("t1"));
         pm.test("given variables are gone", () => pm.expect(pm.variables.has("user")).to.equal(false));`,
      ),
    ],
  };

  const { steps } = await runItems([profile, login], { engine });

  expect(server.requests.map(({ url }) => url)).toEqual([
    "/login/ann",
    "/profile",
    "/login/%7B%7Buser%7D%7D",
  ]);
  expect(server.requests[1]?.headers["x-token"]).toBe("t1");
  expect(steps[0]?.assertions.map(({ name, status }) => [name, status])).toEqual([
    ["logged in", "passed"],
    ["answered", "passed"],
    ["variables are here", "passed"],
    ["given variables are gone", "passed"],
  ]);
});

test("a request that its script skips gives null; one that is not there, or runs itself without end, an error", async () => {
  await using server = await startServer();
  const skipped = {
    name: "Skipped",
    request: { url: server.url },
    event: [script("prerequest", "pm.execution.skipRequest()")],
  };
  const asking = {
    name: "Asking",
    request: { url: server.url },
    event: [
      script(
        "test",
        `console.log(await pm.execution.runRequest("Skipped"));
         try { await pm.execution.runRequest("Nowhere") } catch (error) { console.log(error.message) }`,
      ),
    ],
  };
  const endless = {
    name: "Endless",
    request: { url: server.url },
    event: [script("prerequest", `await pm.execution.runRequest("Endless")`)],
  };

  const { steps } = await runItems([skipped, asking, endless], { engine });

  expect(steps[1]?.console.map(({ messages }) => messages[0])).toEqual([
    "null",
    'runRequest: the collection has no request "Nowhere"',
  ]);
  expect(steps[2]?.errors[0]?.message).toBe("Max pm.execution.runRequest depth of 10 has been reached.");
}, 120_000);

test("pm.vault and {{vault:…}} give what the runner allows, which counts as a secret of the run, once", async () => {
  await using server = await startServer();
  const secrets: Secret[] = [];
  const items = [
    {
      name: "Signed",
      request: {
        url: `${server.url}/{{vault:api-key}}/{{vault:none}}`,
        header: [{ key: "X-Key", value: "{{key}}" }],
      },
      event: [script("prerequest", `pm.variables.set("key", await pm.vault.get("api-key"))`)],
    },
  ];
  const run = engine.run(
    { collection: { info: { name: "Vault" }, item: items }, options: defaultRunOptions },
    {
      signal: new AbortController().signal,
      vault: new Map([["api-key", "s3cret-value"]]),
      onSecret: (secret) => secrets.push(secret),
    },
  );

  const events = await Array.fromAsync(run);

  expect(events.at(-1)).toMatchObject({ summary: { outcome: "passed" } });
  expect(server.requests[0]).toMatchObject({
    url: "/s3cret-value/%7B%7Bvault:none%7D%7D",
    headers: { "x-key": "s3cret-value" },
  });
  expect(secrets).toEqual([{ name: "api-key", value: "s3cret-value" }]);
});

test("without one pm.vault says that access is denied", async () => {
  await using server = await startServer();
  const event = [script("prerequest", `await pm.vault.get("api-key")`)];

  const { steps } = await runItems([{ name: "Signed", request: { url: server.url }, event }], { engine });

  expect(steps[0]?.errors[0]?.message).toBe("Vault access denied");
});
