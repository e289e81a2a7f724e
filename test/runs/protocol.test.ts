import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { ProtocolRange } from "../../src/contract/protocol.ts";
import { createControlPlane } from "../../src/runner/client.ts";
import { runnerApi } from "../../src/runs/runner-api.ts";
import { triggerExecution } from "../../src/runs/trigger.ts";
import { answerErrors } from "../../src/server/errors.ts";
import { harness } from "./harness.ts";

setDefaultTimeout(120_000);

let h: Awaited<ReturnType<typeof harness>>;
const stops: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  h = await harness();
});
afterAll(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** The calls of runners over HTTP, as a control plane of other versions answers them. */
function serve(range?: ProtocolRange): string {
  const app = runnerApi(h.deps, range);
  app.onError((error, c) => answerErrors(h.deps.log, ({ message }) => message)(error, c as never));
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: app.fetch });
  stops.push(() => server.stop(true));
  return server.url.origin;
}

async function connect(server: string, protocol?: ProtocolRange) {
  const { id, key } = await h.make.runner();
  const client = createControlPlane({
    server,
    runnerId: id,
    runnerKey: key,
    ...(protocol && { protocol }),
  });
  stops.push(() => client.close());
  return client;
}

const identity = {
  hostname: "host",
  version: "9.0.0",
  osType: "linux",
  concurrency: 1,
  clock: "2026-01-01T00:00:00Z",
  publicKey: "",
};
const newIdentity = () => ({ ...identity, uniqueId: crypto.randomUUID() });

test.each([
  ["a newer runner with an older control plane", { oldest: 1, newest: 3 }, { oldest: 1, newest: 1 }, 1],
  ["an older runner with a newer control plane", { oldest: 1, newest: 2 }, { oldest: 1, newest: 5 }, 2],
  ["one that can still speak the other's", { oldest: 2, newest: 4 }, { oldest: 1, newest: 3 }, 3],
])("%s goes on, in the highest version that both have", async (_case, runner, controlPlane, version) => {
  const client = await connect(serve(controlPlane), runner);

  const { instanceId } = await client.register(newIdentity());
  await client.heartbeat({ instanceId, runs: [], clock: identity.clock });

  const [row] = await h.sql`select protocol from runner_instances where id = ${instanceId}`;
  expect(row?.["protocol"]).toBe(version);
});

test.each([
  ["runner", { oldest: 1, newest: 1 }, { oldest: 2, newest: 3 }],
  ["control plane", { oldest: 4, newest: 5 }, { oldest: 2, newest: 3 }],
])("without a common version one sentence says to upgrade the %s", async (side, runner, controlPlane) => {
  const client = await connect(serve(controlPlane), runner);

  const refusal: unknown = await client.register(newIdentity()).catch((error: unknown) => error);

  expect(refusal).toMatchObject({ kind: "fatal", message: expect.stringContaining(`upgrade the ${side}.`) });
});

test("a runner that has met an older control plane goes up again when that is upgraded", async () => {
  let handler = runnerApi(h.deps, { oldest: 1, newest: 1 });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => handler.fetch(request),
  });
  stops.push(() => server.stop(true));
  handler.onError((error, c) => answerErrors(h.deps.log, ({ message }) => message)(error, c as never));
  const client = await connect(server.url.origin, { oldest: 1, newest: 2 });
  const { instanceId } = await client.register(newIdentity());

  handler = runnerApi(h.deps, { oldest: 2, newest: 3 });
  handler.onError((error, c) => answerErrors(h.deps.log, ({ message }) => message)(error, c as never));
  await client.heartbeat({ instanceId, runs: [], clock: identity.clock });

  const [row] = await h.sql`select protocol from runner_instances where id = ${instanceId}`;
  expect(row?.["protocol"]).toBe(2);
});

describe("the first runners, which say one version and nothing else", () => {
  const speak = async (server: string) => {
    const { id, key } = await h.make.runner();
    return async (path: string, body: unknown) => {
      const response = await fetch(`${server}/runner/v1/${path}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "x-sallyport-runner": id,
          "x-sallyport-protocol": "1",
          "content-type": "application/json",
        },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
  };

  test("do their whole work with this control plane", async () => {
    const post = await speak(serve());
    const { body: registered } = await post("register", newIdentity());
    const instanceId = String(registered["instanceId"]);
    const monitor = await h.make.monitor();
    const { runIds } = await triggerExecution(h.deps, {
      monitorId: monitor.id,
      trigger: "manual",
      triggeredBy: null,
    });

    const claimed = await post("claim", { instanceId, free: 1, waitSeconds: 0 });
    const beaten = await post("heartbeat", {
      instanceId,
      runs: [{ runId: runIds[0], attempt: 1 }],
      clock: identity.clock,
    });
    const stored = await post(`runs/${runIds[0]}/events`, { attempt: 1, events: wholeRun });
    const left = await post("deregister", { instanceId });

    expect(claimed.body).toMatchObject({ assignments: [{ runId: runIds[0], attempt: 1 }] });
    expect(beaten.body).toEqual({ cancel: [], lost: [] });
    expect(stored.body).toEqual({ acknowledgedSeq: 2, cancel: false });
    expect(left.status).toBe(200);
    const [row] = await h.sql`select outcome from runs where id = ${runIds[0] ?? ""}`;
    expect(row?.["outcome"]).toBe("passed");
  });

  test("are told to be upgraded when this control plane has grown out of theirs", async () => {
    const post = await speak(serve({ oldest: 2, newest: 2 }));

    const { status, body } = await post("register", newIdentity());

    expect(status).toBe(426);
    expect(body).toMatchObject({ error: { message: expect.stringContaining("upgrade the runner.") } });
  });
});

test("a newer runner may report words and fields that this control plane does not know", async () => {
  const client = await connect(serve());
  const { instanceId } = await client.register({ ...newIdentity(), newField: true });
  const monitor = await h.make.monitor();
  await triggerExecution(h.deps, { monitorId: monitor.id, trigger: "manual", triggeredBy: null });
  const { assignments } = await client.claim({ instanceId, free: 1, waitSeconds: 0 });
  const runId = assignments[0]?.runId ?? "";
  const [started, finished] = wholeRun;
  const end = {
    ...finished,
    summary: { ...finished?.summary, outcome: "errored", reason: "new_reason", more: 1 },
  };

  await client.sendEvents({
    runId,
    attempt: 1,
    events: [started, end].map((event) => JSON.stringify(event)),
  });

  const [row] = await h.sql`select outcome, reason from runs where id = ${runId}`;
  expect({ ...row }).toEqual({ outcome: "errored", reason: "new_reason" });
});

const wholeRun = [
  { seq: 1, type: "run_started", collectionName: "c", stepsPlanned: 0 },
  {
    seq: 2,
    type: "run_finished",
    summary: {
      outcome: "passed",
      iterations: 1,
      requestsTotal: 0,
      requestsFailed: 0,
      assertionsTotal: 0,
      assertionsFailed: 0,
      errorsTotal: 0,
      responseMsTotal: 0,
      responseBytesTotal: 0,
      durationMs: 1,
    },
  },
];
