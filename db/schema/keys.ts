import { bigint, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

import { instant } from "./columns.ts";

/**
 * Calls below `/api`, kept for a while. They refer to nothing: a batch must not fail because a user was deleted
 * meanwhile.
 */
export const apiKeyCalls = pgTable(
  "api_key_calls",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant("at").notNull().defaultNow(),
    /** Null for a key that nobody knows, and for none at all. */
    keyId: uuid("key_id"),
    userId: integer("user_id"),
    method: text("method").notNull(),
    /** `/collections/{id}`; null for a path that is none of the API, and where the call did not get so far. */
    route: text("route"),
    /** Below `/api`, with its query, without secrets. */
    path: text("path").notNull(),
    /** Of the connection; empty when unknown. */
    address: text("address").notNull(),
    userAgent: text("user_agent").notNull(),
    decision: text("decision").$type<"allowed" | "denied">().notNull(),
    /** What denied it: `unknown_key`, `expired`, `revoked`, `scope:<area>:<access>`, `role`, `limit:<rule>`. */
    rule: text("rule"),
    status: integer("status").notNull(),
  },
  (table) => [index("api_key_calls_key").on(table.keyId, table.id), index("api_key_calls_at").on(table.at)],
);

/** What was taken of each limit in its present window, by all servers together. */
export const rateWindows = pgTable(
  "rate_windows",
  {
    /** Name of the limit, e.g. `user`. */
    rule: text("rule").notNull(),
    /** Whom it counts, e.g. `user:1000001`. */
    subject: text("subject").notNull(),
    allowed: integer("allowed").notNull(),
    /** Given to servers, less what they gave back. */
    used: integer("used").notNull(),
    /** What the last to ask was given: an upsert shows its new row only. */
    granted: integer("granted").notNull(),
    endsAt: instant("ends_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.rule, table.subject] }),
    index("rate_windows_ends_at").on(table.endsAt),
  ],
);
