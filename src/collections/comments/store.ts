import { and, asc, desc, eq, isNull, lt, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { collections, type CommentedType, comments, commentThreads } from "../../../db/schema.ts";
import { recordAudit, type Tx } from "../../access/audit/audit.ts";
import type { Actor } from "../../access/context.ts";

/** What a comment is about. */
export interface Subject {
  collectionId: string;
  type: CommentedType;
  /** As in the document; of the collection its own id. */
  elementId: string;
}

export type Tags = Record<string, { type: string; id: string }>;

export interface Comment {
  id: number;
  threadId: number;
  isResolved: boolean;
  body: string;
  tags: Tags | null;
  createdBy: number;
  createdAt: Date;
  updatedAt: Date;
}

const columns = {
  id: comments.id,
  threadId: comments.threadId,
  isResolved: sql<boolean>`${commentThreads.resolvedAt} is not null`,
  body: comments.body,
  tags: comments.tags,
  createdBy: comments.createdBy,
  createdAt: comments.createdAt,
  updatedAt: comments.updatedAt,
};

const about = ({ collectionId, type, elementId }: Subject) =>
  and(
    eq(commentThreads.collectionId, collectionId),
    eq(commentThreads.elementType, type),
    eq(commentThreads.elementId, elementId),
  );

/** Of one element, newest first; those with lower ids than `before`. */
export const listComments = (
  { db }: Database,
  subject: Subject,
  page: { limit: number; before: number | undefined },
): Promise<Comment[]> =>
  db
    .select(columns)
    .from(comments)
    .innerJoin(commentThreads, eq(commentThreads.id, comments.threadId))
    .where(and(about(subject), page.before === undefined ? undefined : lt(comments.id, page.before)))
    .orderBy(desc(comments.id))
    .limit(page.limit);

/** Undefined when there is no such comment about the element. */
export async function findComment(
  { db }: Pick<Database, "db">,
  subject: Subject,
  id: number,
): Promise<Comment | undefined> {
  const [comment] = await db
    .select(columns)
    .from(comments)
    .innerJoin(commentThreads, eq(commentThreads.id, comments.threadId))
    .where(and(about(subject), eq(comments.id, id)));
  return comment;
}

/** Begins a thread, or goes on with one; undefined when the element has no such thread. */
export async function createComment(
  { db }: Database,
  actor: Actor,
  subject: Subject,
  wanted: { body: string; tags: Tags | null; threadId: number | undefined },
): Promise<Comment | undefined> {
  return await db.transaction(async (tx) => {
    const threadId = await threadFor(tx, subject, wanted.threadId);
    if (threadId === undefined) return undefined;
    const { body, tags } = wanted;
    const [made] = await tx
      .insert(comments)
      .values({ threadId, body, tags, createdBy: actor.userId })
      .returning({ id: comments.id });
    if (!made) throw new Error("insert of a comment returned no row");
    await record(tx, actor, subject, { action: "comment.created", id: made.id, threadId });
    return await findComment({ db: tx }, subject, made.id);
  });
}

async function threadFor(tx: Tx, subject: Subject, known: number | undefined): Promise<number | undefined> {
  if (known !== undefined) {
    const [thread] = await tx
      .select({ id: commentThreads.id })
      .from(commentThreads)
      .where(and(about(subject), eq(commentThreads.id, known)))
      .for("share");
    return thread?.id;
  }
  const { collectionId, type: elementType, elementId } = subject;
  const [thread] = await tx
    .insert(commentThreads)
    .values({ collectionId, elementType, elementId })
    .returning({ id: commentThreads.id });
  return thread?.id;
}

/** Undefined when it has gone. */
export async function updateComment(
  { db }: Database,
  actor: Actor,
  { subject, id }: { subject: Subject; id: number },
  wanted: { body: string; tags: Tags | null },
): Promise<Comment | undefined> {
  return await db.transaction(async (tx) => {
    const [updated] = await tx
      .update(comments)
      .set({ ...wanted, updatedAt: sql`now()` })
      .where(eq(comments.id, id))
      .returning({ threadId: comments.threadId });
    if (!updated) return undefined;
    await record(tx, actor, subject, { action: "comment.updated", id, threadId: updated.threadId });
    return await findComment({ db: tx }, subject, id);
  });
}

/** The first comment of a thread takes the others with it, as in Postman. False when it has gone. */
export async function deleteComment(
  { db }: Database,
  actor: Actor,
  subject: Subject,
  { id, threadId }: Pick<Comment, "id" | "threadId">,
): Promise<boolean> {
  return await db.transaction(async (tx) => {
    // Nobody answers in a thread that is about to go.
    await tx.select().from(commentThreads).where(eq(commentThreads.id, threadId)).for("update");
    const [first] = await tx
      .select({ id: comments.id })
      .from(comments)
      .where(eq(comments.threadId, threadId))
      .orderBy(asc(comments.id))
      .limit(1);
    if (!first) return false;
    const deleted =
      first.id === id
        ? await tx
            .delete(commentThreads)
            .where(eq(commentThreads.id, threadId))
            .returning({ id: commentThreads.id })
        : await tx.delete(comments).where(eq(comments.id, id)).returning({ id: comments.id });
    if (deleted.length === 0) return false;
    const change = { action: "comment.deleted", id, threadId, isThread: first.id === id };
    await record(tx, actor, subject, change);
    return true;
  });
}

export interface Thread extends Subject {
  id: number;
  workspaceId: string;
}

export async function findThread({ db }: Database, id: number): Promise<Thread | undefined> {
  const [thread] = await db
    .select({
      id: commentThreads.id,
      collectionId: commentThreads.collectionId,
      type: commentThreads.elementType,
      elementId: commentThreads.elementId,
      workspaceId: collections.workspaceId,
    })
    .from(commentThreads)
    .innerJoin(collections, eq(collections.id, commentThreads.collectionId))
    .where(eq(commentThreads.id, id));
  return thread;
}

/** Who resolved it first stays known. */
export async function resolveThread({ db }: Database, actor: Actor, thread: Thread): Promise<void> {
  await db.transaction(async (tx) => {
    const resolved = await tx
      .update(commentThreads)
      .set({ resolvedBy: actor.userId, resolvedAt: sql`now()` })
      .where(and(eq(commentThreads.id, thread.id), isNull(commentThreads.resolvedAt)))
      .returning({ id: commentThreads.id });
    if (resolved.length === 0) return;
    await record(tx, actor, thread, { action: "comment.resolved", threadId: thread.id });
  });
}

/** What was said stays out of the trail: who deletes a comment wants it gone. */
const record = (
  tx: Tx,
  actor: Actor,
  { collectionId, type, elementId }: Subject,
  { action, ...change }: { action: string } & Record<string, unknown>,
): Promise<void> =>
  recordAudit(tx, actor, {
    action,
    subjectType: "collection",
    subjectId: collectionId,
    change: { ...change, elementType: type, elementId },
  });
