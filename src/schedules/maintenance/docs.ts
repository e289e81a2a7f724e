import { z } from "zod";

import type { EndpointDoc } from "../../access/endpoint.ts";
import { newWindowFields, windowChangeFields } from "./window.ts";

const tag = "Maintenance";

const period = z.object({ from: z.string(), to: z.string() });
const shown = z.looseObject({
  id: z.uuid(),
  workspace: z.uuid(),
  name: z.string(),
  reason: z.string(),
  behaviour: z.enum(["skip", "silence"]),
  state: z.enum(["open", "upcoming", "over"]),
  current: period.nullable(),
  next: period.nullable(),
});
const one = z.object({ maintenanceWindow: shown });

export const windowQuery = z.object({
  workspace: z.string().max(100).optional(),
  state: z.enum(["open", "upcoming", "over"]).optional(),
});
export const newWindowBody = newWindowFields.extend({ workspace: z.string().max(100) });
export const extendBody = z.object({ minutes: z.int().min(1).max(44_640) });

export const maintenanceDocs = {
  list: {
    summary: "List maintenance windows",
    tag,
    description: "At most 500: open ones first, then those that come next, then those that are over.",
    query: windowQuery,
    answer: z.object({ maintenanceWindows: z.array(shown) }),
  },
  create: {
    summary: "Create a maintenance window",
    tag,
    description:
      "Takes place `once` (`from` absent = now) or is `recurring` by cron, for `all` monitors of the workspace, for `monitors`, or for those with a `tag`. With the behaviour `skip` slots in it do not run and stand in the ledger as skipped for maintenance; with `silence` they run. Nobody is alerted either way, and reports leave the time out.",
    body: newWindowBody,
    status: 201,
    answer: one,
  },
  read: { summary: "Get a maintenance window", tag, answer: one },
  change: {
    summary: "Change a maintenance window",
    tag,
    description: "What is absent stays. Of a window that is open the end can be moved, not the beginning.",
    body: windowChangeFields,
    answer: one,
  },
  end: { summary: "End a maintenance early", tag, description: "Only the period that is open.", answer: one },
  extend: {
    summary: "Extend a maintenance",
    tag,
    description: "Only the period that is open, by so many minutes.",
    body: extendBody,
    answer: one,
  },
  delete: {
    summary: "Delete a maintenance window",
    tag,
    description: "Ends it, too. What took place stays left out of reports.",
    answer: z.object({ maintenanceWindow: z.object({ id: z.uuid() }) }),
  },
} satisfies Record<string, EndpointDoc>;
