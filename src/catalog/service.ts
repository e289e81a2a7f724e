import type {
  EntityCounts,
  MonitorFacts,
  PipelineFacts,
  RequestTotals,
  RunHours,
  Service,
} from "./services-store.ts";

/** Services of the catalog in the shapes of the Postman API; no IO. */

export interface Measured {
  hours: readonly RunHours[];
  monitors: MonitorFacts | undefined;
  pipelines: PipelineFacts | undefined;
}

interface Week {
  /** Passed, failed and errored. */
  runs: number;
  bad: number;
  /** Of the mean response times of runs; null without any. Off by less than a tenth: it is the mean of its class. */
  p95LatencyMs: number | null;
}

/** This week, or the one before. */
export function weekOf(hours: readonly RunHours[], isCurrent: boolean): Week {
  const rows = hours.filter((hour) => hour.isCurrent === isCurrent);
  const bad = total(rows, (row) => row.failed + row.errored);
  return { runs: bad + total(rows, (row) => row.passed), bad, p95LatencyMs: p95Of(rows) };
}

function p95Of(rows: readonly RunHours[]): number | null {
  const timed = rows
    .filter((row) => row.responseClass > 0 && row.passed + row.failed > 0)
    .toSorted((left, right) => left.responseClass - right.responseClass);
  const needed = 0.95 * total(timed, (row) => row.passed + row.failed);
  let upTo = 0;
  for (const row of timed) {
    upTo += row.passed + row.failed;
    if (upTo >= needed) return round(row.responseMsSum / (row.passed + row.failed));
  }
  return null;
}

const total = <T>(rows: readonly T[], pick: (row: T) => number): number =>
  rows.reduce((sum, row) => sum + pick(row), 0);

export const round = (value: number): number => Math.round(value * 100) / 100;
export const percent = (part: number, whole: number): number | null =>
  whole === 0 ? null : round((100 * part) / whole);

export type ServiceStatus = "healthy" | "warning" | "critical" | "inactive";

/** `critical`: at least half of the monitors fail. `warning`: something fails. `inactive`: nothing ran for a week. */
export function statusOf({ hours, monitors, pipelines }: Measured): ServiceStatus {
  const failing = monitors?.failing ?? 0;
  const ran = failing + (monitors?.passing ?? 0);
  if (weekOf(hours, true).runs === 0 && pipelines === undefined) return "inactive";
  if (failing > 0 && failing * 2 >= ran) return "critical";
  return failing > 0 || isAnyFailing(pipelines) ? "warning" : "healthy";
}

const isAnyFailing = (pipelines: PipelineFacts | undefined): boolean =>
  pipelines !== undefined && pipelines.passing < pipelines.active;

const lastActivity = ({ monitors, pipelines }: Measured): string | null =>
  [monitors?.lastRunAt ?? null, pipelines?.lastRunAt ?? null]
    .filter((at) => at !== null)
    .toSorted()
    .at(-1) ?? null;

const monitorStatus = (monitors: MonitorFacts | undefined) => {
  if (!monitors || monitors.passing + monitors.failing === 0) return null;
  return monitors.failing > 0 ? "failed" : "passed";
};

const pipelineStatus = (pipelines: PipelineFacts | undefined) => {
  if (!pipelines) return null;
  return isAnyFailing(pipelines) ? "failed" : "passed";
};

const common = (service: Service, measured: Measured) => ({
  id: service.id,
  name: service.name,
  status: statusOf(measured),
  lastActivityAt: lastActivity(measured),
  createdAt: service.createdAt,
  gitRepo: null,
  owner: {
    type: "user" as const,
    id: String(service.ownerId),
    name: service.ownerName,
    profilePicUrl: null,
    publicHandle: null,
  },
  tags: service.tags,
  governanceGroup: null,
});

export function listEntry(service: Service, measured: Measured) {
  const week = weekOf(measured.hours, true);
  return {
    ...common(service, measured),
    traffic:
      week.runs === 0
        ? null
        : { p95LatencyMs: week.p95LatencyMs, errorRatePct: percent(week.bad, week.runs) },
    compliance: {
      monitorRun: { status: monitorStatus(measured.monitors) },
      cliRun: { status: pipelineStatus(measured.pipelines) },
      specLint: { status: null },
    },
  };
}

export interface Detail extends Measured {
  totals: readonly RequestTotals[];
  counts: EntityCounts;
  /** Different requests that were seen. */
  endpoints: number;
}

export function detailBody(service: Service, detail: Detail) {
  const { monitors, pipelines, counts } = detail;
  return {
    ...common(service, detail),
    traffic: trafficBody(detail),
    compliance: {
      monitorRun: monitorRunBody(monitors),
      cliRun: pipelineBody(pipelines),
      specLint: {
        status: null,
        totalSpecs: counts.specifications,
        activeSpecs: 0,
        passingSpecs: 0,
        failingSpecs: 0,
        lastRunAt: null,
      },
      collectionRuns: collectionRunsBody(detail),
    },
    entityCounts: {
      collections: counts.collections,
      specifications: counts.specifications,
      monitors: counts.monitors,
      mocks: counts.mocks,
      flows: 0,
      environments: counts.environments,
    },
    dependencies: [],
  };
}

const monitorRunBody = (monitors: MonitorFacts | undefined) => ({
  status: monitorStatus(monitors),
  totalMonitors: monitors?.total ?? 0,
  activeMonitors: monitors?.active ?? 0,
  passingMonitors: monitors?.passing ?? 0,
  failingMonitors: monitors?.failing ?? 0,
  lastRunAt: monitors?.lastRunAt ?? null,
});

function pipelineBody(pipelines: PipelineFacts | undefined) {
  const { active = 0, passing = 0, lastRunAt = null } = pipelines ?? {};
  return {
    status: pipelineStatus(pipelines),
    activePipelines: active,
    passingPipelines: passing,
    failingPipelines: active - passing,
    lastRunAt,
  };
}

const nothing: Omit<RequestTotals, "isCurrent"> = {
  runs: 0,
  passed: 0,
  requests: 0,
  requestsFailed: 0,
  assertions: 0,
  assertionsFailed: 0,
};

const totalsOf = ({ totals }: Detail, isCurrent: boolean) =>
  totals.find((row) => row.isCurrent === isCurrent) ?? nothing;

function trafficBody(detail: Detail) {
  const [now, before] = [totalsOf(detail, true), totalsOf(detail, false)];
  const [week, weekBefore] = [weekOf(detail.hours, true), weekOf(detail.hours, false)];
  const rate = percent(now.requestsFailed, now.requests) ?? 0;
  const rateBefore = percent(before.requestsFailed, before.requests);
  return {
    p95LatencyMs: week.p95LatencyMs ?? 0,
    errorRatePct: rate,
    totalRequests: now.requests,
    totalErrors: now.requestsFailed,
    totalEndpoints: detail.endpoints,
    totalRequestsDeltaPct: change(now.requests, before.requests),
    p95LatencyMsDeltaPct: change(week.p95LatencyMs, weekBefore.p95LatencyMs),
    errorRatePctDeltaPct: change(rate, rateBefore),
  };
}

const change = (now: number | null, before: number | null): number | null =>
  now === null || before === null || before === 0 ? null : round((100 * (now - before)) / before);

function collectionRunsBody(detail: Detail) {
  const { counts } = detail;
  const now = totalsOf(detail, true);
  return {
    totalRuns: now.runs,
    passedRuns: now.passed,
    failedRuns: now.runs - now.passed,
    passRate: percent(now.passed, now.runs),
    totalCollections: counts.collections,
    activeCollections: counts.activeCollections,
    totalAssertions: now.assertions,
    failedAssertions: now.assertionsFailed,
  };
}
