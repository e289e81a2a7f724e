import { expect, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import { packEvents } from "../../src/runs/packed-events.ts";
import { expectSlotsEndedOnce, expectStepsArrivedOnce } from "../support/chaos-ledger.ts";
import { testDatabase } from "../support/database.ts";
import { createMake } from "../support/make.ts";

const RUN = "00000000-0000-4000-8000-000000000001";
const EXECUTION = "00000000-0000-4000-8000-000000000002";

const STARTED = { seq: 1, type: "run_started" as const, collectionName: "Collection", stepsPlanned: 1 };

/** A slot that was lost, with its run of one event. */
async function ranOnce(): Promise<Database> {
  const database = await testDatabase();
  const { id, workspaceId } = await createMake(database).monitor();
  const { sql } = database;
  await sql`
    insert into executions (id, monitor_id, trigger, slot_at, finished_at, outcome)
    values (${EXECUTION}, ${id}, 'scheduled', '2026-01-01', now(), 'errored')`;
  await sql`
    insert into slots (monitor_id, slot_at, status, execution_id, decided_at)
    values (${id}, '2026-01-01', 'lost', ${EXECUTION}, now())`;
  await sql`
    insert into runs (id, execution_id, monitor_id, workspace_id, status, attempt, outcome, reason, valid_until,
                      acknowledged_seq, highest_seq)
    values (${RUN}, ${EXECUTION}, ${id}, ${workspaceId}, 'finished', 1, 'errored', 'runner_lost', now(), 1, 1)`;
  await sql`
    insert into run_hours (monitor_id, hour, runner_id, response_class, errored)
    values (${id}, '2026-01-01', ${RUN}, 0, 1)`;
  await store(database, 1);
  return database;
}

const store = ({ sql }: Database, firstSeq: number) => sql`
  insert into run_events (run_id, attempt, first_seq, last_seq, steps, events)
  values (${RUN}, 1, ${firstSeq}, 1, 0, ${packEvents([STARTED]).events})`;

test("a ledger without a hole and steps that came once satisfy both questions", async () => {
  const { sql } = await ranOnce();

  await expectSlotsEndedOnce(sql, { lost: 1 });
  await expectStepsArrivedOnce(sql);
});

test.each([
  ["a slot that has not ended", "update slots set status = 'pending'", "not ended"],
  ["an execution that is open", "update executions set finished_at = null", "not ended"],
  ["a run that was counted twice", "update run_hours set errored = 2", "1 runs ended, 2 ends were counted"],
  ["an execution without its slot", "delete from slots", "executions without a slot"],
  ["a slot that ended in another way", "update slots set status = 'ran'", "expected"],
])("%s is noticed", async (_, change, complaint) => {
  const { sql } = await ranOnce();
  await sql.unsafe(change);

  await expect(expectSlotsEndedOnce(sql, { lost: 1 })).rejects.toThrow(complaint);
});

test("an event that is stored twice is noticed", async () => {
  const database = await ranOnce();
  await store(database, 0);

  await expect(expectStepsArrivedOnce(database.sql)).rejects.toThrow("is stored twice");
});

test.each([
  ["an event that is missing", "update runs set highest_seq = 2", "all of them are acknowledged"],
  ["a run whose end is missing", "update runs set reason = null", "it ends with run_finished"],
  [
    "a step that was counted without being there",
    "update runs set requests_total = 1",
    "requests are counted",
  ],
])("%s is noticed", async (_, change, complaint) => {
  const { sql } = await ranOnce();
  await sql.unsafe(change);

  await expect(expectStepsArrivedOnce(sql)).rejects.toThrow(complaint);
});
