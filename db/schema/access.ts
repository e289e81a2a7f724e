import { bigint, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { createdAt, instant } from "./columns.ts";

/** Facts about the installation: set-up token, created demo, … */
export const settings = pgTable("settings", {
  key: text("key").primaryKey(),
  value: jsonb("value").notNull(),
});

export const users = pgTable("users", {
  /** Numeric as in Postman: it is the owner part of every uid. */
  id: integer("id").primaryKey().generatedAlwaysAsIdentity({ startWith: 1000001 }),
  email: text("email").notNull().unique(),
  name: text("name").notNull(),
  passwordHash: text("password_hash").notNull(),
  role: text("role").$type<"admin" | "member">().notNull(),
  createdAt: createdAt(),
  /** Somebody who left: signs in no more, and no key of theirs works; what they made stays theirs. */
  deactivatedAt: instant("deactivated_at"),
});

/** Whose something is, or who did it: people stay in the table when they leave. */
export const user = (column: string) =>
  integer(column)
    .notNull()
    .references(() => users.id);

export const sessions = pgTable(
  "sessions",
  {
    tokenHash: text("token_hash").primaryKey(),
    userId: integer("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [index("sessions_user_id").on(table.userId)],
);

/** Sign-ins that failed or are being judged, for a quarter of an hour. */
export const signInAttempts = pgTable(
  "sign_in_attempts",
  {
    /** Hashed, because people type passwords into the wrong field. */
    emailHash: text("email_hash").notNull(),
    address: text("address").notNull(),
    at: instant("at").notNull().defaultNow(),
  },
  (table) => [
    index("sign_in_attempts_subject").on(table.emailHash, table.address),
    index("sign_in_attempts_at").on(table.at),
  ],
);

export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid("id").primaryKey(),
    userId: integer("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    keyHash: text("key_hash").notNull().unique(),
    /** First characters, so that a person can tell keys apart. */
    prefix: text("prefix").notNull(),
    /** `<area>:read` or `<area>:write`; null = everything that the owner may do. */
    scopes: text("scopes").array(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at"),
    revokedAt: instant("revoked_at"),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [index("api_keys_user_id").on(table.userId)],
);

/** Who changed what; written in the transaction of the change. */
export const auditRecords = pgTable(
  "audit_records",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant("at").notNull().defaultNow(),
    actorId: integer("actor_id"),
    /** `session`, `api_key`, `cli`, `system`. */
    via: text("via").notNull(),
    action: text("action").notNull(),
    subjectType: text("subject_type").notNull(),
    subjectId: text("subject_id").notNull(),
    /** Before and after without secrets. */
    change: jsonb("change"),
    /** Where from, of what came over HTTP. */
    address: text("address"),
    userAgent: text("user_agent"),
    /** Of a change by an API key. */
    keyId: uuid("key_id"),
    /** Where the subject was; null for what is in no workspace. */
    workspaceId: uuid("workspace_id"),
  },
  (table) => [
    index("audit_records_subject").on(table.subjectType, table.subjectId, table.id),
    index("audit_records_workspace").on(table.workspaceId, table.id),
    index("audit_records_at").on(table.at),
    index("audit_records_actor").on(table.actorId, table.at),
    index("audit_records_action").on(table.action, table.at),
  ],
);
