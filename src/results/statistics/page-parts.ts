import type { Database } from "../../../db/connect.ts";
import type { ChartData } from "../../../web/parts/latency-chart.tsx";
import type { MonitorView, Sorting } from "../../../web/parts/monitor-view.ts";
import type { StripEntry } from "../../../web/parts/run-strip.tsx";
import type { RequestRow, RunnerRow } from "../../../web/parts/statistics.tsx";
import { listMarks, type Mark } from "../changes/marks.ts";
import { listBarGaps, listBarRuns } from "./bars.ts";
import { chartOf } from "./chart.ts";
import { hasFilter, listMatches } from "./matching.ts";
import { planOf } from "./plan.ts";
import { listRequestStatistics, type RequestStatistics } from "./requests.ts";
import { listRunnerStatistics, type RunnerStatistics } from "./runners.ts";
import { filterOfView, spanOfView } from "./view.ts";

const BARS = 60;
const GAPS = 60;

interface PartsRequest {
  monitorId: string;
  view: MonitorView;
  now: Date;
}

export interface StatisticsParts {
  strip: StripEntry[];
  chart: ChartData;
  counts: RunnerStatistics["outcomes"];
  requests: RequestRow[];
  runnerRows: RunnerRow[];
}

/** What the page of a monitor shows of its runs as a view asks for it. */
export async function loadStatistics(database: Database, request: PartsRequest): Promise<StatisticsParts> {
  const { monitorId, view, now } = request;
  const filter = filterOfView(view);
  const plan = await planOf(database, monitorId, { ...spanOfView(view, now), trim: view.span === undefined });
  const asked = { monitorId, plan, filter };
  const [strip, chart, marks, requests, runners] = await Promise.all([
    loadStrip(database, request),
    chartOf(database, { ...asked, measure: view.measure, perRunner: view.perRunner }),
    listMarks(database, monitorId, plan.runs),
    listRequestStatistics(database, asked),
    listRunnerStatistics(database, asked),
  ]);
  return {
    strip,
    chart: { ...chart, marks },
    counts: countsOf(runners, filter.runnerId),
    requests: sortRequests(requests, view.sort).map(requestRow),
    runnerRows: runners.map(runnerRow),
  };
}

function countsOf(runners: readonly RunnerStatistics[], runnerId: string | undefined) {
  const counts = { passed: 0, failed: 0, errored: 0, aborted: 0 };
  for (const runner of runners) {
    if (runnerId !== undefined && runner.runnerId !== runnerId) continue;
    counts.passed += runner.outcomes.passed;
    counts.failed += runner.outcomes.failed;
    counts.errored += runner.outcomes.errored;
    counts.aborted += runner.outcomes.aborted;
  }
  return counts;
}

const keys: Record<Exclude<Sorting, "name">, (row: RequestStatistics) => number> = {
  runs: (row) => row.runs,
  failures: (row) => row.stepsFailed,
  errors: (row) => row.errorRate,
  p50: (row) => row.p50Ms ?? -1,
  p95: (row) => row.p95Ms ?? -1,
};

/** Numbers from the highest down: that is where trouble is. */
const sortRequests = (rows: readonly RequestStatistics[], sort: Sorting): readonly RequestStatistics[] =>
  sort === "name" ? rows : rows.toSorted((left, right) => keys[sort](right) - keys[sort](left));

const requestRow = ({ requestId, stepsFailed, ...row }: RequestStatistics): RequestRow => ({
  ...row,
  id: requestId,
  failures: stepsFailed,
});

const runnerRow = ({ runnerId, last, ...row }: RunnerStatistics): RunnerRow => ({
  ...row,
  id: runnerId,
  last: last && { runId: last.runId, status: last.outcome, at: last.at },
});

/** Runs with what stands between them. Slots without a run have no runner, trigger or result to filter by. */
async function loadStrip(database: Database, { monitorId, view, now }: PartsRequest): Promise<StripEntry[]> {
  const filter = filterOfView(view);
  const span = view.span && spanOfView(view, now);
  const matches = await listMatches(database, { monitorId, filter, span, limit: BARS });
  const oldest = matches.runs.at(-1);
  const between = { since: span?.since ?? oldest?.queuedAt ?? now, until: span?.until ?? now };
  const [runs, gaps, marks] = await Promise.all([
    listBarRuns(
      database,
      matches.runs.map((run) => run.runId),
      filter.requestId,
    ),
    hasFilter(filter) ? [] : listBarGaps(database, monitorId, { ...between, limit: GAPS }),
    oldest ? listMarks(database, monitorId, { since: oldest.queuedAt, until: between.until }) : [],
  ]);
  const entries: StripEntry[] = [
    ...marks.map(markEntry),
    ...runs.map(({ runId, queuedAt, ...run }) => ({
      ...run,
      kind: "run" as const,
      at: queuedAt,
      href: `/runs/${runId}`,
    })),
    ...gaps.map(({ slotAt, ...gap }) => ({
      ...gap,
      kind: "gap" as const,
      at: slotAt,
      href: `/monitors/${monitorId}/ledger?at=${slotAt.toISOString()}`,
    })),
  ];
  return newest(entries.toSorted((left, right) => left.at.getTime() - right.at.getTime()));
}

const markEntry = ({ at, title, href }: Mark): StripEntry => ({ kind: "mark", at, title, href });

/** As many bars as there are places; marks take none. */
function newest(entries: readonly StripEntry[]): StripEntry[] {
  let places = 0;
  const first = entries.findLastIndex((entry) => entry.kind !== "mark" && ++places === BARS);
  return entries.slice(Math.max(0, first));
}
