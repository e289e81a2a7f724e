import { and, asc, desc, eq, inArray, isNull, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";

import type { Database } from "../../../db/connect.ts";
import { collections, pullRequestReviewers, pullRequests } from "../../../db/schema.ts";
import { recordAudit, type Tx } from "../../access/audit/audit.ts";
import type { Actor } from "../../access/context.ts";
import { isInVisibleWorkspace } from "../../access/workspace-rights.ts";
import type { Cursor } from "../../lib/cursor.ts";
import { newId } from "../../lib/ids.ts";
import { type Review, review, type ReviewAction, replaceReviewers } from "./pull-request.ts";

export type PullRequestRow = typeof pullRequests.$inferSelect;

/** With what is known of both collections now; nulls = the source has gone. */
export interface PullRequest extends PullRequestRow {
  destinationOwnerId: number;
  destinationName: string;
  destinationWorkspaceId: string;
  sourceWorkspaceId: string | null;
  /** The current name of the source. */
  currentSourceName: string | null;
}

const source = alias(collections, "source");

const selectPullRequests = ({ db }: Pick<Database, "db">) =>
  db
    .select({
      row: pullRequests,
      known: {
        destinationOwnerId: collections.ownerId,
        destinationName: collections.name,
        destinationWorkspaceId: collections.workspaceId,
        // Nullable by the left join, which a group of columns of several tables does not show.
        sourceWorkspaceId: sql<string | null>`${source.workspaceId}`,
        currentSourceName: sql<string | null>`${source.name}`,
      },
      at: sql<string>`to_char(${pullRequests.createdAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    })
    .from(pullRequests)
    .innerJoin(collections, eq(collections.id, pullRequests.destinationId))
    .leftJoin(source, eq(source.id, pullRequests.sourceId));

export async function findPullRequest(database: Database, id: string): Promise<PullRequest | undefined> {
  const [found] = await selectPullRequests(database).where(eq(pullRequests.id, id));
  return found && { ...found.row, ...found.known };
}

/** Out of a collection and into it, those whose both ends the actor may see; newest first. */
export async function listPullRequests(
  database: Database,
  actor: Actor,
  collectionId: string,
  { limit, after }: { limit: number; after: Cursor | undefined },
): Promise<{ pullRequests: PullRequest[]; next: Cursor | undefined }> {
  const isSourceVisible = isInVisibleWorkspace(actor, source.workspaceId);
  const found = await selectPullRequests(database)
    .where(
      and(
        or(eq(pullRequests.sourceId, collectionId), eq(pullRequests.destinationId, collectionId)),
        isInVisibleWorkspace(actor, collections.workspaceId),
        isSourceVisible && or(isNull(source.id), isSourceVisible),
        // As text: the driver would turn a parameter that is an instant into a Date and cut the microseconds.
        after &&
          sql`(${pullRequests.createdAt}, ${pullRequests.id}) < (${after.at}::text::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(desc(pullRequests.createdAt), desc(pullRequests.id))
    .limit(limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    pullRequests: page.map(({ row, known }) => ({ ...row, ...known })),
    next: found.length > limit && last ? { at: last.at, id: last.row.id } : undefined,
  };
}

export type NewPullRequest = Pick<
  PullRequestRow,
  "sourceId" | "sourceOwnerId" | "sourceName" | "forkLabel" | "destinationId" | "title" | "description"
> & { reviewers: number[] };

/** Undefined when one between the two is pending already. */
export async function createPullRequest(
  { db }: Database,
  actor: Actor,
  { reviewers, ...wanted }: NewPullRequest,
): Promise<PullRequestRow | undefined> {
  return await db.transaction(async (tx) => {
    const [created] = await tx
      .insert(pullRequests)
      .values({ ...wanted, id: newId(), createdBy: actor.userId, updatedBy: actor.userId })
      .onConflictDoNothing()
      .returning();
    if (!created) return undefined;
    await storeReviews(tx, created.id, replaceReviewers([], reviewers).reviews);
    await recordAudit(tx, actor, {
      workspaceId: await workspaceOf(tx, created),
      action: "pull_request.created",
      subjectType: "pull_request",
      subjectId: created.id,
      change: { title: wanted.title, source: wanted.sourceId, destination: wanted.destinationId, reviewers },
    });
    return created;
  });
}

export const listReviews = (db: Database["db"] | Tx, pullRequestId: string): Promise<Review[]> =>
  db
    .select({ userId: pullRequestReviewers.userId, status: pullRequestReviewers.status })
    .from(pullRequestReviewers)
    .where(eq(pullRequestReviewers.pullRequestId, pullRequestId))
    .orderBy(asc(pullRequestReviewers.userId));

async function storeReviews(tx: Tx, pullRequestId: string, reviews: readonly Review[]): Promise<void> {
  await tx.delete(pullRequestReviewers).where(eq(pullRequestReviewers.pullRequestId, pullRequestId));
  if (reviews.length === 0) return;
  await tx.insert(pullRequestReviewers).values(reviews.map((given) => ({ ...given, pullRequestId })));
}

const lock = async (tx: Tx, id: string): Promise<PullRequestRow | undefined> => {
  const [row] = await tx.select().from(pullRequests).where(eq(pullRequests.id, id)).for("update");
  return row;
};

/** Changes one that is pending: undefined when it has gone, "final" when it is merged or declined. */
export async function updatePullRequest(
  { db }: Database,
  actor: Actor,
  id: string,
  wanted: { title: string; description: string | undefined; reviewers: number[] },
): Promise<PullRequestRow | "final" | undefined> {
  return await db.transaction(async (tx) => {
    const before = await lock(tx, id);
    if (!before) return undefined;
    if (before.status === "merged" || before.status === "declined") return "final";
    const after = replaceReviewers(await listReviews(tx, id), wanted.reviewers);
    await storeReviews(tx, id, after.reviews);
    const { title, description = before.description } = wanted;
    return await store(
      tx,
      actor,
      { id, action: "pull_request.updated", before },
      { title, description, status: after.status },
    );
  });
}

/** One decision about a pending one; `merge` does what it has to do in the same transaction. Undefined when it has gone. */
export async function reviewPullRequest(
  { db }: Database,
  actor: Actor,
  id: string,
  decision: {
    action: ReviewAction;
    comment: string | undefined;
    merge: (tx: Tx, row: PullRequestRow) => Promise<unknown>;
  },
): Promise<PullRequestRow | undefined> {
  return await db.transaction(async (tx) => {
    if (decision.action === "merge") await lockEnds(tx, id);
    const before = await lock(tx, id);
    if (!before) return undefined;
    const reviews = await listReviews(tx, id);
    const after = review({ status: before.status, reviews }, decision.action, actor.userId);
    if (decision.action === "merge") await decision.merge(tx, before);
    await storeReviews(tx, id, after.reviews);
    const comment = decision.action === "decline" ? (decision.comment ?? null) : before.comment;
    const action = `pull_request.${pastOf[decision.action]}`;
    return await store(tx, actor, { id, action, before }, { status: after.status, comment });
  });
}

/** Before the request itself, as a deletion of its destination does: else the two could wait for each other. */
async function lockEnds(tx: Tx, id: string): Promise<void> {
  const ends = tx
    .select({ id: sql`unnest(array[${pullRequests.sourceId}, ${pullRequests.destinationId}])` })
    .from(pullRequests)
    .where(eq(pullRequests.id, id));
  await tx
    .select({ id: collections.id })
    .from(collections)
    .where(inArray(collections.id, ends))
    .orderBy(asc(collections.id))
    .for("update");
}

const pastOf: Readonly<Record<ReviewAction, string>> = {
  approve: "approved",
  unapprove: "unapproved",
  decline: "declined",
  merge: "merged",
};

async function store(
  tx: Tx,
  actor: Actor,
  { id, action, before }: { id: string; action: string; before: PullRequestRow },
  values: Partial<Pick<PullRequestRow, "title" | "description" | "status" | "comment">>,
): Promise<PullRequestRow> {
  const [updated] = await tx
    .update(pullRequests)
    .set({ ...values, updatedBy: actor.userId, updatedAt: sql`now()` })
    .where(eq(pullRequests.id, id))
    .returning();
  if (!updated) throw new Error("a pull request that is locked has gone");
  const { title, status } = before;
  await recordAudit(tx, actor, {
    workspaceId: await workspaceOf(tx, updated),
    action,
    subjectType: "pull_request",
    subjectId: id,
    change: { title: updated.title, status: updated.status, before: { title, status } },
  });
  return updated;
}

/** That of the destination, where the request is decided on. */
async function workspaceOf(tx: Tx, { destinationId }: PullRequestRow): Promise<string> {
  const [row] = await tx
    .select({ workspaceId: collections.workspaceId })
    .from(collections)
    .where(eq(collections.id, destinationId));
  if (!row) throw new Error("the destination of a pull request has gone before it");
  return row.workspaceId;
}
