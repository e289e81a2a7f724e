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
  ran: number;
  late: number;
  pending: number;
  collapsed: number;
  /** p50, p95 and p99; null when nothing started. */
  delays: number[] | null;
  /** By kind. */
  gaps: LedgerCount[];
}

/**
 * Counts and delays of all slots of a span. In one aggregate, because in groups of status and delay Postgres may sort all of
 * them, and those that did not run from the index that they have.
 */
export async function summarizeLedger(
  { sql }: Database,
  monitorId: string,
  { since, until }: Span,
): Promise<Ledger> {
  const ofSpan = sql`s.monitor_id = ${monitorId} and s.slot_at >= ${since} and s.slot_at < ${until}`;
  const [row] = await sql<Summary[]>`
    with kinds as (
      select ${kindOf(sql)} as kind, count(*)::int as slots from slots s
       where ${ofSpan} and s.status in ('skipped', 'missed', 'lost') group by 1
    )
    select (count(*) filter (where s.status = 'ran'))::int as ran, (count(*) filter (where s.status = 'late'))::int as late,
           (count(*) filter (where s.status = 'pending'))::int as pending, coalesce(sum(s.collapsed), 0)::int as collapsed,
           (percentile_disc(array[0.5, 0.95, 0.99]) within group (order by s.delay_ms))::float8[] as delays,
           coalesce((select json_agg(kinds) from kinds), '[]') as gaps
      from slots s where ${ofSpan}`;
  const { ran = 0, late = 0, pending = 0, collapsed = 0, delays, gaps = [] } = row ?? {};
  const all: LedgerCount[] = [
    { kind: "ran", slots: ran },
    { kind: "late", slots: late },
    { kind: "pending", slots: pending },
    ...gaps,
  ];
  const counts = all.filter(({ slots }) => slots > 0);
  const due = counts.reduce((total, { slots }) => total + slots, collapsed);
  const [p50 = null, p95 = null, p99 = null] = delays ?? [];
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
