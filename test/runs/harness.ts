import { createHmac } from "node:crypto";

import type { Database } from "../../db/connect.ts";
import type { Deps } from "../../src/access/context.ts";
import type { RunEvent } from "../../src/contract/events.ts";
import { PROTOCOL_VERSION } from "../../src/contract/protocol.ts";
import { runnerHeaders } from "../../src/contract/runner.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createLog } from "../../src/lib/log.ts";
import { createSealingKeys, createSecretBox } from "../../src/lib/seal.ts";
import { runnerApi } from "../../src/runs/runner-api.ts";
import { answerErrors } from "../../src/server/errors.ts";
import { testDatabase } from "../support/database.ts";
import { createMake } from "../support/make.ts";

/** What the secret box of `testDeps` is opened with. */
export const secretKey = createHmac("sha256", "test").update("secret box").digest();

/** Shows the message of a bug instead of hiding it as a server must. */
const loudLog = createLog({
  write: (line) => process.stderr.write(line),
  now: () => systemClock.now(),
  format: "json",
  level: "error",
});

export const testDeps = (database: Database, stopping = new AbortController()): Deps => ({
  database,
  clock: systemClock,
  log: loudLog,
  secretBox: createSecretBox(new Uint8Array(secretKey)),
  publicUrl: "http://127.0.0.1:4600",
  stopping: stopping.signal,
});

/** The routes for runners with the errors as the server answers them. */
export function runnerApp(deps: Deps) {
  const app = runnerApi(deps);
  app.onError((error, c) => answerErrors(deps.log, ({ message }) => message)(error, c as never));
  return app;
}

/** A database, a control plane's runner routes, and factories. */
export async function harness() {
  const database = await testDatabase();
  const deps = testDeps(database);
  const make = createMake(database);
  return { database, deps, make, sql: database.sql, app: runnerApp(deps) };
}

export interface RunnerCredentials {
  id: string;
  key: string;
}

/** Speaks as an instance of a runner. */
export function instanceOf(
  app: { request(path: string, init: RequestInit): Response | Promise<Response> },
  runner: RunnerCredentials,
) {
  const keys = createSealingKeys();
  let instanceId = "";
  const post = async (
    path: string,
    body: unknown,
    options: { signal?: AbortSignal; headers?: object } = {},
  ) =>
    app.request(path, {
      method: "POST",
      body: JSON.stringify(body),
      ...(options.signal && { signal: options.signal }),
      headers: {
        authorization: `Bearer ${runner.key}`,
        [runnerHeaders.runner]: runner.id,
        [runnerHeaders.protocol]: String(PROTOCOL_VERSION),
        ...options.headers,
      },
    });
  return {
    keys,
    post,
    get id() {
      return instanceId;
    },
    async register() {
      const answer = await post("/runner/v1/register", {
        hostname: "host",
        uniqueId: crypto.randomUUID(),
        version: "0.1.0",
        osType: "linux",
        concurrency: 8,
        clock: systemClock.now().toISOString(),
        publicKey: keys.publicKey,
      });
      const body = (await answer.json()) as { instanceId: string };
      instanceId = body.instanceId;
      return { status: answer.status, body };
    },
    async claim(
      free = 1,
      waitSeconds = 0,
      signal?: AbortSignal,
      arrived?: { runId: string; attempt: number }[],
    ) {
      const answer = await post(
        "/runner/v1/claim",
        { instanceId, free, waitSeconds, ...(arrived && { arrived }) },
        signal ? { signal } : {},
      );
      if (answer.status !== 200) throw new Error(`claim: ${answer.status} ${await answer.text()}`);
      const body = (await answer.json()) as { assignments: Assignment[] };
      return body.assignments;
    },
    async send(run: { runId: string; attempt: number }, events: unknown[]) {
      const answer = await post(`/runner/v1/runs/${run.runId}/events`, { attempt: run.attempt, events });
      return { status: answer.status, body: (await answer.json()) as EventsAnswer };
    },
    async beat(runs: { runId: string; attempt: number }[], more: object = {}) {
      const clock = systemClock.now().toISOString();
      const answer = await post("/runner/v1/heartbeat", { instanceId, clock, runs, ...more });
      return (await answer.json()) as {
        cancel: { runId: string }[];
        lost: { runId: string; attempt: number }[];
      };
    },
  };
}

interface Assignment {
  runId: string;
  executionId: string;
  attempt: number;
  collection: Record<string, unknown>;
  sealedEnvironment?: string;
}

interface EventsAnswer {
  acknowledgedSeq: number;
  cancel: boolean;
  error?: { name: string; message: string };
}

/** The events of a run with one request and one assertion. */
export function eventsOf(outcome: "passed" | "failed" | "aborted" = "passed"): RunEvent[] {
  const failed = outcome === "failed";
  return [
    { seq: 1, type: "run_started", collectionName: "Books", stepsPlanned: 1 },
    { seq: 2, type: "step_started", position: 1, iteration: 0, itemId: "a", name: "List", path: [] },
    {
      seq: 3,
      type: "step_finished",
      step: {
        position: 1,
        iteration: 0,
        itemId: "a",
        name: "List",
        path: [],
        startedMs: 1,
        durationMs: 20,
        skipped: false,
        request: { method: "GET", url: "http://127.0.0.1/books", headers: [["accept", "*/*"]] },
        redirects: [],
        response: {
          code: 200,
          status: "OK",
          headers: [["content-type", "application/json"]],
          body: { bytes: 50, text: "[]" },
          wireBytes: 120,
          httpVersion: "1.1",
        },
        timings: { dnsMs: 0, connectMs: 1, tlsMs: 0, firstByteMs: 8, downloadMs: 1, totalMs: 10 },
        assertions: [
          failed
            ? {
                name: "has books",
                status: "failed",
                source: "test",
                error: { name: "AssertionError", message: "expected 0 to be above 0" },
              }
            : { name: "has books", status: "passed", source: "test" },
        ],
        console: [],
        errors: [],
      },
    },
    {
      seq: 4,
      type: "run_finished",
      summary: {
        outcome,
        ...(failed && { reason: "assertion_failed", detail: "1 assertion failed." }),
        ...(outcome === "aborted" && { reason: "cancelled", detail: "Cancelled." }),
        iterations: 1,
        requestsTotal: 1,
        requestsFailed: failed ? 1 : 0,
        assertionsTotal: 1,
        assertionsFailed: failed ? 1 : 0,
        errorsTotal: 0,
        responseMsTotal: 10,
        responseBytesTotal: 50,
        durationMs: 25,
      },
    },
  ] as RunEvent[];
}
