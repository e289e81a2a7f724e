import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { createdAt, instant } from "./columns.ts";
import { inWorkspace } from "./workspaces.ts";

/** Work of the API that goes on after its answer; kept for a while so that clients can ask how it ended. */
export const tasks = pgTable(
  "tasks",
  {
    id: uuid("id").primaryKey(),
    /** `<noun>.<verb>`, e.g. `collection.duplicate`. */
    kind: text("kind").notNull(),
    elementType: text("element_type").notNull(),
    elementId: text("element_id").notNull(),
    workspaceId: inWorkspace(),
    createdBy: integer("created_by"),
    status: text("status").$type<"pending" | "completed" | "failed">().notNull().default("pending"),
    /** There is at most one pending task of this name: whoever comes second is refused. */
    exclusiveKey: text("exclusive_key"),
    /** What came of it; its shape belongs to the kind. */
    result: jsonb("result").$type<Record<string, unknown>>(),
    /** Of a failed one: one sentence for its reader. */
    reason: text("reason"),
    createdAt: createdAt(),
    /** The server that works on it says so again and again; silence means that it died. */
    aliveAt: instant("alive_at").notNull().defaultNow(),
    finishedAt: instant("finished_at"),
  },
  (table) => [
    index("tasks_element").on(table.elementId, table.kind, table.createdAt),
    index("tasks_pending")
      .on(table.aliveAt)
      .where(sql`${table.status} = 'pending'`),
    uniqueIndex("tasks_exclusive")
      .on(table.exclusiveKey)
      .where(sql`${table.status} = 'pending'`),
    index("tasks_workspace_id").on(table.workspaceId),
    index("tasks_finished_at").on(table.finishedAt),
  ],
);
