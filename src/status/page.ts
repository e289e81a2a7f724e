import type { Context } from "hono";
import { z } from "zod";

import type { AppEnv } from "../access/context.ts";
import { AppError, problem } from "../lib/errors.ts";
import { bareId } from "../lib/ids.ts";
import { isRecord, parseJson } from "../lib/parse.ts";
import { isTimeZone } from "../monitors/schedule.ts";

/** Rules of status pages and their incidents, and how requests say them; no IO. */

/** More would be a list that nobody reads, on a page that anybody may ask for. */
export const MAX_ENTRIES = 100;
const MAX_MINUTES = 24 * 60;

/** Without control characters: what is written here ends up in XML, too. */
const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .refine((value) => !/[^\P{Cc}\n\r\t]/u.test(value), "must not hold control characters");
const line = (max: number) =>
  text(max)
    .min(1)
    .regex(/^[^\n\r]*$/, "must be one line");

export const slugField = z
  .string()
  .trim()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be 1 to 63 lower case letters, digits and hyphens, with a letter or digit at both ends",
  );

export const entryFields = z.object({
  monitor: z.string().refine((id) => bareId(id) !== undefined, "must be the id or uid of a monitor"),
  /** What people read; the name of the monitor itself is shown to nobody. */
  name: line(100),
  group: text(100)
    .regex(/^[^\n\r]*$/, "must be one line")
    .default(""),
});

export const pageFields = z.object({
  slug: slugField,
  title: line(200),
  description: text(2000).default(""),
  visibility: z.enum(["public", "private"]).default("private"),
  timezone: z
    .string()
    .refine(isTimeZone, "must be the IANA name of a time zone, such as Europe/Berlin")
    .default("UTC"),
  /** Search engines may list it. */
  indexed: z.boolean().default(false),
  /** A monitor that fails for so long has an incident by itself; null = never. */
  incidentAfterMinutes: z.int().min(1).max(MAX_MINUTES).nullable().default(null),
  monitors: z
    .array(entryFields)
    .max(MAX_ENTRIES)
    .refine(
      (entries) => new Set(entries.map(({ monitor }) => bareId(monitor))).size === entries.length,
      "must not name a monitor twice",
    )
    .default([]),
});
export type PageInput = z.infer<typeof pageFields>;

export const incidentStates = ["investigating", "identified", "monitoring", "resolved"] as const;

export const updateFields = z.object({ state: z.enum(incidentStates), message: text(5000).min(1) });
export type UpdateInput = z.infer<typeof updateFields>;

export const incidentFields = updateFields.extend({
  title: line(200),
  /** Monitors of the page that it is about. */
  monitors: z
    .array(z.string().refine((id) => bareId(id) !== undefined, "must be ids of monitors"))
    .max(MAX_ENTRIES)
    .default([]),
});
export type IncidentInput = z.infer<typeof incidentFields>;

/** What may be changed of an incident that is there; its state is changed by an update. */
export const incidentChange = incidentFields.pick({ title: true, monitors: true }).partial();
export type IncidentChange = z.infer<typeof incidentChange>;

/** The value as the schema sees it; 400 that names the field otherwise. */
export function parseFields<T>(schema: z.ZodType<T>, value: unknown, root: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).map(String);
  const message = issue?.message ?? "is not valid";
  throw wrongField(
    path.join("."),
    `${[root, ...path].join(".")} ${message.charAt(0).toLowerCase()}${message.slice(1)}.`,
  );
}

/** 400 about one field: for programs as a problem, for people beside it. */
export const wrongField = (field: string, message: string): AppError =>
  new AppError("bad_request", message, { problem: {}, details: { param: field } });

/** The object that a body wraps everything in, e.g. `{"statusPage": {…}}`; 400 when it is missing. */
export async function readObject(c: Context<AppEnv>, key: string): Promise<Record<string, unknown>> {
  const sent = await c.req.text();
  const body = sent.trim() === "" ? {} : parseJson(sent);
  const wrapped = isRecord(body) ? body[key] : undefined;
  if (isRecord(wrapped)) return wrapped;
  throw problem("bad_request", `The object ${key} is missing in the request; send {"${key}": {…}}.`);
}
