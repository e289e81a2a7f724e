import { and, count, desc, eq, lt } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { globals, globalsRevisions, users } from "../../db/schema.ts";
import type { Actor, Deps } from "../access/context.ts";
import type { RevisionHead } from "../workspaces/revision.ts";
import { noSuchRevision, type RevisionsPage } from "../workspaces/revisions-query.ts";
import { type EnvironmentValue, openValues } from "./environment.ts";
import { changeGlobals } from "./globals-store.ts";

type RevisionDeps = Pick<Deps, "database" | "secretBox">;

const current = {
  revision: globals.revision,
  changedAt: globals.updatedAt,
  userId: users.id,
  userName: users.name,
  through: globals.changedThrough,
  message: globals.changeMessage,
};
const kept = {
  revision: globalsRevisions.revision,
  changedAt: globalsRevisions.changedAt,
  userId: users.id,
  userName: users.name,
  through: globalsRevisions.changedThrough,
  message: globalsRevisions.message,
};

type Row = Omit<RevisionHead, "changedBy" | "isCurrent" | "name"> & {
  userId: number | null;
  userName: string | null;
};

const toHead = ({ userId, userName, ...row }: Row, isCurrent: boolean): RevisionHead => ({
  ...row,
  name: "Globals",
  changedBy: userId === null ? undefined : { id: userId, name: userName ?? "" },
  isCurrent,
});

/** Newest first, the current one included; empty for globals that were never set. */
export async function listGlobalsRevisions(
  { db }: Database,
  workspaceId: string,
  { limit, before }: RevisionsPage,
): Promise<{ revisions: RevisionHead[]; next: number | undefined; total: number }> {
  const [newest] = await db
    .select(current)
    .from(globals)
    .leftJoin(users, eq(users.id, globals.updatedBy))
    .where(eq(globals.workspaceId, workspaceId));
  if (!newest) return { revisions: [], next: undefined, total: 0 };
  const isOf = eq(globalsRevisions.workspaceId, workspaceId);
  const older = await db
    .select(kept)
    .from(globalsRevisions)
    .leftJoin(users, eq(users.id, globalsRevisions.changedBy))
    .where(and(isOf, before === undefined ? undefined : lt(globalsRevisions.revision, before)))
    .orderBy(desc(globalsRevisions.revision))
    .limit(limit + 1);
  const [counted] = await db.select({ total: count() }).from(globalsRevisions).where(isOf);
  const isFirst = before === undefined || newest.revision < before;
  const found = [
    ...(isFirst ? [toHead(newest, true)] : []),
    // Between the two questions the newest may have become an older one.
    ...older.filter(({ revision }) => revision !== newest.revision).map((row) => toHead(row, false)),
  ];
  const revisions = found.slice(0, limit);
  const next = found.length > limit ? revisions.at(-1)?.revision : undefined;
  return { revisions, next, total: (counted?.total ?? 0) + 1 };
}

/** The globals as of a revision, secrets opened; undefined when that is not kept. */
export async function findGlobalsRevision(
  { database: { db }, secretBox }: RevisionDeps,
  workspaceId: string,
  revision: number,
): Promise<(RevisionHead & { values: EnvironmentValue[] }) | undefined> {
  const [older] = await db
    .select({ ...kept, values: globalsRevisions.values })
    .from(globalsRevisions)
    .leftJoin(users, eq(users.id, globalsRevisions.changedBy))
    .where(and(eq(globalsRevisions.workspaceId, workspaceId), eq(globalsRevisions.revision, revision)));
  if (older) return { ...toHead(older, false), values: openValues(secretBox, older.values) };
  const [newest] = await db
    .select({ ...current, values: globals.values })
    .from(globals)
    .leftJoin(users, eq(users.id, globals.updatedBy))
    .where(and(eq(globals.workspaceId, workspaceId), eq(globals.revision, revision)));
  return newest && { ...toHead(newest, true), values: openValues(secretBox, newest.values) };
}

/** Makes an older revision the newest again. Throws 404 for one that is not kept. The caller has checked the right. */
export async function restoreGlobalsRevision(
  deps: RevisionDeps,
  actor: Actor,
  workspaceId: string,
  revision: number,
): Promise<number> {
  const wanted = await findGlobalsRevision(deps, workspaceId, revision);
  if (!wanted) throw noSuchRevision(String(revision));
  if (wanted.isCurrent) return revision;
  const note = { through: "restore", message: `Revision ${revision} again.` } as const;
  return await changeGlobals(deps, actor, workspaceId, () => wanted.values, note);
}
