import { z } from "zod";

import type { EndpointDoc } from "../access/endpoint.ts";
import { monitorFields as fields } from "./monitor.ts";

const tag = "Monitors";
const flagText = z.enum(["true", "false"]);

const schedule = z.looseObject({
  /** Five fields. */
  cron: z.string(),
  timezone: z.string().optional(),
  overlap: fields.overlap.optional(),
  catchUp: fields.catchUp.optional(),
});

/** What may be changed; null takes away. */
const changeable = {
  active: z.boolean().optional(),
  /** Where it stands in lists, such as `checkout/eu`; null or empty = nowhere in particular. */
  folder: fields.folder.nullable().optional(),
  tags: fields.tags.nullable().optional(),
  schedule: schedule.nullable().optional(),
  options: fields.options.nullable().optional(),
  notifications: fields.notifications.optional(),
  notificationLimit: fields.notificationLimit.optional(),
  retry: fields.retry.optional(),
  rerunLost: fields.rerunLost.optional(),
  /** Empty = any healthy runner that the workspace sees. */
  distribution: z
    .array(z.looseObject({ runner: z.string() }))
    .nullable()
    .optional(),
};

const newBody = z.object({
  monitor: z.looseObject({
    name: fields.name,
    /** Id or uid. */
    collection: z.string(),
    environment: z.string().nullable().optional(),
    ...changeable,
  }),
});
const changeBody = z.object({ monitor: z.looseObject({ name: fields.name.optional(), ...changeable }) });

const listQuery = z.object({
  workspace: z.string().optional(),
  active: flagText.optional(),
  owner: z.string().optional(),
  collectionUid: z.string().optional(),
  environmentUid: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.string().optional(),
});

const head = {
  id: z.uuid(),
  name: z.string(),
  active: z.boolean(),
  uid: z.string(),
};
const reference = z.object({ monitor: z.object(head) });
const full = z.object({
  monitor: z.looseObject({
    ...head,
    owner: z.int(),
    collectionUid: z.string(),
    environmentUid: z.string().optional(),
    folder: z.string().optional(),
    tags: z.array(z.string()).optional(),
    notificationLimit: z.int().optional(),
    options: z.looseObject({}),
    notifications: z.looseObject({}),
    distribution: z.array(z.object({ runner: z.string(), name: z.string() })),
    schedule: z.looseObject({ cron: z.string(), timezone: z.string() }).optional(),
    retry: z.object({ attempts: z.int() }).optional(),
    rerunLost: z.boolean(),
    lastRun: z.looseObject({ status: z.string() }).optional(),
  }),
});

/** What `/api/openapi.json` says of `/monitors`. */
export const monitorDocs = {
  list: {
    summary: "List monitors",
    tag,
    query: listQuery,
    answer: z.object({
      monitors: z.array(
        z.object({ ...head, owner: z.int(), collectionUid: z.string(), environmentUid: z.string() }),
      ),
      meta: z.object({ nextCursor: z.string(), limit: z.int() }),
    }),
  },
  create: {
    summary: "Create a monitor",
    tag,
    query: z.object({ workspace: z.string().optional() }),
    body: newBody,
    answer: reference,
  },
  read: { summary: "Read a monitor", tag, answer: full },
  change: {
    summary: "Change a monitor",
    description: "What it runs is fixed: the collection and the environment cannot be changed.",
    tag,
    body: changeBody,
    answer: reference,
  },
  delete: {
    summary: "Delete a monitor with its runs",
    tag,
    answer: z.object({ monitor: z.object({ id: z.uuid(), uid: z.string() }) }),
  },
} satisfies Record<string, EndpointDoc>;
