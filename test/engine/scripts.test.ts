import { afterAll, expect, test } from "bun:test";

import { createEngine } from "../../src/engine/engine.ts";
import { defaultRunOptions, type FinalVariables } from "../../src/engine/types.ts";
import { eventually } from "../support/eventually.ts";
import { runItems, startRawServer, startServer, type RunSetup, testScriptHost } from "./support.ts";

const scripts = testScriptHost(2);
const engine = createEngine({ scripts });
afterAll(() => engine.close());

const event = (listen: "prerequest" | "test", exec: string) => ({
  listen,
  script: { exec: exec.split("\n") },
});
const before = (exec: string) => event("prerequest", exec);
const after = (exec: string) => event("test", exec);
const run = (item: unknown, setup: RunSetup = {}) => runItems(item, { engine, ...setup });
const logs = (messages: { messages: string[] }[]) => messages.map((entry) => entry.messages.join(" "));

const both = (name: string) => [
  before(`console.log("before ${name}")`),
  after(`console.log("after ${name}", pm.response.code)`),
];

test("scripts run from collection to request, before and after the request", async () => {
  await using server = await startServer();

  const { steps } = await run(
    [
      {
        name: "folder",
        event: both("folder"),
        item: [{ name: "r", event: both("request"), request: server.url }],
      },
    ],
    { collection: { event: both("collection") } },
  );

  expect(logs(steps[0]?.console ?? [])).toEqual([
    "before collection",
    "before folder",
    "before request",
    "after collection 200",
    "after folder 200",
    "after request 200",
  ]);
});

test("assertions carry their script and decide the outcome", async () => {
  await using server = await startServer();
  const script = after(
    'pm.test("good", () => pm.response.to.have.status(200));\npm.test("bad", () => pm.expect(1).to.equal(2));',
  );

  const { steps, summary } = await run([{ name: "Create order", event: [script], request: server.url }]);

  expect(steps[0]?.assertions).toMatchObject([
    { name: "good", status: "passed", source: "test" },
    { name: "bad", status: "failed", source: "test", error: { name: "AssertionError" } },
  ]);
  expect(summary).toMatchObject({
    outcome: "failed",
    reason: "assertion_failed",
    detail: '1 of 2 assertions failed in "Create order"',
    assertionsTotal: 2,
    assertionsFailed: 1,
    requestsFailed: 1,
  });
});

test("variables set by a script are there for the request, the next requests and the end", async () => {
  await using server = await startServer();
  let final: FinalVariables | undefined;
  const set = before(
    'pm.environment.set("e", "1"); pm.globals.set("g", "2"); pm.collectionVariables.set("c", "3"); pm.variables.set("l", "4");',
  );
  const item = [
    { name: "one", event: [set], request: `${server.url}/{{e}}{{g}}{{c}}{{l}}` },
    { name: "two", request: `${server.url}/{{e}}{{g}}{{c}}{{l}}` },
  ];

  const events = engine.run(
    { collection: { info: { name: "C" }, item }, options: defaultRunOptions },
    { signal: new AbortController().signal, onFinished: (variables) => (final = variables) },
  );
  for await (const _event of events);

  expect(server.requests.map(({ url }) => url)).toEqual(["/1234", "/1234"]);
  expect(final?.environment).toMatchObject([{ key: "e", value: "1" }]);
  expect(final?.globals).toMatchObject([{ key: "g", value: "2" }]);
  expect(final?.collection).toMatchObject([{ key: "c", value: "3" }]);
});

test("a pre-request script changes the request of this step only", async () => {
  await using server = await startServer();
  const change = before(
    'pm.request.headers.add({ key: "X-Added", value: "{{v}}" });\npm.request.url.query.add({ key: "q", value: "1" });\npm.request.method = "PUT";',
  );

  await run([{ name: "r", event: [change], request: { url: `${server.url}/p` } }], {
    environment: { values: [{ key: "v", value: "resolved" }] },
    options: { iterationCount: 2 },
  });

  for (const request of server.requests) {
    expect([request.method, request.url]).toEqual(["PUT", "/p?q=1"]);
    expect(request.headers["x-added"]).toBe("resolved");
  }
  expect(server.requests).toHaveLength(2);
});

test("data rows drive iterations; past the last row it repeats", async () => {
  await using server = await startServer();

  const { events } = await run([{ name: "r", request: `${server.url}/{{id}}` }], {
    data: [{ id: 1 }, { id: 2 }],
    options: { iterationCount: 3 },
  });

  expect(server.requests.map(({ url }) => url)).toEqual(["/1", "/2", "/2"]);
  expect(events[0]).toMatchObject({ type: "run_started", stepsPlanned: 3 });
});

const named = (url: string, name: string, script = "") => ({
  name,
  id: `${name}-id`,
  request: `${url}/${name}`,
  ...(script ? { event: [after(script)] } : {}),
});

test.each([
  ["by name", 'postman.setNextRequest("c")', ["a", "c"]],
  ["by id", 'pm.execution.setNextRequest("c-id")', ["a", "c"]],
  ["null ends the iteration", "postman.setNextRequest(null)", ["a"]],
  ["an unknown name ends the iteration", 'postman.setNextRequest("nope")', ["a"]],
])("setNextRequest %s", async (_name, script, expected) => {
  await using server = await startServer();

  await run([named(server.url, "a", script), named(server.url, "b"), named(server.url, "c")]);

  expect(server.requests.map(({ url }) => url.slice(1))).toEqual(expected);
});

test("setNextRequest(null) goes on with the next iteration", async () => {
  await using server = await startServer();

  await run([named(server.url, "a", "postman.setNextRequest(null)"), named(server.url, "b")], {
    options: { iterationCount: 2 },
  });

  expect(server.requests).toHaveLength(2);
});

test("a loop by setNextRequest ends at the run's time limit", async () => {
  await using server = await startServer();

  const { summary } = await run([named(server.url, "a", 'postman.setNextRequest("a")')], {
    options: { runTimeoutMs: 300 },
  });

  expect(summary).toMatchObject({ outcome: "aborted", reason: "run_timeout" });
  expect(server.requests.length).toBeGreaterThan(1);
});

test("an error in a pre-request script is recorded and the request goes out, as in Postman", async () => {
  await using server = await startServer();

  const { steps, summary } = await run([
    { name: "r", event: [before("notDefined()"), after('pm.test("t", () => {})')], request: server.url },
  ]);

  expect(server.requests).toHaveLength(1);
  expect(steps[0]?.errors).toMatchObject([{ kind: "script", phase: "prerequest", name: "ReferenceError" }]);
  expect(steps[0]?.assertions).toHaveLength(1);
  expect(summary).toMatchObject({ outcome: "errored", reason: "script_error" });
});

test("skipRequest sends nothing and runs no tests", async () => {
  await using server = await startServer();

  const { steps, summary } = await run([
    {
      name: "r",
      event: [before("pm.execution.skipRequest()"), after('pm.test("never", () => {})')],
      request: server.url,
    },
  ]);

  expect(server.requests).toHaveLength(0);
  expect(steps[0]).toMatchObject({ skipped: true, assertions: [] });
  expect(summary).toMatchObject({ outcome: "passed", requestsTotal: 0 });
});

test("tests run for a dead target, too, and the dead target names the outcome", async () => {
  await using server = await startRawServer((socket) => socket.destroy());

  const { steps, summary } = await run([
    {
      name: "r",
      event: [after('pm.test("up", () => pm.response.to.have.status(200))')],
      request: server.url,
    },
  ]);

  expect(steps[0]?.assertions).toMatchObject([{ name: "up", status: "failed" }]);
  expect(summary).toMatchObject({ outcome: "failed", reason: "target_unreachable" });
});

test.each([
  ["failure", 'pm.test("t", () => pm.expect(1).to.equal(2))', ["a"]],
  ["failure", "throw new Error('x')", ["a"]],
  ["folder", 'pm.test("t", () => pm.expect(1).to.equal(2))', ["a", "b"]],
  ["folder", "throw new Error('x')", ["a"]],
  ["off", "throw new Error('x')", ["a", "b"]],
] as const)("bail %s after %s", async (bail, script, expected) => {
  await using server = await startServer();

  await run([named(server.url, "a", script), named(server.url, "b")], { options: { bail } });

  expect(server.requests.map(({ url }) => url.slice(1))).toEqual([...expected]);
});

test("bail on failure sends no request after a failed pre-request script", async () => {
  await using server = await startServer();

  await run([{ name: "r", event: [before("throw 1")], request: server.url }], {
    options: { bail: "failure" },
  });

  expect(server.requests).toHaveLength(0);
});

test("pm.sendRequest goes through the same layer: gate, cookies, limits", async () => {
  await using server = await startServer((request, response) => {
    if (request.url === "/login") response.setHeader("set-cookie", "session=1; Path=/");
    response.end("x".repeat(50));
  });
  const asked: string[] = [];
  const gated = createEngine({
    scripts: { ...scripts, open: () => scripts.open(), close: () => Promise.resolve() },
    gate: {
      check: ({ url }) => {
        asked.push(url);
        return Promise.resolve({ allowed: !url.endsWith("/denied") });
      },
    },
  });
  const script = before(
    [
      `pm.sendRequest("${server.url}/login", (error, response) => { console.log("login", error, response.code);`,
      `pm.sendRequest("${server.url}/denied", (error) => { console.log("denied", error.message); }); });`,
    ].join("\n"),
  );

  const { steps } = await run([{ name: "r", event: [script], request: `${server.url}/main` }], {
    engine: gated,
  });
  await gated.close();

  expect(asked.map((url) => new URL(url).pathname)).toEqual(["/login", "/denied", "/main"]);
  expect(server.requests.map(({ url }) => url)).toEqual(["/login", "/main"]);
  expect(server.requests[1]?.headers.cookie).toBe("session=1");
  const output = logs(steps[0]?.console ?? []).join("\n");
  expect(output).toContain("login null 200");
  expect(output).toContain("the egress gate denied");
});

test("a script may ask for any number of requests; ten are under way at once", async () => {
  let open = 0;
  let most = 0;
  await using server = await startServer((_request, response) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      response.end();
    }, 5);
  });
  const script = before(
    `await Promise.all(Array.from({ length: 60 }, (_, i) => pm.sendRequest("${server.url}/" + i)));`,
  );

  const { steps } = await run([{ name: "r", event: [script], request: server.url }]);

  expect(steps[0]?.errors).toEqual([]);
  expect(server.requests).toHaveLength(61);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(10);
});

test("requests that a script left under way end with it, not with the run", async () => {
  await using silent = await startRawServer(() => {});
  await using target = await startServer((_request, response) => {
    const close = eventually(() => silent.sockets.size === 0);
    void close.then(() => response.end("closed")).catch(() => response.end("still open"));
  });
  const script = before(`pm.sendRequest("${silent.url}", () => {}); while (true) await null;`);

  const { steps } = await run([{ name: "r", event: [script], request: target.url }], {
    options: { scriptTimeoutMs: 300 },
  });

  expect(silent.received).toHaveLength(1);
  expect(steps[0]?.response?.body.text).toBe("closed");
});

test("a script that loops for ever ends at its limit and the run goes on", async () => {
  await using server = await startServer();

  const { steps, summary } = await run(
    [named(server.url, "a", "while (true) {}"), named(server.url, "b", 'pm.test("alive", () => {})')],
    { options: { scriptTimeoutMs: 200 } },
  );

  expect(steps[0]?.errors).toMatchObject([{ kind: "script_timeout", phase: "test" }]);
  expect(steps[1]?.assertions).toMatchObject([{ name: "alive", status: "passed" }]);
  expect(summary).toMatchObject({ outcome: "errored", reason: "script_timeout" });
});

test("cancelling ends a script that loops, and the run is aborted", async () => {
  await using server = await startServer();
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(), 200);

  const { steps, summary } = await run([named(server.url, "a", "while (true) {}"), named(server.url, "b")], {
    signal: cancel.signal,
  });

  expect(steps[0]?.errors).toMatchObject([{ name: "Aborted" }]);
  expect(summary).toMatchObject({ outcome: "aborted", reason: "cancelled" });
  expect(server.requests).toHaveLength(1);
});

test("console output is limited per step, not per script", async () => {
  await using server = await startServer();
  const loud = 'for (let i = 0; i < 1000; i++) console.log("x".repeat(1000));';

  const { steps } = await run([{ name: "r", event: [before(loud), after(loud)], request: server.url }], {
    options: { maxConsoleBytes: 10_000 },
  });

  const bytes = logs(steps[0]?.console ?? []).join("").length;
  expect(bytes).toBeGreaterThan(5_000);
  expect(bytes).toBeLessThan(11_000);
});

test("texts that a database refuses are made safe in every event", async () => {
  await using server = await startServer();
  const script = after('pm.test("nul \\u0000 lone \\ud800", () => {}); console.log("\\u0000", "\\udfff");');

  const { events } = await run([{ name: "r\u0000\ud800", event: [script], request: server.url }]);

  const text = JSON.stringify(events);
  expect(text).not.toContain("\\u0000");
  expect(text.isWellFormed() && !/\\ud[89a-f]/i.test(text)).toBe(true);
});
