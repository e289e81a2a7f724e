import { z } from "zod";

import { decodeNumber } from "../lib/cursor.ts";
import { problem } from "../lib/errors.ts";
import { parseOrThrow } from "../lib/parse.ts";
import { MAX_MESSAGE_CHARS } from "./revision.ts";

/** Query of a list of revisions; newest first. */
export const revisionsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().optional(),
});

export const revisionAnswer = z.object({
  revision: z.int(),
  name: z.string(),
  changedAt: z.iso.datetime(),
  changedBy: z.object({ id: z.int(), name: z.string() }).nullable(),
  through: z.string().nullable(),
  message: z.string().nullable(),
  isCurrent: z.boolean(),
});

export const revisionsAnswer = z.object({
  revisions: z.array(revisionAnswer),
  meta: z.object({ total: z.int(), nextCursor: z.string().optional() }),
});

export const restoreBody = z.object({ message: z.string().max(MAX_MESSAGE_CHARS).optional() });

export const restoredAnswer = z.object({ revision: z.int(), restored: z.int() });

/** Which part of the list is asked for. Throws 400 for a wrong query. */
export function readRevisionsQuery(query: Record<string, string>): RevisionsPage {
  const { limit, cursor } = parseOrThrow(revisionsQuery, query);
  const before = cursor === undefined ? undefined : decodeNumber(cursor);
  if (cursor !== undefined && before === undefined)
    throw problem("bad_request", "cursor is not one that a list of revisions gave.");
  return { limit, ...(before !== undefined && { before }) };
}

export interface RevisionsPage {
  limit: number;
  /** Only older revisions than this one. */
  before?: number;
}

/** Number of a revision out of a path; undefined for what can be none. */
export const revisionNumber = (text: string): number | undefined =>
  /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;

export const noSuchRevision = (text: string) =>
  problem(
    "not_found",
    `Revision ${text.slice(0, 20)} is not kept; the list of revisions has those that are.`,
  );
