import type { Database } from "../../db/connect.ts";
import type { Step } from "../contract/events.ts";
import type { StepHead } from "../contract/step-head.ts";
import { unpackEvents, unpackHeads } from "./packed-events.ts";

/** A step at a glance, and the batch in which the rest of it is. */
export interface PlacedHead extends StepHead {
  batch: number;
}

/** An attempt of a run; without a number the last one. */
export interface RunAttempt {
  runId: string;
  attempt?: number | undefined;
}

/** So many steps are listed; those beyond are in the API alone. */
const MAX_HEADS = 10_000;

/** Steps that an attempt has finished, in their order, without what they sent and received; `hidden` counts those left out. */
export async function listStepHeads(
  { sql }: Database,
  { runId, attempt }: RunAttempt,
  limit = MAX_HEADS,
): Promise<{ heads: PlacedHead[]; hidden: number }> {
  const batches = await sql<BatchRow[]>`
    select first_seq as batch, total, heads, case when heads is null then events end as events from (
      select v.first_seq, v.heads, v.events, v.steps, (sum(v.steps) over ())::int as total,
             sum(v.steps) over (order by v.first_seq) - v.steps as before
        from run_events v join runs r on r.id = v.run_id and v.attempt = coalesce(${attempt ?? null}::int, r.attempt)
       where v.run_id = ${runId}) batches
     where before < ${limit} and steps > 0 order by first_seq`;
  const heads = batches
    .flatMap((row) => unpackHeads(row).map((head) => ({ ...head, batch: row.batch })))
    .toSorted((left, right) => left.position - right.position)
    .slice(0, limit);
  return { heads, hidden: Math.max(0, (batches[0]?.total ?? 0) - heads.length) };
}

interface BatchRow {
  batch: number;
  total: number;
  heads: Uint8Array | null;
  /** Null where the heads are kept apart. */
  events: Uint8Array | null;
}

/** The whole steps that the heads stand for, by position; only their batches are read. */
export async function readStepsOf(
  { sql }: Database,
  { runId, attempt }: RunAttempt,
  heads: readonly PlacedHead[],
): Promise<Map<number, Step>> {
  const wanted = new Set(heads.map(({ position }) => position));
  if (wanted.size === 0) return new Map();
  const batches = [...new Set(heads.map(({ batch }) => batch))];
  const rows = await sql<{ events: Uint8Array }[]>`
    select v.events
      from run_events v join runs r on r.id = v.run_id and v.attempt = coalesce(${attempt ?? null}::int, r.attempt)
     where v.run_id = ${runId} and v.first_seq = any(${sql.array(batches)}::int[])`;
  const steps = new Map<number, Step>();
  for (const { events } of rows) {
    for (const event of unpackEvents(events)) {
      if (event.type === "step_finished" && wanted.has(event.step.position)) {
        steps.set(event.step.position, event.step);
      }
    }
  }
  return steps;
}
