import type { AlertMessage } from "../message.ts";

/** A message as parts that every text form has, in the order in which they are read. */
export interface TextPart {
  /** Null: it explains itself. */
  heading: string | null;
  lines: string[];
}

/** What follows the title. */
export function partsOf(message: AlertMessage): TextPart[] {
  const { failure, cause, changes, facts } = message;
  return [
    { heading: null, lines: message.summary === "" ? [] : [message.summary] },
    { heading: "What failed", lines: failure ? failureLines(failure) : [] },
    { heading: "Likely cause", lines: cause ? [cause.sentence, cause.advice] : [] },
    { heading: "Changed since the last pass", lines: changes },
    { heading: null, lines: facts.map(({ label, value }) => `${label}: ${value}`) },
    { heading: null, lines: [`Since ${shownInstant(message.since)}`] },
  ].filter(({ lines }) => lines.length > 0);
}

/** The last line is what was said, as it was said. */
export function failureLines({ step, assertion, message }: NonNullable<AlertMessage["failure"]>): string[] {
  return [`Step: ${step}`, ...(assertion === null ? [] : [`Assertion: ${assertion}`]), message];
}

/** `2026-11-22 10:00 UTC`: one form that is right in every time zone. */
export const shownInstant = (iso: string): string => `${iso.slice(0, 16).replace("T", " ")} UTC`;

/** Glyph and word of the state, so that colour is never alone. */
export const markOf = ({ severity, state, event }: AlertMessage): string => {
  if (event === "summary" || event === "test") return "ℹ";
  if (state === "ok") return "✓";
  if (state === "closed") return "■";
  return severity === "critical" ? "✕" : "!";
};
