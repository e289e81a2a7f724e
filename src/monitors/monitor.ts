import { z } from "zod";

import type { MonitorOptions } from "../../db/schema.ts";
import { badQuery, invalidParam, paramMissing } from "../access/request.ts";
import { AppError } from "../lib/errors.ts";
import { bareId } from "../lib/ids.ts";
import { isRecord } from "../lib/parse.ts";
import { tagSlug } from "../workspaces/tags-store.ts";
import { keptFields, keptNames, type KeptSettings } from "./kept.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";

/** Postman's ceiling for request time-outs and delays, in ms; also the default limit of a whole run. */
const MAX_DELAY_MS = 900_000;
const MAX_RUN_MS = 24 * 60 * 60 * 1000;
const MAX_TAGS = 10;

export const defaultMonitorOptions: MonitorOptions = {
  strictSSL: true,
  followRedirects: true,
  requestTimeout: null,
  requestDelay: 0,
  runTimeout: 900_000,
  scriptTimeout: 60_000,
};

export interface MonitorNotifications {
  onError: { email: string }[];
  onFailure: { email: string }[];
}

/** What a change of a monitor says; absent = leave it, null = take it away. */
export interface MonitorInput {
  name?: string;
  /** Such as `checkout/eu`; empty = none. */
  folder?: string;
  tags?: string[];
  active?: boolean;
  schedule?: ScheduleInput | null;
  options?: Partial<MonitorOptions>;
  /** Sent among the options. */
  kept?: Partial<KeptSettings>;
  notifications?: Partial<MonitorNotifications>;
  notificationLimit?: number | null;
  /** Times that a run which failed or errored is run again, as a whole, before that is its result. */
  retryAttempts?: number | null;
  /** Another instance runs a run again whose instance died; its collection may then run twice. */
  rerunLost?: boolean;
  /** Ids of runners; empty = any healthy one that the workspace sees. */
  runnerIds?: string[];
}

/** Checked with the time zone that holds when none was sent. */
export interface ScheduleInput {
  cron: string;
  timezone: string | undefined;
  overlapPolicy?: "skip" | "queue";
  catchUpPolicy?: "last" | "none";
}

export interface NewMonitorInput extends MonitorInput {
  name: string;
  collectionId: string;
  environmentId: string | undefined;
}

const flag = z.boolean();
const milliseconds = (max: number) => z.int().min(0).max(max);
const emails = z.array(z.looseObject({ email: z.email().max(254) }).transform(({ email }) => ({ email })));

/** Each field on its own, so that the error names the one that is wrong. */
export const monitorFields = {
  name: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .regex(/^[^\0]*$/, "must not hold a NUL character"),
  folder: z
    .string()
    .max(200)
    .regex(/^[^\0]*$/, "must not hold a NUL character")
    .transform((path) =>
      path
        .split("/")
        .map((part) => part.trim())
        .filter((part) => part !== "")
        .join("/"),
    ),
  tags: z
    .array(tagSlug)
    .max(MAX_TAGS)
    .transform((tags) => [...new Set(tags)].toSorted()),
  options: z.looseObject({
    strictSSL: flag.optional(),
    followRedirects: flag.optional(),
    requestTimeout: milliseconds(MAX_DELAY_MS).nullable().optional(),
    requestDelay: milliseconds(MAX_DELAY_MS).optional(),
    runTimeout: milliseconds(MAX_RUN_MS).min(1).optional(),
    scriptTimeout: milliseconds(MAX_DELAY_MS).min(1).optional(),
    ...keptFields,
  }),
  notifications: z.looseObject({ onError: emails.optional(), onFailure: emails.optional() }),
  notificationLimit: z.int().min(1).max(99).nullable(),
  retry: z.looseObject({ attempts: z.int().min(1).max(2) }).nullable(),
  rerunLost: z.boolean(),
  overlap: z.enum(["skip", "queue"]),
  catchUp: z.enum(["last", "none"]),
};

function read<T>(schema: z.ZodType<T>, value: unknown, param: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = [param, ...(issue?.path ?? []).map(String)].join(".");
  throw invalidParam(path, `monitor.${path}: ${issue?.message ?? "wrong"}`);
}

/** The `monitor` object of a new monitor; 400 that names the field. */
export function parseNewMonitor(body: Record<string, unknown>): NewMonitorInput {
  const missing = ["name", "collection"].filter((field) => body[field] === undefined || body[field] === null);
  if (missing.length > 0) throw paramMissing(...missing);
  const { name = "", ...input } = parseFields(body);
  const collectionId = readId(body["collection"], "collection");
  const wanted = body["environment"];
  const hasEnvironment = wanted !== undefined && wanted !== null && wanted !== "";
  return {
    ...input,
    name,
    collectionId,
    environmentId: hasEnvironment ? readId(wanted, "environment") : undefined,
  };
}

/** The `monitor` object of a change. What a monitor runs is fixed, as in Postman: 400 `parameterNotAllowedError`. */
export function parseMonitorChange(body: Record<string, unknown>): MonitorInput {
  const fixed = ["collection", "environment"].filter((field) => body[field] !== undefined);
  if (fixed.length > 0) {
    throw new AppError("bad_request", "The specified parameter cannot be updated.", {
      name: "parameterNotAllowedError",
      details: { param: fixed },
    });
  }
  return parseFields(body);
}

/** How each field of the body is read, in the order in which a wrong one is named. */
const readers: {
  [Field in keyof MonitorInput]-?: [name: string, read: (sent: unknown) => MonitorInput[Field]];
} = {
  name: ["name", (sent) => read(monitorFields.name, sent, "name")],
  folder: ["folder", (sent) => read(monitorFields.folder, sent ?? "", "folder")],
  tags: ["tags", (sent) => read(monitorFields.tags, sent ?? [], "tags")],
  active: ["active", readActive],
  schedule: ["schedule", readSchedule],
  options: ["options", (sent) => (sent === null ? undefined : readOptions(sent))],
  kept: ["options", (sent) => (sent === null ? undefined : readKept(sent))],
  notifications: ["notifications", readNotifications],
  notificationLimit: [
    "notificationLimit",
    (sent) => read(monitorFields.notificationLimit, sent, "notificationLimit"),
  ],
  retryAttempts: ["retry", (sent) => read(monitorFields.retry, sent, "retry")?.attempts ?? null],
  rerunLost: ["rerunLost", (sent) => read(monitorFields.rerunLost, sent, "rerunLost")],
  runnerIds: ["distribution", (sent) => readDistribution(sent ?? [])],
};

function parseFields(body: Record<string, unknown>): MonitorInput {
  const found = Object.entries(readers).flatMap(([field, [name, readField]]) => {
    const value = body[name] === undefined ? undefined : readField(body[name]);
    return value === undefined ? [] : [[field, value]];
  });
  // Each reader gives what the field of its key holds.
  return Object.fromEntries(found) as MonitorInput;
}

function readActive(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw badQuery("Active must be a boolean.");
}

function readSchedule(value: unknown): ScheduleInput | null {
  if (value === null) return null;
  if (!isRecord(value)) throw invalidParam("schedule", "monitor.schedule must be object");
  const { cron, timezone, overlap, catchUp } = value;
  if (cron === undefined || cron === null) throw paramMissing("cron");
  if (typeof cron !== "string") throw invalidParam("schedule.cron", "monitor.schedule.cron must be string");
  if (timezone !== undefined && typeof timezone !== "string") {
    throw invalidParam("schedule.timezone", "monitor.schedule.timezone must be string");
  }
  return {
    cron: parseSchedule(cron, timezone ?? "UTC").cron,
    timezone,
    ...(overlap !== undefined && { overlapPolicy: read(monitorFields.overlap, overlap, "schedule.overlap") }),
    ...(catchUp !== undefined && { catchUpPolicy: read(monitorFields.catchUp, catchUp, "schedule.catchUp") }),
  };
}

const readOptions = (value: unknown): Partial<MonitorOptions> =>
  pick(read(monitorFields.options, value, "options"), Object.keys(defaultMonitorOptions));

function readKept(value: unknown): Partial<KeptSettings> | undefined {
  const kept = pick(read(monitorFields.options, value, "options"), keptNames);
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** Those of the known names that were sent. */
const pick = (sent: Record<string, unknown>, known: readonly string[]) =>
  Object.fromEntries(
    Object.entries(sent).filter(([key, option]) => known.includes(key) && option !== undefined),
  );

function readNotifications(value: unknown): Partial<MonitorNotifications> {
  const { onError, onFailure } = read(monitorFields.notifications, value, "notifications");
  return { ...(onError && { onError }), ...(onFailure && { onFailure }) };
}

function readDistribution(value: unknown): string[] {
  if (!Array.isArray(value)) throw invalidParam("distribution", "monitor.distribution must be array");
  const ids = value.map((entry: unknown) => {
    if (isRecord(entry) && typeof entry["runner"] === "string")
      return readId(entry["runner"], "distribution");
    throw invalidParam(
      "distribution",
      'there are no regions here, monitors run on your own runners: send [{"runner":"<id>"}], or [] for any runner.',
    );
  });
  return [...new Set(ids)];
}

function readId(value: unknown, param: string): string {
  const id = typeof value === "string" ? bareId(value) : undefined;
  if (id === undefined) throw invalidParam(param, `monitor.${param} must be an id or uid`);
  return id;
}

/** The columns of a schedule; `current` is the time zone that stays when none is sent. */
export function scheduleColumns(input: ScheduleInput | null, current: string) {
  if (input === null) return { cron: null };
  const schedule: Schedule = parseSchedule(input.cron, input.timezone ?? current);
  return {
    ...schedule,
    ...(input.overlapPolicy && { overlapPolicy: input.overlapPolicy }),
    ...(input.catchUpPolicy && { catchUpPolicy: input.catchUpPolicy }),
  };
}
