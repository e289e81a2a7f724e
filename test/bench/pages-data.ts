import type { Database } from "../../db/connect.ts";
import type { RunEvent } from "../../src/contract/events.ts";
import { addToHours } from "../../src/runs/hours.ts";
import { eventsOf } from "../runs/harness.ts";
import { createMake } from "../support/make.ts";
import { fillStatistics } from "./statistics-data.ts";

export interface PagesData {
  monitors: number;
  /** Of one monitor, spread over a month. */
  runs: number;
  /** Of each other monitor, spread over a day. */
  dayRuns: number;
}

export const usualData: PagesData = { monitors: 5000, runs: 100_000, dayRuns: 48 };

/** Fills an empty database as years of use would; answers with the id of the monitor that has most of the runs. */
export async function fillPages(database: Database, { monitors, runs, dayRuns }: PagesData): Promise<string> {
  const { sql } = database;
  const monitor = await createMake(database).monitor();
  await sql`
    insert into monitors (id, workspace_id, owner_id, name, collection_id, cron, options, notifications, state)
    select gen_random_uuid(), workspace_id, owner_id, 'Monitor ' || n, collection_id, '*/5 * * * *', options, notifications,
           case when n % 50 = 0 then 'failed' else 'passed' end
      from monitors, generate_series(1, ${monitors - 1}) n where id = ${monitor.id}`;
  const addRuns = (seconds: number, count: number, where: ReturnType<typeof sql>) => sql`
    with execution as (
      insert into executions (id, monitor_id, trigger, created_at, finished_at, outcome)
      select gen_random_uuid(), m.id, 'scheduled', now() - make_interval(secs => n * ${seconds}::float8), now(), 'passed'
        from monitors m, generate_series(1, ${count}) n where ${where}
      returning id, monitor_id, created_at)
    insert into runs (id, execution_id, monitor_id, workspace_id, valid_until, queued_at, status, outcome, attempt,
                      requests_total, response_ms_total, duration_ms)
    select gen_random_uuid(), e.id, m.id, m.workspace_id, now(), e.created_at, 'finished',
           case when random() < 0.02 then 'failed' else 'passed' end, 1, 2, 100 + random() * 400, 150 + random() * 400
      from execution e join monitors m on m.id = e.monitor_id`;
  await addRuns((30 * 86_400) / runs, runs, sql`m.id = ${monitor.id}`);
  await addRuns(86_400 / dayRuns, dayRuns, sql`m.id <> ${monitor.id}`);
  await sql`
    insert into slots (monitor_id, slot_at, status, execution_id, delay_ms, decided_at)
    select monitor_id, created_at, case when random() < 0.01 then 'late' else 'ran' end, id, random() * 40, created_at
      from executions`;
  await addToHours(sql, sql`runs`);
  await fillStatistics(database, monitor.id);
  await sql`vacuum analyze`;
  return monitor.id;
}

const STEPS = 2000;
const BODY_BYTES = 64 * 1024;
/** As a runner sends them: about a megabyte in one batch. */
const STEPS_PER_BATCH = 16;

/** A run of 2,000 steps with bodies of 64 KB, of which the last one failed; answers with its id. */
export async function fillLargeRun(database: Database, monitorId: string): Promise<string> {
  const make = createMake(database);
  const now = new Date();
  const execution = await make.execution({ monitorId, finishedAt: now, outcome: "failed" });
  const run = await make.run({
    executionId: execution.id,
    monitorId,
    status: "finished",
    outcome: "failed",
    attempt: 1,
    claimedAt: now,
    finishedAt: now,
    durationMs: 60_000,
    requestsTotal: STEPS,
    requestsFailed: 1,
    assertionsTotal: STEPS,
    assertionsFailed: 1,
  });
  const text = "0123456789abcdef".repeat(BODY_BYTES / 16);
  const stepOf = (position: number): RunEvent => {
    const sent = eventsOf(position === STEPS ? "failed" : "passed").find(
      ({ type }) => type === "step_finished",
    );
    if (sent?.type !== "step_finished") throw new Error("there is no step");
    const { step } = sent;
    const response = step.response && { ...step.response, body: { bytes: BODY_BYTES, text } };
    return {
      ...sent,
      seq: position,
      step: { ...step, position, startedMs: position * 30, ...(response && { response }) },
    };
  };
  for (let first = 1; first <= STEPS; first += STEPS_PER_BATCH) {
    const count = Math.min(STEPS_PER_BATCH, STEPS - first + 1);
    await make.events(
      run.id,
      1,
      Array.from({ length: count }, (_, index) => stepOf(first + index)),
    );
  }
  return run.id;
}
