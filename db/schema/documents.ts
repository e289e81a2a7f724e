import { index, integer, json, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { user, users } from "./access.ts";
import { createdAt, updatedAt } from "./columns.ts";
import { inWorkspace, workspaces } from "./workspaces.ts";

/** Through what a revision of a document came; null = from before this was kept. */
export type ChangedThrough =
  | "page"
  | "api"
  | "import"
  | "merge"
  | "pull"
  | "sync"
  | "apply"
  | "restore"
  | "system";

const changedThrough = () => text("changed_through").$type<ChangedThrough>();
/** What somebody noted about the current revision. */
const changeMessage = () => text("change_message");

export const collections = pgTable(
  "collections",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    ownerId: user("owner_id"),
    updatedBy: user("updated_by"),
    name: text("name").notNull(),
    /** `json`, not `jsonb`: keeps every key in its order. */
    document: json("document").$type<Record<string, unknown>>().notNull(),
    revision: integer("revision").notNull().default(1),
    changedThrough: changedThrough(),
    changeMessage: changeMessage(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index("collections_workspace_id").on(table.workspaceId, table.name),
    index("collections_created_at").on(table.createdAt, table.id),
  ],
);

export const environments = pgTable(
  "environments",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    ownerId: user("owner_id"),
    name: text("name").notNull(),
    /** The list of variables as sent, unknown keys kept; `value` of a secret is `{"$sealed": "<base64>"}`. */
    values: json("values").$type<Record<string, unknown>[]>().notNull(),
    revision: integer("revision").notNull().default(1),
    /** Null = not changed since this is kept. */
    updatedBy: integer("updated_by").references(() => users.id),
    changedThrough: changedThrough(),
    changeMessage: changeMessage(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index("environments_workspace_id").on(table.workspaceId, table.name)],
);

/** Variables that every run of a workspace sees; no row = none were ever set. */
export const globals = pgTable("globals", {
  workspaceId: uuid("workspace_id")
    .primaryKey()
    .references(() => workspaces.id, { onDelete: "cascade" }),
  /** As those of an environment. */
  values: json("values").$type<Record<string, unknown>[]>().notNull(),
  revision: integer("revision").notNull().default(1),
  updatedBy: user("updated_by"),
  changedThrough: changedThrough(),
  changeMessage: changeMessage(),
  updatedAt: updatedAt(),
});
