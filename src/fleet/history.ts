import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { HEALTHY_SECONDS } from "./runner.ts";

/** Tried more often than a minute, so that none is left out; whoever comes first writes it. */
const INTERVAL_MS = 20_000;
const HOUR_MS = 3_600_000;
const KEPT_DAYS = 30;

/** Notes once a minute how busy each runner is, whatever the number of servers, and drops what is older than a month. */
export function startFleetSampling({ database, clock, log }: Pick<Deps, "database" | "clock" | "log">): {
  stop(): Promise<void>;
} {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    let droppedAt = 0;
    while (!stopped.signal.aborted) {
      try {
        await sampleFleet(database);
        const now = clock.now().getTime();
        if (now - droppedAt > HOUR_MS) {
          await dropOldSamples(database);
          droppedAt = now;
        }
      } catch (error) {
        // The next turn is the recovery; a minute without a sample is a gap in a chart.
        log.error("fleet was not sampled", { error: toError(error).message });
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

/**
 * One row of each runner for this minute, by the clock of the database; 0 when another server has written it. The queue is
 * counted once for all runners: a row per runner and waiting run would be their product.
 */
export async function sampleFleet({ sql }: Pick<Database, "sql">): Promise<number> {
  const written = await sql`
    with waiting as materialized (
      select runner_id, workspace_id, count(*)::int as runs, min(queued_at) as oldest_at
        from runs where status = 'queued' and valid_until > now() group by 1, 2
    ), busy as materialized (
      select runner_id, count(*)::int as runs from runs where status = 'leased' group by 1
    )
    insert into fleet_samples (runner_id, sampled_at, queued, oldest_queued_seconds, running, concurrency, instances,
                               cpu_share, memory_bytes)
    select r.id, date_trunc('minute', now()), q.queued, q.oldest_seconds, coalesce(busy.runs, 0), i.concurrency, i.instances,
           i.cpu_share, i.memory_bytes
      from runners r
      left join busy on busy.runner_id = r.id
      left join lateral (
        select count(*)::int as instances, coalesce(sum(concurrency), 0)::int as concurrency,
               max(cpu_share) as cpu_share, max(memory_bytes) as memory_bytes
          from runner_instances
         where runner_id = r.id and stopped_at is null
           and last_pinged_at > now() - make_interval(secs => ${HEALTHY_SECONDS})) i on true
      left join lateral (
        select coalesce(sum(w.runs), 0)::int as queued,
               coalesce(extract(epoch from now() - min(w.oldest_at)), 0)::float8 as oldest_seconds
          from waiting w
         where (w.runner_id = r.id or w.runner_id is null)
           and (r.visibility = 'all' or w.workspace_id in
                 (select workspace_id from runner_workspaces s where s.runner_id = r.id))) q on true
     where not exists (select 1 from fleet_samples where sampled_at = date_trunc('minute', now()))
        on conflict do nothing`;
  return written.count;
}

export async function dropOldSamples({ sql }: Pick<Database, "sql">): Promise<number> {
  const dropped = await sql`
    delete from fleet_samples where sampled_at < now() - make_interval(days => ${KEPT_DAYS})`;
  return dropped.count;
}

export const loadRanges = ["24h", "7d"] as const;
export type LoadRange = (typeof loadRanges)[number];

const steps: Record<LoadRange, { minutes: number; hours: number }> = {
  "24h": { minutes: 5, hours: 24 },
  "7d": { minutes: 30, hours: 7 * 24 },
};

/** Lists of equal length in order of time; null where nobody sampled. */
export interface RunnerLoad {
  at: Date[];
  queued: (number | null)[];
  oldestSeconds: (number | null)[];
  running: (number | null)[];
  concurrency: (number | null)[];
  instances: (number | null)[];
  /** Of the busiest instance, 0 to 1; null also where none tells. */
  cpuShare: (number | null)[];
  /** Of the largest instance; null as above. */
  memoryBytes: (number | null)[];
}

interface Bucket {
  at: Date;
  queued: number | null;
  oldestSeconds: number | null;
  running: number | null;
  concurrency: number | null;
  instances: number | null;
  cpuShare: number | null;
  memoryBytes: number | null;
}

/** The worst of each bucket: the longest queue, the busiest minute, the fewest instances. */
export async function readLoad(
  { sql }: Pick<Database, "sql">,
  runnerId: string,
  range: LoadRange,
): Promise<RunnerLoad> {
  const { minutes, hours } = steps[range];
  const buckets = await sql<Bucket[]>`
    with bounds as (
      select make_interval(mins => ${minutes}) as step,
             date_bin(make_interval(mins => ${minutes}), now(), 'epoch') as until
    ), sampled as (
      select date_bin(b.step, s.sampled_at, 'epoch') as at, max(s.queued) as queued,
             max(s.oldest_queued_seconds) as oldest, max(s.running) as running, max(s.concurrency) as concurrency,
             min(s.instances) as instances, max(s.cpu_share) as cpu_share, max(s.memory_bytes) as memory_bytes
        from fleet_samples s, bounds b
       where s.runner_id = ${runnerId} and s.sampled_at > b.until - make_interval(hours => ${hours}) group by 1
    )
    select t.at, s.queued, s.oldest as "oldestSeconds", s.running, s.concurrency, s.instances,
           s.cpu_share as "cpuShare", s.memory_bytes::float8 as "memoryBytes"
      from bounds b, generate_series(b.until - make_interval(hours => ${hours}) + b.step, b.until, b.step) t(at)
      left join sampled s on s.at = t.at order by t.at`;
  return {
    at: buckets.map(({ at }) => at),
    queued: buckets.map(({ queued }) => queued),
    oldestSeconds: buckets.map(({ oldestSeconds }) => oldestSeconds),
    running: buckets.map(({ running }) => running),
    concurrency: buckets.map(({ concurrency }) => concurrency),
    instances: buckets.map(({ instances }) => instances),
    cpuShare: buckets.map(({ cpuShare }) => cpuShare),
    memoryBytes: buckets.map(({ memoryBytes }) => memoryBytes),
  };
}
