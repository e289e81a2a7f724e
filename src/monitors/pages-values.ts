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
  };
}

/** The schedule of the form in the words of the API; null = only when triggered. */
export const scheduleOf = ({ schedule, cron, timezone }: MonitorValues) =>
  schedule === "none" ? null : { cron: schedule === "custom" ? cron : schedule, timezone };
