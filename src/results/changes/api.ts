import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../../access/context.ts";
import { documented } from "../../access/endpoint.ts";
import { AppError } from "../../lib/errors.ts";
import { bareId } from "../../lib/ids.ts";
import { reachMonitor } from "../reach.ts";
import type { Change } from "./change.ts";
import { loadRunChanges, type RunChanges, type RunRef } from "./load.ts";
import { findRun } from "./runs-store.ts";

const ref = z.object({ id: z.uuid(), startedAt: z.string(), runner: z.string().nullable() });
const answer = z.object({
  /** Null for a run that passed. */
  lastPassed: ref.extend({ isSameRunner: z.boolean() }).nullable(),
  firstFailed: ref.nullable(),
  changes: z.array(
    z.object({
      kind: z.string(),
      sentence: z.string(),
      details: z.array(z.string()),
      step: z.object({ position: z.int(), name: z.string() }).nullable(),
      who: z.string().nullable(),
      at: z.string().nullable(),
      isLikely: z.boolean(),
    }),
  ),
  limits: z.array(z.string()),
  passedElsewhere: z.array(z.object({ id: z.uuid(), runner: z.string().nullable() })),
});

/** `/monitors/{id}/runs/{runId}/changes`: what is different since the last run that passed. */
export function changesApi(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/monitors/:id/runs/:runId/changes",
    documented({
      summary: "Compare a run with the last one that passed",
      description:
        "Of a run that did not pass: what is different since, most likely culprit first. `limits` says what could not be compared; a run that passed has no changes.",
      tag: "Runs",
      answer,
    }),
    async (c) => {
      const { id } = await reachMonitor(c, deps);
      const runId = bareId(c.req.param("runId"));
      const run = runId === undefined ? undefined : await findRun(deps.database, runId);
      if (run?.monitorId !== id) {
        const message = "The specified run does not exist, or has not ended yet.";
        throw new AppError("not_found", message, { name: "instanceNotFoundError" });
      }
      return c.json(bodyOf(await loadRunChanges(deps, run.id)));
    },
  );

  return routes;
}

const nothing = { lastPassed: null, firstFailed: null, changes: [], limits: [], passedElsewhere: [] };

const bodyOf = (found: Omit<RunChanges, "run"> = nothing) => ({
  lastPassed: found.lastPassed && {
    ...refBody(found.lastPassed),
    isSameRunner: found.lastPassed.isSameRunner,
  },
  firstFailed: found.firstFailed && refBody(found.firstFailed),
  changes: found.changes.map(changeBody),
  limits: found.limits,
  passedElsewhere: found.passedElsewhere.map(({ id, runnerName }) => ({ id, runner: runnerName })),
});

const refBody = ({ id, at, runnerName }: RunRef) => ({
  id,
  startedAt: at.toISOString(),
  runner: runnerName,
});

const changeBody = ({ kind, sentence, details, step, who, at, isLikely }: Change) => ({
  kind,
  sentence,
  details,
  step: step ?? null,
  who: who ?? null,
  at: at?.toISOString() ?? null,
  isLikely,
});
