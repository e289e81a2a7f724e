import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { loadCollectionForRun } from "../collections/store.ts";
import { toError } from "../lib/errors.ts";
import { searchItemsOf, toVector } from "./search-text.ts";

const IDLE_MS = 2000;
const BATCH = 50;
const ROWS_PER_STATEMENT = 2000;

type IndexDeps = Pick<Deps, "database" | "log">;

/**
 * Reads collections that have changed since they were last read, at most `limit`, until `timeMs` have passed. Returns
 * how many it has read: 0 = the index is up to date. Any number of servers may do it at the same time.
 */
export async function refreshSearchIndex(
  { database, log }: IndexDeps,
  { limit = BATCH, timeMs = Number.POSITIVE_INFINITY } = {},
): Promise<number> {
  const stale = await listStale(database, limit);
  const startedAt = performance.now();
  let read = 0;
  for (const id of stale) {
    if (await readSafely({ database, log }, id)) read++;
    if (performance.now() - startedAt > timeMs) break;
  }
  return read;
}

/** One collection that cannot be read keeps no other from being found, and is tried again by whoever comes next. */
async function readSafely({ database, log }: IndexDeps, id: string): Promise<boolean> {
  try {
    await readCollection(database, id);
    return true;
  } catch (error) {
    log.error("reading a collection for search failed", { collectionId: id, error: toError(error).message });
    return false;
  }
}

async function listStale({ sql }: Database, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select c.id from collections c left join search_revisions r on r.collection_id = c.id
     where r.revision is distinct from c.revision order by c.updated_at desc limit ${limit}`;
  return rows.map((row) => row.id);
}

async function readCollection(database: Database, id: string): Promise<void> {
  const collection = await loadCollectionForRun(database, id);
  if (!collection) return;
  const items = searchItemsOf(id, collection.document);
  await database.sql.begin(async (sql) => {
    // Holds the collection, and one reader of it at a time; another may have read a newer revision meanwhile.
    const [noted] = await sql`
      insert into search_revisions (collection_id, revision)
      select id, ${collection.revision} from collections where id = ${id} for key share
          on conflict (collection_id) do update set revision = excluded.revision
       where search_revisions.revision < excluded.revision
      returning revision`;
    if (!noted) return;
    await sql`delete from search_items where collection_id = ${id}`;
    for (let start = 0; start < items.length; start += ROWS_PER_STATEMENT) {
      const rows = items.slice(start, start + ROWS_PER_STATEMENT);
      const column = (pick: (item: (typeof rows)[number]) => string | null) => sql.array(rows.map(pick));
      await sql`
        insert into search_items
               (collection_id, position, kind, item_id, name, name_key, method, url, description, words)
        select ${id}, ${start} - 1 + t.position, t.kind, t.item_id, t.name, lower(left(t.name, 200)), t.method, t.url,
               t.description, t.words::tsvector
          from unnest(${column((item) => item.kind)}::text[], ${column((item) => item.id)}::text[],
                      ${column((item) => item.name)}::text[], ${column((item) => item.method)}::text[],
                      ${column((item) => item.url)}::text[], ${column((item) => item.description)}::text[],
                      ${column((item) => toVector(item.words))}::text[])
               with ordinality as t(kind, item_id, name, method, url, description, words, position)`;
    }
  });
}

/** Keeps the index up to date in the background, so that a search has little to read itself. */
export function startSearchIndexing(deps: IndexDeps & Pick<Deps, "clock">): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const read = await refreshSafely(deps);
      if (read === 0) await deps.clock.sleep(IDLE_MS, stopped.signal);
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

/** The loop's next turn is the recovery from whatever failed: what was not read is still listed as changed. */
async function refreshSafely(deps: IndexDeps): Promise<number> {
  try {
    return await refreshSearchIndex(deps, { timeMs: 500 });
  } catch (error) {
    deps.log.error("listing collections for search failed", { error: toError(error).message });
    return 0;
  }
}
