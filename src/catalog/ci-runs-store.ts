import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { isOfStage } from "./associations-store.ts";
import type { ReportSummary } from "./ci-report.ts";
import { isoTime } from "./system-environments-store.ts";

/** Reports are kept for half a year, as Postman keeps results. */
const KEPT = sql`interval '180 days'`;

export interface NewCiRun extends ReportSummary {
  id: string;
  workspaceId: string;
  collectionId: string;
  environmentId: string | null;
  source: string;
}

/** Stores a report; the same one again changes nothing. */
export async function storeCiRun({ db }: Database, actor: Actor, run: NewCiRun): Promise<void> {
  const startedAt =
    run.startedAtMs === undefined
      ? sql`now()`
      : sql`least(now(), to_timestamp(${run.startedAtMs / 1000}::float8))`;
  await db.transaction(async (tx) => {
    const stored = await tx.execute(sql`
      insert into ci_runs (id, workspace_id, collection_id, environment_id, reported_by, source, status, started_at,
                           duration_ms, requests_total, requests_failed, assertions_total, assertions_failed,
                           response_ms_min, response_ms_max, ci)
      values (${run.id}, ${run.workspaceId}, ${run.collectionId}, ${run.environmentId}, ${actor.userId}, ${run.source},
              ${run.status}, ${startedAt}, ${run.durationMs}, ${run.requestsTotal}, ${run.requestsFailed},
              ${run.assertionsTotal}, ${run.assertionsFailed}, ${run.responseMsMin}, ${run.responseMsMax},
              ${JSON.stringify(run.ci)}::jsonb)
          on conflict (id) do nothing returning id`);
    if (stored.length === 0) return;
    await tx.execute(
      sql`delete from ci_runs where workspace_id = ${run.workspaceId} and started_at < now() - ${KEPT}`,
    );
    await recordAudit(tx, actor, {
      action: "collection_run.reported",
      subjectType: "collection",
      subjectId: run.collectionId,
      change: { id: run.id, status: run.status, source: run.source },
    });
  });
}

export type CiRun = {
  id: string;
  status: "passed" | "failed";
  timestamp: string;
  collectionId: string;
  collectionOwnerId: number;
  collectionName: string;
  environmentId: string | null;
  environmentOwnerId: number | null;
  environmentName: string | null;
  ci: Record<string, string | number>;
  source: string;
  durationMs: number;
  requestsTotal: number;
  requestsFailed: number;
  assertionsTotal: number;
  assertionsFailed: number;
  responseMsMin: number | null;
  responseMsMax: number | null;
};

export interface CiRunFilter {
  workspaceId: string;
  systemEnvironmentId: string | undefined;
  collectionId?: string | undefined;
  environmentId?: string | undefined;
  status?: "passed" | "failed" | undefined;
  /** Facts that must be so, e.g. `branch`. */
  ci: Readonly<Record<string, string>>;
  order: SQL;
  limit: number;
  offset: number;
}

/** Of the last seven days. */
export async function listCiRuns(
  { db }: Database,
  filter: CiRunFilter,
): Promise<{ rows: CiRun[]; total: number; passed: number }> {
  const matches = sql.join(
    [
      sql`c.workspace_id = ${filter.workspaceId}`,
      sql`c.started_at > now() - interval '7 days'`,
      isOfStage(sql`c.environment_id`, filter.systemEnvironmentId),
      filter.collectionId === undefined ? sql`true` : sql`c.collection_id = ${filter.collectionId}`,
      filter.environmentId === undefined ? sql`true` : sql`c.environment_id = ${filter.environmentId}`,
      filter.status === undefined ? sql`true` : sql`c.status = ${filter.status}`,
      sql`c.ci @> ${JSON.stringify(filter.ci)}::jsonb`,
    ],
    sql` and `,
  );
  const [rows, totals] = await Promise.all([
    db.execute<CiRun>(sql`
      select c.id, c.status, ${isoTime(sql`c.started_at`)} as timestamp, c.collection_id as "collectionId",
             k.owner_id as "collectionOwnerId", k.name as "collectionName", c.environment_id as "environmentId",
             e.owner_id as "environmentOwnerId", e.name as "environmentName", c.ci, c.source,
             c.duration_ms as "durationMs", c.requests_total as "requestsTotal", c.requests_failed as "requestsFailed",
             c.assertions_total as "assertionsTotal", c.assertions_failed as "assertionsFailed",
             c.response_ms_min as "responseMsMin", c.response_ms_max as "responseMsMax"
        from ci_runs c join collections k on k.id = c.collection_id left join environments e on e.id = c.environment_id
       where ${matches} order by ${filter.order}, c.id limit ${filter.limit + 1} offset ${filter.offset}`),
    db.execute<{ total: number; passed: number }>(sql`
      select count(*)::int as total, (count(*) filter (where c.status = 'passed'))::int as passed
        from ci_runs c where ${matches}`),
  ]);
  return { rows: [...rows], total: totals[0]?.total ?? 0, passed: totals[0]?.passed ?? 0 };
}
