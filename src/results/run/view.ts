import { searchText } from "../../access/pages-form.ts";
import type { StepHead, StepStatus } from "../../contract/step-head.ts";

export const STEPS_PER_PAGE = 200;
/** Steps whose whole contents are part of the page; the others are fetched when they are opened. */
const MAX_WHOLE_STEPS = 40;
/** Characters of their contents together, before markup. */
const MAX_WHOLE_CHARS = 120_000;
/** What a page shows of one step at most: its two bodies are cut. */
const MAX_STEP_CHARS = 24_000;

export type StepKind = "failed" | "skipped" | "passed";
export const stepKinds: readonly StepKind[] = ["failed", "skipped", "passed"];

/** Which steps somebody wants to see; the query string of a run's page. */
export interface StepQuery {
  /** Undefined = all. */
  show: StepKind | undefined;
  /** In names of requests and folders; empty = all. */
  search: string;
  /** From 1. */
  page: number;
}

/** Whatever is in the query string: unknown words mean "all", and no number the first page. */
export function readStepQuery(query: (name: string) => string | undefined): StepQuery {
  const page = Number(query("steps"));
  return {
    show: stepKinds.find((kind) => kind === query("show")),
    search: searchText(query("q")),
    page: Number.isInteger(page) && page >= 1 ? page : 1,
  };
}

export const kindOf = (status: StepStatus): StepKind => (status === "errored" ? "failed" : status);

export interface StepSelection<Head extends StepHead> {
  /** Of this page, in their order. */
  shown: Head[];
  /** Of all steps that the search finds. */
  counts: Record<StepKind | "all", number>;
  page: number;
  pages: number;
}

/** The steps of a page. A page beyond the last is the last. */
export function selectSteps<Head extends StepHead>(
  heads: readonly Head[],
  { show, search, page }: StepQuery,
): StepSelection<Head> {
  const wanted = search.toLowerCase();
  const found = search === "" ? heads : heads.filter((head) => nameOf(head).includes(wanted));
  const counts = { all: found.length, failed: 0, skipped: 0, passed: 0 };
  for (const { status } of found) counts[kindOf(status)]++;
  const matching = show === undefined ? found : found.filter(({ status }) => kindOf(status) === show);
  const pages = Math.max(1, Math.ceil(matching.length / STEPS_PER_PAGE));
  const last = Math.min(page, pages);
  return {
    shown: matching.slice((last - 1) * STEPS_PER_PAGE, last * STEPS_PER_PAGE),
    counts,
    page: last,
    pages,
  };
}

const nameOf = ({ name, path }: StepHead): string => [...path, name].join(" / ").toLowerCase();

/** Steps whose contents go into the page at once: failed ones first, as long as the page stays light. */
export function chooseWhole<Head extends StepHead>(shown: readonly Head[]): Head[] {
  const failedFirst = shown.toSorted((left, right) => urgency(left) - urgency(right));
  let chars = 0;
  return failedFirst.slice(0, MAX_WHOLE_STEPS).filter((head, index) => {
    const weight = Math.min(head.weight, MAX_STEP_CHARS);
    if (index > 0 && chars + weight > MAX_WHOLE_CHARS) return false;
    chars += weight;
    return true;
  });
}

const urgency = ({ status }: StepHead): number => (kindOf(status) === "failed" ? 0 : 1);
