import { index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

import { users } from "./access.ts";
import { createdAt, updatedAt } from "./columns.ts";

export const workspaces = pgTable("workspaces", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  type: text("type").$type<"personal" | "team">().notNull(),
  visibility: text("visibility").notNull(),
  description: text("description"),
  about: text("about").notNull().default(""),
  createdBy: integer("created_by")
    .notNull()
    .references(() => users.id),
  updatedBy: integer("updated_by")
    .notNull()
    .references(() => users.id),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

/** Who has which role in a workspace, where it is not the one that everybody has by its visibility. */
export const workspaceMembers = pgTable(
  "workspace_members",
  {
    workspaceId: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id, { onDelete: "cascade" }),
    userId: integer("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role").$type<"viewer" | "editor" | "admin">().notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.workspaceId, table.userId] }),
    index("workspace_members_user_id").on(table.userId),
  ],
);
