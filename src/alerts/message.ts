import type { AlertCondition, AlertDeliveryKind } from "./alert.ts";

/** A thing with a page. */
export interface Linked {
  id: string;
  name: string;
  url: string;
}

/**
 * What a message says, once, before any sender gives it the form of its receiver. All texts are plain, without secrets,
 * and cut to `messageLimits`; instants are ISO 8601 in UTC.
 */
export interface AlertMessage {
  event: AlertDeliveryKind;
  /** Null for summaries and tests. */
  condition: AlertCondition | null;
  /** `closed`: nobody watches it any more, and how it is is not known. */
  state: "ok" | "firing" | "closed";
  /** `critical`: the API is failing. `warning`: everything else that is wrong. `info`: recovery, summary, test. */
  severity: "critical" | "warning" | "info";
  /** One line: "Orders is failing". */
  title: string;
  /** One or two sentences for whoever reads no further. */
  summary: string;
  /** Since when the state is what it is; of a closed one, since when it was open. */
  since: string;
  /** Which message of its alert this is, from 1. */
  number: number;
  workspace: Linked | null;
  monitor: (Linked & { uid: string }) | null;
  collection: { name: string; uid: string } | null;
  environment: { name: string; uid: string } | null;
  /** Owner of the monitor. */
  user: { id: number; name: string } | null;
  run: RunFacts | null;
  /** The first thing that went wrong. */
  failure: { step: string; assertion: string | null; message: string } | null;
  /** What probably is the cause, and what to do. */
  cause: { fault: string; sentence: string; advice: string } | null;
  /** What was changed since the last pass, one sentence each. */
  changes: string[];
  /** More that is worth a line, such as numbers of a summary. */
  facts: { label: string; value: string }[];
  /** Where to look; the first is the best. */
  links: { label: string; url: string }[];
}

/** Of a message that is about no monitor. */
export const aboutNoMonitor = {
  monitor: null,
  collection: null,
  environment: null,
  user: null,
  run: null,
  failure: null,
  cause: null,
  changes: [],
} satisfies Partial<AlertMessage>;

export interface RunFacts {
  id: string;
  url: string;
  outcome: string;
  reason: string | null;
  trigger: string;
  runner: string | null;
  startedAt: string | null;
  /** ms. */
  durationMs: number | null;
  /** Runs of the execution, and how many of them failed. */
  runs: number;
  runsFailed: number;
  errors: number;
  failedTests: number;
  passedTests: number;
  requests: number;
  /** ms. */
  totalLatencyMs: number;
}

/** Characters, and entries of lists. */
export const messageLimits = { title: 200, line: 500, text: 1500, changes: 5, facts: 30, links: 5 } as const;

/** The text as one line of at most so many characters. */
export function oneLine(value: string, max: number = messageLimits.line): string {
  // Line breaks and invisible characters forge lines of a message; those that turn its direction forge its words.
  const line = value.replace(/[\s\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
  return cut(line, max);
}

/** What an API, a script or a library said may lack its full stop, and another sentence follows. */
export const asSentence = (text: string): string => (/[.!?…]$/.test(text) || text === "" ? text : `${text}.`);

/** At most so many characters, with an ellipsis for what is missing, never half of a character. */
export function cut(value: string, max: number): string {
  if (value.length <= max) return value;
  return `${value.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
