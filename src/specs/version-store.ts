import { and, asc, count, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { specTagFiles, specVersionTags } from "../../db/schema.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import type { Cursor } from "../lib/cursor.ts";
import { problem } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import { cursorAt, cutPage, isAfter, type Spec } from "./store.ts";

export type VersionTag = typeof specVersionTags.$inferSelect;
export type TagFile = typeof specTagFiles.$inferSelect;

/** Oldest first. */
export async function listVersionTags(
  database: Database,
  specId: string,
  { limit, after }: { limit: number; after: Cursor | undefined },
): Promise<{ tags: VersionTag[]; next: Cursor | undefined }> {
  const rows = await database.db
    .select({ tag: specVersionTags, at: cursorAt(specVersionTags.createdAt) })
    .from(specVersionTags)
    .where(
      and(eq(specVersionTags.specId, specId), isAfter(specVersionTags.createdAt, specVersionTags.id, after)),
    )
    .orderBy(asc(specVersionTags.createdAt), asc(specVersionTags.id))
    .limit(limit + 1);
  const page = cutPage(rows, limit, (row) => row.tag.id);
  return { tags: page.rows.map(({ tag }) => tag), next: page.next };
}

export async function countVersionTags(database: Database, specId: string): Promise<number> {
  const [row] = await database.db
    .select({ total: count() })
    .from(specVersionTags)
    .where(eq(specVersionTags.specId, specId));
  return row?.total ?? 0;
}

export async function findVersionTag(
  database: Database,
  specId: string,
  id: string,
): Promise<VersionTag | undefined> {
  const [tag] = await database.db
    .select()
    .from(specVersionTags)
    .where(and(eq(specVersionTags.specId, specId), eq(specVersionTags.id, id)));
  return tag;
}

/** With contents. */
export const loadTagFiles = (database: Database, tagId: string): Promise<TagFile[]> =>
  database.db
    .select()
    .from(specTagFiles)
    .where(eq(specTagFiles.tagId, tagId))
    .orderBy(asc(specTagFiles.path))
    .limit(1000);

/** Names the present revision and keeps its files; 409 when it has a name. */
export async function createVersionTag(
  database: Database,
  actor: Actor,
  spec: Spec,
  name: string,
): Promise<VersionTag> {
  return await database.db.transaction(async (tx) => {
    // The row is held, so that no file changes between the revision and the copies.
    const [held] = await tx.execute<{ revision: number }>(
      sql`select revision from specs where id = ${spec.id}::uuid for update`,
    );
    const [created] = await tx
      .insert(specVersionTags)
      .values({
        id: newId(),
        specId: spec.id,
        name,
        revision: held?.revision ?? spec.revision,
        createdBy: actor.userId,
      })
      .onConflictDoNothing({ target: [specVersionTags.specId, specVersionTags.revision] })
      .returning();
    if (!created)
      throw problem(
        "conflict",
        "A version tag already exists for the current changelog group. Make new changes to the spec to create a version",
        { type: "conflictError", title: "Conflict" },
      );
    await tx.execute(sql`
      insert into spec_tag_files (tag_id, path, file_id, type, content, created_by, updated_by, created_at, updated_at)
      select ${created.id}::uuid, path, id, type, content, created_by, updated_by, created_at, updated_at
      from spec_files where spec_id = ${spec.id}::uuid`);
    await recordAudit(tx, actor, {
      action: "spec.version_tagged",
      subjectType: "spec",
      subjectId: spec.id,
      workspaceId: spec.workspaceId,
      change: { name, revision: created.revision },
    });
    return created;
  });
}
