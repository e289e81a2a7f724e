import { sql as raw } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { HEALTHY_SECONDS } from "./runner.ts";
import { record } from "./store.ts";

/** An instance that stopped, or was silent for so long, is no longer listed. */
const LISTED_SECONDS = 3600;
const LIMIT = 1000;

export interface InstanceListing {
  id: string;
  runnerId: string;
  hostname: string;
  uniqueId: string;
  version: string;
  osType: string;
  concurrency: number;
  clockSkewMs: number;
  startedAt: Date;
  lastPingedAt: Date;
  healthy: boolean;
  /** Runs that it executes now. */
  running: number;
  /** With which of its runner's keys it was started; `unknown` for one that has not said since the last upgrade. */
  key: "current" | "previous" | "ended" | "unknown";
  /** Version of the runner protocol that it speaks; null as above. */
  protocol: number | null;
  isDraining: boolean;
  /** Of its processors, at its last heartbeat: 0 to 1; null = it does not tell. */
  cpuShare: number | null;
  /** Resident memory, its script processes included; null as above. */
  memoryBytes: number | null;
  /** Null until the instance has reported its boot self-test. */
  selfTestAt: Date | null;
  /** What failed in it; null = nothing. */
  selfTestFailure: string | null;
}

/** Instances of a runner that were seen in the last hour and did not stop; `after` is the last id of the page before. */
export const listInstances = (
  { sql }: Database,
  runnerId: string,
  { after, limit = LIMIT }: { after?: string | undefined; limit?: number } = {},
): Promise<InstanceListing[]> => sql<InstanceListing[]>`
  select i.id, i.runner_id as "runnerId", i.hostname, i.unique_id as "uniqueId", i.version, i.os_type as "osType",
         i.concurrency, i.clock_skew_ms as "clockSkewMs", i.started_at as "startedAt",
         i.last_pinged_at as "lastPingedAt",
         i.last_pinged_at > now() - make_interval(secs => ${HEALTHY_SECONDS}) as healthy,
         (select count(*)::int from runs where status = 'leased' and instance_id = i.id) as running,
         case when i.key_hash is null then 'unknown'
              when i.key_hash = w.key_hash then 'current'
              when i.key_hash = w.previous_key_hash and w.previous_key_expires_at > now() then 'previous'
              else 'ended' end as key,
         i.protocol, i.drain_requested_at is not null as "isDraining", i.self_test_at as "selfTestAt",
         i.self_test_failure as "selfTestFailure", i.cpu_share as "cpuShare", i.memory_bytes::float8 as "memoryBytes"
    from runner_instances i join runners w on w.id = i.runner_id
   where i.runner_id = ${runnerId} and i.stopped_at is null
     and i.last_pinged_at > now() - make_interval(secs => ${LISTED_SECONDS})
     and ${after ? sql`i.id > ${after}` : sql`true`}
   order by i.id limit ${limit}`;

/**
 * A person asks instances to finish their runs and end: one, or all that are listed. Whatever keeps them running starts new
 * ones in their place. Returns how many there were.
 */
export const requestDrain = (
  { db }: Database,
  actor: Actor,
  { runnerId, instanceId }: { runnerId: string; instanceId?: string },
): Promise<number> =>
  db.transaction(async (tx) => {
    const asked = await tx.execute<{ id: string }>(raw`
      update runner_instances set drain_requested_at = coalesce(drain_requested_at, now())
       where runner_id = ${runnerId} and stopped_at is null
         and last_pinged_at > now() - make_interval(secs => ${LISTED_SECONDS})
         and ${instanceId === undefined ? raw`true` : raw`id = ${instanceId}`}
      returning id, pg_notify('instance_drained', id::text)`);
    if (asked.length === 0) return 0;
    await record(tx, actor, "runner.drained", runnerId, { instances: asked.map(({ id }) => id) });
    return asked.length;
  });
