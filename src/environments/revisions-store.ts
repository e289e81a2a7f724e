import { and, count, desc, eq, lt } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { environmentRevisions, environments, users } from "../../db/schema.ts";
import type { Tx } from "../access/audit/audit.ts";
import type { Actor, Deps } from "../access/context.ts";
import type { SecretBox } from "../lib/seal.ts";
import type { RevisionHead } from "../workspaces/revision.ts";
import { noSuchRevision, type RevisionsPage } from "../workspaces/revisions-query.ts";
import { type EnvironmentValue, openValues } from "./environment.ts";
import { changeEnvironmentIn, type Environment } from "./store.ts";

type RevisionDeps = Pick<Deps, "database" | "secretBox">;

/** Values as of a revision, secrets opened. */
export interface EnvironmentRevision extends RevisionHead {
  values: EnvironmentValue[];
}

const current = {
  revision: environments.revision,
  name: environments.name,
  changedAt: environments.updatedAt,
  userId: users.id,
  userName: users.name,
  through: environments.changedThrough,
  message: environments.changeMessage,
};
const kept = {
  revision: environmentRevisions.revision,
  name: environmentRevisions.name,
  changedAt: environmentRevisions.changedAt,
  userId: users.id,
  userName: users.name,
  through: environmentRevisions.changedThrough,
  message: environmentRevisions.message,
};

type Row = Omit<RevisionHead, "changedBy" | "isCurrent"> & {
  userId: number | null;
  userName: string | null;
};

const toHead = ({ userId, userName, ...row }: Row, isCurrent: boolean): RevisionHead => ({
  ...row,
  changedBy: userId === null ? undefined : { id: userId, name: userName ?? "" },
  isCurrent,
});

/** Newest first, the current one included; without values. `total` is how many are kept. */
export async function listEnvironmentRevisions(
  { db }: Database,
  id: string,
  { limit, before }: RevisionsPage,
): Promise<{ revisions: RevisionHead[]; next: number | undefined; total: number }> {
  const [newest] = await db
    .select(current)
    .from(environments)
    .leftJoin(users, eq(users.id, environments.updatedBy))
    .where(eq(environments.id, id));
  const isOf = eq(environmentRevisions.environmentId, id);
  const older = await db
    .select(kept)
    .from(environmentRevisions)
    .leftJoin(users, eq(users.id, environmentRevisions.changedBy))
    .where(and(isOf, before === undefined ? undefined : lt(environmentRevisions.revision, before)))
    .orderBy(desc(environmentRevisions.revision))
    .limit(limit + 1);
  const [counted] = await db.select({ total: count() }).from(environmentRevisions).where(isOf);
  const isFirst = newest !== undefined && (before === undefined || newest.revision < before);
  const found = [
    ...(isFirst ? [toHead(newest, true)] : []),
    // Between the two questions the newest may have become an older one.
    ...older.filter(({ revision }) => revision !== newest?.revision).map((row) => toHead(row, false)),
  ];
  const revisions = found.slice(0, limit);
  const next = found.length > limit ? revisions.at(-1)?.revision : undefined;
  return { revisions, next, total: (counted?.total ?? 0) + 1 };
}

/** The values as of a revision, with secrets in clear; undefined when that is not kept. */
export async function findEnvironmentRevision(
  { database: { db }, secretBox }: RevisionDeps,
  id: string,
  revision: number,
): Promise<EnvironmentRevision | undefined> {
  // The older ones first: a revision that is replaced meanwhile is in one of the two.
  const older = await findKept(db, secretBox, { id, revision });
  if (older) return older;
  const [newest] = await db
    .select({ ...current, values: environments.values })
    .from(environments)
    .leftJoin(users, eq(users.id, environments.updatedBy))
    .where(and(eq(environments.id, id), eq(environments.revision, revision)));
  if (!newest) return await findKept(db, secretBox, { id, revision });
  const { values, ...row } = newest;
  return { ...toHead(row, true), values: openValues(secretBox, values) };
}

async function findKept(
  db: Database["db"] | Tx,
  secretBox: SecretBox,
  { id, revision }: { id: string; revision: number },
): Promise<EnvironmentRevision | undefined> {
  const [row] = await db
    .select({ ...kept, values: environmentRevisions.values })
    .from(environmentRevisions)
    .leftJoin(users, eq(users.id, environmentRevisions.changedBy))
    .where(and(eq(environmentRevisions.environmentId, id), eq(environmentRevisions.revision, revision)));
  if (!row) return undefined;
  const { values, ...head } = row;
  return { ...toHead(head, false), values: openValues(secretBox, values) };
}

/**
 * Makes an older revision the newest again, as a revision of its own; the current one stays as it is. Undefined when the
 * environment has gone; throws 404 for a revision that is not kept. The caller has checked the right.
 */
export const restoreEnvironmentRevision = (
  { database, secretBox }: RevisionDeps,
  actor: Actor,
  id: string,
  { revision, message }: { revision: number; message?: string | undefined },
): Promise<Pick<Environment, "id" | "revision"> | undefined> =>
  database.db.transaction(async (tx) => {
    const [locked] = await tx
      .select({ id: environments.id, revision: environments.revision })
      .from(environments)
      .where(eq(environments.id, id))
      .for("update");
    if (!locked || locked.revision === revision) return locked;
    const wanted = await findKept(tx, secretBox, { id, revision });
    if (!wanted) throw noSuchRevision(String(revision));
    const note = { through: "restore", message: message || `Revision ${revision} again.` } as const;
    return await changeEnvironmentIn(
      tx,
      { secretBox, actor, action: "environment.restored", note },
      id,
      () => ({ name: wanted.name, values: wanted.values }),
    );
  });
