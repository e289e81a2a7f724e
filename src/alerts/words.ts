import { plural } from "../../web/format.ts";
import type { AlertCondition } from "./alert.ts";
import type { Telling } from "./judge.ts";
import { asSentence } from "./message.ts";

/** What messages say, as whole sentences. No sentence is put together from parts. */

export type Event = Telling | "reminder";

type Title = (name: string) => string;

const firing: Record<AlertCondition, Title> = {
  failure: (name) => `${name} is failing`,
  error: (name) => `${name} cannot be checked`,
  missed: (name) => `${name} was not run when it was due`,
  runner: (name) => `${name} is silent`,
  latency: (name) => `${name} is slow`,
  certificate: (name) => `A certificate of ${name} ends soon`,
};

const still: Record<AlertCondition, Title> = {
  failure: (name) => `${name} is still failing`,
  error: (name) => `${name} still cannot be checked`,
  missed: (name) => `${name} is still not run when it is due`,
  runner: (name) => `${name} is still silent`,
  latency: (name) => `${name} is still slow`,
  certificate: (name) => `A certificate of ${name} still ends soon`,
};

const recovered: Record<AlertCondition, Title> = {
  failure: (name) => `${name} passes again`,
  error: (name) => `${name} can be checked again`,
  missed: (name) => `${name} is run again`,
  runner: (name) => `${name} is back`,
  latency: (name) => `${name} is fast enough again`,
  certificate: (name) => `The certificates of ${name} are good again`,
};

const titles: Record<Event, Record<AlertCondition, Title>> = {
  firing,
  again: still,
  reminder: still,
  recovered,
};

export const titleOf = (event: Event, condition: AlertCondition, name: string): string =>
  titles[event][condition](name);

/** Titles of the last message about what is not over, but not told any more. Another rule may go on watching it. */
export const closedTitles: Record<AlertCondition, Title> = {
  failure: (name) => `The alert about ${name} is closed; it was failing`,
  error: (name) => `The alert about ${name} is closed; it could not be checked`,
  missed: (name) => `The alert about ${name} is closed; it was not run when it was due`,
  runner: (name) => `The alert about ${name} is closed; it was silent`,
  latency: (name) => `The alert about ${name} is closed; it was slow`,
  certificate: (name) => `The alert about a certificate of ${name} is closed; it was about to end`,
};

export const closedFleetTitle: Title = (name) =>
  `The alert about the runners for ${name} is closed; none was left`;

export const deletedRunner = "a deleted runner";

/** A rule without a name is called by what it does. */
export function nameOfRule(rule: {
  name: string;
  everyFailure: boolean;
  inARow: number;
  onFailure: boolean;
}): string {
  if (rule.name !== "") return rule.name;
  if (!rule.onFailure) return "Rule";
  if (rule.everyFailure) return "Every failure";
  return rule.inARow === 1 ? "The first failure" : `${rule.inARow} failures in a row`;
}

/** What there is to know beside the condition. */
export interface SummaryFacts {
  /** In a row. */
  streak: number;
  runs: number;
  runsFailed: number;
  /** What the run says of itself. */
  detail: string | null;
  /** What was measured and the limit, for latency and certificates. */
  measured: string | null;
}

/** One or two sentences for whoever reads no further. */
export function summaryOf(event: Event, condition: AlertCondition, facts: SummaryFacts): string {
  if (event === "recovered") return recoveredSummaries[condition];
  const detail = facts.detail === null ? null : asSentence(facts.detail);
  if (condition === "failure") return failureSummary({ ...facts, detail });
  if (condition === "error") return detail ?? "No run could tell whether the API works.";
  if (condition === "missed") return facts.measured ?? detail ?? "No runner took the run while it was valid.";
  const measured = facts.measured ?? detail ?? "";
  return condition === "certificate" ? `${measured} ${certificateAdvice}` : measured;
}

const certificateAdvice = "Renew it: once it has ended, every client refuses the connection.";

function failureSummary({ runs, runsFailed, streak, detail }: SummaryFacts): string {
  const where = runs > 1 ? `It failed on ${runsFailed} of ${runs} runners.` : undefined;
  const often = streak > 1 ? `${streak} executions in a row have failed.` : undefined;
  return [detail, where, often].filter(Boolean).join(" ") || "The API failed.";
}

const recoveredSummaries: Record<AlertCondition, string> = {
  failure: "The last execution passed.",
  error: "The last execution told whether the API works.",
  missed: "The last execution was run by a runner.",
  runner: "It has reported again.",
  latency: "The last execution stayed below the limit.",
  certificate: "No certificate that was seen ends within the time that you set.",
};

export const severityOf = (event: Event, condition: AlertCondition): "critical" | "warning" | "info" => {
  if (event === "recovered") return "info";
  return condition === "failure" ? "critical" : "warning";
};

/** `step`: whose response was the slowest. */
export const latencySentence = (
  what: "run" | "p95" | "slowest",
  ms: number,
  limitMs: number,
  step: string | undefined,
): string => {
  const [took, limit] = [Math.round(ms).toLocaleString("en-US"), limitMs.toLocaleString("en-US")];
  if (what === "run") return `The run took ${took} ms; the limit is ${limit} ms.`;
  if (what === "slowest" && step !== undefined)
    return `The slowest response, that of "${step}", took ${took} ms; the limit is ${limit} ms.`;
  if (what === "slowest") return `The slowest response took ${took} ms; the limit is ${limit} ms.`;
  return `The 95th percentile of the response times was ${took} ms; the limit is ${limit} ms.`;
};

/** `days` until it ends, negative once it is past. */
export const certificateSentence = (
  subject: string,
  { days, endsAt }: { days: number; endsAt: Date },
): string => {
  const end = instantInWords(endsAt);
  if (days < 0) return `The certificate of ${subject} ended on ${end}.`;
  if (days < 1) return `The certificate of ${subject} ends within a day, on ${end}.`;
  return `The certificate of ${subject} ends in ${plural(Math.floor(days), "day")}, on ${end}.`;
};

export const missedSlotSentence = (slotAt: Date | null): string =>
  slotAt === null
    ? "A slot was missed."
    : `The slot of ${instantInWords(slotAt)} was missed: no server was there to start it.`;

/** Titles of what is wrong with the runners of a monitor or workspace that takes any of them. */
export const fleetTitles: Record<Event, Title> = {
  firing: (name) => `No runner is left for ${name}`,
  again: (name) => `There is still no runner for ${name}`,
  reminder: (name) => `There is still no runner for ${name}`,
  recovered: (name) => `There is a runner for ${name} again`,
};

export const runnerTitle = (name: string): string => `Runner ${name}`;

export function silenceOfRunners(event: Event, lastSeenAt: Date | null): string {
  if (event === "recovered") return recoveredSummaries.runner;
  const advice =
    "What only it may run is not run until it is back: look whether its process lives and reaches this server.";
  return lastSeenAt === null ? advice : `It was last heard of at ${instantInWords(lastSeenAt)}. ${advice}`;
}

export const instantInWords = (instant: Date): string =>
  `${instant.toISOString().slice(0, 16).replace("T", " ")} UTC`;
