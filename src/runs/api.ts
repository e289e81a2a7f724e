import { type Context, Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { badQuery, queryInteger } from "../access/request.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { bareId, toUid } from "../lib/ids.ts";
import { runDocs as docs } from "./docs.ts";
import { createExecutionWatch } from "./execution-watch.ts";
import {
  executionBody,
  fullRunBody,
  infoBody,
  resultBody,
  resultsBody,
  runBody,
  slotBody,
  type TriggeredMonitor,
} from "./postman.ts";
import {
  findExecution,
  getRun,
  isCursor,
  listEvents,
  listExecutions,
  listSlots,
  listSteps,
  type RunDetail,
} from "./read.ts";
import { replayBody } from "./replay.ts";
import { cancelExecution, triggerExecution } from "./trigger.ts";

/** Postman's own limit; its client gives up at the same time. */
const WAIT_MS = 300_000;
const PER_PAGE = 25;
const EVENTS_PER_PAGE = 500;

/** Runs, executions and results of monitors; `/monitors/…` as Postman has it, `/runs/…` and `…/slots` are ours. */
export function runsApi(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const watch = createExecutionWatch(deps);
  const routes = new Hono<AppEnv>();

  routes.post("/monitors/:id/run", documented(docs.start), async (c) => {
    const monitor = await getMonitor(deps, c, "editor");
    const trigger = queryTrigger(c);
    const waitMs = queryWaitMs(c);
    const triggeredBy = c.get("actor").userId;
    const { id } = await triggerExecution(deps, { monitorId: monitor.id, trigger, triggeredBy });
    if (c.req.query("async") === "true") {
      return c.json({ run: { info: infoBody(monitor, await getExecution(deps, monitor.id, id)) } });
    }
    await watch.wait(id, waitMs, c.req.raw.signal);
    const execution = await getExecution(deps, monitor.id, id);
    if (!execution.finishedAt) {
      const message =
        "The run takes longer than the request may wait; its result will be listed with the monitor.";
      return c.json({ run: { info: { monitorId: monitor.id, jobId: id, status: "running", message } } }, 202);
    }
    const found = await Promise.all(execution.runs.map((run) => listSteps(database, run.id)));
    const steps = found.map((run) => run.steps);
    return c.json({ run: resultBody(monitor, execution, steps) });
  });

  routes.get("/monitors/:id/executions", documented(docs.executions), async (c) => {
    const { id } = await getMonitor(deps, c, "viewer");
    const { rows, nextCursor } = await listExecutions(database, id, {
      cursor: queryCursor(c),
      limit: PER_PAGE,
    });
    return c.json({
      executions: rows.map(executionBody),
      meta: { nextCursor: nextCursor ?? "", limit: PER_PAGE },
    });
  });

  routes.get("/monitors/:id/executions/:executionId/runs", documented(docs.runsOfExecution), async (c) => {
    const { id } = await getMonitor(deps, c, "viewer");
    const execution = await getExecution(deps, id, c.req.param("executionId"));
    return c.json({ runs: execution.runs.map((run) => runBody(run, execution.id)) });
  });

  routes.put("/monitors/:id/executions/:executionId/cancellation", documented(docs.cancel), async (c) => {
    const { id } = await getMonitor(deps, c, "editor");
    const execution = await getExecution(deps, id, c.req.param("executionId"));
    if (!(await cancelExecution(deps, execution.id))) {
      throw new AppError("conflict", "The execution has ended already; there is nothing to cancel.");
    }
    return c.json({ execution: executionBody(await getExecution(deps, id, execution.id)) });
  });

  routes.get("/monitors/:id/runs/:runId/results", documented(docs.results), async (c) => {
    const { id } = await getMonitor(deps, c, "viewer");
    const run = await findRun(deps, c, c.req.param("runId"));
    if (run?.monitor.id !== id) throw runNotFound();
    const { steps } = await listSteps(database, run.id);
    return c.json({ results: resultsBody(run, steps) });
  });

  routes.get("/monitors/:id/slots", documented(docs.slots), async (c) => {
    const { id } = await getMonitor(deps, c, "viewer");
    const gaps = c.req.query("gaps") === "true";
    const { rows, nextCursor } = await listSlots(database, id, {
      cursor: queryCursor(c),
      limit: PER_PAGE,
      gaps,
    });
    return c.json({
      slots: rows.map((slot) => ({ ...slotBody(slot), executionId: slot.executionId })),
      meta: { nextCursor: nextCursor ?? "", limit: PER_PAGE },
    });
  });

  routes.get("/runs/:runId", documented(docs.read), async (c) => {
    const run = await findRun(deps, c, c.req.param("runId"));
    if (!run) throw runNotFound();
    const attempt = queryInteger(c, "attempt", { min: 1, max: 999_999 });
    const { steps, hidden } = await listSteps(database, run.id, { attempt });
    return c.json({ run: fullRunBody(run, steps, hidden) });
  });

  routes.get("/runs/:runId/replay", documented(docs.replay), async (c) => {
    const run = await findRun(deps, c, c.req.param("runId"));
    if (!run) throw runNotFound();
    return c.json({ replay: await replayBody(database, run) });
  });

  routes.get("/runs/:runId/events", documented(docs.events), async (c) => {
    const run = await findRun(deps, c, c.req.param("runId"));
    if (!run) throw runNotFound();
    const after = queryInteger(c, "after", { min: 0, max: 999_999_999 }) ?? 0;
    const events = await listEvents(database, run.id, { after, limit: EVENTS_PER_PAGE });
    return c.json({ events, meta: { state: runBody(run, run.executionId).state, limit: EVENTS_PER_PAGE } });
  });

  return routes;
}

/** The monitor of the path: 404 when there is none, 403 without the role in its workspace. */
async function getMonitor(
  { database }: Deps,
  c: Context<AppEnv>,
  needed: WorkspaceRole,
): Promise<TriggeredMonitor> {
  const { sql } = database;
  const id = bareId(c.req.param("id") ?? "");
  const [row] =
    id === undefined
      ? []
      : await sql<MonitorRecord[]>`
    select m.id, m.name, m.workspace_id as "workspaceId", c.id as "collectionId", c.owner_id as "collectionOwnerId", e.id as "environmentId",
           e.owner_id as "environmentOwnerId"
      from monitors m join collections c on c.id = m.collection_id
           left join environments e on e.id = m.environment_id
     where m.id = ${id}`;
  if (!row) {
    const message = "The specified monitor does not exist.";
    throw new AppError("not_found", message, { name: "instanceNotFoundError" });
  }
  await requireWorkspaceRole(database, c.get("actor"), row.workspaceId, needed);
  return {
    id: row.id,
    name: row.name,
    collectionUid: toUid(row.collectionOwnerId, row.collectionId),
    environmentUid:
      row.environmentId !== null && row.environmentOwnerId !== null
        ? toUid(row.environmentOwnerId, row.environmentId)
        : null,
  };
}

interface MonitorRecord {
  id: string;
  name: string;
  workspaceId: string;
  collectionId: string;
  collectionOwnerId: number;
  environmentId: string | null;
  environmentOwnerId: number | null;
}

async function getExecution({ database }: Deps, monitorId: string, executionId: string) {
  const id = bareId(executionId);
  const execution = id === undefined ? undefined : await findExecution(database, monitorId, id);
  if (execution) return execution;
  const message = "The specified execution does not exist.";
  throw new AppError("not_found", message, { name: "instanceNotFoundError" });
}

/** Undefined when there is none; 403 for whoever does not see its workspace. */
async function findRun(
  { database }: Deps,
  c: Context<AppEnv>,
  runId: string,
): Promise<RunDetail | undefined> {
  const id = bareId(runId);
  const run = id === undefined ? undefined : await getRun(database, id);
  if (run) await requireWorkspaceRole(database, c.get("actor"), run.workspaceId, "viewer");
  return run;
}

const runNotFound = () =>
  new AppError("not_found", "The specified run does not exist.", { name: "instanceNotFoundError" });

function queryCursor(c: Context<AppEnv>): string | undefined {
  const cursor = c.req.query("cursor");
  if (cursor === undefined || cursor === "") return undefined;
  if (!isCursor(cursor)) throw badQuery("Invalid cursor query parameter passed.");
  return cursor;
}

/** Ours: how many seconds the caller waits for the result; agents give up long before Postman's five minutes. */
const queryWaitMs = (c: Context<AppEnv>): number =>
  (queryInteger(c, "wait", { min: 1, max: WAIT_MS / 1000 }) ?? WAIT_MS / 1000) * 1000;

const triggers = ["api", "cli", "manual"] as const;

/** What the ledger of executions shows as the cause; our own command line says `cli`. */
function queryTrigger(c: Context<AppEnv>): (typeof triggers)[number] {
  const sent = c.req.query("trigger") ?? "api";
  const trigger = triggers.find((known) => known === sent);
  if (!trigger) throw badQuery(`Query param trigger must be one of ${triggers.join(", ")}.`);
  return trigger;
}
