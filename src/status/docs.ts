import { z } from "zod";

import type { EndpointDoc } from "../access/endpoint.ts";
import { incidentChange, incidentFields, incidentStates, pageFields, updateFields } from "./page.ts";

const tag = "Status pages";

const page = z.object({
  id: z.uuid(),
  workspace: z.uuid(),
  slug: z.string(),
  /** Where people read it. */
  url: z.string(),
  title: z.string(),
  description: z.string(),
  visibility: z.enum(["public", "private"]),
  timezone: z.string(),
  indexed: z.boolean(),
  incidentAfterMinutes: z.int().nullable(),
  createdBy: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
const entry = z.object({
  /** Of its place on the page; in the address of its badge. */
  id: z.uuid(),
  monitor: z.string(),
  name: z.string(),
  group: z.string(),
  badgeUrl: z.string(),
});
const whole = z.object({ statusPage: page.extend({ monitors: z.array(entry) }) });
const incident = z.object({
  id: z.uuid(),
  title: z.string(),
  state: z.enum(incidentStates),
  /** It began by itself, because a monitor failed. */
  automatic: z.boolean(),
  monitors: z.array(z.string()),
  startedAt: z.string(),
  resolvedAt: z.string().nullable(),
  updatedAt: z.string(),
  /** Newest first. */
  updates: z.array(
    z.object({ id: z.uuid(), state: z.enum(incidentStates), message: z.string(), at: z.string() }),
  ),
});
const oneIncident = z.object({ incident });
const deletedRef = z.object({ id: z.uuid() });

export const incidentQuery = z.object({
  open: z.enum(["true", "false"]).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
});

/** What `/api/openapi.json` says of `/status-pages`. */
export const statusDocs = {
  list: {
    summary: "List status pages",
    tag,
    query: z.object({ workspace: z.string().optional() }),
    answer: z.object({ statusPages: z.array(page.extend({ monitors: z.int(), openIncidents: z.int() })) }),
  },
  create: {
    summary: "Create a status page",
    tag,
    description:
      "`monitors` stand on the page in this order, under `name`, which is all that its readers see of them. The page is private unless `visibility` says otherwise.",
    query: z.object({ workspace: z.string().optional() }),
    body: z.object({ statusPage: pageFields }),
    answer: whole,
  },
  read: { summary: "Read a status page", tag, answer: whole },
  change: {
    summary: "Change a status page",
    tag,
    description: "Changes what is sent; `monitors` is the whole list.",
    body: z.object({ statusPage: pageFields.partial() }),
    answer: whole,
  },
  delete: {
    summary: "Delete a status page",
    tag,
    description: "With its incidents.",
    answer: z.object({ statusPage: deletedRef }),
  },
  listIncidents: {
    summary: "List incidents of a status page",
    tag,
    description: "Newest first.",
    query: incidentQuery,
    answer: z.object({ incidents: z.array(incident) }),
  },
  createIncident: {
    summary: "Create an incident",
    tag,
    body: z.object({ incident: incidentFields }),
    answer: oneIncident,
  },
  readIncident: { summary: "Read an incident", tag, answer: oneIncident },
  changeIncident: {
    summary: "Change an incident",
    tag,
    description: "Its title and what it is about. Its state is changed by an update.",
    body: z.object({ incident: incidentChange }),
    answer: oneIncident,
  },
  deleteIncident: {
    summary: "Delete an incident",
    tag,
    answer: z.object({ incident: deletedRef }),
  },
  updateIncident: {
    summary: "Say how an incident goes on",
    tag,
    description: "Adds an update and sets the state of the incident; `resolved` ends it.",
    body: z.object({ update: updateFields }),
    answer: oneIncident,
  },
} satisfies Record<string, EndpointDoc>;
