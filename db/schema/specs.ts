import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

import { user } from "./access.ts";
import { createdAt, updatedAt } from "./columns.ts";
import { collections } from "./documents.ts";
import { inWorkspace } from "./workspaces.ts";

export const specs = pgTable(
  "specs",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    /** Who made it: Postman's `createdBy`. */
    ownerId: user("owner_id"),
    updatedBy: user("updated_by"),
    name: text("name").notNull(),
    /** In Postman's words, such as `OPENAPI:3.0`. */
    type: text("type").notNull(),
    /** Grows with every change of a file; a version tag and a generated collection remember theirs. */
    revision: integer("revision").notNull().default(1),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index("specs_workspace_id").on(table.workspaceId, table.createdAt, table.id)],
);

export const specFiles = pgTable(
  "spec_files",
  {
    id: uuid("id").primaryKey(),
    specId: uuid("spec_id")
      .notNull()
      .references(() => specs.id, { onDelete: "cascade" }),
    path: text("path").notNull(),
    /** One file of a specification is its root. */
    type: text("type").$type<"ROOT" | "DEFAULT">().notNull(),
    content: text("content").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    createdBy: user("created_by"),
    updatedBy: user("updated_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [uniqueIndex("spec_files_path").on(table.specId, table.path)],
);

/** A name for one revision of a specification. */
export const specVersionTags = pgTable(
  "spec_version_tags",
  {
    id: uuid("id").primaryKey(),
    specId: uuid("spec_id")
      .notNull()
      .references(() => specs.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    revision: integer("revision").notNull(),
    createdBy: user("created_by"),
    createdAt: createdAt(),
  },
  (table) => [uniqueIndex("spec_version_tags_revision").on(table.specId, table.revision)],
);

/** The files as they were when the tag was made. */
export const specTagFiles = pgTable(
  "spec_tag_files",
  {
    tagId: uuid("tag_id")
      .notNull()
      .references(() => specVersionTags.id, { onDelete: "cascade" }),
    path: text("path").notNull(),
    fileId: uuid("file_id").notNull(),
    type: text("type").$type<"ROOT" | "DEFAULT">().notNull(),
    content: text("content").notNull(),
    createdBy: integer("created_by").notNull(),
    updatedBy: integer("updated_by").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [primaryKey({ columns: [table.tagId, table.path] })],
);

export interface SyncOptions {
  /** Saved responses of the collection follow the examples of the specification. */
  syncExamples: boolean;
  /** Requests whose operation is gone from the specification go as well. */
  deleteOrphanedRequests: boolean;
}

/** A collection that was generated from a specification, or the other way round. */
export const specCollections = pgTable(
  "spec_collections",
  {
    specId: uuid("spec_id")
      .notNull()
      .references(() => specs.id, { onDelete: "cascade" }),
    collectionId: uuid("collection_id")
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    /** What was generated: the other one is where it came from. */
    generated: text("generated").$type<"collection" | "spec">().notNull(),
    /** How collections are generated: those of `generateCollection`. */
    options: jsonb("options").$type<Record<string, unknown>>().notNull(),
    syncOptions: jsonb("sync_options").$type<SyncOptions>().notNull(),
    /** What both were at when they last were in sync. */
    specRevision: integer("spec_revision").notNull(),
    collectionRevision: integer("collection_revision").notNull(),
    createdBy: user("created_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.specId, table.collectionId] }),
    index("spec_collections_collection_id").on(table.collectionId),
  ],
);
