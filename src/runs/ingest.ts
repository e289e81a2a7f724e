import type { Database } from "../../db/connect.ts";
import type { RunEvent, RunSummary } from "../contract/events.ts";
import { AppError } from "../lib/errors.ts";
import { endRun, lockRun, type LockedRun, type Progress, setProgress, startSlot, type Tx } from "./finish.ts";
import { withoutUnwanted } from "./keeping.ts";
import { packEvents, unpackEvents } from "./packed-events.ts";
import { repeatRun } from "./repeat.ts";
import { contiguousSeq, countSteps, judgeWrite, mayRetry, runLimits, verdictOf } from "./run.ts";
import { storableText } from "./storable.ts";
import { asWholeRun, createWholeRunStore } from "./whole-run.ts";

/** What the columns of counters hold. */
const MAX_INTEGER = 2 ** 31 - 1;

export interface EventBatch {
  runId: string;
  runnerId: string;
  attempt: number;
  events: RunEvent[];
}

export interface Acknowledgement {
  acknowledgedSeq: number;
  cancel: boolean;
}

/**
 * Stores a batch of events and, once `run_finished` and everything before it is there, ends the run, or its attempt when
 * the monitor has retries left: one transaction.
 * Idempotent by `(run, attempt, seq)`.
 *
 * Errors: 409 `lease_lost` when the attempt no longer holds the run, 404 when there is no such run.
 */
export function createEventStore(
  database: Database,
  leaseSeconds: number = runLimits.leaseSeconds,
): (batch: EventBatch) => Promise<Acknowledgement> {
  const storeWholeRun = createWholeRunStore(database);
  return async (sent) => {
    const batch = { ...sent, events: await withoutUnwanted(database, sent.runId, sent.events) };
    const lastSeq = batch.events.reduce((last, event) => Math.max(last, event.seq), 0);
    if (lastSeq > MAX_INTEGER) throw new AppError("bad_request", `No run has an event number ${lastSeq}.`);
    const whole = asWholeRun(batch);
    if (whole && (await storeWholeRun(whole))) return { acknowledgedSeq: lastSeq, cancel: false };
    return storePart(database, { ...batch, lastSeq, leaseSeconds });
  };
}

/** Any batch, as a transaction of several statements. */
const storePart = ({ sql }: Database, batch: PartOfRun): Promise<Acknowledgement> =>
  sql.begin(async (tx) => {
    const run = await lockRun(tx, batch.runId);
    const verdict = judgeWrite(run, batch);
    if (!run || verdict === "unknown") throw new AppError("not_found", `There is no run ${batch.runId}.`);
    if (verdict === "lease_lost") throw leaseLost(batch);
    if (verdict === "duplicate") return { acknowledgedSeq: run.acknowledgedSeq, cancel: false };
    return store(tx, run, batch);
  });

interface PartOfRun extends EventBatch {
  lastSeq: number;
  leaseSeconds: number;
}

async function store(tx: Tx, run: LockedRun, batch: PartOfRun): Promise<Acknowledgement> {
  const waiting = run.highestSeq > run.acknowledgedSeq ? await listWaiting(tx, run) : [];
  const fresh = freshEvents(run, batch.events, waiting);
  const progress = progressOf(run, fresh, waiting);
  const { acknowledgedSeq, counts } = progress;

  const inserted = fresh.length > 0 ? insertEvents(tx, run, fresh) : undefined;
  const summary = findSummary(acknowledgedSeq, fresh, waiting);
  if (summary) {
    const verdict = verdictOf(summary, run.assertionsFailed + counts.assertionsFailed);
    const detail = verdict.detail && storableText(verdict.detail);
    const ending = { ...verdict, detail, durationMs: summary.durationMs, progress };
    const { outcome } = ending;
    const ended = mayRetry(run, outcome)
      ? repeatRun(tx, run, { ...ending, outcome })
      : endRun(tx, run, ending);
    await Promise.all([inserted, ended]);
  } else {
    await Promise.all([
      inserted,
      renew(tx, run, { ...progress, leaseSeconds: batch.leaseSeconds }),
      startSlot(tx, run),
    ]);
  }
  return { acknowledgedSeq, cancel: run.cancelRequestedAt !== null };
}

/** An event that came before one that it should follow. */
interface WaitingEvent {
  seq: number;
  /** Of `run_finished`. */
  summary: RunSummary | null;
}

async function listWaiting(tx: Tx, run: LockedRun): Promise<WaitingEvent[]> {
  const batches = await tx<{ events: Uint8Array }[]>`
    select events from run_events
     where run_id = ${run.id} and attempt = ${run.attempt} and last_seq > ${run.acknowledgedSeq}
     order by first_seq limit 10000`;
  return batches
    .flatMap((batch) => unpackEvents(batch.events))
    .filter((event) => event.seq > run.acknowledgedSeq)
    .map((event) => ({ seq: event.seq, summary: event.type === "run_finished" ? event.summary : null }));
}

function freshEvents(run: LockedRun, events: RunEvent[], waiting: WaitingEvent[]): RunEvent[] {
  const known = new Set(waiting.map((event) => event.seq));
  return events.filter((event) => {
    if (event.seq <= run.acknowledgedSeq || known.has(event.seq)) return false;
    known.add(event.seq);
    return true;
  });
}

function progressOf(run: LockedRun, fresh: RunEvent[], waiting: WaitingEvent[]): Progress {
  const started = fresh.find((event) => event.type === "run_started");
  const stored = [...waiting, ...fresh].map((event) => event.seq);
  return {
    acknowledgedSeq: contiguousSeq(run.acknowledgedSeq, stored),
    highestSeq: stored.reduce((highest, seq) => Math.max(highest, seq), run.highestSeq),
    stepsPlanned:
      started?.type === "run_started" ? Math.max(0, Math.min(started.stepsPlanned, MAX_INTEGER)) : null,
    counts: countSteps(fresh.flatMap((event) => (event.type === "step_finished" ? [event.step] : []))),
  };
}

function findSummary(acknowledgedSeq: number, fresh: RunEvent[], waiting: WaitingEvent[]) {
  const finished = fresh.find((event) => event.type === "run_finished");
  if (finished?.type === "run_finished" && finished.seq <= acknowledgedSeq) return finished.summary;
  return waiting.find((event) => event.summary && event.seq <= acknowledgedSeq)?.summary ?? undefined;
}

function insertEvents(tx: Tx, run: LockedRun, fresh: RunEvent[]) {
  const { firstSeq, lastSeq, steps, events, heads } = packEvents(fresh);
  return tx`
    insert into run_events (run_id, attempt, first_seq, last_seq, steps, events, heads)
    values (${run.id}, ${run.attempt}, ${firstSeq}, ${lastSeq}, ${steps}, ${events}, ${heads})`;
}

/** Results that arrive are a sign of life too. */
const renew = (tx: Tx, run: LockedRun, progress: Progress & { leaseSeconds: number }) => tx`
  update runs set ${setProgress(tx, progress)},
         lease_expires_at = now() + make_interval(secs => ${progress.leaseSeconds})
   where id = ${run.id} and status = 'leased' and attempt = ${run.attempt}`;

const leaseLost = ({ runId, attempt }: EventBatch) =>
  new AppError(
    "lease_lost",
    `Attempt ${attempt} no longer holds run ${runId}: its lease was lost, so stop it and drop its results.`,
  );
