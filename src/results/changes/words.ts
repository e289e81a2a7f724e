import { formatDuration } from "../../../web/format.ts";
import { isRecord } from "../../lib/parse.ts";

/** One setting of a monitor that was changed, in words. */
export interface SettingChange {
  name: string;
  before: string;
  after: string;
}

/** Names of what ids stand for: runners, collections, environments. */
export type Names = ReadonlyMap<string, string>;

const settingNames: Readonly<Record<string, string>> = {
  name: "name",
  active: "state",
  cron: "schedule",
  timezone: "time zone",
  overlapPolicy: "overlap policy",
  catchUpPolicy: "catch-up policy",
  notifications: "e-mail recipients",
  notificationLimit: "notification limit",
  retryAttempts: "retries",
  rerunLost: "second run of lost runs",
  runnerIds: "runners",
  collectionId: "collection",
  environmentId: "environment",
  workspaceId: "workspace",
  strictSSL: "certificate check",
  followRedirects: "following of redirects",
  requestTimeout: "time limit of a request",
  requestDelay: "delay between requests",
  runTimeout: "time limit of a run",
  scriptTimeout: "time limit of a script",
  keepResponses: "which responses are kept",
  keepRequests: "which requests are kept",
  keepDays: "days that details are kept",
  keepRunDays: "days that runs are kept",
};

const namesOfObjects = new Set(["options"]);
const durations = new Set(["requestTimeout", "requestDelay", "runTimeout", "scriptTimeout"]);
/** What null means where it does not mean "none". */
const wordsOfNull: Readonly<Record<string, string>> = {
  cron: "only when triggered",
  requestTimeout: "no limit",
  retryAttempts: "never",
  environmentId: "no environment",
};

/** What an update of a monitor changed, setting by setting; `change` is that of its line in the audit trail. */
export function settingChanges(change: Record<string, unknown>, names: Names = new Map()): SettingChange[] {
  const before = flat(change["before"]);
  const after = flat(change["after"]);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key)))
    .map((key) => ({
      name: settingNames[key] ?? spaced(key),
      before: valueInWords(key, before.get(key), names),
      after: valueInWords(key, after.get(key), names),
    }));
}

/** Ids that stand in a change and have a name somewhere. */
export function idsIn(change: Record<string, unknown>): string[] {
  const fields = [...flat(change["before"]), ...flat(change["after"])];
  return fields
    .filter(([key]) => /^(runnerIds|collectionId|environmentId|workspaceId)$/.test(key))
    .flatMap(([, value]): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter((value) => typeof value === "string");
}

function flat(value: unknown): Map<string, unknown> {
  if (!isRecord(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, field]) =>
      namesOfObjects.has(key) && isRecord(field) ? Object.entries(field) : [[key, field] as const],
    ),
  );
}

function valueInWords(key: string, value: unknown, names: Names): string {
  if (value === null || value === undefined) return wordsOfNull[key] ?? "none";
  if (key === "active") return value === true ? "active" : "paused";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number") return durations.has(key) ? formatDuration(value) : String(value);
  if (typeof value === "string") return names.get(value) ?? value;
  if (Array.isArray(value)) return listInWords(key, value, names);
  return addressesIn(value);
}

function listInWords(key: string, values: unknown[], names: Names): string {
  if (values.length === 0) return key === "runnerIds" ? "any runner" : "none";
  return values
    .map((value) => (typeof value === "string" ? (names.get(value) ?? value) : addressesIn(value)))
    .join(", ");
}

/** Recipients of a monitor stand in two lists of `{ email }`. */
function addressesIn(value: unknown): string {
  const found = JSON.stringify(value).matchAll(/"email":"([^"]+)"/g);
  const addresses = [...new Set([...found].map(([, address = ""]) => address))];
  return addresses.length === 0 ? "none" : addresses.join(", ");
}

/** `overlapPolicy` reads "overlap policy". */
const spaced = (key: string): string =>
  key.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** "schedule", "schedule and retries", "schedule, retries and runners". */
export const enumeration = (words: readonly string[]): string =>
  new Intl.ListFormat("en-GB", { type: "conjunction" }).format(words);
