import { and, asc, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { specFiles } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { problem } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import { badSpec, fileNameOf, type FileInput, specNotFound } from "./spec.ts";
import { type Spec, touchSpec } from "./store.ts";

export type SpecFile = typeof specFiles.$inferSelect;
export type SpecFileHead = Omit<SpecFile, "content">;

const headColumns = {
  id: specFiles.id,
  specId: specFiles.specId,
  path: specFiles.path,
  type: specFiles.type,
  sizeBytes: specFiles.sizeBytes,
  createdBy: specFiles.createdBy,
  updatedBy: specFiles.updatedBy,
  createdAt: specFiles.createdAt,
  updatedAt: specFiles.updatedAt,
};

/** Without contents, the root first. A specification has at most a few hundred. */
export const listFiles = (database: Database, specId: string): Promise<SpecFileHead[]> =>
  database.db
    .select(headColumns)
    .from(specFiles)
    .where(eq(specFiles.specId, specId))
    .orderBy(sql`${specFiles.type} = 'ROOT' desc`, asc(specFiles.path))
    .limit(1000);

/** With contents, the root first. */
export const loadFiles = (database: Database, specId: string): Promise<SpecFile[]> =>
  database.db
    .select()
    .from(specFiles)
    .where(eq(specFiles.specId, specId))
    .orderBy(sql`${specFiles.type} = 'ROOT' desc`, asc(specFiles.path))
    .limit(1000);

export async function findFile(
  database: Database,
  specId: string,
  path: string,
): Promise<SpecFile | undefined> {
  const [file] = await database.db.select().from(specFiles).where(isFile(specId, path));
  return file;
}

const isFile = (specId: string, path: string) => and(eq(specFiles.specId, specId), eq(specFiles.path, path));

/** 400 when there is one of that path. */
export async function createFile(
  database: Database,
  actor: Actor,
  specId: string,
  { path, content, type }: FileInput,
): Promise<SpecFileHead> {
  return await database.db.transaction(async (tx) => {
    await touch(tx, actor, specId);
    const by = actor.userId;
    const [created] = await tx
      .insert(specFiles)
      .values({
        id: newId(),
        specId,
        path,
        type,
        content,
        sizeBytes: Buffer.byteLength(content),
        createdBy: by,
        updatedBy: by,
      })
      .onConflictDoNothing({ target: [specFiles.specId, specFiles.path] })
      .returning(headColumns);
    if (!created) throw badSpec(`There is a file "${path}" already.`);
    await record(tx, actor, specId, "spec.file_created", { path, sizeBytes: created.sizeBytes });
    return created;
  });
}

export interface FileChange {
  content?: string;
  /** Only `ROOT`: the former root becomes an ordinary file. */
  type?: "ROOT" | "DEFAULT";
  /** The whole new path. */
  path?: string;
}

/** Throws 409 when `revision` is given and a file of the specification has changed since. */
export async function updateFile(
  database: Database,
  actor: Actor,
  file: SpecFileHead,
  { revision, ...change }: FileChange & { revision?: number },
): Promise<SpecFileHead> {
  return await database.db.transaction(async (tx) => {
    const touched = await touch(tx, actor, file.specId);
    if (revision !== undefined && touched.revision !== revision + 1)
      throw problem("conflict", "The specification has changed meanwhile: start again.");
    if (change.type === "ROOT")
      await tx
        .update(specFiles)
        .set({ type: "DEFAULT" })
        .where(and(eq(specFiles.specId, file.specId), eq(specFiles.type, "ROOT")));
    if (change.path !== undefined && change.path !== file.path) {
      const [taken] = await tx
        .select({ id: specFiles.id })
        .from(specFiles)
        .where(isFile(file.specId, change.path));
      if (taken) throw badSpec(`There is a file "${change.path}" already.`);
    }
    const [updated] = await tx
      .update(specFiles)
      .set({
        ...change,
        ...(change.content !== undefined && { sizeBytes: Buffer.byteLength(change.content) }),
        updatedBy: actor.userId,
        updatedAt: sql`now()`,
      })
      .where(eq(specFiles.id, file.id))
      .returning(headColumns);
    if (!updated) throw specNotFound("The file you are trying to access does not exist.");
    await record(tx, actor, file.specId, "spec.file_updated", {
      before: { path: file.path, type: file.type, sizeBytes: file.sizeBytes },
      after: { path: updated.path, type: updated.type, sizeBytes: updated.sizeBytes },
    });
    return updated;
  });
}

/** The root cannot go: without it the others are nothing. */
export async function deleteFile(database: Database, actor: Actor, file: SpecFileHead): Promise<void> {
  await database.db.transaction(async (tx) => {
    await touch(tx, actor, file.specId);
    const [deleted] = await tx
      .delete(specFiles)
      .where(and(eq(specFiles.id, file.id), eq(specFiles.type, "DEFAULT")))
      .returning({ id: specFiles.id });
    if (!deleted)
      throw badSpec(
        `"${fileNameOf(file.path)}" is the root file and cannot be deleted: make another file the root first.`,
      );
    await record(tx, actor, file.specId, "spec.file_deleted", { before: { path: file.path } });
  });
}

async function touch(tx: Tx, actor: Actor, specId: string): Promise<Spec> {
  const touched = await touchSpec(tx, actor, specId);
  if (!touched) throw specNotFound();
  return touched;
}

const record = (tx: Tx, actor: Actor, specId: string, action: string, change: Record<string, unknown>) =>
  recordAudit(tx, actor, { action, subjectType: "spec", subjectId: specId, change });
