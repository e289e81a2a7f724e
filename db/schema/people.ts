import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

import { user, users } from "./access.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { inWorkspace } from "./workspaces.ts";

/** Links that work once and let somebody in without a password: invitations, and new passwords for old ones. */
export const oneTimeLinks = pgTable(
  "one_time_links",
  {
    id: uuid("id").primaryKey(),
    kind: text("kind").$type<"invitation" | "password_reset">().notNull(),
    tokenHash: text("token_hash").notNull().unique(),
    /** Of the one that it is for. */
    email: text("email").notNull(),
    /** Of an invitation: what the new user becomes. */
    role: text("role").$type<"admin" | "member">(),
    /** Of a password reset: whose password. */
    userId: integer("user_id").references(() => users.id, { onDelete: "cascade" }),
    createdBy: user("created_by"),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    index("one_time_links_email").on(table.email),
    index("one_time_links_user_id").on(table.userId),
    check(
      "one_time_links_subject",
      sql`(${table.kind} = 'invitation' and ${table.role} is not null and ${table.userId} is null) or (${table.kind} = 'password_reset' and ${table.role} is null and ${table.userId} is not null)`,
    ),
  ],
);

/** Tags of collections, workspaces, specifications and whatever else has an id. */
export const elementTags = pgTable(
  "element_tags",
  {
    elementType: text("element_type").notNull(),
    elementId: text("element_id").notNull(),
    slug: text("slug").notNull(),
    taggedBy: user("tagged_by"),
    taggedAt: instant("tagged_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.elementType, table.elementId, table.slug] }),
    index("element_tags_slug").on(table.slug, table.taggedAt, table.elementId),
  ],
);

/** News that somebody writes for the readers of a workspace. */
export const workspaceUpdates = pgTable(
  "workspace_updates",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    workspaceId: inWorkspace(),
    createdBy: user("created_by"),
    updatedBy: user("updated_by"),
    topic: text("topic").notNull(),
    /** Markdown. */
    description: text("description").notNull(),
    category: text("category").notNull(),
    relatedResources: jsonb("related_resources")
      .$type<{ resource: string; resourceId: string }[]>()
      .notNull(),
    isPinned: boolean("is_pinned").notNull().default(false),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index("workspace_updates_workspace_id").on(table.workspaceId, table.isPinned, table.id)],
);
