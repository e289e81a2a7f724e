import { index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { user, users } from "./access.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { collections } from "./documents.ts";

export type CommentedType = "collection" | "folder" | "request" | "response";

/** A comment with its answers, about one element of a collection. */
export const commentThreads = pgTable(
  "comment_threads",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    collectionId: uuid("collection_id")
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    elementType: text("element_type").$type<CommentedType>().notNull(),
    /** As in the document; of a comment about the collection: the collection's. */
    elementId: text("element_id").notNull(),
    /** Null = open. */
    resolvedBy: integer("resolved_by").references(() => users.id),
    resolvedAt: instant("resolved_at"),
    createdAt: createdAt(),
  },
  (table) => [index("comment_threads_element").on(table.collectionId, table.elementType, table.elementId)],
);

export const comments = pgTable(
  "comments",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    threadId: integer("thread_id")
      .notNull()
      .references(() => commentThreads.id, { onDelete: "cascade" }),
    body: text("body").notNull(),
    /** Users named in the body: `{"@name": {"type": "user", "id": "7"}}`. */
    tags: jsonb("tags").$type<Record<string, { type: string; id: string }>>(),
    createdBy: user("created_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index("comments_thread_id").on(table.threadId, table.id)],
);
