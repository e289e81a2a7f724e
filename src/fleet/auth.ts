import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { equalInConstantTime, hashSecret, isUuid } from "../lib/ids.ts";
import type { RunnerIdentity } from "./runner.ts";

/** A change that no notification announced is seen after this time. */
const CACHE_MS = 5000;
const CACHE_SIZE = 20_000;

interface CachedRunner {
  identity: RunnerIdentity;
  keyHash: string;
  until: number;
}

/** Checks runner ids and keys. `check` resolves to undefined for an unknown id and for a wrong key alike. */
export interface RunnerGate {
  check(id: string, key: string): Promise<RunnerIdentity | undefined>;
}

/**
 * Remembers runners for a few seconds, and forgets one as soon as any server announces its change. Statements that hand
 * out or accept work look at the stored runner again, so a stale entry opens nothing.
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
    const found = await findRunner(database, id);
    if (!found) {
      cache.delete(id);
      return undefined;
    }
    if (cache.size >= CACHE_SIZE) cache.clear();
    const entry = { ...found, until: clock.now().getTime() + CACHE_MS };
    cache.set(id, entry);
    return entry;
  };
  return {
    async check(id, key) {
      if (!isListening) void listen();
      if (!isUuid(id)) return undefined;
      const runnerId = id.toLowerCase();
      const cached = cache.get(runnerId);
      if (cached && cached.until > clock.now().getTime() && matches(cached, key)) return cached.identity;
      // A key that does not match what is remembered may be one that was reset a moment ago.
      const runner = await load(runnerId);
      return matches(runner, key) ? runner?.identity : undefined;
    },
  };
}

// Comparing in any case keeps an unknown id as slow as a wrong key.
const matches = (runner: CachedRunner | undefined, key: string): boolean =>
  equalInConstantTime(runner?.keyHash ?? "", hashSecret(key)) && runner !== undefined;

async function findRunner({ sql }: Database, id: string) {
  const [row] = await sql<{ name: string; keyHash: string; visibility: string; workspaceIds: string[] }[]>`
    select r.name, r.key_hash as "keyHash", r.visibility,
           array(select workspace_id from runner_workspaces w where w.runner_id = r.id) as "workspaceIds"
      from runners r where r.id = ${id}`;
  if (!row) return undefined;
  const workspaceIds = row.visibility === "all" ? null : new Set(row.workspaceIds);
  return { identity: { id, name: row.name, workspaceIds }, keyHash: row.keyHash };
}
