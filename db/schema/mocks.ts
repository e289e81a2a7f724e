import { boolean, index, integer, json, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { user } from "./access.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { collections, environments } from "./documents.ts";
import { inWorkspace } from "./workspaces.ts";

/** How a mock matches and how long it waits; Postman's `config` without the server response, which is a reference. */
export interface MockConfig {
  /** Names of request headers to match when `matchHeader` is on. */
  headers: string[];
  matchBody: boolean;
  matchHeader: boolean;
  matchQueryParams: boolean;
  matchWildcards: boolean;
  /** `duration` in ms. */
  delay: { type: "fixed"; preset?: "1" | "2"; duration: number } | null;
}

/** The saved examples of a collection, served below `/mock/ID`. */
export const mocks = pgTable(
  "mocks",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    ownerId: user("owner_id"),
    name: text("name").notNull(),
    collectionId: uuid("collection_id")
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    environmentId: uuid("environment_id").references(() => environments.id, { onDelete: "set null" }),
    /** Answers only who sends a key of somebody that may see the workspace. */
    private: boolean("private").notNull().default(false),
    config: jsonb("config").$type<MockConfig>().notNull(),
    /** Answers every call when set; no reference, because the two tables would need each other. */
    serverResponseId: uuid("server_response_id"),
    /** Counts what changes its answers, server responses included. */
    revision: integer("revision").notNull().default(1),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index("mocks_workspace_id").on(table.workspaceId, table.createdAt),
    index("mocks_collection_id").on(table.collectionId),
    index("mocks_environment_id").on(table.environmentId),
  ],
);

/** An error of the server that a mock can answer every call with. */
export const mockServerResponses = pgTable(
  "mock_server_responses",
  {
    id: uuid("id").primaryKey(),
    mockId: uuid("mock_id")
      .notNull()
      .references(() => mocks.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    statusCode: integer("status_code").notNull(),
    headers: jsonb("headers").$type<{ key: string; value: string }[]>().notNull(),
    language: text("language").$type<"text" | "javascript" | "json" | "html" | "xml">(),
    body: text("body").notNull().default(""),
    createdBy: user("created_by"),
    updatedBy: user("updated_by"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index("mock_server_responses_mock_id").on(table.mockId, table.createdAt)],
);

/** One call of a mock, bodies cut and secrets masked. */
export const mockCalls = pgTable(
  "mock_calls",
  {
    id: uuid("id").primaryKey(),
    mockId: uuid("mock_id")
      .notNull()
      .references(() => mocks.id, { onDelete: "cascade" }),
    servedAt: instant("served_at").notNull(),
    method: text("method").notNull(),
    /** With its query. */
    path: text("path").notNull(),
    requestHeaders: json("request_headers").$type<{ key: string; value: string }[]>().notNull(),
    requestBody: text("request_body"),
    /** Of the example, or why there was none. */
    responseName: text("response_name").notNull(),
    responseType: text("response_type").$type<"success" | "error">().notNull(),
    statusCode: integer("status_code").notNull(),
    responseHeaders: json("response_headers").$type<{ key: string; value: string }[]>().notNull(),
    responseBody: text("response_body"),
  },
  (table) => [index("mock_calls_served_at").on(table.mockId, table.servedAt, table.id)],
);
