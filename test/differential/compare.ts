import { differences, type Difference } from "./differences.ts";
import type { Observation } from "./observation.ts";

/** One place where the runners disagree. */
export interface Finding {
  /** Where in the observation, e.g. `requests[0].headers[2]`. */
  at: string;
  newman: unknown;
  ours: unknown;
}

export interface Pair {
  id: string;
  newman: Observation;
  ours: Observation;
}

/** What is left to explain once every listed difference is taken out of both sides. */
export function compare(pair: Pair, listed: Difference[] = differences): Finding[] {
  let { newman, ours } = structuredClone(pair);
  for (const { applies, normalise } of listed) {
    if (applies && !applies(pair.id)) continue;
    newman = normalise(newman);
    ours = normalise(ours);
  }
  const findings: Finding[] = [];
  walk("", newman, ours, findings);
  return findings;
}

function walk(at: string, newman: unknown, ours: unknown, findings: Finding[]): void {
  if (Object.is(newman, ours)) return;
  if (!isBranch(newman) || !isBranch(ours) || Array.isArray(newman) !== Array.isArray(ours)) {
    findings.push({ at, newman, ours });
    return;
  }
  for (const key of new Set([...Object.keys(newman), ...Object.keys(ours)])) {
    const name = Array.isArray(newman) ? `${at}[${key}]` : at === "" ? key : `${at}.${key}`;
    walk(name, newman[key], ours[key], findings);
  }
}

// An array is a record of its indexes here.
const isBranch = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Findings as a person reads them: what newman did, what we did. */
export const report = (id: string, findings: Finding[]): string =>
  [
    `${id}: ${findings.length} unlisted`,
    ...findings.flatMap(({ at, newman, ours }) => [
      `  ${at}`,
      `    - ${show(newman)}`,
      `    + ${show(ours)}`,
    ]),
  ].join("\n");

const show = (value: unknown): string => (value === undefined ? "(nothing)" : JSON.stringify(value));
