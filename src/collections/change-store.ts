import { and, asc, eq, inArray, or, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { collections } from "../../db/schema.ts";
import { type AuditEntry, recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { type ChangeNote, noteColumns } from "../workspaces/revision.ts";
import { type Collection, type CollectionHead, headColumns } from "./store.ts";

/** A document under its lock, and the transaction that holds it. */
export interface LockedCollection extends Collection {
  tx: Tx;
}

const MB = 1024 * 1024;
/** As of one that is sent whole: what can be read can be written back. */
const MAX_BYTES = 20 * MB;

const tooLarge = (): AppError =>
  new AppError(
    "too_large",
    `The collection would be larger than ${MAX_BYTES / MB} MB; split it or remove saved responses.`,
  );

/** What the audit trail and the list of revisions say of a change. */
export interface ChangeEntry extends AuditEntry {
  note?: ChangeNote;
}

/** Stores a document that was read under its lock, as the next revision. Throws 413 when it has grown too large. */
export async function storeChange(
  { tx, id, document }: Pick<LockedCollection, "tx" | "id" | "document">,
  actor: Actor,
  { note, ...entry }: ChangeEntry,
): Promise<CollectionHead> {
  // Judged by parseCollection when it came, and changed by our own code since.
  const { name } = document["info"] as { name: string };
  const [updated] = await tx
    .update(collections)
    .set({
      document,
      name,
      updatedBy: actor.userId,
      ...noteColumns(actor, note),
      revision: sql`${collections.revision} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(collections.id, id))
    .returning({ ...headColumns, sizeBytes: sql<number>`octet_length(${collections.document}::text)` });
  if (!updated) throw new Error("a collection that is locked has gone");
  const { sizeBytes, ...head } = updated;
  if (sizeBytes > MAX_BYTES) throw tooLarge();
  await recordAudit(tx, actor, { workspaceId: head.workspaceId, ...entry });
  return head;
}

/** The collections with these ids, locked in one order so that two changes cannot wait for each other. */
export async function lockCollections(tx: Tx, ids: string[]): Promise<LockedCollection[]> {
  const rows = await tx
    .select()
    .from(collections)
    .where(inArray(collections.id, ids))
    .orderBy(asc(collections.id))
    .for("update");
  return rows.map((row) => ({ ...row, tx }));
}

/**
 * Changes a document under its lock; `change` edits it in place and says what to write into the audit trail. Undefined
 * when the collection has gone since it was looked at.
 */
export async function changeCollection<T>(
  { db }: Database,
  actor: Actor,
  id: string,
  change: (collection: Collection) => { result: T; audit: ChangeEntry },
): Promise<{ result: T; head: CollectionHead } | undefined> {
  return await db.transaction(async (tx) => {
    const [locked] = await lockCollections(tx, [id]);
    if (!locked) return undefined;
    const { result, audit } = change(locked);
    return { result, head: await storeChange(locked, actor, audit) };
  });
}

/** More than hold one id by chance or by importing a file twice. */
const MAX_WITH = 50;

/**
 * Ids of the collections that the actor may see and in whose text one of the ids stands, and of the target. Reads the
 * documents, a few ms each: an index of ids would cost more with each write than it saves in this rare question.
 */
export async function listCollectionsWith(
  { db }: Database,
  actor: Actor,
  { elementIds, targetId }: { elementIds: string[]; targetId: string | undefined },
): Promise<string[]> {
  const named = elementIds.map(
    (id) => sql`strpos(${collections.document}::text, ${JSON.stringify(id)}::text) > 0`,
  );
  const rows = await db
    .select({ id: collections.id })
    .from(collections)
    .where(
      and(
        isInVisibleWorkspace(actor, collections.workspaceId),
        or(targetId === undefined ? undefined : eq(collections.id, targetId), ...named),
      ),
    )
    .orderBy(asc(collections.createdAt), asc(collections.id))
    .limit(MAX_WITH);
  return rows.map((row) => row.id);
}
