import type { Database } from "../../../db/connect.ts";
import type { Outcome } from "../../contract/events.ts";
import type { SlotStatus } from "../../runs/run.ts";
import type { Span } from "../statistics/plan.ts";

/** How slots ended: by status, those that were skipped by their reason. */
export const slotKinds = [
  "ran",
  "late",
  "overlap",
  "paused",
  "maintenance",
  "cancelled",
  "missed",
  "lost",
  "pending",
] as const;
export type SlotKind = (typeof slotKinds)[number];

export interface LedgerRow {
  slotAt: Date;
  status: SlotStatus;
  reason: string | null;
  /** Slots before this one that were folded into it. */
  collapsed: number;
  delayMs: number | null;
  decidedAt: Date | null;
  executionId: string | null;
  outcome: Outcome | null;
  /** One of the runs of the execution; null without any. */
  runId: string | null;
  runs: number;
}

export interface LedgerCount {
  kind: SlotKind;
  slots: number;
}

export interface Ledger {
  counts: LedgerCount[];
  /** Of all kinds, those that were folded into others included. */
  due: number;
  /** Folded into other rows: nothing ran for them. */
  collapsed: number;
  /** From the due time to the first start, in ms; null when nothing started. */
  delay: { p50: number | null; p95: number | null; p99: number | null };
}

const kindOf = (sql: Database["sql"]) => sql`
  case when s.status <> 'skipped' then s.status
       when s.reason in ('overlap', 'paused', 'maintenance') then s.reason else 'cancelled' end`;

/** What is skipped for another reason was cancelled before it began. */
const ofKind = (sql: Database["sql"], kind: SlotKind | undefined) => {
  if (kind === undefined) return sql`true`;
  if (kind === "cancelled") {
    return sql`s.status = 'skipped' and coalesce(s.reason, '') not in ('overlap', 'paused', 'maintenance')`;
  }
  return kind === "overlap" || kind === "paused" || kind === "maintenance"
    ? sql`s.status = 'skipped' and s.reason = ${kind}`
    : sql`s.status = ${kind}`;
};

interface Summary {
  counts: LedgerCount[];
  collapsed: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/**
 * Counts and delays of all slots of a span, read once: delays are whole milliseconds, so a hundred thousand slots have few
 * different ones, and percentiles are exact without sorting them all.
 */
export async function summarizeLedger(
  { sql }: Database,
  monitorId: string,
  { since, until }: Span,
): Promise<Ledger> {
  const [row] = await sql<Summary[]>`
    with counted as materialized (
      select s.status, s.reason, s.delay_ms, count(*)::int as slots, sum(s.collapsed)::int as collapsed
        from slots s where s.monitor_id = ${monitorId} and s.slot_at >= ${since} and s.slot_at < ${until}
       group by s.status, s.reason, s.delay_ms
    ), kinds as (
      select ${kindOf(sql)} as kind, sum(s.slots)::int as slots from counted s group by 1
    ), delays as (
      select delay_ms::float8 as ms, sum(slots) over (order by delay_ms) as up_to, sum(slots) over () as total
        from counted where delay_ms is not null
    )
    select coalesce((select json_agg(kinds) from kinds), '[]') as counts,
           (select coalesce(sum(collapsed), 0)::int from counted) as collapsed,
           min(ms) filter (where up_to >= 0.5 * total) as p50, min(ms) filter (where up_to >= 0.95 * total) as p95,
           min(ms) filter (where up_to >= 0.99 * total) as p99
      from delays`;
  const { counts = [], collapsed = 0, p50 = null, p95 = null, p99 = null } = row ?? {};
  const due = counts.reduce((total, { slots }) => total + slots, collapsed);
  return { counts, due, collapsed, delay: { p50, p95, p99 } };
}

export interface LedgerRequest {
  monitorId: string;
  span: Span;
  kind?: SlotKind | undefined;
  /** Only slots before this instant. */
  before?: Date | undefined;
  limit: number;
}

/** Slots, newest first: their due time alone tells them apart. */
export const listLedger = ({ sql }: Database, { monitorId, span, kind, before, limit }: LedgerRequest) => sql<
  LedgerRow[]
>`
  select s.slot_at as "slotAt", s.status, s.reason, s.collapsed, s.delay_ms::float8 as "delayMs",
         s.decided_at as "decidedAt", s.execution_id as "executionId", e.outcome, r.id as "runId",
         coalesce(r.runs, 0) as runs
    from (select * from slots s
           where s.monitor_id = ${monitorId} and s.slot_at >= ${span.since} and s.slot_at < ${before ?? span.until}
             and ${ofKind(sql, kind)}
           order by s.slot_at desc limit ${limit}) s
    left join executions e on e.id = s.execution_id
    left join lateral (select (array_agg(id order by queued_at, id))[1] as id, count(*)::int as runs
                         from runs where execution_id = e.id) r on true
   order by s.slot_at desc`;
