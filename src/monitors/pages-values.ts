import { type MonitorValues, presets } from "../../web/parts/monitor-fields.tsx";
import type { SentForm } from "../access/pages-form.ts";
import type { Monitor } from "./store.ts";

/** What an empty form begins with. */
export const newValues = (collectionId: string): MonitorValues => ({
  name: "",
  folder: "",
  tags: "",
  collectionId,
  environmentId: "",
  schedule: "*/5 * * * *",
  cron: "",
  timezone: "UTC",
  placement: "any",
  runnerIds: [],
  newRunnerName: "",
  retries: "0",
  rerunLost: false,
  keepRequests: "failed",
  keepResponses: "failed",
  keepDays: "30",
  keepRunDays: "400",
});

export const sentValues = (form: SentForm): MonitorValues => ({
  name: form.text("name"),
  folder: form.text("folder"),
  tags: form.text("tags"),
  collectionId: form.text("collection"),
  environmentId: form.text("environment"),
  schedule: form.text("schedule"),
  cron: form.text("cron"),
  timezone: form.text("timezone") || "UTC",
  placement: form.text("placement") || "any",
  runnerIds: form.list("runners"),
  newRunnerName: form.text("newRunnerName"),
  retries: form.text("retries") || "0",
  rerunLost: form.text("rerunLost") !== "",
  keepRequests: form.text("keepRequests") || "failed",
  keepResponses: form.text("keepResponses") || "failed",
  keepDays: form.text("keepDays") || "30",
  keepRunDays: form.text("keepRunDays") || "400",
});

export function storedValues(monitor: Monitor, runnerIds: string[]): MonitorValues {
  const isPreset = presets.some((preset) => preset.value === monitor.cron);
  return {
    ...newValues(monitor.collectionId),
    name: monitor.name,
    folder: monitor.folder,
    tags: monitor.tags.join(", "),
    environmentId: monitor.environmentId ?? "",
    schedule: monitor.cron === null ? "none" : isPreset ? monitor.cron : "custom",
    cron: isPreset ? "" : (monitor.cron ?? ""),
    timezone: monitor.timezone,
    placement: runnerIds.length > 0 ? "pick" : "any",
    runnerIds,
    retries: String(monitor.retryAttempts ?? 0),
    rerunLost: monitor.rerunLost,
    keepRequests: monitor.keepRequests,
    keepResponses: monitor.keepResponses,
    keepDays: String(monitor.keepDays),
    keepRunDays: String(monitor.keepRunDays),
  };
}

/** What is kept, in the words of the API; numbers that are none are found wrong there. */
export const keptBody = ({ keepRequests, keepResponses, keepDays, keepRunDays }: MonitorValues) => ({
  keepRequests,
  keepResponses,
  keepDays: Number(keepDays),
  keepRunDays: Number(keepRunDays),
});

/** The schedule of the form in the words of the API; null = only when triggered. */
export const scheduleOf = ({ schedule, cron, timezone }: MonitorValues) =>
  schedule === "none" ? null : { cron: schedule === "custom" ? cron : schedule, timezone };
