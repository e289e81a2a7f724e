import { createHash } from "node:crypto";

import { AppError } from "../src/lib/errors.ts";
import type { Database } from "./connect.ts";
import { type Migration, migrations } from "./migrations/index.ts";

/** Any fixed number that no other program takes on this database. */
const MIGRATION_LOCK = 0x53414c59;

/**
 * Brings the schema up to this program, one transaction per file. Of several servers that start at once
 * one does the work, the others wait for it. Returns the ids that were applied.
 * Throws `unavailable` when the database was migrated by a newer program, or by files that have changed since.
 */
export async function migrate(
  database: Database,
  list: readonly Migration[] = migrations,
): Promise<string[]> {
  // The lock belongs to the session, so everything below runs on this one connection.
  const session = await database.sql.reserve();
  try {
    await session`select pg_advisory_lock(${MIGRATION_LOCK})`;
    try {
      return await applyPending(session, list);
    } finally {
      await session`select pg_advisory_unlock(${MIGRATION_LOCK})`;
    }
  } finally {
    session.release();
  }
}

type Session = Awaited<ReturnType<Database["sql"]["reserve"]>>;

async function applyPending(session: Session, list: readonly Migration[]): Promise<string[]> {
  await session`create table if not exists migrations (
    id text primary key,
    applied_at timestamp with time zone not null default now()
  )`;
  await session`alter table migrations add column if not exists checksum text`;
  const rows = await session<Applied[]>`select id, checksum from migrations order by id`;
  const applied = new Set(rows.map((row) => row.id));
  refuseNewer(applied, list);
  refuseChanged(rows, list);
  const pending = list.filter((migration) => !applied.has(migration.id));
  for (const migration of pending) await apply(session, migration);
  return pending.map((migration) => migration.id);
}

function refuseNewer(applied: ReadonlySet<string>, list: readonly Migration[]): void {
  const known = new Set(list.map((migration) => migration.id));
  const unknown = [...applied].find((id) => !known.has(id));
  if (unknown === undefined) return;
  throw new AppError(
    "unavailable",
    `The database was migrated by a newer version of this program (it has ${unknown}), so start that version or a later one.`,
  );
}

interface Applied {
  id: string;
  /** Null when an early version applied it. */
  checksum: string | null;
}

const checksumOf = (sql: string): string => createHash("sha256").update(sql).digest("hex");

/** Without this, a server on a schema that only looks like its own would fail request by request. */
function refuseChanged(rows: readonly Applied[], list: readonly Migration[]): void {
  const expected = new Map(list.map(({ id, sql }) => [id, checksumOf(sql)]));
  const changed = rows.find(({ id, checksum }) => checksum !== null && checksum !== expected.get(id));
  if (changed === undefined) return;
  throw new AppError(
    "unavailable",
    `The database does not fit this program, its migration ${changed.id} is not the one of this program: start the version that made it, or give another database or --data-dir.`,
  );
}

async function apply(session: Session, { id, sql }: Migration): Promise<void> {
  try {
    await session`begin`;
    await session`insert into migrations (id, checksum) values (${id}, ${checksumOf(sql)})`;
    await session.unsafe(sql);
    await session`commit`;
  } catch (error) {
    await session`rollback`;
    throw new Error(`apply migration ${id}`, { cause: error });
  }
}

/** Ids that this program has and the database has not: empty when the database is up to date. */
export async function pendingMigrations(
  { sql }: Database,
  list: readonly Migration[] = migrations,
): Promise<string[]> {
  const [table] = await sql<{ present: boolean }[]>`select to_regclass('migrations') is not null as present`;
  if (!table?.present) return list.map((migration) => migration.id);
  const rows = await sql<{ id: string }[]>`select id from migrations`;
  const applied = new Set(rows.map((row) => row.id));
  return list.map((migration) => migration.id).filter((id) => !applied.has(id));
}
