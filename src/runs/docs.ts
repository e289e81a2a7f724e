import { z } from "zod";

import type { EndpointDoc } from "../access/endpoint.ts";

const tag = "Runs";
const state = z.enum(["queued", "running", "success", "failed", "error", "aborted"]);
const tally = z.object({ total: z.int(), failed: z.int() });
const stats = z.looseObject({ assertions: tally, requests: tally, runCount: z.int() });

const info = z.looseObject({
  jobId: z.uuid().optional(),
  monitorId: z.uuid(),
  status: state,
});
const slot = z.object({
  slotAt: z.string(),
  status: z.enum(["pending", "ran", "late", "skipped", "missed", "lost"]),
  reason: z.string().nullable(),
  collapsed: z.int(),
  delayMs: z.number().nullable(),
});
const execution = z.object({
  id: z.uuid(),
  monitorId: z.uuid(),
  state,
  trigger: z.string(),
  results: stats,
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  slot: slot.optional(),
});
const run = z.looseObject({
  id: z.uuid(),
  executionId: z.uuid(),
  region: z.string().nullable(),
  runner: z.string().nullable(),
  state,
  outcome: z.enum(["passed", "failed", "errored", "aborted"]).nullable(),
  results: stats,
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  durationMs: z.number().nullable(),
});
const document = z.object({ id: z.uuid(), uid: z.string(), name: z.string(), revision: z.int().nullable() });
const replay = z.object({
  runId: z.uuid(),
  monitor: z.object({ id: z.uuid(), name: z.string() }),
  workspace: z.uuid(),
  trigger: z.string(),
  startedAt: z.string().nullable(),
  outcome: run.shape.outcome,
  detail: z.string().nullable(),
  collection: document,
  environment: document.nullable(),
  options: z.looseObject({}),
  globalsChanged: z.boolean(),
  hasInput: z.boolean(),
  command: z.string(),
});
const meta = z.object({ nextCursor: z.string(), limit: z.int() });
const cursor = z.string().optional();

/** What `/api/openapi.json` says of executions, runs and the ledger. */
export const runDocs = {
  start: {
    summary: "Run a monitor now",
    description: "Waits for the result, at most five minutes (202 then); with `async=true` not at all.",
    tag,
    query: z.object({
      async: z.enum(["true", "false"]).optional(),
      trigger: z.enum(["api", "cli", "manual"]).optional(),
      wait: z.string().optional(),
    }),
    answer: z.object({ run: z.looseObject({ info }) }),
  },
  executions: {
    summary: "List the executions of a monitor",
    tag,
    query: z.object({ cursor }),
    answer: z.object({ executions: z.array(execution), meta }),
  },
  runsOfExecution: {
    summary: "List the runs of an execution, one for each runner",
    tag,
    answer: z.object({ runs: z.array(run) }),
  },
  cancel: {
    summary: "Cancel an execution",
    tag,
    answer: z.object({ execution }),
  },
  results: {
    summary: "Read items and assertions of a run",
    tag,
    answer: z.object({ results: run }),
  },
  slots: {
    summary: "List the ledger of a monitor",
    description: "Every due time and how it ended; with `gaps=true` only what did not run in time.",
    tag,
    query: z.object({ cursor, gaps: z.enum(["true", "false"]).optional() }),
    answer: z.object({
      slots: z.array(slot.extend({ executionId: z.string().nullable() })),
      meta,
    }),
  },
  read: {
    summary: "Read everything that is known of a run",
    tag,
    query: z.object({ attempt: z.string().optional() }),
    answer: z.object({ run }),
  },
  replay: {
    summary: "Read what a run was made of",
    description:
      "The collection and the environment with the revisions that the run used, and the options of its monitor as they are now: what `app monitor replay` needs. `globalsChanged`: the globals of the workspace were changed since. `hasInput`: it was started with a data row, which is not given out.",
    tag,
    answer: z.object({ replay }),
  },
  events: {
    summary: "List the events of a run",
    tag,
    query: z.object({ after: z.string().optional() }),
    answer: z.object({
      events: z.array(z.looseObject({ type: z.string(), seq: z.int() })),
      meta: z.object({ state, limit: z.int() }),
    }),
  },
} satisfies Record<string, EndpointDoc>;
