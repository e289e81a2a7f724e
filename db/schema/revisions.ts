import { integer, json, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

import { users } from "./access.ts";
import { instant } from "./columns.ts";
import { type ChangedThrough, collections, environments, globals } from "./documents.ts";

const changedBy = () => integer("changed_by").references(() => users.id);
const changedThrough = () => text("changed_through").$type<ChangedThrough>();
const changedAt = () => instant("changed_at").notNull();
/** When the next revision took its place. */
const replacedAt = () => instant("replaced_at").notNull().defaultNow();

/** Collections as they were before a change; written by a trigger on `collections`. */
export const collectionRevisions = pgTable(
  "collection_revisions",
  {
    collectionId: uuid("collection_id")
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    revision: integer("revision").notNull(),
    name: text("name").notNull(),
    document: json("document").$type<Record<string, unknown>>().notNull(),
    changedBy: changedBy(),
    changedThrough: changedThrough(),
    message: text("message"),
    changedAt: changedAt(),
    replacedAt: replacedAt(),
  },
  (table) => [primaryKey({ columns: [table.collectionId, table.revision] })],
);

/** Environments as they were before a change, secrets sealed; written by a trigger on `environments`. */
export const environmentRevisions = pgTable(
  "environment_revisions",
  {
    environmentId: uuid("environment_id")
      .notNull()
      .references(() => environments.id, { onDelete: "cascade" }),
    revision: integer("revision").notNull(),
    name: text("name").notNull(),
    values: json("values").$type<Record<string, unknown>[]>().notNull(),
    changedBy: changedBy(),
    changedThrough: changedThrough(),
    message: text("message"),
    changedAt: changedAt(),
    replacedAt: replacedAt(),
  },
  (table) => [primaryKey({ columns: [table.environmentId, table.revision] })],
);

/** Globals as they were before a change, secrets sealed; written by a trigger on `globals`. */
export const globalsRevisions = pgTable(
  "globals_revisions",
  {
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => globals.workspaceId, { onDelete: "cascade" }),
    revision: integer("revision").notNull(),
    values: json("values").$type<Record<string, unknown>[]>().notNull(),
    changedBy: changedBy(),
    changedThrough: changedThrough(),
    message: text("message"),
    changedAt: changedAt(),
    replacedAt: replacedAt(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.revision] })],
);
