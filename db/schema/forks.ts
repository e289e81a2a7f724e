import { sql } from "drizzle-orm";
import { index, integer, json, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { user } from "./access.ts";
import { createdAt, updatedAt } from "./columns.ts";
import { collections, environments } from "./documents.ts";

/** Forks of collections. The source has no foreign key: a fork outlives it, and goes on saying where it came from. */
export const collectionForks = pgTable(
  "collection_forks",
  {
    collectionId: uuid("collection_id")
      .primaryKey()
      .references(() => collections.id, { onDelete: "cascade" }),
    sourceId: uuid("source_id").notNull(),
    sourceOwnerId: integer("source_owner_id").notNull(),
    label: text("label").notNull(),
    createdBy: user("created_by"),
    createdAt: createdAt(),
    /** The document that both had in common last, with the ids of the source. */
    base: json("base").$type<Record<string, unknown>>().notNull(),
    /** Of the source when it was as `base`; null = it never was, because the fork alone was merged since. */
    sourceRevision: integer("source_revision"),
    /** Ids of elements of the fork, and what they are called in the source. */
    elementIds: json("element_ids").$type<Record<string, string>>().notNull(),
  },
  (table) => [
    index("collection_forks_source_id").on(table.sourceId, table.createdAt, table.collectionId),
    index("collection_forks_created_by").on(table.createdBy, table.createdAt, table.collectionId),
  ],
);

/** Forks of environments. */
export const environmentForks = pgTable(
  "environment_forks",
  {
    environmentId: uuid("environment_id")
      .primaryKey()
      .references(() => environments.id, { onDelete: "cascade" }),
    sourceId: uuid("source_id").notNull(),
    sourceOwnerId: integer("source_owner_id").notNull(),
    label: text("label").notNull(),
    createdBy: user("created_by"),
    createdAt: createdAt(),
    /** What both had in common last. */
    baseName: text("base_name").notNull(),
    /** Sealed as those of the environment. */
    baseValues: json("base_values").$type<Record<string, unknown>[]>().notNull(),
  },
  (table) => [index("environment_forks_source_id").on(table.sourceId, table.createdAt, table.environmentId)],
);

export type PullRequestStatus = "open" | "approved" | "declined" | "merged";

/** Wishes to merge a fork; names of the source are kept for when it is gone. */
export const pullRequests = pgTable(
  "pull_requests",
  {
    id: uuid("id").primaryKey(),
    sourceId: uuid("source_id").notNull(),
    sourceOwnerId: integer("source_owner_id").notNull(),
    sourceName: text("source_name").notNull(),
    forkLabel: text("fork_label").notNull(),
    destinationId: uuid("destination_id")
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    title: text("title").notNull(),
    description: text("description").notNull(),
    status: text("status").$type<PullRequestStatus>().notNull().default("open"),
    /** Why it was declined. */
    comment: text("comment"),
    createdBy: user("created_by"),
    updatedBy: user("updated_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index("pull_requests_source_id").on(table.sourceId, table.createdAt, table.id),
    index("pull_requests_destination_id").on(table.destinationId, table.createdAt, table.id),
    uniqueIndex("pull_requests_pending")
      .on(table.sourceId, table.destinationId)
      .where(sql`${table.status} in ('open', 'approved')`),
  ],
);

export const pullRequestReviewers = pgTable(
  "pull_request_reviewers",
  {
    pullRequestId: uuid("pull_request_id")
      .notNull()
      .references(() => pullRequests.id, { onDelete: "cascade" }),
    userId: user("user_id"),
    status: text("status").$type<"pending" | "approved" | "declined">().notNull().default("pending"),
  },
  (table) => [primaryKey({ columns: [table.pullRequestId, table.userId] })],
);
