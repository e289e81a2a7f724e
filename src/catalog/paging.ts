import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";

import { type Cursor, decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { badRequest } from "./problem-request.ts";

/** Query of every list of the catalog. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
};

/** Where a list that is ordered by an instant and an id goes on; undefined = at its beginning. 400 for a wrong cursor. */
export function readCursor(cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined || cursor === "") return undefined;
  const read = decodeCursor(cursor);
  if (!read) throw badRequest("Invalid cursor");
  return read;
}

/** The sort key of a row as `readCursor` gives it back: text, because Date has no microseconds. */
export const cursorAt = (instant: SQL): SQL<string> =>
  sql<string>`to_char((${instant}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

export const isBeyond = (key: SQL, after: Cursor | undefined): SQL =>
  after ? sql`${key} > (${after.at}::text::timestamptz, ${after.id}::uuid)` : sql`true`;

/** The page out of what was read with one row more than its limit, and the cursor of the next; null on the last page. */
export function toPage<T extends { id: string; at: string }>(
  found: readonly T[],
  limit: number,
): { rows: T[]; nextCursor: string | null } {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, nextCursor: found.length > limit && last ? encodeCursor(last) : null };
}
