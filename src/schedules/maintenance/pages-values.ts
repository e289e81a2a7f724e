import type { MaintenanceValues } from "../../../web/pages/maintenance-form.tsx";
import { wrongField } from "../../access/fields.ts";
import type { SentForm } from "../../access/pages-form.ts";
import { instantOf, localOf } from "../../lib/local-time.ts";
import { isTimeZone } from "../../monitors/schedule.ts";
import type { MaintenanceWindow } from "./store.ts";

/** What an empty form begins with: an hour from now on, for everything. */
export const newValues = (timezone: string, now: Date): MaintenanceValues => ({
  name: "",
  reason: "",
  behaviour: "skip",
  covers: "all",
  monitorIds: [],
  tag: "",
  repeat: "once",
  from: "",
  to: localOf(new Date(now.getTime() + 3_600_000), timezone),
  cron: "0 2 * * 0",
  durationMinutes: "60",
  timezone,
});

export const sentValues = (form: SentForm): MaintenanceValues => ({
  name: form.text("name"),
  reason: form.text("reason"),
  behaviour: form.text("behaviour") || "skip",
  covers: form.text("covers") || "all",
  monitorIds: form.list("monitors"),
  tag: form.text("tag"),
  repeat: form.text("repeat") || "once",
  from: form.text("from"),
  to: form.text("to"),
  cron: form.text("cron"),
  durationMinutes: form.text("durationMinutes"),
  timezone: form.text("timezone") || "UTC",
});

export function storedValues(window: MaintenanceWindow, now: Date): MaintenanceValues {
  const { timezone } = window;
  return {
    ...newValues(timezone, now),
    name: window.name,
    reason: window.reason,
    behaviour: window.behaviour,
    covers: window.covers,
    monitorIds: window.monitorIds,
    tag: window.tag ?? "",
    repeat: window.cron === null ? "once" : "recurring",
    from: window.startsAt ? localOf(window.startsAt, timezone) : "",
    to: window.endsAt
      ? localOf(window.endsAt, timezone)
      : localOf(new Date(now.getTime() + 3_600_000), timezone),
    cron: window.cron ?? "0 2 * * 0",
    durationMinutes: String(window.durationMinutes ?? 60),
  };
}

/** The body that the API would be sent; 400 that names the field for what no body could say. */
export function bodyOf(values: MaintenanceValues): Record<string, unknown> {
  const { name, reason, behaviour, timezone } = values;
  if (!isTimeZone(timezone)) {
    throw wrongField(
      "timezone",
      `The time zone "${timezone}" is unknown: give an IANA name such as "Europe/Berlin".`,
    );
  }
  return { name, reason, behaviour, timezone, ...subjectOf(values), ...timesOf(values) };
}

function subjectOf({ covers, monitorIds, tag }: MaintenanceValues) {
  if (covers === "monitors") return { monitors: monitorIds };
  return covers === "tag" ? { tag } : { all: true };
}

function timesOf(values: MaintenanceValues) {
  const { timezone } = values;
  if (values.repeat === "recurring") {
    const durationMinutes = Number(values.durationMinutes);
    if (!Number.isInteger(durationMinutes) || durationMinutes < 1) {
      throw wrongField("durationMinutes", "Say how many minutes it lasts.");
    }
    return { recurring: { cron: values.cron, timezone, durationMinutes } };
  }
  const from = values.from === "" ? undefined : momentOf("from", values.from, timezone);
  return { once: { ...(from && { from }), to: momentOf("to", values.to, timezone) } };
}

function momentOf(field: string, text: string, timezone: string): string {
  const at = instantOf(text, timezone);
  if (!at) throw wrongField(field, "Give a date and a time, such as 2026-11-22 09:00.");
  return at.toISOString();
}
