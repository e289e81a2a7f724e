import type { Database } from "../../../db/connect.ts";
import type { Outcome } from "../../contract/events.ts";
import { aggregate } from "./aggregate.ts";
import type { Plan } from "./plan.ts";
import type { RunFilter } from "./samples.ts";

/** How a monitor did on one runner in a span. */
export interface RunnerStatistics {
  /** Null for runs that no runner took. */
  runnerId: string | null;
  name: string;
  runs: number;
  /** Of runs; of a request: how often it was sent. */
  outcomes: Record<Outcome, number>;
  /** Between 0 and 1; null without a run that passed or failed. Of a request: those of its steps that did not fail. */
  uptime: number | null;
  p95Ms: number | null;
  last: { runId: string; outcome: Outcome; at: Date } | null;
}

export interface StatisticsRequest {
  monitorId: string;
  plan: Plan;
  filter: RunFilter;
}

const NO_RUNNER = "00000000-0000-0000-0000-000000000000";

/** Every runner that had a run in the span, by name, whatever runner or result the filter names: they are to be compared. */
export async function listRunnerStatistics(
  database: Database,
  { monitorId, plan, filter }: StatisticsRequest,
): Promise<RunnerStatistics[]> {
  const { requestId, trigger } = filter;
  const isOfRequest = requestId !== undefined;
  const source = isOfRequest ? plan.requests : plan.totals;
  const groups = await aggregate(database, {
    monitorId,
    filter: { requestId, trigger },
    ...source,
    bucketMs: undefined,
    of: isOfRequest ? "request" : "runs",
    timings: false,
    by: "runner",
  });
  const ids = groups.map((group) => group.line);
  const [names, last] = await Promise.all([
    runnerNames(database, ids),
    listLastRuns(database, { monitorId, trigger, until: source.until, groups }),
  ]);
  return groups
    .map((group) => ({
      runnerId: group.line === NO_RUNNER ? null : group.line,
      name: names.get(group.line) ?? "",
      runs: group.runs,
      outcomes: isOfRequest
        ? { passed: group.steps - group.stepsFailed, failed: group.stepsFailed, errored: 0, aborted: 0 }
        : { passed: group.passed, failed: group.failed, errored: group.errored, aborted: group.aborted },
      uptime: isOfRequest
        ? share(group.steps - group.stepsFailed, group.steps)
        : share(group.passed, group.passed + group.failed),
      p95Ms: group.p95,
      last: last.get(group.line) ?? null,
    }))
    .toSorted((left, right) => left.name.localeCompare(right.name));
}

const share = (part: number, all: number): number | null => (all > 0 ? part / all : null);

/** Names by id; of runs that no runner took as well. */
export async function runnerNames({ sql }: Database, ids: readonly string[]): Promise<Map<string, string>> {
  const asked = [...new Set(ids)];
  const rows = await sql<{ id: string; name: string }[]>`
    select id, name from runners where id = any(${sql.array(asked)}::uuid[])`;
  const known = new Map(rows.map(({ id, name }) => [id, name]));
  return new Map(
    asked.map((id) => [id, known.get(id) ?? (id === NO_RUNNER ? "no runner" : "deleted runner")]),
  );
}

interface LastRunsRequest {
  monitorId: string;
  trigger: string | undefined;
  until: Date;
  groups: readonly { line: string; lastAt: Date }[];
}

/** Each is looked for from its last hour on, so that a runner that has been silent for long costs no more than others. */
async function listLastRuns({ sql }: Database, { monitorId, trigger, until, groups }: LastRunsRequest) {
  const rows = await sql<{ runnerId: string; runId: string; outcome: Outcome; at: Date }[]>`
    select g.runner_id as "runnerId", l.id as "runId", l.outcome, l.queued_at as at
      from unnest(${sql.array(groups.map((group) => group.line))}::uuid[],
                  ${sql.array(groups.map((group) => group.lastAt.toISOString()))}::text[]) as g(runner_id, last_at),
           lateral (
             select r.id, r.outcome, r.queued_at from runs r
              where r.monitor_id = ${monitorId} and r.queued_at >= date_trunc('milliseconds', g.last_at::timestamptz)
                and r.queued_at < ${until} and coalesce(r.runner_id, ${NO_RUNNER}) = g.runner_id and r.outcome is not null
                and ${trigger ? sql`exists (select 1 from executions e where e.id = r.execution_id and e.trigger = ${trigger})` : sql`true`}
              order by r.queued_at desc limit 1) l`;
  return new Map(rows.map(({ runnerId, ...run }) => [runnerId, run]));
}
