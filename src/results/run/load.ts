import { withQuery } from "../../../web/format.ts";
import type { Shell } from "../../../web/layout.tsx";
import type { RunProps } from "../../../web/pages/run.tsx";
import { itemHref } from "../../../web/parts/collection-tree.tsx";
import type { FirstFailure } from "../../../web/parts/run-verdict.tsx";
import { scriptHref } from "../../../web/parts/script-place.tsx";
import type { StepSetting } from "../../../web/parts/step-part.tsx";
import { placeOf, placeOfError } from "../../../web/parts/step-tests.tsx";
import type { AlertReaders, Deps } from "../../access/context.ts";
import type { Step } from "../../contract/events.ts";
import { causeOf, decisiveFailure } from "../../runs/cause.ts";
import type { RunDetail } from "../../runs/read.ts";
import { listStepHeads, type PlacedHead, readStepsOf } from "../../runs/step-heads.ts";
import { isReadOnly } from "../../workspaces/pages-shell.ts";
import { loadRunChanges } from "../changes/load.ts";
import { findSurroundings } from "./around-store.ts";
import {
  chooseWhole,
  kindOf,
  selectSteps,
  STEPS_PER_PAGE,
  type StepQuery,
  type StepSelection,
} from "./view.ts";

type LoadDeps = Pick<Deps, "database" | "secretBox" | "publicUrl"> & Pick<AlertReaders, "readTelling">;

/** What somebody wants to see of a run. */
export interface RunQuery extends StepQuery {
  /** An earlier attempt; undefined = the last one. */
  attempt: number | undefined;
}

/** What is shown of a step within the page of its run. */
const inPage = { bodyChars: 10_000, consoleLines: 200 };
/** On its own page. */
export const onItsOwn = { bodyChars: 200_000, consoleLines: 10_000 };

/** Failed steps that are read to find the cause; it is nearly always in the first. */
const JUDGED_STEPS = 8;

export async function loadRun(
  deps: LoadDeps,
  shell: Shell,
  run: RunDetail,
  query: RunQuery,
): Promise<RunProps> {
  const { database } = deps;
  const { attempt } = query;
  const isExplained = attempt === undefined && run.outcome !== null && run.outcome !== "passed";
  const [{ heads, hidden }, around, changes, telling] = await Promise.all([
    listStepHeads(database, { runId: run.id, attempt }),
    findSurroundings(database, run),
    isExplained ? loadRunChanges(deps, run.id) : undefined,
    isExplained ? deps.readTelling(run.monitor.id) : undefined,
  ]);
  const selection = selectSteps(heads, query);
  const whole = chooseWhole(selection.shown);
  const judged = isExplained ? heads.filter(isFailed).slice(0, JUDGED_STEPS) : [];
  const steps = await readStepsOf(database, { runId: run.id, attempt }, [...whole, ...judged]);
  const inside = new Set(whole.map(({ position }) => position));
  return {
    ...describeRun(run),
    ...explain(run, judged, steps, { heads, selection }),
    shell,
    isReadOnly: isReadOnly(shell, run.workspaceId),
    around,
    telling,
    shownAttempt: attempt,
    changes,
    tally: tallyOf(heads, hidden),
    filter: query,
    ...selection,
    steps: selection.shown.map((head) => ({
      head,
      step: inside.has(head.position) ? steps.get(head.position) : undefined,
    })),
    hiddenSteps: hidden,
    setting: settingOf(shell, run, attempt, inPage),
    kept: run.kept,
    consoleLines: heads.reduce(
      (sum, { lines }) => sum + Object.values(lines).reduce((total, count) => total + count, 0),
      0,
    ),
    shareUrl: new URL(withQuery(`/runs/${run.id}`, { attempt: attempt?.toString() }), deps.publicUrl).href,
    href: hrefOf(run.id, query),
  };
}

const isFailed = ({ status }: PlacedHead): boolean => kindOf(status) === "failed";

const hrefOf = (runId: string, { attempt, show, search, page }: RunQuery): string =>
  withQuery(`/runs/${runId}`, {
    attempt: attempt?.toString(),
    show,
    q: search,
    steps: page > 1 ? String(page) : undefined,
  });

/** How steps of a run are shown. */
export const settingOf = (
  shell: Shell,
  run: RunDetail,
  attempt: number | undefined,
  size: Pick<StepSetting, "bodyChars" | "consoleLines">,
): StepSetting => ({
  now: shell.now,
  hrefOf: (position) => withQuery(`/runs/${run.id}/steps/${position}`, { attempt: attempt?.toString() }),
  consoleHrefOf: (position) =>
    withQuery(`/runs/${run.id}/console`, { attempt: attempt?.toString(), step: String(position) }),
  itemHrefOf: (itemId) => itemHref(run.collection.id, itemId),
  scriptHrefOf: scriptHrefOf(run),
  keeps: run.kept,
  ...size,
});

const scriptHrefOf =
  ({ collection }: RunDetail): StepSetting["scriptHrefOf"] =>
  (location, script) =>
    scriptHref(collection.id, location, script);

function describeRun(run: RunDetail) {
  return {
    run: { ...run, claimedAt: run.startedAt },
    monitor: run.monitor,
    collectionName: run.collection.name,
    environmentName: run.environment?.name,
    runner:
      run.runnerId === null
        ? null
        : { id: run.runnerId, name: run.runnerName ?? "", hostname: run.hostname ?? undefined },
    trigger: run.trigger,
    slotAt: run.slotAt,
    siblings: run.siblings.map(({ id, runnerName, status }) => ({
      id,
      runnerName: runnerName ?? "waiting for a runner",
      status,
    })),
    attempts: run.earlierAttempts,
  };
}

function tallyOf(heads: readonly PlacedHead[], hidden: number): RunProps["tally"] {
  const failing = heads.filter(({ assertions }) => assertions.failed > 0);
  return { done: heads.length + hidden, failed: failing.length, firstFailed: failing[0]?.name };
}

interface Listed {
  heads: readonly PlacedHead[];
  selection: StepSelection<PlacedHead>;
}

function explain(
  run: RunDetail,
  judged: readonly PlacedHead[],
  steps: ReadonlyMap<number, Step>,
  listed: Listed,
): Pick<RunProps, "cause" | "failure"> {
  const failedSteps = judged.flatMap(({ position }) => steps.get(position) ?? []);
  return { cause: causeOf(run, failedSteps), failure: failureOn(run, failedSteps, listed) };
}

/** What went wrong, and a link to it: on this page if it is there, else among the failed steps. */
function failureOn(
  run: RunDetail,
  failedSteps: readonly Step[],
  { heads, selection }: Listed,
): FirstFailure | undefined {
  const failure = decisiveFailure(run.reason, failedSteps);
  if (!failure) return undefined;
  const { position, name } = failure.step;
  const isHere = selection.shown.some((head) => head.position === position);
  const place = heads.filter(isFailed).findIndex((head) => head.position === position);
  const page = Math.floor(place / STEPS_PER_PAGE) + 1;
  const elsewhere = hrefOf(run.id, { attempt: undefined, show: "failed", search: "", page });
  return {
    position,
    stepName: name,
    href: `${isHere ? "" : elsewhere}#step-${position}`,
    ...("assertion" in failure
      ? {
          assertion: failure.assertion.name,
          error: failure.assertion.error,
          place: placeOf(failure.assertion, scriptHrefOf(run)),
        }
      : { error: failure.error, place: placeOfError(failure.error, scriptHrefOf(run)) }),
  };
}
