import { and, asc, count, eq, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";

import type { Database } from "../../db/connect.ts";
import { specFiles, specs } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";
import { newId } from "../lib/ids.ts";
import { deleteTags } from "../workspaces/tags-store.ts";
import type { FileInput, SpecType } from "./spec.ts";

export type Spec = typeof specs.$inferSelect;

/** Creation as text with microseconds, for cursors. */
export const cursorAt = (column: AnyPgColumn): SQL<string> =>
  sql<string>`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** As text: the driver would turn a parameter that is an instant into a Date and cut the microseconds. */
export const isAfter = (at: AnyPgColumn, id: AnyPgColumn, after: Cursor | undefined): SQL | undefined =>
  after && sql`(${at}, ${id}) > (${after.at}::text::timestamptz, ${after.id}::uuid)`;

/** The first `limit` rows, and where the next page begins when there are more. */
export function cutPage<T>(
  rows: (T & { at: string })[],
  limit: number,
  idOf: (row: T) => string,
): { rows: T[]; next: Cursor | undefined } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page,
    next: rows.length > limit && last ? { at: last.at, id: idOf(last) } : undefined,
  };
}

export interface SpecFilter {
  workspaceId?: string;
  limit: number;
  after: Cursor | undefined;
}

/** Oldest first; only of workspaces that the actor sees. */
export async function listSpecs(
  database: Database,
  actor: Actor,
  { workspaceId, limit, after }: SpecFilter,
): Promise<{ specs: Spec[]; next: Cursor | undefined }> {
  const rows = await database.db
    .select({ spec: specs, at: cursorAt(specs.createdAt) })
    .from(specs)
    .where(
      and(
        workspaceId === undefined ? undefined : eq(specs.workspaceId, workspaceId),
        isInVisibleWorkspace(actor, specs.workspaceId),
        isAfter(specs.createdAt, specs.id, after),
      ),
    )
    .orderBy(asc(specs.createdAt), asc(specs.id))
    .limit(limit + 1);
  const page = cutPage(rows, limit, (row) => row.spec.id);
  return { specs: page.rows.map(({ spec }) => spec), next: page.next };
}

export async function countSpecs(
  database: Database,
  actor: Actor,
  { workspaceId }: Pick<SpecFilter, "workspaceId">,
): Promise<number> {
  const [row] = await database.db
    .select({ total: count() })
    .from(specs)
    .where(
      and(
        workspaceId === undefined ? undefined : eq(specs.workspaceId, workspaceId),
        isInVisibleWorkspace(actor, specs.workspaceId),
      ),
    );
  return row?.total ?? 0;
}

export async function findSpec(database: Database, id: string): Promise<Spec | undefined> {
  const [spec] = await database.db.select().from(specs).where(eq(specs.id, id));
  return spec;
}

export interface NewSpec {
  workspaceId: string;
  name: string;
  type: SpecType;
  files: FileInput[];
}

export const createSpec = (database: Database, actor: Actor, wanted: NewSpec): Promise<Spec> =>
  database.db.transaction((tx) => insertSpec(tx, actor, wanted));

/** In the transaction of whatever else belongs to it. */
export async function insertSpec(tx: Tx, actor: Actor, wanted: NewSpec): Promise<Spec> {
  const by = actor.userId;
  const { workspaceId, name, type } = wanted;
  const [created] = await tx
    .insert(specs)
    .values({ id: newId(), workspaceId, ownerId: by, updatedBy: by, name, type })
    .returning();
  if (!created) throw new Error("insert of a spec returned no row");
  await tx.insert(specFiles).values(
    wanted.files.map((file) => ({
      ...file,
      id: newId(),
      specId: created.id,
      sizeBytes: Buffer.byteLength(file.content),
      createdBy: by,
      updatedBy: by,
    })),
  );
  await recordAudit(tx, actor, {
    action: "spec.created",
    subjectType: "spec",
    subjectId: created.id,
    workspaceId,
    change: { name, type, workspaceId, files: wanted.files.map(({ path }) => path) },
  });
  return created;
}

/** Undefined when it has gone meanwhile. */
export async function renameSpec(
  database: Database,
  actor: Actor,
  spec: Spec,
  name: string,
): Promise<Spec | undefined> {
  return await database.db.transaction(async (tx) => {
    const [updated] = await tx
      .update(specs)
      .set({ name, updatedBy: actor.userId, updatedAt: sql`now()` })
      .where(eq(specs.id, spec.id))
      .returning();
    if (!updated) return undefined;
    await recordAudit(tx, actor, {
      action: "spec.updated",
      subjectType: "spec",
      subjectId: spec.id,
      workspaceId: spec.workspaceId,
      change: { before: { name: spec.name }, after: { name } },
    });
    return updated;
  });
}

/** Files, version tags and what it knows of generated collections go with it; the collections stay. */
export async function deleteSpec(database: Database, actor: Actor, id: string): Promise<boolean> {
  return await database.db.transaction(async (tx) => {
    const [deleted] = await tx
      .delete(specs)
      .where(eq(specs.id, id))
      .returning({ name: specs.name, workspaceId: specs.workspaceId });
    if (!deleted) return false;
    await deleteTags(tx, "specification", [id]);
    await recordAudit(tx, actor, {
      action: "spec.deleted",
      subjectType: "spec",
      subjectId: id,
      workspaceId: deleted.workspaceId,
      change: { before: deleted },
    });
    return true;
  });
}

/** Every change of a file goes through here, first: it holds the row, so that two changes come one after the other. */
export async function touchSpec(tx: Tx, actor: Actor, specId: string): Promise<Spec | undefined> {
  const [touched] = await tx
    .update(specs)
    .set({ revision: sql`${specs.revision} + 1`, updatedBy: actor.userId, updatedAt: sql`now()` })
    .where(eq(specs.id, specId))
    .returning();
  return touched;
}
