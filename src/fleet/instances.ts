import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { newId } from "../lib/ids.ts";

/** Signs of life closer together than this are not written: waiting polls of a big fleet would be all writes. */
const PING_SECONDS = 5;

export interface InstanceRegistration {
  hostname: string;
  uniqueId: string;
  version: string;
  osType: string;
  concurrency: number;
  publicKey: string;
  /** The instance's own wall clock; null when it could not be read. */
  clock: Date | null;
}

/** What a call shows about the process that makes it. */
export interface CallFacts {
  keyHash: string;
  protocol: number;
}

/** Adds an instance, or finds it again by its unique id: the same process registering twice is one instance. */
export async function registerInstance(
  { sql }: Database,
  runnerId: string,
  instance: InstanceRegistration & CallFacts,
): Promise<string | undefined> {
  const [row] = await sql<{ id: string }[]>`
    with instance as (
      insert into runner_instances (id, runner_id, unique_id, hostname, version, os_type, concurrency, public_key,
                                    clock_skew_ms, key_hash, protocol)
      select ${newId()}, id, ${instance.uniqueId}, ${instance.hostname}, ${instance.version}, ${instance.osType},
             ${instance.concurrency}, ${instance.publicKey}, ${skew(sql, instance.clock)}, ${instance.keyHash},
             ${instance.protocol}
        from runners where id = ${runnerId}
          on conflict (runner_id, unique_id) do update set
             hostname = excluded.hostname, version = excluded.version, os_type = excluded.os_type,
             concurrency = excluded.concurrency, public_key = excluded.public_key,
             clock_skew_ms = excluded.clock_skew_ms, key_hash = excluded.key_hash, protocol = excluded.protocol,
             last_pinged_at = now(), stopped_at = null
      returning id, runner_id
    ), pinged as (
      update runners r set last_pinged_at = now() from instance i where r.id = i.runner_id returning r.id
    )
    select id from instance`;
  return row?.id;
}

// Far beyond what a clock can be off, an integer could not hold it.
const skew = (sql: Database["sql"], clock: Date | null) => sql`
  coalesce(greatest(-2e9, least(2e9, extract(epoch from ${clock}::timestamptz - clock_timestamp()) * 1000)), 0)::int`;

export interface LiveInstance {
  publicKey: string;
  silentSeconds: number;
  /** Somebody wants it to end: it gets no more runs. */
  isDraining: boolean;
}

/** The instance, if it belongs to the runner. */
export async function findInstance(
  { sql }: Database,
  runnerId: string,
  instanceId: string,
): Promise<LiveInstance | undefined> {
  const [row] = await sql<LiveInstance[]>`
    select public_key as "publicKey", extract(epoch from now() - last_pinged_at)::float8 as "silentSeconds",
           drain_requested_at is not null as "isDraining"
      from runner_instances where id = ${instanceId} and runner_id = ${runnerId}`;
  return row;
}

/** Notes a sign of life of an instance and its runner, unless the last one is only seconds old. */
export async function pingInstance(
  database: Database,
  instanceId: string,
  live: LiveInstance,
): Promise<void> {
  if (live.silentSeconds < PING_SECONDS) return;
  await database.sql`
    with instance as (
      update runner_instances set last_pinged_at = now(), stopped_at = null where id = ${instanceId} returning runner_id
    )
    update runners r set last_pinged_at = now()
      from instance i
     where r.id = i.runner_id
       and (r.last_pinged_at is null or r.last_pinged_at < now() - make_interval(secs => ${PING_SECONDS}))`;
}

interface Heartbeat extends CallFacts {
  instanceId: string;
  clock: Date | null;
  /** Absent from an older runner: then what was known before is no longer true. */
  usage?: { cpuShare: number; memoryBytes: number } | undefined;
}

/** Heartbeat: sign of life, clock skew, what the instance uses and what the call shows. Undefined when the runner has no such instance. */
export async function beatInstance(
  { sql }: Database,
  runnerId: string,
  { instanceId, clock, keyHash, protocol, usage }: Heartbeat,
): Promise<{ isDraining: boolean } | undefined> {
  const [row] = await sql<{ isDraining: boolean }[]>`
    with instance as (
      update runner_instances set last_pinged_at = now(), stopped_at = null, clock_skew_ms = ${skew(sql, clock)},
             key_hash = ${keyHash}, protocol = ${protocol}, cpu_share = ${usage?.cpuShare ?? null},
             memory_bytes = ${usage?.memoryBytes ?? null}
       where id = ${instanceId} and runner_id = ${runnerId} returning runner_id, drain_requested_at
    ), pinged as (
      update runners r set last_pinged_at = now()
        from instance i
       where r.id = i.runner_id
         and (r.last_pinged_at is null or r.last_pinged_at < now() - make_interval(secs => ${PING_SECONDS}))
    )
    select drain_requested_at is not null as "isDraining" from instance`;
  return row;
}

/** Notes how the boot self-test of an instance went; `failure` null = well. */
export const noteSelfTest = (
  { sql }: Database,
  runnerId: string,
  { instanceId, failure }: { instanceId: string; failure: string | null },
) => sql`
  update runner_instances set self_test_at = now(), self_test_failure = ${failure}
   where id = ${instanceId} and runner_id = ${runnerId}`;

/**
 * The instance gets no more runs. Servers that hold a waiting claim of it answer that claim: then no run can be on its way
 * to an instance that does not listen any more. Returns false when the runner has no such instance.
 */
export async function drainInstance(
  { sql }: Pick<Database, "sql">,
  runnerId: string,
  instanceId: string,
): Promise<boolean> {
  const rows = await sql`
    update runner_instances set drain_requested_at = coalesce(drain_requested_at, now())
     where id = ${instanceId} and runner_id = ${runnerId}
    returning pg_notify('instance_drained', id::text)`;
  return rows.length > 0;
}

/** Notes that results of a runner came, for the health that a person sees; at most every few seconds per runner. */
export function createReportNotes({ database: { sql }, clock }: Pick<Deps, "database" | "clock">) {
  const notedAt = new Map<string, number>();
  return async (runnerId: string): Promise<void> => {
    const now = clock.now().getTime();
    if (now - (notedAt.get(runnerId) ?? 0) < PING_SECONDS * 1000) return;
    notedAt.set(runnerId, now);
    await sql`update runners set last_reported_at = now(), last_pinged_at = now() where id = ${runnerId}`;
  };
}

export const stopInstance = ({ sql }: Database, runnerId: string, instanceId: string) => sql`
  update runner_instances set stopped_at = now(), last_pinged_at = now()
   where id = ${instanceId} and runner_id = ${runnerId}`;
