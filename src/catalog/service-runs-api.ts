import { type SQL, sql } from "drizzle-orm";
import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import type { Step } from "../contract/events.ts";
import { toUid } from "../lib/ids.ts";
import { type CiRun, listCiRuns } from "./ci-runs-store.ts";
import { listMonitorRuns, loadSteps, type MonitorRun } from "./monitor-runs-store.ts";
import { readQuery } from "./problem-request.ts";
import { percent } from "./service.ts";
import {
  getService,
  nextOffset,
  readId,
  readOffset,
  readSort,
  readStage,
  sentOf,
  sortedPageQuery,
  sortQuery,
  stageQuery,
  timeRange,
} from "./services-request.ts";

const tag = "API catalog";

const runFilters = {
  collectionId: z.string().max(100).optional(),
  environmentId: z.string().max(100).optional(),
  status: z.enum(["passed", "failed"]).optional(),
};
const monitorSorts = ["timestamp", "duration", "failedAssertions"] as const;
const monitorRunsQuery = z.object({
  ...stageQuery,
  ...runFilters,
  sort: sortQuery(monitorSorts).default("timestamp:desc"),
  ...sortedPageQuery,
});
const ciSorts = ["timestamp", "duration"] as const;
const ciFilters = {
  branch: z.string().max(255).optional(),
  workflowName: z.string().max(255).optional(),
  actor: z.string().max(100).optional(),
  repoName: z.string().max(255).optional(),
  repoOwner: z.string().max(100).optional(),
};
const ciRunsQuery = z.object({
  ...stageQuery,
  ...runFilters,
  ...ciFilters,
  sort: sortQuery(ciSorts).default("timestamp:desc"),
  ...sortedPageQuery,
});

const monitorColumns: Record<(typeof monitorSorts)[number], SQL> = {
  timestamp: sql`r.queued_at`,
  duration: sql`coalesce(r.duration_ms, 0)`,
  failedAssertions: sql`r.assertions_failed`,
};
const ciColumns: Record<(typeof ciSorts)[number], SQL> = {
  timestamp: sql`c.started_at`,
  duration: sql`c.duration_ms`,
};
const ordered = (column: SQL, direction: "asc" | "desc"): SQL =>
  direction === "asc" ? sql`${column} asc` : sql`${column} desc`;

/** Runs of a service of the API catalog: those of its monitors, and those that pipelines reported. */
export function serviceRunsApi(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get(
    "/api-catalog/services/:serviceId/monitor-runs",
    documented({ summary: "List runs of the monitors of a service", tag, query: monitorRunsQuery }),
    async (c) => {
      const service = await getService(deps, c);
      const query = readQuery(c, monitorRunsQuery);
      const wanted = await readWanted(deps, query);
      const { key, direction } = readSort(query.sort, monitorSorts);
      const order = ordered(monitorColumns[key], direction);
      const found = await listMonitorRuns(database, { ...wanted, workspaceId: service.id, order });
      const rows = found.rows.slice(0, query.limit);
      const steps = await loadSteps(
        database,
        rows.map(({ id }) => id),
      );
      const { collectionId, environmentId, status } = query;
      const filters = sentOf({ ...stageOf(wanted), collectionId, environmentId, status });
      return c.json({
        meta: { ...metaOf(found, rows, wanted), filters, timeRange: await timeRange(deps) },
        data: rows.map((run) => monitorRunBody(run, steps.get(run.id) ?? [])),
      });
    },
  );

  routes.get(
    "/api-catalog/services/:serviceId/ci-runs",
    documented({
      summary: "List runs that pipelines reported",
      tag,
      description: "Fed by POST /collectionruns, which Postman's MCP server and `collection run` use.",
      query: ciRunsQuery,
    }),
    async (c) => {
      const service = await getService(deps, c);
      const query = readQuery(c, ciRunsQuery);
      const wanted = await readWanted(deps, query);
      const { key, direction } = readSort(query.sort, ciSorts);
      const order = ordered(ciColumns[key], direction);
      const { branch, workflowName, actor, repoName, repoOwner } = query;
      // The schema of each is a text.
      const ci = sentOf({ branch, workflowName, actor, repoName, repoOwner }) as Record<string, string>;
      const found = await listCiRuns(database, { ...wanted, workspaceId: service.id, ci, order });
      const rows = found.rows.slice(0, query.limit);
      const { collectionId, environmentId, status } = query;
      const filters = sentOf({ ...stageOf(wanted), collectionId, environmentId, status, ...ci });
      return c.json({
        meta: { ...metaOf(found, rows, wanted), filters, timeRange: await timeRange(deps) },
        data: rows.map(ciRunBody),
      });
    },
  );

  return routes;
}

type RunsQuery = z.infer<typeof monitorRunsQuery> | z.infer<typeof ciRunsQuery>;

const readWanted = async (deps: Deps, query: RunsQuery) => ({
  systemEnvironmentId: await readStage(deps, query.systemEnvironmentId),
  collectionId: readId("collectionId", query.collectionId),
  environmentId: readId("environmentId", query.environmentId),
  status: query.status,
  limit: query.limit,
  offset: readOffset(query.cursor),
});
type Wanted = Awaited<ReturnType<typeof readWanted>>;

const stageOf = ({ systemEnvironmentId }: Wanted) => ({ systemEnvironmentId });

const metaOf = (
  { total, passed }: { total: number; passed: number },
  rows: readonly unknown[],
  { limit, offset }: Wanted,
) => ({
  nextCursor: nextOffset(offset, rows.length, total),
  limit,
  totalRuns: total,
  passedRuns: passed,
  failedRuns: total - passed,
  successRatePct: percent(passed, total) ?? 0,
});

interface Placed {
  collectionId: string;
  collectionOwnerId: number;
  collectionName: string;
  environmentId: string | null;
  environmentOwnerId: number | null;
  environmentName: string | null;
}

const placeBody = (run: Placed) => ({
  collection: { id: toUid(run.collectionOwnerId, run.collectionId), name: run.collectionName },
  environment:
    run.environmentId === null || run.environmentOwnerId === null
      ? null
      : { id: toUid(run.environmentOwnerId, run.environmentId), name: run.environmentName },
});

interface Counted {
  requestsTotal: number;
  requestsFailed: number;
  assertionsTotal: number;
  assertionsFailed: number;
  durationMs: number | null;
}

const summaryBody = (run: Counted) => ({
  totalRequests: run.requestsTotal,
  failedRequests: run.requestsFailed,
  totalAssertions: run.assertionsTotal,
  failedAssertions: run.assertionsFailed,
  durationMs: Math.round(run.durationMs ?? 0),
});

function monitorRunBody(run: MonitorRun, steps: readonly Step[]) {
  const times = steps.flatMap(({ response, timings }) => (response && timings ? [timings.totalMs] : []));
  return {
    id: run.id,
    status: run.outcome === "passed" ? "passed" : "failed",
    outcome: run.outcome,
    timestamp: run.timestamp,
    monitorId: run.monitorId,
    ...placeBody(run),
    summary: summaryBody(run),
    performance: {
      minResponseMs: times.reduce((least, time) => Math.min(least, time), times[0] ?? 0),
      maxResponseMs: times.reduce((most, time) => Math.max(most, time), 0),
    },
  };
}

function ciRunBody(run: CiRun) {
  const told = (name: string) => {
    const value = run.ci[name];
    return value === undefined ? null : String(value);
  };
  const attempt = run.ci["runAttempt"];
  return {
    id: run.id,
    status: run.status,
    timestamp: run.timestamp,
    ...placeBody(run),
    source: {
      branch: told("branch"),
      commitSha: told("commitSha"),
      repo: { name: told("repoName"), owner: told("repoOwner"), url: told("repoUrl") },
      pullRequest: null,
    },
    pipeline: {
      provider: told("provider"),
      workflowName: told("workflowName"),
      workflowId: told("workflowId"),
      jobName: told("jobName"),
      jobId: told("jobId"),
      pipelineId: told("pipelineId"),
      pipelineNumber: told("pipelineNumber"),
      runAttempt: typeof attempt === "number" ? attempt : null,
      actor: told("actor"),
    },
    execution: { program: run.source, cliVersion: told("cliVersion") },
    summary: summaryBody(run),
    performance: { minResponseMs: run.responseMsMin ?? 0, maxResponseMs: run.responseMsMax ?? 0 },
  };
}
