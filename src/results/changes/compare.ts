import { plural } from "../../../web/format.ts";
import { type Change, type Finding, rankChanges } from "./change.ts";
import type { RunFacts, StepFacts } from "./facts.ts";
import { changesOfSteps, type PairedSteps, pairSteps } from "./steps.ts";

/** What people changed between two runs: a document, a setting. */
export interface Deed {
  kind: "collection" | "environment" | "globals" | "settings";
  sentence: string;
  details: string[];
  who?: string | undefined;
  at?: Date | undefined;
  href?: string | undefined;
}

export interface Comparison {
  /** The last run that passed. */
  before: RunFacts;
  /** The one that did not. */
  after: RunFacts;
  /** What people did between the two. */
  deeds: readonly Deed[];
}

/** What is different in a run that did not pass, most likely culprit first; empty = nothing that can be seen. */
export function compareRuns({ before, after, deeds }: Comparison): Change[] {
  const paired = pairSteps(before.steps, after.steps);
  const findings = [
    ...changesOfSteps(paired.pairs, after.at),
    ...deeds,
    ...requestsChange(paired, { before, after }),
    ...placeChanges({ before, after }),
  ];
  return rankChanges(findings, after.reason);
}

const MAX_NAMES = 10;

/** A run that ended early, or of which not everything was read, has fewer requests for that reason alone. */
function requestsChange({ added, removed }: PairedSteps, runs: Runs): Finding[] {
  if (runs.before.isPartial || runs.after.isPartial) return [];
  const gone = endedEarly(runs) ? [] : removed;
  const isElsewhere = !added.some(({ didFail }) => didFail);
  return [
    ...(added.length > 0
      ? [finding(`${plural(added.length, "request")} ran that did not run before.`, added, isElsewhere)]
      : []),
    ...(gone.length > 0
      ? [finding(`${plural(gone.length, "request")} of the run before did not run.`, gone, true)]
      : []),
  ];
}

type Runs = Pick<Comparison, "before" | "after">;

/** Behind its last step everything is missing: it was stopped, or a script ended it. */
function endedEarly({ before, after }: Runs): boolean {
  const last = after.steps.at(-1);
  if (last === undefined) return true;
  const isLastOf = before.steps.findLast((step) => step.itemId === last.itemId);
  return isLastOf !== undefined && isLastOf !== before.steps.at(-1);
}

const finding = (sentence: string, steps: readonly StepFacts[], isElsewhere: boolean): Finding => ({
  kind: "requests",
  sentence,
  details: [
    ...steps.slice(0, MAX_NAMES).map(({ name }) => name),
    ...(steps.length > MAX_NAMES ? [`and ${plural(steps.length - MAX_NAMES, "more request")}`] : []),
  ],
  isElsewhere,
});

function placeChanges({ before, after }: Runs): Finding[] {
  if (before.runner && after.runner && before.runner.id !== after.runner.id) {
    const sentence = `It ran on the runner ${after.runner.name}; the run that passed was on ${before.runner.name}.`;
    return [
      { kind: "runner", sentence, details: [], href: `/runners/${after.runner.id}` },
      ...versionChange({ before, after }),
    ];
  }
  return [...versionChange({ before, after }), ...machineChange({ before, after })];
}

function versionChange({ before, after }: Runs): Finding[] {
  if (!isOther(before.runnerVersion, after.runnerVersion)) return [];
  const sentence = `The runner has version ${after.runnerVersion}; it was ${before.runnerVersion}.`;
  return [{ kind: "runner_version", sentence, details: [] }];
}

function machineChange({ before, after }: Runs): Finding[] {
  if (!isOther(before.hostname, after.hostname)) return [];
  const sentence = `It ran on the machine ${after.hostname}; the run that passed was on ${before.hostname}.`;
  return [{ kind: "instance", sentence, details: [] }];
}

const isOther = (before: string | null, after: string | null): boolean =>
  before !== null && after !== null && before !== after;
