import { formatSpan } from "../../../web/format.ts";
import type { ActivityEntry } from "../../../web/parts/activity.tsx";
import { displayNameOf } from "../../access/audit/actions.ts";
import { asBeforeAndAfter } from "../../access/audit/change.ts";
import type { Outcome } from "../../contract/events.ts";
import { enumeration, type Names, settingChanges } from "../changes/words.ts";
import type { ActivityRecord } from "./store.ts";

const standings = { passed: "passing", failed: "failing", errored: "error", aborted: "aborted" } as const;
const phrases: Readonly<Record<Outcome, string>> = {
  passed: "passing",
  failed: "failing",
  errored: "in error",
  aborted: "aborted",
};

/** A line of the activity in words. */
export function entryOf(record: ActivityRecord, names: Names): ActivityEntry {
  const { at } = record;
  if (record.source === "state")
    return { at, sentence: stateSentence(record), state: standings[record.state] };
  if (record.source === "deed") return { at, ...deedEntry(record, names) };
  return { at, who: record.who ?? "Somebody", ...documentEntry(record) };
}

function stateSentence({
  at,
  state,
  before,
  beforeSince,
}: Extract<ActivityRecord, { source: "state" }>): string {
  if (before === null || beforeSince === null) return `The first state was ${phrases[state]}.`;
  const span = formatSpan(at.getTime() - beforeSince.getTime());
  return state === "passed"
    ? `Passing again, after it was ${phrases[before]} for ${span}.`
    : `Now ${phrases[state]}, after it was ${phrases[before]} for ${span}.`;
}

function deedEntry(
  { who, action, change }: Extract<ActivityRecord, { source: "deed" }>,
  names: Names,
): Omit<ActivityEntry, "at"> {
  if (action === "monitor.created") return { who, sentence: "Created the monitor." };
  if (action === "monitor.paused") return { who, sentence: "Paused the monitor." };
  if (action === "monitor.resumed") return { who, sentence: "Resumed the monitor." };
  if (action !== "monitor.updated") return { who, sentence: `${displayNameOf(action)}.` };
  const settings = settingChanges(asBeforeAndAfter(action, change), names);
  if (settings.length === 0) return { who, sentence: "Saved the monitor without a change." };
  return { who, sentence: `Changed ${enumeration(settings.map(({ name }) => name))}.`, settings };
}

function documentEntry({
  source,
  id,
  name,
  revision,
}: Extract<ActivityRecord, { source: "collection" | "environment" | "globals" }>) {
  if (source === "globals") {
    return { sentence: "Changed the globals of the workspace.", href: `/globals?workspace=${id}` };
  }
  return {
    sentence: `Changed the ${source} ${name}: revision ${revision}.`,
    href: `/${source}s/${id}/revisions/${revision}`,
  };
}
