import { z } from "zod";

import { isRecord } from "../../lib/parse.ts";
import { type Arguments, inFull, type Tool } from "../tool.ts";
import { cursor, flag, idOf, limit, text } from "./arguments.ts";

const monitorId = idOf("monitor");
const executionId = text("Id of the execution; runMonitor calls it jobId.");
const runId = text("Id of the run, from listRunsForExecution.");

const email = z.array(z.looseObject({ email: z.string() }));

const monitorFields = {
  name: text("Its name."),
  active: flag("Whether its schedule fires; on unless said."),
  notificationLimit: z
    .int()
    .min(1)
    .max(99)
    .optional()
    .describe("Failures in a row after which nobody is told."),
  retry: z
    .looseObject({ attempts: z.int().min(1).max(2) })
    .optional()
    .describe("Runs again when it fails."),
  options: z
    .looseObject({})
    .optional()
    .describe("strictSSL, followRedirects, requestTimeout and requestDelay in milliseconds."),
  schedule: z
    .looseObject({ cron: z.string().optional(), timezone: z.string().optional() })
    .nullable()
    .optional()
    .describe(
      'cron of five fields, such as "*/5 * * * *", and timezone; without it only runMonitor runs it.',
    ),
  distribution: z
    .array(z.looseObject({ runner: z.string().optional() }))
    .optional()
    .describe('The runners, as [{"runner": "<id>"}] from listRunners; empty = any healthy runner.'),
  notifications: z.looseObject({ onError: email.optional(), onFailure: email.optional() }).optional(),
};

const newMonitor = z.looseObject({
  ...monitorFields,
  collection: idOf("collection that it runs"),
  environment: idOf("environment with its variables").optional(),
});

const changedMonitor = z.looseObject({ ...monitorFields, name: monitorFields.name.optional() });

const idIn = (body: unknown, key: string): string => {
  const inner = isRecord(body) ? body[key] : undefined;
  return isRecord(inner) && typeof inner["id"] === "string" ? inner["id"] : "";
};

const infoOf = (body: unknown): Record<string, unknown> => {
  const run = isRecord(body) ? body["run"] : undefined;
  const info = isRecord(run) ? run["info"] : undefined;
  return isRecord(info) ? info : {};
};

/** After a run that went wrong the next question is always the same: why. */
export function nextAfterRun(body: unknown, args: Arguments): string {
  const { status, jobId, monitorId: id = args["monitorId"] } = infoOf(body);
  const execution = `{"monitorId": "${String(id)}", "executionId": "${String(jobId)}"}`;
  if (status === "success") return "it passed; getMonitor shows when it runs by itself.";
  if (status === "running") return `it still runs; ask listRunsForExecution ${execution} in a while.`;
  return `to see why, listRunsForExecution ${execution}, then getRun with the id of the run.`;
}

/** Nobody waits five minutes for a tool: clients give up after one. */
export const WAIT_SECONDS = 50;

export const monitorTools: readonly Tool[] = [
  {
    name: "getMonitors",
    title: "List monitors",
    description:
      "Lists monitors, 25 a page. A monitor runs a collection on runners, by its schedule or on demand.",
    sets: inFull,
    call: "GET /monitors",
    input: {
      workspace: idOf("workspace").optional(),
      active: flag("Only those whose schedule is on, or off."),
      owner: z.int().optional().describe("Number of the user who owns them."),
      collectionUid: idOf("collection").optional(),
      environmentUid: idOf("environment").optional(),
      cursor,
      limit: limit(25, 25),
    },
    next: "getMonitor for schedule, runners and the last result of one.",
  },
  {
    name: "getMonitor",
    title: "Get a monitor",
    description: "Schedule, runners, options and last result of a monitor.",
    sets: inFull,
    call: "GET /monitors/{monitorId}",
    input: { monitorId },
    next: "listMonitorExecutions for its history, getMonitorSlots for due times that did not run.",
  },
  {
    name: "createMonitor",
    title: "Create a monitor",
    description:
      "Creates a monitor that runs a collection on runners of your own, by a schedule or on demand.",
    sets: inFull,
    call: "POST /monitors",
    input: { workspace: idOf("workspace"), monitor: newMonitor.optional() },
    query: ["workspace"],
    next: (body) => `run it now with runMonitor {"monitorId": "${idIn(body, "monitor")}"}.`,
  },
  {
    name: "updateMonitor",
    title: "Change a monitor",
    description:
      "Changes what is sent and leaves the rest. Collection and environment of a monitor cannot change.",
    sets: inFull,
    call: "PUT /monitors/{monitorId}",
    input: { monitorId, monitor: changedMonitor.optional() },
    next: "getMonitor shows when it is due.",
  },
  {
    name: "deleteMonitor",
    title: "Delete a monitor",
    description:
      "Deletes a monitor with its history. To stop it for a while, updateMonitor with active: false.",
    sets: inFull,
    call: "DELETE /monitors/{monitorId}",
    input: { monitorId },
  },
  {
    name: "runMonitor",
    title: "Run a monitor",
    description: `Runs a monitor now on its runners and waits up to ${WAIT_SECONDS} seconds for the result. The requests of its collection are really sent.`,
    sets: inFull,
    call: "POST /monitors/{monitorId}/run",
    input: {
      monitorId,
      async: z.boolean().default(false).describe("Answer at once, without the result."),
      wait: z.int().min(1).max(300).default(WAIT_SECONDS).describe("Seconds to wait for the result."),
    },
    query: ["async", "wait"],
    hints: { destructive: true },
    next: nextAfterRun,
  },
  {
    name: "listMonitorExecutions",
    title: "List executions of a monitor",
    description: "What a monitor did, newest first, 25 a page: trigger, outcome and times of each execution.",
    sets: inFull,
    call: "GET /monitors/{monitorId}/executions",
    input: { monitorId, cursor },
    next: "listRunsForExecution for what happened on each runner.",
  },
  {
    name: "listRunsForExecution",
    title: "List runs of an execution",
    description: "The runs of an execution, one for each runner: state, outcome, reason and counts.",
    sets: inFull,
    call: "GET /monitors/{monitorId}/executions/{executionId}/runs",
    input: { monitorId, executionId },
    next: "getRun for the steps, failed assertions and errors of one.",
  },
  {
    name: "getMonitorRunResults",
    title: "Get results of a run",
    description: "Requests and assertions of a run, trimmed as Postman does. getRun says more.",
    sets: inFull,
    call: "GET /monitors/{monitorId}/runs/{runId}/results",
    input: { monitorId, runId },
  },
  {
    name: "getRun",
    title: "Get a run with its steps",
    description:
      "Why a run failed: its outcome and reason, and every step with timings, assertions and errors.",
    sets: inFull,
    call: "GET /runs/{runId}",
    input: {
      runId,
      attempt: z.int().min(1).optional().describe("An earlier attempt of a run that was repeated."),
    },
    next: "getRunEvents for console output; fix the request with updateCollectionRequest and runMonitor again.",
  },
  {
    name: "getRunEvents",
    title: "Get the events of a run",
    description: "Everything that a run reported in order, console output among it, up to 500 events a page.",
    sets: inFull,
    call: "GET /runs/{runId}/events",
    input: {
      runId,
      after: z.int().min(0).optional().describe("Number of the last event that you have seen."),
    },
  },
  {
    name: "getMonitorSlots",
    title: "Get the slot ledger of a monitor",
    description:
      "Every due time of a schedule and what became of it: ran, late, skipped, missed (no runner) or lost (the runner died).",
    sets: inFull,
    call: "GET /monitors/{monitorId}/slots",
    input: { monitorId, gaps: flag("Only those that did not run."), cursor },
    next: "for missed slots getFleetHealth; for lost ones getRun with the id of the run.",
  },
  {
    name: "cancelExecution",
    title: "Cancel an execution",
    description: "Stops the runs of an execution that has not ended. Requests that were sent stay sent.",
    sets: inFull,
    call: "PUT /monitors/{monitorId}/executions/{executionId}/cancellation",
    input: { monitorId, executionId },
    hints: { destructive: true },
  },
];
