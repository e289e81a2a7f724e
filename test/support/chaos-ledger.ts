import type { Sql } from "postgres";

import { unpackEvents } from "../../src/runs/packed-events.ts";

export type SlotCounts = Partial<Record<"ran" | "late" | "skipped" | "missed" | "lost", number>>;

/**
 * Every slot of the ledger has ended exactly once, and as often in each way as the test says. Beside the state of slot,
 * execution and runs it looks at what each end adds up to: a run that ended twice would be counted twice.
 */
export async function expectSlotsEndedOnce(sql: Sql, expected: SlotCounts): Promise<void> {
  const counts = await sql<{ status: string; slots: number }[]>`
    select status, count(*)::int as slots from slots group by status order by status`;
  const holes = await sql`
    select s.slot_at, s.status, e.outcome, e.finished_at, r.runs, r.open
      from slots s left join executions e on e.id = s.execution_id
           left join lateral (
             select count(*)::int as runs, count(*) filter (where status <> 'finished' or outcome is null)::int as open
               from runs where execution_id = e.id) r on true
     where s.status = 'pending' or s.decided_at is null
        or (s.status in ('ran', 'late', 'lost') and s.execution_id is null)
        or (s.execution_id is not null
            and (e.finished_at is null or e.outcome is null or e.slot_at <> s.slot_at or r.runs <> 1 or r.open <> 0))`;
  const [sums] = await sql<{ ended: number; counted: number; orphans: number }[]>`
    select (select count(*)::int from runs where status = 'finished') as ended,
           (select coalesce(sum(passed + failed + errored + aborted), 0)::int from run_hours) as counted,
           (select count(*)::int from executions e where trigger = 'scheduled'
             and not exists (select 1 from slots s where s.execution_id = e.id)) as orphans`;
  const problems = [
    ...holes.map((hole) => `not ended: ${JSON.stringify(hole)}`),
    ...(sums?.ended === sums?.counted
      ? []
      : [`${sums?.ended} runs ended, ${sums?.counted} ends were counted`]),
    ...(sums?.orphans === 0 ? [] : [`${sums?.orphans} executions without a slot`]),
  ];
  const found = Object.fromEntries(counts.map(({ status, slots }) => [status, slots]));
  if (problems.length > 0 || !Bun.deepEquals(found, expected))
    throw new Error(
      `the ledger: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}\n${problems.join("\n")}`,
    );
}

interface StoredBatch {
  runId: string;
  attempt: number;
  events: Uint8Array;
}

interface StoredRun {
  id: string;
  attempt: number;
  reason: string | null;
  acknowledged: number;
  highest: number;
  requests: number;
  assertions: number;
}

/**
 * Every step arrived exactly once: no number twice in an attempt, none missing up to what was acknowledged, a run that
 * ended by itself complete from its first event to its last, and the counts of each run those of its stored steps.
 */
export async function expectStepsArrivedOnce(sql: Sql): Promise<void> {
  const runs = await sql<StoredRun[]>`
    select id, attempt, reason, acknowledged_seq as acknowledged, highest_seq as highest, requests_total as requests,
           assertions_total as assertions
      from runs where status = 'finished' order by queued_at`;
  const batches = await sql<StoredBatch[]>`
    select run_id as "runId", attempt, events from run_events order by run_id, attempt, first_seq`;
  const problems = [
    ...findRepeated(batches),
    ...runs.flatMap((run) =>
      findGaps(
        run,
        batches.filter(({ runId }) => runId === run.id),
      ),
    ),
  ];
  if (problems.length > 0) throw new Error(`steps did not arrive exactly once:\n${problems.join("\n")}`);
}

function findRepeated(batches: StoredBatch[]): string[] {
  const seen = new Set<string>();
  return batches.flatMap(({ runId, attempt, events }) =>
    unpackEvents(events).flatMap(({ seq }) => {
      const key = `run ${runId}, attempt ${attempt}, event ${seq}`;
      if (seen.has(key)) return [`${key} is stored twice`];
      seen.add(key);
      return [];
    }),
  );
}

function findGaps(run: StoredRun, batches: StoredBatch[]): string[] {
  const events = batches
    .filter(({ attempt }) => attempt === run.attempt)
    .flatMap((batch) => unpackEvents(batch.events))
    .toSorted((left, right) => left.seq - right.seq);
  const steps = events.flatMap((event) => (event.type === "step_finished" ? [event.step] : []));
  const endedItself = run.reason !== "runner_lost" && run.reason !== "no_runner";
  const rules: [string, boolean][] = [
    ["its events have no hole", events.every(({ seq }, index) => seq === index + 1)],
    ["all of them are acknowledged", run.acknowledged === events.length && run.highest === events.length],
    ["it begins with run_started", !endedItself || events[0]?.type === "run_started"],
    ["it ends with run_finished", !endedItself || events.at(-1)?.type === "run_finished"],
    [
      "no step is there twice",
      new Set(steps.map(({ iteration, position }) => `${iteration}/${position}`)).size === steps.length,
    ],
    ["requests are counted", run.requests === steps.filter(({ skipped }) => !skipped).length],
    [
      "assertions are counted",
      run.assertions === steps.reduce((sum, step) => sum + step.assertions.length, 0),
    ],
  ];
  return rules.flatMap(([rule, holds]) =>
    holds ? [] : [`run ${run.id}, attempt ${run.attempt}: not so: ${rule} (${JSON.stringify(run)})`],
  );
}
