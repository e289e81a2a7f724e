import type { RuleValues } from "../../web/parts/rule-form.tsx";
import type { SentForm } from "../access/pages-form.ts";
import { alertLimits, type Rule } from "./alert.ts";

/** What a new rule begins with: three failures in a row and recovery, through the channels given. */
export const newValues = (channelIds: string[]): RuleValues => ({
  name: "",
  active: true,
  channelIds,
  when: String(alertLimits.defaultInARow),
  onFailure: true,
  onError: true,
  onMissed: true,
  onRunner: false,
  onRecovery: true,
  quorum: "1",
  latencyMs: "",
  latencyOf: "p95",
  certificateDays: "",
  notificationLimit: "",
  reminderMinutes: "",
});

export const sentValues = (form: SentForm): RuleValues => ({
  name: form.text("name"),
  active: form.text("active") !== "",
  channelIds: form.list("channels"),
  when: form.text("when") || "3",
  onFailure: form.text("onFailure") !== "",
  onError: form.text("onError") !== "",
  onMissed: form.text("onMissed") !== "",
  onRunner: form.text("onRunner") !== "",
  onRecovery: form.text("onRecovery") !== "",
  quorum: form.text("quorum") || "1",
  latencyMs: form.text("latencyMs"),
  latencyOf: form.text("latencyOf") || "p95",
  certificateDays: form.text("certificateDays"),
  notificationLimit: form.text("notificationLimit"),
  reminderMinutes: form.text("reminderMinutes"),
});

const shown = (value: number | null): string => (value === null ? "" : String(value));

export const storedValues = (rule: Rule): RuleValues => ({
  name: rule.name,
  active: rule.active,
  channelIds: rule.channelIds,
  when: rule.everyFailure ? "every" : String(rule.inARow),
  onFailure: rule.onFailure,
  onError: rule.onError,
  onMissed: rule.onMissed,
  onRunner: rule.onRunner,
  onRecovery: rule.onRecovery,
  quorum: String(rule.quorum),
  latencyMs: shown(rule.latencyMs),
  latencyOf: rule.latencyOf ?? "p95",
  certificateDays: shown(rule.certificateDays),
  notificationLimit: shown(rule.notificationLimit),
  reminderMinutes: shown(rule.reminderMinutes),
});

/** The body that the API would be sent. */
export const bodyOf = (values: RuleValues, monitorId: string | null) => ({
  name: values.name,
  active: values.active,
  monitorId,
  channelIds: values.channelIds,
  onFailure: values.onFailure,
  onError: values.onError,
  onMissed: values.onMissed,
  onRunner: values.onRunner,
  onRecovery: values.onRecovery,
  everyFailure: values.when === "every",
  ...(values.when !== "every" && { inARow: Number(values.when) }),
  quorum: Number(values.quorum),
  latencyMs: numberOf(values.latencyMs),
  latencyOf: values.latencyMs === "" ? null : values.latencyOf,
  certificateDays: numberOf(values.certificateDays),
  notificationLimit: numberOf(values.notificationLimit),
  reminderMinutes: numberOf(values.reminderMinutes),
});

const numberOf = (text: string): number | null => (text === "" ? null : Number(text));

const latencyWords = {
  run: (ms: string) => `when a run takes longer than ${ms} ms`,
  p95: (ms: string) => `when the 95th percentile of its responses is above ${ms} ms`,
  slowest: (ms: string) => `when a response takes longer than ${ms} ms`,
};

/** When the rule tells, a phrase for each condition. */
export function saysOf(rule: Rule): string[] {
  const { latencyMs, latencyOf, certificateDays } = rule;
  const troubles = rule.onFailure || rule.onError;
  return [
    ...(troubles ? [failurePhrase(rule)] : []),
    ...(rule.onMissed ? ["when a slot is missed or its runner dies"] : []),
    ...(rule.onRunner ? ["when a runner goes silent"] : []),
    ...(latencyMs !== null && latencyOf !== null
      ? [latencyWords[latencyOf](latencyMs.toLocaleString("en-US"))]
      : []),
    ...(certificateDays !== null ? [daysPhrase(certificateDays)] : []),
    ...(rule.onRecovery ? ["on recovery"] : []),
  ];
}

function failurePhrase({ everyFailure, inARow, onFailure }: Rule): string {
  if (everyFailure) return onFailure ? "of every failure" : "of every error";
  if (inARow === 1) return onFailure ? "of the first failure" : "of the first error";
  return onFailure ? `after ${inARow} failures in a row` : `after ${inARow} errors in a row`;
}

const daysPhrase = (days: number): string =>
  days === 1 ? "a day before a certificate ends" : `${days} days before a certificate ends`;
