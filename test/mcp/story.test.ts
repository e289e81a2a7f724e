import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Client } from "@modelcontextprotocol/client";

import { systemClock } from "../../src/lib/clock.ts";
import { createLog } from "../../src/lib/log.ts";
import { MAX_CHARACTERS } from "../../src/mcp/result.ts";
import { eventually } from "../support/eventually.ts";
import { type RunningProgram, startProgram } from "../support/program.ts";
import { collectionOf, startTarget, type Target } from "../support/target.ts";
import { type McpApi, servedMcp } from "./served.ts";

// A runner is started, on a machine that may be busy.
setDefaultTimeout(120_000);

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

const logged: string[] = [];
let api: McpApi;
let target: Target;
let client: Client;
let folder: string;
let workspace: string;
let runner: RunningProgram | undefined;

beforeAll(async () => {
  const log = createLog({
    write: (line) => void logged.push(line),
    now: () => systemClock.now(),
    format: "json",
    level: "info",
  });
  api = await servedMcp({ log });
  target = startTarget();
  client = await api.connect();
  folder = await mkdtemp(join(tmpdir(), "mcp-story-"));
  const made = await call("createWorkspace", { workspace: { name: "Payments", type: "team" } });
  workspace = made.body.workspace.id;
});

afterAll(async () => {
  target.release();
  runner?.kill("SIGKILL");
  await runner?.exited;
  await Promise.all([api.stop(), target.stop(), rm(folder, { recursive: true, force: true })]);
});

/** What an agent sees: the answer, and what stands after it. */
async function call(name: string, args: Record<string, unknown> = {}, from = client) {
  const { content, isError } = await from.callTool({ name, arguments: args });
  const [first = "", ...notes] = content.map((block) => (block.type === "text" ? block.text : ""));
  const isWhole = first.startsWith("{") && !notes.some((note) => note.startsWith("Cut:"));
  return { body: isWhole ? JSON.parse(first) : undefined, text: first, notes, isError };
}

const newCollection = async (collection: Record<string, unknown>) => {
  const { body } = await call("createCollection", { workspace, collection });
  return String(body.collection.uid);
};

async function startRunner(): Promise<string> {
  const { body } = await call("createRunner", { runner: { name: "Berlin" } });
  const { id, key } = body.runner;
  runner = startProgram(
    ["runner", "start", "--server", api.url, "--id", id, "--data-dir", join(folder, "runner")],
    { POSTMAN_RUNNER_KEY: key },
  );
  const isHealthy = async () => (await call("getFleetHealth")).body.health["Healthy"] === 1;
  await eventually(isHealthy, { everyMs: 100 });
  return id;
}

test("an agent makes a monitor, runs it on a runner, and finds out why it failed", async () => {
  const runnerId = await startRunner();
  const good = await newCollection(collectionOf(target.url, ["/books"]));
  const bad = collectionOf(target.url, ["/orders"]);
  const broken = await newCollection(JSON.parse(JSON.stringify(bad).replace("status(200)", "status(503)")));

  const made = await call("createMonitor", {
    workspace,
    monitor: { name: "Books", collection: good, schedule: null, distribution: [{ runner: runnerId }] },
  });
  const monitorId = String(made.body.monitor.id);
  expect(made.notes).toEqual([`Next: run it now with runMonitor {"monitorId": "${monitorId}"}.`]);

  const passed = await call("runMonitor", { monitorId });
  expect(passed.body.run.info.status).toBe("success");

  const failed = await call("runCollection", { collectionId: broken });
  const { jobId, monitorId: onDemand, status } = failed.body.run.info;
  expect(status).toBe("failed");
  expect(failed.notes[0]).toContain(`{"monitorId": "${onDemand}", "executionId": "${jobId}"}`);

  const { body: listed } = await call("listRunsForExecution", { monitorId: onDemand, executionId: jobId });
  const why = await call("getRun", { runId: listed.runs[0].id });
  expect(why.text).toContain("503");
  expect(why.notes[0]).toStartWith("Next: getRunEvents for console output");

  const again = await call("runCollection", { collectionId: broken });
  expect(again.body.run.info.monitorId).toBe(onDemand);

  for (const name of ["getMonitorSlots", "listMonitorExecutions", "getMonitor"]) {
    expect((await call(name, { monitorId })).isError).toBeUndefined();
  }
  const { body: queue } = await call("getRunnerQueue", { runnerId });
  expect(queue.queueDepth).toBe(0);
});

test("a call that the client gives up ends the waiting, and the run goes on", async () => {
  const held = await newCollection(collectionOf(target.url, ["/held"]));
  const other = await api.connect("/mcp", { version: "auto" });
  const abort = new AbortController();
  const waiting = other
    .callTool({ name: "runCollection", arguments: { collectionId: held } }, { signal: abort.signal })
    .catch((error: unknown) => String(error));
  await target.held;

  abort.abort("enough");
  expect(await waiting).toContain("enough");
  const run = /"method":"POST","path":"\/api\/monitors\/[\w-]+\/run","status":202/;
  expect(await eventually(() => logged.some((line) => run.test(line)))).toBe(true);

  target.release();
  const { body } = await call("getMonitors", { collectionUid: held });
  const hasPassed = async () => {
    const { text } = await call("listMonitorExecutions", { monitorId: body.monitors[0].id });
    return text.includes('"success"');
  };
  expect(await eventually(hasPassed, { everyMs: 100 })).toBe(true);
});

test("runCollection says what it does not do, and runs nothing then", async () => {
  const collectionId = await newCollection(collectionOf(target.url, ["/never"]));

  const stop = await call("runCollection", { collectionId, stopOnFailure: true });
  const twice = await call("runCollection", { collectionId, iterationCount: 2 });
  const unknown = await call("runCollection", { collectionId: "nothing" });

  expect(stop.text).toContain("stopOnFailure is not offered");
  expect(twice.text).toContain("one iteration");
  expect(unknown.isError).toBe(true);
  expect(target.arrived).not.toContain("/never");
});

test("a collection is a map unless the whole is asked for, and what is too long comes in pieces", async () => {
  const items = Array.from({ length: 40 }, (_, at) => ({
    name: `Folder ${at}`,
    item: [
      { name: "Deep", request: { method: "GET", url: "http://127.0.0.1/", description: "x".repeat(2000) } },
    ],
  }));
  const collectionId = await newCollection({ info: { name: "Large", schema: SCHEMA }, item: items });

  const map = await call("getCollection", { collectionId });
  const first = await call("getCollection", { collectionId, model: "full" });
  const second = await call("getCollection", { collectionId, model: "full", continueAt: MAX_CHARACTERS });
  const third = await call("getCollection", { collectionId, model: "full", continueAt: 2 * MAX_CHARACTERS });
  const whole = JSON.parse(first.text + second.text + third.text);

  expect(map.body.collection.item).toBeUndefined();
  expect(map.body.collection.itemRefs[3].itemRefs[0].name).toBe("Deep");
  expect(first.text).toHaveLength(MAX_CHARACTERS);
  expect(first.notes[0]).toContain(`continueAt: ${MAX_CHARACTERS}`);
  expect(whole.collection.item).toHaveLength(40);
});

test("a list that goes on says how to go on", async () => {
  for (const name of ["A", "B", "C"]) {
    await newCollection({
      ...collectionOf(target.url, []),
      info: { name, schema: SCHEMA },
    });
  }

  const page = await call("getCollections", { workspace, limit: 2 });

  expect(page.body.collections).toHaveLength(2);
  expect(page.notes[0]).toMatch(/^More: \d+ in all; call getCollections again with offset: 2\.$/);
});

test("what a tool changes stands in the audit trail with the user and the program", async () => {
  const agent = await api.connect("/mcp", {
    headers: { authorization: `Bearer ${api.key}`, "user-agent": "agent/1" },
  });
  const { body } = await call(
    "createEnvironment",
    { workspace, environment: { name: "Local", values: [] } },
    agent,
  );

  const trail = await call("getAuditLogs", { action: "environment.created" });

  expect(trail.text).toContain(body.environment.id);
  expect(trail.text).toContain("agent/1");
});
