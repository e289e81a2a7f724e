import type { Database } from "../../../db/connect.ts";
import { type ExecutionListing, listExecutions, listExecutionsOf, type Listing } from "../../runs/read.ts";
import { hasFilter, listMatches } from "./matching.ts";
import type { Span } from "./plan.ts";
import type { RunFilter } from "./samples.ts";

interface FilteredRequest {
  monitorId: string;
  filter: RunFilter;
  /** Absent = however old. */
  span?: Span | undefined;
  cursor?: string | undefined;
}

const PAGE = 25;
/** Of an execution that runs on many runners more than one run may match. */
const RUNS_PER_EXECUTION = 8;

/** Executions with a run of the filter, newest first. A page may be short while more are to come: the cursor tells. */
export async function listFilteredExecutions(
  database: Database,
  { monitorId, filter, span, cursor }: FilteredRequest,
): Promise<Listing<ExecutionListing>> {
  if (!span && !hasFilter(filter)) return listExecutions(database, monitorId, { cursor });
  const { runs, continueBefore } = await listMatches(database, {
    monitorId,
    filter,
    span,
    before: cursor === undefined ? undefined : new Date(Number(cursor) / 1000),
    limit: PAGE * RUNS_PER_EXECUTION,
  });
  const queuedAt = new Map<string, Date>();
  for (const run of runs) queuedAt.set(run.executionId, run.queuedAt);
  const ids = [...queuedAt.keys()].slice(0, PAGE);
  const last = queuedAt.size > PAGE ? queuedAt.get(ids.at(-1) ?? "") : continueBefore;
  return {
    rows: await listExecutionsOf(database, ids),
    nextCursor: last ? String(last.getTime() * 1000) : null,
  };
}
