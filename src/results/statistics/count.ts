import type { Database } from "../../../db/connect.ts";
import type { Deps } from "../../access/context.ts";
import { toError } from "../../lib/errors.ts";
import type { Tx } from "../../runs/finish.ts";
import { unpackEvents } from "../../runs/packed-events.ts";
import { byDay, cellsOf, type EndedRun, mergeCells, type StepTime, stepTimeOf } from "./cells.ts";
import { addCells, insertTimings, numberRequests } from "./count-store.ts";

const IDLE_MS = 1000;
const BATCH = 200;
/** Counting takes a tenth of the time at most: results come first, whatever is waiting to be counted. */
const REST_FACTOR = 9;
/** A turn that was slow because the machine is busy does not stop the counting. */
const LONGEST_REST_MS = 2000;

type CountDeps = Pick<Deps, "database" | "clock" | "log">;

/**
 * Counts ended runs into the statistics, apart from the statement that ends them. Any number of servers may do it: each run is
 * taken out of the list and counted in one transaction, so it is counted exactly once.
 */
export function startStatistics({ database, clock, log }: CountDeps): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const startedMs = performance.now();
      let counted = 0;
      try {
        counted = await countSome(database);
      } catch (error) {
        // The next turn is the recovery: the runs are still in the list.
        log.error("counting runs failed", { error: toError(error).message });
      }
      const restMs = Math.min((performance.now() - startedMs) * REST_FACTOR, LONGEST_REST_MS);
      await clock.sleep(counted === BATCH ? restMs : Math.max(IDLE_MS, restMs), stopped.signal);
    }
  };
  const finished = loop();
  return {
    stop() {
      stopped.abort();
      return finished;
    },
  };
}

/** Counts everything that waits. Returns how many runs there were. */
export async function countEndedRuns(database: Database): Promise<number> {
  let counted = 0;
  for (let some = await countSome(database); some > 0; some = await countSome(database)) counted += some;
  return counted;
}

interface TakenRun extends EndedRun {
  attempt: number;
}

/** One batch; 0 when nothing waits that nobody else is counting. */
const countSome = ({ sql }: Database): Promise<number> =>
  sql.begin(async (tx) => {
    // A row whose run is gone leaves the list as well.
    const taken = await tx<{ runId: string }[]>`
      delete from uncounted_runs
       where ctid = any(array(select ctid from uncounted_runs limit ${BATCH} for update skip locked))
      returning run_id as "runId"`;
    const ids = taken.map((row) => row.runId);
    if (ids.length > 0) await count(tx, ids);
    return ids.length;
  });

async function count(tx: Tx, ids: string[]): Promise<void> {
  const [runs, steps] = await Promise.all([listRuns(tx, ids), listStepTimes(tx, ids)]);
  const numbers = await numberRequests(
    tx,
    runs.flatMap((run) => (steps.get(run.id) ?? []).map((step) => ({ monitorId: run.monitorId, ...step }))),
  );
  const counted = runs.map((run) => ({
    run,
    steps: (steps.get(run.id) ?? []).map((step) => ({
      ...step,
      requestId: numbers.get(run.monitorId)?.get(step.itemId) ?? 0,
    })),
  }));
  await insertTimings(tx, counted);
  const cells = mergeCells(counted.flatMap(({ run, steps: known }) => cellsOf(run, known)));
  await addCells(tx, "hour", cells);
  await addCells(tx, "day", byDay(cells));
}

const listRuns = (tx: Tx, ids: string[]) => tx<TakenRun[]>`
  select r.id, r.monitor_id as "monitorId", r.runner_id as "runnerId", r.queued_at as "queuedAt", e.trigger, r.outcome,
         r.duration_ms as "durationMs", r.requests_total as "requestsTotal", r.response_ms_total as "responseMsTotal"
    from runs r join executions e on e.id = r.execution_id
   where r.id = any(${tx.array(ids)}::uuid[]) and r.outcome is not null
   -- Nothing is counted for a run that somebody deletes meanwhile.
     for key share of r`;

/** Of the last attempt of each run, in order. */
async function listStepTimes(tx: Tx, ids: string[]): Promise<Map<string, StepTime[]>> {
  const batches = await tx<{ runId: string; events: Uint8Array }[]>`
    select v.run_id as "runId", v.events
      from run_events v join runs r on r.id = v.run_id and r.attempt = v.attempt
     where v.run_id = any(${tx.array(ids)}::uuid[]) and v.steps > 0
     order by v.run_id, v.first_seq`;
  const times = new Map<string, StepTime[]>();
  for (const { runId, events } of batches) {
    const known = times.get(runId) ?? [];
    for (const event of unpackEvents(events)) {
      const time = event.type === "step_finished" ? stepTimeOf(event.step) : undefined;
      if (time) known.push(time);
    }
    times.set(runId, known);
  }
  return times;
}
