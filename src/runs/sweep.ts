import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { dropOldInputs } from "./execution-input.ts";
import { endRun, lockRun, type LockedRun, type Tx } from "./finish.ts";
import { endOfLastAttempt, repeatRun } from "./repeat.ts";
import { mayRerun, runLimits, type ServerReason } from "./run.ts";

const INTERVAL_MS = 1000;
/** Runs of one turn; more wait for the next one. */
const BATCH = 200;
/** Without a turn for so long, this server or its database was away; less when a lease is short. */
const OUTAGE_MS = 10_000;
const HOUR_MS = 3_600_000;

type SweeperDeps = Pick<Deps, "database" | "clock" | "log" | "leaseSeconds">;

/**
 * Ends what nobody else will end: runs whose lease expired or whose runner was deleted (`runner_lost`) and runs that no
 * runner took while they were valid (`no_runner`). A lost run of a monitor that allows it goes back into the queue instead.
 * Any number of servers may sweep.
 *
 * After a start or an outage, leases get one more lease of time: nobody could renew them, and the instances that hold
 * them are still working and about to report. Otherwise each restart would throw results away.
 */
export function startSweeper(deps: SweeperDeps): { stop(): Promise<void> } {
  const { clock, log } = deps;
  const leaseMs = (deps.leaseSeconds ?? runLimits.leaseSeconds) * 1000;
  const outageMs = Math.min(OUTAGE_MS, leaseMs / 3);
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    let lastTurnAt = 0;
    let leasesFrom = 0;
    let cleanedAt = 0;
    while (!stopped.signal.aborted) {
      const now = clock.now().getTime();
      if (now - lastTurnAt > outageMs) leasesFrom = now + leaseMs;
      try {
        await sweep(deps, { leases: now >= leasesFrom });
        if (now - cleanedAt > HOUR_MS) {
          await clean(deps.database);
          cleanedAt = now;
        }
        lastTurnAt = now;
      } catch (error) {
        // The next turn is the recovery.
        log.error("sweep failed", { error: toError(error).message });
      }
      await clock.sleep(INTERVAL_MS, stopped.signal);
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

/** One turn. `leases: false` leaves expired leases alone. Returns how many runs, or attempts of them, it ended. */
export async function sweep(
  { database, log }: Pick<Deps, "database" | "log">,
  { leases }: { leases: boolean },
): Promise<number> {
  let ended = 0;
  for (const { id } of await listDoomed(database, leases)) {
    const end = await endDoomed(database, id, leases);
    if (!end) continue;
    ended++;
    log.warn(end.isQueued ? "lost run queued again" : "run ended by the server", { runId: id, ...end.facts });
  }
  return ended;
}

/** Hints only: each is judged again under its lock. */
const listDoomed = ({ sql }: Database, leases: boolean) => sql<{ id: string }[]>`
  (select id from runs where status = 'queued' and valid_until <= now() limit ${BATCH})
  union all
  (select id from runs where status = 'leased' and lease_expires_at < now() and ${leases} limit ${BATCH})
  union all
  (select id from runs where status = 'leased' and not exists (select 1 from runners w where w.id = runs.runner_id)
    limit ${BATCH})`;

const detailOf = {
  no_runner:
    "No runner took the run while it was valid; start an instance of a runner that may run this monitor.",
  runner_lost: "The runner stopped reporting and its lease expired, so how the run ended is unknown.",
} satisfies Partial<Record<ServerReason, string>>;

/** Another server may have ended it, or its instance may have come back, since it was listed. */
const endDoomed = ({ sql }: Database, runId: string, leases: boolean): Promise<SweptRun | undefined> =>
  sql.begin(async (tx) => {
    const [locked] = await tx`select 1 from runs where id = ${runId} for no key update skip locked`;
    const run = locked && (await lockRun(tx, runId));
    if (!run || run.status === "finished") return undefined;
    const [still] = await tx<{ doomed: boolean; hasRunner: boolean }[]>`
      select case status when 'queued' then valid_until <= now()
             else (lease_expires_at < now() and ${leases})
                  or not exists (select 1 from runners w where w.id = runs.runner_id) end as doomed,
             exists (select 1 from runners w where w.id = runs.runner_id) as "hasRunner"
        from runs where id = ${runId}`;
    if (!still?.doomed) return undefined;
    return run.status === "queued" ? await endUntaken(tx, run) : await endLost(tx, run, still);
  });

interface SweptRun {
  /** It went back into the queue. */
  isQueued: boolean;
  facts: { reason: string | null; attempt: number };
}

async function endUntaken(tx: Tx, run: LockedRun): Promise<SweptRun> {
  const end = (await endOfLastAttempt(tx, run)) ?? {
    outcome: "errored",
    reason: "no_runner",
    detail: detailOf.no_runner,
    durationMs: null,
  };
  await endRun(tx, run, end);
  return { isQueued: false, facts: { reason: end.reason, attempt: run.attempt } };
}

async function endLost(tx: Tx, run: LockedRun, { hasRunner }: { hasRunner: boolean }): Promise<SweptRun> {
  const end = { reason: "runner_lost", detail: detailOf.runner_lost, durationMs: null };
  // Nobody else may take a run that is bound to a runner which is gone.
  const isQueued = mayRerun(run) && (hasRunner || !run.pinned);
  if (isQueued) await repeatRun(tx, run, { ...end, outcome: "lost" });
  else await endRun(tx, run, { ...end, outcome: "errored" });
  return { isQueued, facts: { reason: end.reason, attempt: run.attempt } };
}

/** Removes what has had its time: inputs of executions, instances that were gone for a week, sessions and old keys that ended. */
async function clean(database: Database): Promise<void> {
  const { sql } = database;
  await dropOldInputs(database);
  await sql`delete from runner_instances where last_pinged_at < now() - interval '7 days'`;
  await sql`
    update runners set previous_key_hash = null, previous_key_expires_at = null
     where previous_key_expires_at < now() - interval '1 day'`;
  await sql`delete from sessions where expires_at < now() - interval '1 day'`;
}
