/**
 * Everything that is stored. Table and column names are the words of the product; instants end in `_at`,
 * units stand in the name. `migrations/*.sql` is the same design as SQL; a test compares the two.
 */
export * from "./schema/access.ts";
export * from "./schema/alerts.ts";
export * from "./schema/catalog.ts";
export * from "./schema/changes.ts";
export * from "./schema/collection-parts.ts";
export * from "./schema/comments.ts";
export * from "./schema/documents.ts";
export * from "./schema/fleet.ts";
export * from "./schema/forks.ts";
export * from "./schema/keys.ts";
export * from "./schema/maintenance.ts";
export * from "./schema/mocks.ts";
export * from "./schema/monitors.ts";
export * from "./schema/oauth.ts";
export * from "./schema/people.ts";
export * from "./schema/revisions.ts";
export * from "./schema/runs.ts";
export * from "./schema/specs.ts";
export * from "./schema/statistics.ts";
export * from "./schema/status.ts";
export * from "./schema/tasks.ts";
export * from "./schema/webhooks.ts";
export * from "./schema/workspaces.ts";
