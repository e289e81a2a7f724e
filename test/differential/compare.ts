import { differences, type Difference } from "./differences.ts";
import type { Observation } from "./observation.ts";

/** One place where the runners disagree. */
export interface Finding {
  /** Where in the observation, e.g. `requests[0].headers[2]`. */
  at: string;
  postman: unknown;
  ours: unknown;
}

export interface Pair {
  id: string;
  postman: Observation;
  /** What newman did, where Postman's newer runtime counts. */
  older?: Observation;
  ours: Observation;
}

/** What is left to explain once every listed difference is taken out of both sides. */
export function compare(pair: Pair, listed: Difference[] = differences): Finding[] {
  let { postman, ours } = structuredClone(pair);
  for (const { applies, normalise } of listed) {
    if (applies && !applies(pair.id)) continue;
    postman = normalise(postman);
    ours = normalise(ours);
  }
  const findings: Finding[] = [];
  walk("", postman, ours, findings);
  return findings;
}

function walk(at: string, postman: unknown, ours: unknown, findings: Finding[]): void {
  if (Object.is(postman, ours)) return;
  if (!isBranch(postman) || !isBranch(ours) || Array.isArray(postman) !== Array.isArray(ours)) {
    findings.push({ at, postman, ours });
    return;
  }
  for (const key of new Set([...Object.keys(postman), ...Object.keys(ours)])) {
    const name = Array.isArray(postman) ? `${at}[${key}]` : at === "" ? key : `${at}.${key}`;
    walk(name, postman[key], ours[key], findings);
  }
}

// An array is a record of its indexes here.
const isBranch = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Findings as a person reads them: what postman did, what we did. */
export const report = (id: string, findings: Finding[]): string =>
  [
    `${id}: ${findings.length} unlisted`,
    ...findings.flatMap(({ at, postman, ours }) => [
      `  ${at}`,
      `    - ${show(postman)}`,
      `    + ${show(ours)}`,
    ]),
  ].join("\n");

const show = (value: unknown): string => (value === undefined ? "(nothing)" : JSON.stringify(value));
