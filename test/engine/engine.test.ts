import { afterAll, expect, test } from "bun:test";

import { runEvent } from "../../src/contract/events.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { defaultRunOptions } from "../../src/engine/types.ts";
import { eventually } from "../support/eventually.ts";
import { noScripts, runItems, runRequest, startRawServer, startServer } from "./support.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const silent = () => startRawServer(() => {});
const inParts = (count: number, url: string) =>
  Array.from({ length: count }, (_unused, index) => ({ name: `r${index}`, request: url }));

test("events are numbered without a gap, in order, and fit the wire", async () => {
  await using server = await startServer();

  const { events } = await runItems(inParts(2, server.url), { engine });

  expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(events.map(({ type }) => type)).toEqual([
    "run_started",
    "step_started",
    "step_finished",
    "step_started",
    "step_finished",
    "run_finished",
  ]);
  for (const event of events) expect(runEvent.safeParse(event).success).toBe(true);
});

test("the summary adds up what the steps report", async () => {
  await using server = await startServer((_request, response) => response.end("12345"));

  const { steps, summary } = await runItems(inParts(3, server.url), {
    engine,
    options: { iterationCount: 2 },
  });

  expect(summary).toMatchObject({
    outcome: "passed",
    iterations: 2,
    requestsTotal: 6,
    responseBytesTotal: 30,
  });
  expect(summary.responseMsTotal).toBeCloseTo(
    steps.reduce((sum, step) => sum + (step.timings?.totalMs ?? 0), 0),
    5,
  );
});

test("cancelling in the middle of a request ends the run at once and leaves no connection", async () => {
  await using server = await silent();
  const cancel = new AbortController();
  void eventually(() => server.received.length === 1).then(() => cancel.abort());

  const { steps, summary, events } = await runItems(inParts(2, server.url), {
    engine,
    signal: cancel.signal,
  });

  expect(summary).toMatchObject({ outcome: "aborted", reason: "cancelled", requestsTotal: 1 });
  expect(steps).toHaveLength(1);
  expect(steps[0]?.errors).toMatchObject([{ name: "Aborted" }]);
  expect(events.at(-1)?.type).toBe("run_finished");
  await eventually(() => server.sockets.size === 0);
});

test("a run that was cancelled before its start does nothing", async () => {
  await using server = await startServer();

  const { summary } = await runItems(inParts(1, server.url), { engine, signal: AbortSignal.abort() });

  expect(summary).toMatchObject({ outcome: "aborted", reason: "cancelled", requestsTotal: 0 });
  expect(server.requests).toHaveLength(0);
});

test("the run's time limit ends a request that hangs", async () => {
  await using server = await silent();

  const { summary } = await runItems(inParts(2, server.url), { engine, options: { runTimeoutMs: 60 } });

  expect(summary).toMatchObject({ outcome: "aborted", reason: "run_timeout", requestsTotal: 1 });
});

test("the run's time limit ends a delay between requests", async () => {
  await using server = await startServer();

  const { summary } = await runItems(inParts(2, server.url), {
    engine,
    options: { runTimeoutMs: 200, requestDelayMs: 60_000 },
  });

  expect(summary).toMatchObject({ outcome: "aborted", reason: "run_timeout", requestsTotal: 1 });
});

test("a request that timed out fails the run, the next request is still made", async () => {
  await using slow = await silent();
  await using server = await startServer();

  const { summary } = await runItems(
    [
      { name: "slow", request: slow.url },
      { name: "fast", request: server.url },
    ],
    { engine, options: { requestTimeoutMs: 50 } },
  );

  expect(summary).toMatchObject({ outcome: "failed", reason: "target_unreachable", requestsTotal: 2 });
  expect(server.requests).toHaveLength(1);
});

test("nobody reads, nothing happens: the engine waits", async () => {
  await using server = await startServer();
  const run = engine.run(
    { collection: { info: { name: "C" }, item: inParts(3, server.url) }, options: defaultRunOptions },
    { signal: new AbortController().signal },
  );
  const reader = run[Symbol.asyncIterator]();

  for (let read = 0; read < 3; read++) await reader.next();

  expect(server.requests).toHaveLength(1);
  await reader.return?.();
  expect((await reader.next()).done).toBe(true);
});

test("runs at the same time do not share cookies or variables", async () => {
  await using server = await startServer((request, response) => {
    response.setHeader("set-cookie", `who=${request.url.slice(1)}; Path=/`);
    response.end();
  });
  const visitor = (who: string) =>
    runItems(inParts(5, `${server.url}/{{who}}`), {
      engine,
      environment: { values: [{ key: "who", value: who }] },
    });

  await Promise.all([visitor("a"), visitor("b"), visitor("c")]);

  expect(server.requests).toHaveLength(15);
  for (const { url, headers } of server.requests)
    expect(headers.cookie ?? `who=${url.slice(1)}`).toBe(`who=${url.slice(1)}`);
});

test("a request that cannot be built is an error of its own and the run goes on", async () => {
  await using server = await startServer();

  const { steps, summary } = await runItems(
    [
      { name: "no host", request: "{{base}}/x" },
      { name: "too much", request: "http://{{a}}/" },
      { name: "no request" },
      { name: "fine", request: server.url },
    ],
    { engine, environment: { values: [{ key: "a", value: "{{a}}{{a}}{{a}}{{a}}" }] } },
  );

  expect(steps.map((step) => step.errors[0]?.kind)).toEqual(["request", "request", "request", undefined]);
  expect(steps[0]?.request?.url).toBe("{{base}}/x");
  expect(summary).toMatchObject({ outcome: "errored", reason: "request_invalid" });
});

test.each([
  ["URL", { url: "http://h.example/{{long}}" }],
  ["headers", { url: "http://h.example/", header: [{ key: "X", value: "{{long}}" }] }],
])("a request whose %s would fill every store is not made", async (_name, request) => {
  const environment = { values: [{ key: "long", value: "x".repeat(300_000) }] };

  const step = await runRequest(request, { engine, environment });

  expect(step.errors).toMatchObject([{ kind: "request", name: "RequestSizeError" }]);
});

test("when no script process can be started the run says that it is our fault", async () => {
  await using server = await startServer();
  const event = [{ listen: "test", script: { exec: "1" } }];

  const { summary } = await runItems([{ name: "r", event, request: server.url }], { engine });

  expect(summary).toMatchObject({ outcome: "errored", reason: "internal" });
});

test("the documents that went in are not changed", async () => {
  await using server = await startServer();
  const item = [{ name: "r", request: { url: { host: ["{{h}}"], path: ["x"] }, auth: null } }];
  const environment = { values: [{ key: "h", value: server.url.replace("http://", "") }] };
  const before = structuredClone({ item, environment });

  await runItems(item, { engine, environment });

  expect({ item, environment }).toEqual(before);
  expect(server.requests[0]?.url).toBe("/x");
});

test("a closed engine holds no connection", async () => {
  await using server = await startServer();
  const own = createEngine({ scripts: noScripts });
  await runItems(inParts(1, server.url), { engine: own });

  await own.close();

  const open = () => new Promise<number>((resolve) => server.countConnections(resolve));
  await eventually(async () => (await open()) === 0);
});
