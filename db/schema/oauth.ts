import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { users } from "./access.ts";
import { createdAt, instant } from "./columns.ts";

/** Programs that registered themselves to sign people in (RFC 7591). Public clients: none has a secret. */
export const oauthClients = pgTable(
  "oauth_clients",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    redirectUris: text("redirect_uris").array().notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("oauth_clients_created_at").on(table.createdAt)],
);

/** What a person allowed a client to do. All tokens of a grant end with it. */
export const oauthGrants = pgTable(
  "oauth_grants",
  {
    id: uuid("id").primaryKey(),
    clientId: uuid("client_id")
      .notNull()
      .references(() => oauthClients.id, { onDelete: "cascade" }),
    userId: integer("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    scopes: text("scopes").array().notNull(),
    /** Our public URL when it was given: a token is for this installation under this name. */
    audience: text("audience").notNull(),
    createdAt: createdAt(),
    lastUsedAt: instant("last_used_at"),
    revokedAt: instant("revoked_at"),
  },
  (table) => [
    index("oauth_grants_user_id").on(table.userId),
    index("oauth_grants_client_id").on(table.clientId),
  ],
);

/** Codes and refresh tokens are good once: used ones stay until they expire, so that a second use is noticed. */
export const oauthTokens = pgTable(
  "oauth_tokens",
  {
    tokenHash: text("token_hash").primaryKey(),
    grantId: uuid("grant_id")
      .notNull()
      .references(() => oauthGrants.id, { onDelete: "cascade" }),
    kind: text("kind").$type<"code" | "access" | "refresh">().notNull(),
    /** Those of the grant, or fewer. */
    scopes: text("scopes").array().notNull(),
    /** Of a code: where it went, and what its exchange must prove (S256). */
    redirectUri: text("redirect_uri"),
    codeChallenge: text("code_challenge"),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (table) => [
    index("oauth_tokens_grant_id").on(table.grantId),
    index("oauth_tokens_expires_at").on(table.expiresAt),
  ],
);
