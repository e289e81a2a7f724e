import type { Database } from "../../../db/connect.ts";
import { aggregate } from "./aggregate.ts";
import type { StatisticsRequest } from "./runners.ts";

/** How one request of a monitor did in a span. */
export interface RequestStatistics {
  requestId: number;
  name: string;
  /** Names of the folders around it, outermost first; empty at the top. */
  folder: string;
  /** Runs that sent it. */
  runs: number;
  /** How often it was sent, and how often one of its assertions failed or it had an error. */
  steps: number;
  stepsFailed: number;
  p50Ms: number | null;
  p95Ms: number | null;
  /** Between 0 and 1. */
  errorRate: number;
  /** Of the bodies that it was answered with. */
  meanBytes: number | null;
}

const MAX_NAMES = 5000;

/** Every request that was sent in the span, by name, whatever request or result the filter names: they are to be compared. */
export async function listRequestStatistics(
  database: Database,
  { monitorId, plan, filter }: StatisticsRequest,
): Promise<RequestStatistics[]> {
  const [groups, names] = await Promise.all([
    aggregate(database, {
      monitorId,
      filter: { ...filter, requestId: undefined, result: undefined },
      ...plan.requests,
      bucketMs: undefined,
      of: "requests",
      timings: false,
      by: "request",
    }),
    listNames(database, monitorId),
  ]);
  return groups
    .map((group) => ({
      requestId: Number(group.line),
      ...(names.get(Number(group.line)) ?? { name: "", folder: "" }),
      runs: group.runs,
      steps: group.steps,
      stepsFailed: group.stepsFailed,
      p50Ms: group.p50,
      p95Ms: group.p95,
      errorRate: group.steps > 0 ? group.stepsFailed / group.steps : 0,
      meanBytes: group.steps > 0 ? group.bytes / group.steps : null,
    }))
    .toSorted((left, right) => left.name.localeCompare(right.name) || left.requestId - right.requestId);
}

async function listNames({ sql }: Database, monitorId: string) {
  const rows = await sql<{ id: number; name: string; folder: string }[]>`
    select id, name, folder from monitor_requests where monitor_id = ${monitorId} order by id limit ${MAX_NAMES}`;
  return new Map(rows.map(({ id, name, folder }) => [id, { name, folder }]));
}
