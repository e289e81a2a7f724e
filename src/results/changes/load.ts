import type { Deps } from "../../access/context.ts";
import type { Change } from "./change.ts";
import { compareRuns } from "./compare.ts";
import { listDeeds } from "./deeds-store.ts";
import type { RunFacts } from "./facts.ts";
import {
  findFirstFailed,
  findLastFailed,
  findLastPassed,
  findRun,
  listPassedSiblings,
  loadFacts,
  type RunHead,
} from "./runs-store.ts";

/** What is different in a run that did not pass since the last one that did. */
export interface RunChanges {
  /** The run that is explained. */
  run: RunRef;
  /** Null = none has passed before it, so there is nothing to compare with. */
  lastPassed: (RunRef & { isSameRunner: boolean }) | null;
  /** Where the failing began on this runner; null when that is the run itself, or nothing has passed. */
  firstFailed: RunRef | null;
  /** Most likely culprit first; empty = nothing that can be seen changed. */
  changes: Change[];
  /** What could not be compared, in whole sentences. */
  limits: string[];
  /** Runs of the same execution that passed elsewhere. */
  passedElsewhere: { id: string; runnerName: string | null }[];
}

export interface RunRef {
  id: string;
  at: Date;
  runnerName: string | null;
}

type LoadDeps = Pick<Deps, "database" | "secretBox">;

/** Of a finished run that did not pass; undefined for every other, and when there is none. */
export async function loadRunChanges(deps: LoadDeps, runId: string): Promise<RunChanges | undefined> {
  const run = await findRun(deps.database, runId);
  return run && run.outcome !== "passed" ? await explain(deps, run) : undefined;
}

/**
 * Of a monitor that is failing: of the run with which that began. Undefined when none of its runs has failed. The
 * caller knows that the monitor is failing now.
 */
export async function loadMonitorChanges(deps: LoadDeps, monitorId: string): Promise<RunChanges | undefined> {
  const { database } = deps;
  const newest = await findLastFailed(database, monitorId);
  if (!newest) return undefined;
  const passed = await findLastPassed(database, newest);
  const first = passed && (await findFirstFailed(database, passed, newest));
  return await explain(deps, first ?? newest);
}

async function explain(deps: LoadDeps, run: RunHead): Promise<RunChanges> {
  const { database } = deps;
  const [passed, passedElsewhere] = await Promise.all([
    findLastPassed(database, run),
    listPassedSiblings(database, run.id),
  ]);
  const explained = { run: refOf(run), passedElsewhere: [...passedElsewhere] };
  if (!passed) {
    return { ...explained, lastPassed: null, firstFailed: null, changes: [], limits: [] };
  }
  const compared = await compareWith(deps, passed, run);
  const first = await findFirstFailed(database, passed, run);
  return {
    ...explained,
    ...compared,
    lastPassed: { ...refOf(passed), isSameRunner: passed.runnerId === run.runnerId },
    firstFailed: first && first.id !== run.id ? refOf(first) : null,
  };
}

async function compareWith(deps: LoadDeps, passed: RunHead, run: RunHead) {
  const { database } = deps;
  const [before, after, deeds] = await Promise.all([
    loadFacts(database, passed),
    loadFacts(database, run),
    listDeeds(deps, { before: passed, after: run }),
  ]);
  return {
    changes: compareRuns({ before, after, deeds }),
    limits: limitsOf({ before, after }, { passed, run }),
  };
}

/** Silence about something must not read as "that did not change". */
function limitsOf(
  { before, after }: { before: RunFacts; after: RunFacts },
  { passed, run }: { passed: RunHead; run: RunHead },
): string[] {
  if (run.requestsTotal === 0) return ["The run sent no request, so there are no answers to compare."];
  if (before.steps.length === 0 && passed.requestsTotal > 0) {
    return ["The steps of the run that passed are deleted already: requests and answers cannot be compared."];
  }
  if (after.steps.length === 0) {
    return ["The steps of this run are deleted already: requests and answers cannot be compared."];
  }
  return [
    ...(before.isPartial || after.isPartial
      ? [`Only the first ${Math.min(before.steps.length, after.steps.length)} requests were compared.`]
      : []),
    ...(isOfOldRunner(before) || isOfOldRunner(after)
      ? [
          "An older runner did not record certificates, addresses and the shape of answers; upgrade it to see them.",
        ]
      : []),
    ...(before.runnerVersion === null || after.runnerVersion === null
      ? ["The version of the runner is not known of both runs."]
      : []),
  ];
}

/** A runner that tells the new facts tells the media type of every answer that has one. */
const isOfOldRunner = ({ steps }: RunFacts): boolean => {
  const answered = steps.filter(({ code }) => code !== undefined);
  return (
    answered.length > 0 &&
    answered.every((step) => step.mediaType === undefined && step.addresses === undefined)
  );
};

const refOf = ({ id, queuedAt, runnerName }: RunHead): RunRef => ({ id, at: queuedAt, runnerName });
