import { pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

import { instant } from "./columns.ts";
import { monitors } from "./monitors.ts";

/** Since when a monitor was in which state; written by a trigger on `monitors`. */
export const monitorStates = pgTable(
  "monitor_states",
  {
    monitorId: uuid("monitor_id")
      .notNull()
      .references(() => monitors.id, { onDelete: "cascade" }),
    at: instant("at").notNull(),
    /** Outcome of the execution that brought it there. */
    state: text("state").$type<"passed" | "failed" | "errored" | "aborted">().notNull(),
  },
  (table) => [primaryKey({ columns: [table.monitorId, table.at] })],
);
