import { and, asc, eq, inArray, notInArray } from "drizzle-orm";
import { z } from "zod";

import type { Database } from "../../db/connect.ts";
import { elementTags } from "../../db/schema.ts";
import { recordAudit } from "../access/audit.ts";
import type { Actor } from "../access/context.ts";
import { AppError } from "../lib/errors.ts";

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

const slug = z
  .string()
  .min(2, "must NOT have fewer than 2 characters")
  .max(64, "must NOT have more than 64 characters")
  .regex(slugPattern, "must hold lower case letters, digits and hyphens, and begin with a letter");

/** Body of `PUT …/tags`: the documented objects, or the bare texts that Postman's own client sends. */
export const tagsBody = z.object({
  tags: z.array(z.union([slug, z.object({ slug }).transform((tag) => tag.slug)])),
});

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
    throw new AppError("bad_request", `body/tags must NOT have more than ${MAX_TAGS} items`, {
      problem: { title: "Bad Request" },
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
