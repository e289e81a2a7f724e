import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { equalInConstantTime, hashSecret, isUuid } from "../lib/ids.ts";
import type { RunnerIdentity } from "./runner.ts";

/** A change that no notification announced is seen after this time. */
const CACHE_MS = 5000;
const CACHE_SIZE = 20_000;

interface CachedRunner {
  current: RunnerIdentity;
  /** The same runner with its key before the last reset, while that works; `until` is when it ends. */
  previous: { identity: RunnerIdentity; until: number } | undefined;
  until: number;
}

/** Checks runner ids and keys. `check` resolves to undefined for an unknown id and for a wrong key alike. */
export interface RunnerGate {
  check(id: string, key: string): Promise<RunnerIdentity | undefined>;
}

/**
 * Remembers runners for a few seconds, and forgets one as soon as any server announces its change. A previous key ends
 * at its time, remembered or not.
 */
export function createRunnerGate({
  database,
  clock,
  log,
}: Pick<Deps, "database" | "clock" | "log">): RunnerGate {
  const cache = new Map<string, CachedRunner>();
  let isListening = false;

  const listen = async (): Promise<void> => {
    isListening = true;
    try {
      await database.sql.listen(
        "runner_changed",
        (id) => cache.delete(id),
        () => cache.clear(),
      );
    } catch (error) {
      isListening = false;
      log.warn("runner listener failed", { error: toError(error).message });
    }
  };
  const load = async (id: string): Promise<CachedRunner | undefined> => {
    const found = await findRunner(database, id, clock.now().getTime());
    if (!found) {
      cache.delete(id);
      return undefined;
    }
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(id, found);
    return found;
  };
  return {
    async check(id, key) {
      if (!isListening) void listen();
      if (!isUuid(id)) return undefined;
      const runnerId = id.toLowerCase();
      const keyHash = hashSecret(key);
      const now = clock.now().getTime();
      const cached = cache.get(runnerId);
      const known = cached && cached.until > now ? match(cached, keyHash, now) : undefined;
      // A key that does not match what is remembered may be one that was reset a moment ago.
      return known ?? match(await load(runnerId), keyHash, now);
    },
  };
}

/** Compares in any case, which keeps an unknown id as slow as a wrong key. */
function match(runner: CachedRunner | undefined, keyHash: string, now: number): RunnerIdentity | undefined {
  const isCurrent = equalInConstantTime(runner?.current.keyHash ?? "", keyHash);
  const isPrevious = equalInConstantTime(runner?.previous?.identity.keyHash ?? "", keyHash);
  if (isCurrent) return runner?.current;
  return isPrevious && runner?.previous && runner.previous.until > now ? runner.previous.identity : undefined;
}

interface RunnerRecord {
  name: string;
  keyHash: string;
  visibility: string;
  workspaceIds: string[];
  previousKeyHash: string | null;
  /** Of the previous key, by the clock of the database; null when there is none. */
  secondsLeft: number | null;
}

async function findRunner({ sql }: Database, id: string, now: number): Promise<CachedRunner | undefined> {
  const [row] = await sql<RunnerRecord[]>`
    select r.name, r.key_hash as "keyHash", r.visibility,
           array(select workspace_id from runner_workspaces w where w.runner_id = r.id) as "workspaceIds",
           r.previous_key_hash as "previousKeyHash",
           extract(epoch from r.previous_key_expires_at - clock_timestamp())::float8 as "secondsLeft"
      from runners r where r.id = ${id}`;
  if (!row) return undefined;
  const { name, keyHash, previousKeyHash, secondsLeft } = row;
  const workspaceIds = row.visibility === "all" ? null : new Set(row.workspaceIds);
  const current = { id, name, workspaceIds, keyHash };
  return {
    current,
    previous:
      previousKeyHash !== null && secondsLeft !== null
        ? { identity: { ...current, keyHash: previousKeyHash }, until: now + secondsLeft * 1000 }
        : undefined,
    until: now + CACHE_MS,
  };
}
