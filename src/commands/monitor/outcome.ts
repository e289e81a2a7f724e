import type { Outcome } from "../../contract/events.ts";

const outcomes: Record<string, Outcome> = {
  success: "passed",
  failed: "failed",
  error: "errored",
  aborted: "aborted",
};

/** The outcome behind a state of the API, which speaks Postman's words; undefined while there is none. */
export const outcomeOf = (state: string): Outcome | undefined => outcomes[state];

const severity: Outcome[] = ["passed", "aborted", "errored", "failed"];

/** The outcome of an execution: the worst of its runs. */
export const worstOutcome = (of: Outcome[]): Outcome =>
  severity[Math.max(...of.map((outcome) => severity.indexOf(outcome)))] ?? "errored";
