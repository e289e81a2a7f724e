import { sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import type { Cursor } from "../lib/cursor.ts";

type ReadableWorkspace = {
  id: string;
  name: string;
  visibility: string;
  /** How many there are in it. */
  collections: number;
  at: string;
};

/** Workspaces that the actor may see, oldest first; `name` is a part of the name in any case. */
export async function listReadableWorkspaces(
  { db }: Database,
  actor: Actor,
  { limit, after, name }: { limit: number; after?: Cursor | undefined; name?: string | undefined },
): Promise<{ rows: ReadableWorkspace[]; next: Cursor | undefined }> {
  const visible = isInVisibleWorkspace(actor, sql`w.id`) ?? sql`true`;
  const named = name === undefined ? sql`true` : sql`strpos(lower(w.name), ${name.toLowerCase()}) > 0`;
  // As text: the driver would turn a parameter that is an instant into a Date and cut the microseconds.
  const beyond = after
    ? sql`(w.created_at, w.id) > (${after.at}::text::timestamptz, ${after.id}::uuid)`
    : sql`true`;
  const found = await db.execute<ReadableWorkspace>(sql`
    select w.id, w.name, w.visibility,
           (select count(*)::int from collections c where c.workspace_id = w.id) as collections,
           to_char(w.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
      from workspaces w where ${visible} and ${named} and ${beyond}
     order by w.created_at, w.id limit ${limit + 1}`);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last ? { at: last.at, id: last.id } : undefined };
}
