import { and, asc, eq, inArray, notInArray, sql } from "drizzle-orm";
import { z } from "zod";

import type { Database } from "../../db/connect.ts";
import { elementTags } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { inVisibleWorkspace } from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";
import { problem } from "../lib/errors.ts";

/** What can be tagged, in Postman's words; `specification` is ours. */
export const taggableTypes = ["collection", "workspace", "api", "specification"] as const;
export type TaggableType = (typeof taggableTypes)[number];

export interface Taggable {
  type: TaggableType;
  /** Bare, in lower case. */
  id: string;
}

/** Postman's own limit. */
const MAX_TAGS = 5;
const slugPattern = /^[a-z][a-z0-9-]*[a-z0-9]$/;

/** Postman's rule for the text of a tag. */
export const tagSlug = z
  .string()
  .min(2, "must NOT have fewer than 2 characters")
  .max(64, "must NOT have more than 64 characters")
  .regex(slugPattern, "must hold lower case letters, digits and hyphens, and begin with a letter");

/** Body of `PUT …/tags`: the documented objects, or the bare texts that Postman's own client sends. */
export const tagsBody = z.object({
  tags: z.array(
    z
      .preprocess((sent) => (typeof sent === "string" ? { slug: sent } : sent), z.object({ slug: tagSlug }))
      .transform((tag) => tag.slug),
  ),
});

/** The slugs of such a body; 400 in Postman's words for a wrong one. */
export function parseTags(body: unknown): string[] {
  const parsed = tagsBody.safeParse(body);
  if (parsed.success) return parsed.data.tags;
  const [issue] = parsed.error.issues;
  const place = ["body", ...(issue?.path ?? [])].join("/");
  throw problem("bad_request", `${place} ${issue?.message ?? "is not valid"}`, { type: "Bad Request" });
}

/** Of one element, by name; empty also for an element that is not there. */
export async function listTags(database: Database, { type, id }: Taggable): Promise<string[]> {
  const rows = await database.db
    .select({ slug: elementTags.slug })
    .from(elementTags)
    .where(and(eq(elementTags.elementType, type), eq(elementTags.elementId, id)))
    .orderBy(asc(elementTags.slug))
    .limit(1000);
  return rows.map((row) => row.slug);
}

/**
 * Makes these the tags of an element that is there; the caller has checked that the actor may change it. What stays keeps
 * its time. Returns the tags by name. 400 for more than five.
 */
export async function replaceTags(
  database: Database,
  actor: Actor,
  { type, id }: Taggable,
  wanted: readonly string[],
): Promise<string[]> {
  const after = [...new Set(wanted)].toSorted();
  if (after.length > MAX_TAGS) {
    throw problem("bad_request", `body/tags must NOT have more than ${MAX_TAGS} items`, {
      type: "Bad Request",
    });
  }
  return await database.db.transaction(async (tx) => {
    const ofElement = and(eq(elementTags.elementType, type), eq(elementTags.elementId, id));
    const rows = await tx.select({ slug: elementTags.slug }).from(elementTags).where(ofElement).for("update");
    const before = rows.map((row) => row.slug).toSorted();
    await tx
      .delete(elementTags)
      .where(after.length === 0 ? ofElement : and(ofElement, notInArray(elementTags.slug, after)));
    if (after.length > 0) {
      await tx
        .insert(elementTags)
        .values(after.map((tag) => ({ elementType: type, elementId: id, slug: tag, taggedBy: actor.userId })))
        .onConflictDoNothing();
    }
    await recordAudit(tx, actor, {
      action: `${type}.tagged`,
      subjectType: type,
      subjectId: id,
      change: { before, after },
    });
    return after;
  });
}

/** When elements are gone their tags go with them: call it in the transaction of the deletion. */
export const deleteTags = async (
  tx: Pick<Database["db"], "delete">,
  type: TaggableType,
  ids: readonly string[],
): Promise<void> => {
  if (ids.length === 0) return;
  await tx
    .delete(elementTags)
    .where(and(eq(elementTags.elementType, type), inArray(elementTags.elementId, [...ids])));
};

/** Before a workspace goes with all that is in it: its tags and theirs. */
export const deleteTagsIn = (tx: Tx, workspaceId: string) =>
  tx.execute(sql`
    delete from element_tags t
     where (t.element_type = 'workspace' and t.element_id = ${workspaceId})
        or (t.element_type = 'collection'
            and t.element_id in (select c.id::text from collections c where c.workspace_id = ${workspaceId}))
        or (t.element_type = 'specification'
            and t.element_id in (select s.id::text from specs s where s.workspace_id = ${workspaceId}))`);

export interface TaggedElement extends Taggable {
  /** Null for a workspace, which Postman names by its bare id. */
  ownerId: number | null;
}

export interface TaggedPage {
  slug: string;
  type?: TaggableType | undefined;
  direction: "asc" | "desc";
  limit: number;
  after?: Cursor | undefined;
}

/** What carries a tag and the actor may see, by the time of the tagging. Undefined when nothing carries the tag. */
export async function listTagged(
  { sql: client }: Database,
  actor: Actor,
  page: TaggedPage,
): Promise<{ elements: TaggedElement[]; next: Cursor | undefined } | undefined> {
  const isDown = page.direction === "desc";
  const rows = await client<(TaggedElement & { at: string })[]>`
    select found.element_type as type, found.element_id as id, found.owner_id as "ownerId",
           to_char(found.tagged_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
      from (select t.*, c.owner_id, coalesce(c.workspace_id, s.workspace_id, w.id) as workspace_id
              from element_tags t
              left join collections c on c.id = case when t.element_type = 'collection' then t.element_id::uuid end
              left join specs s on s.id = case when t.element_type = 'specification' then t.element_id::uuid end
              left join workspaces w on w.id = case when t.element_type = 'workspace' then t.element_id::uuid end
             where t.slug = ${page.slug}
               and ${page.type ? client`t.element_type = ${page.type}` : client`true`}
               and ${page.after ? isAfter(client, page.after, isDown) : client`true`}) found
     where found.workspace_id is not null and ${inVisibleWorkspace(client, actor, "found.workspace_id")}
     order by found.tagged_at ${isDown ? client`desc` : client`asc`}, found.element_id ${isDown ? client`desc` : client`asc`}
     limit ${page.limit + 1}`;
  if (rows.length === 0) {
    const [known] = await client`select 1 from element_tags where slug = ${page.slug} limit 1`;
    if (!known) return undefined;
  }
  const elements = rows.slice(0, page.limit);
  const last = elements.at(-1);
  return {
    elements: elements.map(({ type, id, ownerId }) => ({ type, id, ownerId })),
    next: rows.length > page.limit && last ? { at: last.at, id: last.id } : undefined,
  };
}

const isAfter = (client: Database["sql"], { at, id }: Cursor, isDown: boolean) =>
  isDown
    ? client`(t.tagged_at, t.element_id) < (${at}::text::timestamptz, ${id})`
    : client`(t.tagged_at, t.element_id) > (${at}::text::timestamptz, ${id})`;
