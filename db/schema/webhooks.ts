import { index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { user } from "./access.ts";
import { createdAt, instant, updatedAt } from "./columns.ts";
import { monitors } from "./monitors.ts";
import { executions } from "./runs.ts";
import { inWorkspace } from "./workspaces.ts";

/** A URL that starts an execution of its monitor when it is called. */
export const webhooks = pgTable(
  "webhooks",
  {
    id: uuid("id").primaryKey(),
    workspaceId: inWorkspace(),
    ownerId: user("owner_id"),
    name: text("name").notNull(),
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    /** Of the token in its URL, which is shown once. */
    tokenHash: text("token_hash").notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    /** To the minute. */
    lastCalledAt: instant("last_called_at"),
  },
  (table) => [
    uniqueIndex("webhooks_token_hash").on(table.tokenHash),
    index("webhooks_workspace_id").on(table.workspaceId, table.createdAt),
    index("webhooks_monitor_id").on(table.monitorId),
  ],
);

/** What an execution was started with: one data row. Kept while it can still be claimed. */
export const executionInputs = pgTable(
  "execution_inputs",
  {
    executionId: uuid("execution_id")
      .primaryKey()
      .references(() => executions.id, { onDelete: "cascade" }),
    /** The row as JSON, encrypted: senders put secrets into bodies. */
    sealed: text("sealed").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index("execution_inputs_created_at").on(table.createdAt)],
);
