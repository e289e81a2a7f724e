import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { users } from "./access.ts";
import { bytes, createdAt, instant } from "./columns.ts";
import { collections } from "./documents.ts";

/** A key that reads one collection, for `GET /collections/ID?access_key=…`. */
export const collectionAccessKeys = pgTable(
  "collection_access_keys",
  {
    id: uuid("id").primaryKey(),
    collectionId: uuid("collection_id")
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    /** Whose rights it has: a person who may no longer read the collection leaves no key behind that may. */
    userId: integer("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    tokenHash: text("token_hash").notNull().unique(),
    /** First and last characters, so that a person can tell keys apart. */
    hint: text("hint").notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [
    index("collection_access_keys_collection_id").on(table.collectionId, table.createdAt),
    index("collection_access_keys_user_id").on(table.userId),
  ],
);

/** Collections as the API answers them, so that reading one is not parsing it. Made when first asked for, and again. */
export const collectionAnswers = pgTable("collection_answers", {
  collectionId: uuid("collection_id")
    .primaryKey()
    .references(() => collections.id, { onDelete: "cascade" }),
  /** The answer is good while both are those of the collection. */
  revision: integer("revision").notNull(),
  updatedAt: instant("updated_at").notNull(),
  /** The whole body, gzip. Postgres does not compress it again, so that it can be read in parts. */
  body: bytes("body").notNull(),
});
