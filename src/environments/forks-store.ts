import { isDeepStrictEqual } from "node:util";

import { and, asc, count, desc, eq, inArray, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { environmentForks, environments, users } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor, Deps } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";
import { problem } from "../lib/errors.ts";
import type { Side } from "../lib/three-way.ts";
import { openValues, sealValues } from "./environment.ts";
import { type Content, mergeEnvironments } from "./fork.ts";
import { environmentNotFound } from "./reach.ts";
import {
  changeEnvironmentIn,
  createEnvironmentIn,
  deleteEnvironmentIn,
  type EnvironmentHead,
  findEnvironment,
} from "./store.ts";

type EnvironmentDeps = Pick<Deps, "database" | "secretBox">;

/** Copies an environment, secrets too, and remembers what both had in common; undefined when the source has gone. */
export async function createEnvironmentFork(
  { database, secretBox }: EnvironmentDeps,
  actor: Actor,
  wanted: { sourceId: string; workspaceId: string; label: string },
): Promise<EnvironmentHead | undefined> {
  const source = await findEnvironment({ database, secretBox }, wanted.sourceId);
  if (!source) return undefined;
  const { name, values } = source;
  return await database.db.transaction(async (tx) => {
    const { workspaceId, label } = wanted;
    const head = await createEnvironmentIn(tx, { secretBox, actor }, { workspaceId, name, values });
    await tx.insert(environmentForks).values({
      environmentId: head.id,
      sourceId: source.id,
      sourceOwnerId: source.ownerId,
      label,
      createdBy: actor.userId,
      baseName: name,
      baseValues: sealValues(secretBox, values),
    });
    await recordAudit(tx, actor, {
      action: "environment.forked",
      subjectType: "environment",
      subjectId: source.id,
      change: { fork: head.id, label, workspaceId, revision: source.revision },
    });
    return head;
  });
}

export interface ListedEnvironmentFork {
  id: string;
  ownerId: number;
  label: string;
  createdAt: Date;
  updatedAt: Date;
  createdByName: string;
}

/** Those that the actor may see, by creation; `next` is there when the limit cut the list. */
export async function listEnvironmentForks(
  { db }: Database,
  actor: Actor,
  sourceId: string,
  { limit, after, direction }: { limit: number; after: Cursor | undefined; direction: "asc" | "desc" },
): Promise<{ forks: ListedEnvironmentFork[]; next: Cursor | undefined; total: number }> {
  const isListed = and(
    eq(environmentForks.sourceId, sourceId),
    isInVisibleWorkspace(actor, environments.workspaceId),
  );
  const beyond = direction === "asc" ? sql`>` : sql`<`;
  const order = direction === "asc" ? asc : desc;
  const rows = await db
    .select({
      id: environmentForks.environmentId,
      ownerId: environments.ownerId,
      label: environmentForks.label,
      createdAt: environmentForks.createdAt,
      updatedAt: environments.updatedAt,
      createdByName: users.name,
      at: sql<string>`to_char(${environmentForks.createdAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    })
    .from(environmentForks)
    .innerJoin(environments, eq(environments.id, environmentForks.environmentId))
    .innerJoin(users, eq(users.id, environmentForks.createdBy))
    .where(
      and(
        isListed,
        // As text: the driver would turn a parameter that is an instant into a Date and cut the microseconds.
        after &&
          sql`(${environmentForks.createdAt}, ${environmentForks.environmentId}) ${beyond} (${after.at}::text::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(order(environmentForks.createdAt), order(environmentForks.environmentId))
    .limit(limit + 1);
  const [counted] = await db
    .select({ total: count() })
    .from(environmentForks)
    .innerJoin(environments, eq(environments.id, environmentForks.environmentId))
    .where(isListed);
  const forks = rows.slice(0, limit);
  const last = forks.at(-1);
  const next = rows.length > limit && last ? { at: last.at, id: last.id } : undefined;
  return { forks, next, total: counted?.total ?? 0 };
}

export interface WantedEnvironmentMerge {
  /** One of the two is a fork of the other: out of the fork is a merge, into it a pull. */
  sourceId: string;
  destinationId: string;
  deleteSource: boolean;
  direction: "merge" | "pull";
  prefer: Side | undefined;
}

/**
 * Brings the changes of one into the other, in one transaction. Throws 400 when they are not fork and source, 404 when one has
 * gone, 409 with what both changed. The caller has checked the rights.
 */
export const mergeEnvironmentFork = (
  { database, secretBox }: EnvironmentDeps,
  actor: Actor,
  wanted: WantedEnvironmentMerge,
): Promise<void> =>
  database.db.transaction(async (tx) => {
    const { sourceId, destinationId, direction } = wanted;
    const [forkId, parentId] = direction === "merge" ? [sourceId, destinationId] : [destinationId, sourceId];
    const locked = await lockBoth(tx, [sourceId, destinationId]);
    const [source, destination] = [locked.get(sourceId), locked.get(destinationId)];
    if (!source || !destination) throw environmentNotFound();
    const [fork] = await tx.select().from(environmentForks).where(eq(environmentForks.environmentId, forkId));
    if (fork?.sourceId !== parentId) throw notForked();
    const base: Content = { name: fork.baseName, values: openValues(secretBox, fork.baseValues) };
    const theirs: Content = { name: source.name, values: openValues(secretBox, source.values) };
    const ours: Content = { name: destination.name, values: openValues(secretBox, destination.values) };
    const merged = mergeEnvironments({ base, destination: ours, source: theirs }, wanted.prefer);
    if (!isDeepStrictEqual(merged, ours)) {
      const action = direction === "merge" ? "environment.merged" : "environment.pulled";
      await changeEnvironmentIn(
        tx,
        { secretBox, actor, action, note: { through: direction } },
        destinationId,
        () => merged,
      );
    }
    if (wanted.deleteSource) {
      await deleteEnvironmentIn(tx, actor, sourceId);
      return;
    }
    // What the source had is in the destination now; what only the destination has is still to be brought.
    await tx
      .update(environmentForks)
      .set({ baseName: theirs.name, baseValues: sealValues(secretBox, theirs.values) })
      .where(eq(environmentForks.environmentId, forkId));
  });

/** In one order, so that two merges cannot wait for each other. */
async function lockBoth(tx: Tx, ids: string[]) {
  const rows = await tx
    .select()
    .from(environments)
    .where(inArray(environments.id, ids))
    .orderBy(asc(environments.id))
    .for("update");
  return new Map(rows.map((row) => [row.id, row]));
}

export const notForked = () =>
  problem("bad_request", "The environment Id is not a forked environment.", {
    title: "The environment Id is not a forked environment.",
    type: "https://api.postman.com/problems/bad-request",
  });
