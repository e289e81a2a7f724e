import { sql } from "drizzle-orm";
import {
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";

import { user } from "./access.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { collections, environments } from "./documents.ts";
import { inWorkspace } from "./workspaces.ts";

const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

/** What search reads: the requests and folders of collections, and the collections themselves, one row each. */
export const searchItems = pgTable(
  "search_items",
  {
    collectionId: uuid("collection_id")
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    /** Place in the document; 0 is the collection itself. */
    position: integer("position").notNull(),
    kind: text("kind").$type<"collection" | "folder" | "request">().notNull(),
    itemId: text("item_id").notNull(),
    name: text("name").notNull(),
    /** Its first 200 characters in lower case. */
    nameKey: text("name_key").notNull(),
    method: text("method"),
    url: text("url"),
    description: text("description").notNull(),
    /** Lower-case words of all the columns above, without positions. */
    words: tsvector("words").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.collectionId, table.position] }),
    // Two, because requests outnumber the rest a hundred times.
    index("search_items_request_words")
      .using("gin", table.words)
      .where(sql`${table.kind} = 'request'`),
    index("search_items_container_words")
      .using("gin", table.words)
      .where(sql`${table.kind} <> 'request'`),
    index("search_items_name_key").on(table.nameKey),
  ],
);

/** Which revision of a collection `search_items` hold; no row = not read yet. */
export const searchRevisions = pgTable("search_revisions", {
  collectionId: uuid("collection_id")
    .primaryKey()
    .references(() => collections.id, { onDelete: "cascade" }),
  revision: integer("revision").notNull(),
});

/** Stages such as production, that environments of any workspace stand for. */
export const systemEnvironments = pgTable("system_environments", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull().unique(),
  /** The name as a word of a URL; never changes. */
  label: text("label").notNull().unique(),
  /** `#RRGGBB`. */
  color: text("color").notNull(),
  description: text("description").notNull().default(""),
  isProduction: boolean("is_production").notNull().default(false),
  createdBy: user("created_by"),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

/** An environment stands for one stage at most. */
export const systemEnvironmentAssociations = pgTable(
  "system_environment_associations",
  {
    environmentId: uuid("environment_id")
      .primaryKey()
      .references(() => environments.id, { onDelete: "cascade" }),
    id: uuid("id").notNull().unique(),
    systemEnvironmentId: uuid("system_environment_id")
      .notNull()
      .references(() => systemEnvironments.id, { onDelete: "cascade" }),
    associatedAt: instant("associated_at").notNull().defaultNow(),
  },
  (table) => [
    index("system_environment_associations_of").on(table.systemEnvironmentId, table.associatedAt, table.id),
  ],
);

export interface DiscoveredEndpoint {
  method?: string | undefined;
  path?: string | undefined;
  description?: string | null | undefined;
  host?: string | undefined;
}

/** Services that something outside has found (a gateway, a cluster): facts as they were reported. */
export const discoveredServices = pgTable(
  "discovered_services",
  {
    id: uuid("id").primaryKey(),
    /** What tells a service from others when it is reported again. */
    identity: text("identity").notNull().unique(),
    name: text("name").notNull(),
    version: text("version"),
    description: text("description"),
    sourceEnvironment: text("source_environment"),
    discoverySource: text("discovery_source").notNull(),
    providerServiceId: text("provider_service_id"),
    tags: text("tags").array().notNull(),
    endpoints: jsonb("endpoints").$type<DiscoveredEndpoint[]>().notNull(),
    endpointsCount: integer("endpoints_count").notNull(),
    /** Of the API, as text. */
    definition: text("definition"),
    providerMetadata: jsonb("provider_metadata").$type<Record<string, unknown>>(),
    status: text("status").notNull(),
    discoveredBy: user("discovered_by"),
    discoveredAt: instant("discovered_at").notNull().defaultNow(),
    lastSyncedAt: instant("last_synced_at").notNull().defaultNow(),
  },
  (table) => [index("discovered_services_discovered_at").on(table.discoveredAt, table.id)],
);

/** Runs of collections elsewhere (a pipeline, a laptop, an agent), as their programs reported them. */
export const ciRuns = pgTable(
  "ci_runs",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    collectionId: uuid("collection_id")
      .notNull()
      .references(() => collections.id, { onDelete: "cascade" }),
    environmentId: uuid("environment_id").references(() => environments.id, { onDelete: "set null" }),
    reportedBy: user("reported_by"),
    /** The program, e.g. `postman-cli`. */
    source: text("source").notNull(),
    status: text("status").$type<"passed" | "failed">().notNull(),
    startedAt: instant("started_at").notNull(),
    durationMs: doublePrecision("duration_ms").notNull(),
    requestsTotal: integer("requests_total").notNull(),
    requestsFailed: integer("requests_failed").notNull(),
    assertionsTotal: integer("assertions_total").notNull(),
    assertionsFailed: integer("assertions_failed").notNull(),
    /** Fastest and slowest answer; null = not told. */
    responseMsMin: doublePrecision("response_ms_min"),
    responseMsMax: doublePrecision("response_ms_max"),
    /** Branch, workflow, repository and so on, as far as the program told. */
    ci: jsonb("ci").$type<Record<string, string | number>>().notNull(),
    reportedAt: instant("reported_at").notNull().defaultNow(),
  },
  (table) => [
    index("ci_runs_workspace_id").on(table.workspaceId, table.startedAt),
    index("ci_runs_collection_id").on(table.collectionId, table.startedAt),
  ],
);
