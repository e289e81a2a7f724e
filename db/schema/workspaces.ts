import { index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

import { user, users } from "./access.ts";
import { createdAt, updatedAt } from "./columns.ts";

export const workspaces = pgTable("workspaces", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  type: text("type").$type<"personal" | "team">().notNull(),
  visibility: text("visibility").notNull(),
  description: text("description"),
  about: text("about").notNull().default(""),
  createdBy: user("created_by"),
  updatedBy: user("updated_by"),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

/** What is in a workspace goes with it. */
export const inWorkspace = () =>
  uuid("workspace_id")
    .notNull()
    .references(() => workspaces.id, { onDelete: "cascade" });

/** Who has which role in a workspace, where it is not the one that everybody has by its visibility. */
export const workspaceMembers = pgTable(
  "workspace_members",
  {
    workspaceId: inWorkspace(),
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
