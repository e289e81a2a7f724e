import type { Database } from "../../../db/connect.ts";
import { searchText } from "../../access/pages-form.ts";
import type { Step } from "../../contract/events.ts";
import type { ConsoleLevel } from "../../contract/step-head.ts";
import { type PlacedHead, readStepsOf, type RunAttempt } from "../../runs/step-heads.ts";

export const consoleLevels: readonly ConsoleLevel[] = ["error", "warn", "info", "log", "debug"];

export interface ConsoleQuery {
  /** Empty = all. */
  levels: ConsoleLevel[];
  /** In the text of a line; empty = every line. */
  search: string;
  /** Only steps behind this position. */
  after: number;
  /** Position of the one step whose lines are wanted; undefined = all. */
  only: number | undefined;
}

type ConsoleLine = Step["console"][number];

export interface ConsolePart {
  /** Steps with lines that were asked for, in their order. */
  groups: { head: PlacedHead; lines: ConsoleLine[]; hidden: number }[];
  /** Position to go on after; undefined at the end. */
  nextAfter: number | undefined;
}

/** So many lines are enough for a page. */
const PAGE_LINES = 500;
/** Of one step; it may print a quarter of a megabyte. */
const STEP_LINES = 1000;
/** Characters of steps that one request reads, and that it has in memory at a time. */
const MAX_READ = 3_000_000;
const CHUNK = 1_000_000;

/** Whatever is in the query string: unknown levels are passed over. */
export function readConsoleQuery(
  query: (name: string) => string | undefined,
  levels: readonly string[],
): ConsoleQuery {
  const after = Number(query("after"));
  const only = Number(query("step"));
  return {
    levels: consoleLevels.filter((level) => levels.includes(level)),
    search: searchText(query("q")),
    after: Number.isSafeInteger(after) && after > 0 ? after : 0,
    only: Number.isSafeInteger(only) && only > 0 ? only : undefined,
  };
}

/** How many lines of each level the run has. */
export function countLines(heads: readonly PlacedHead[]): Record<ConsoleLevel, number> {
  const counts = { error: 0, warn: 0, info: 0, log: 0, debug: 0 };
  for (const { lines } of heads) for (const level of consoleLevels) counts[level] += lines[level] ?? 0;
  return counts;
}

/** The next lines that are asked for. Only steps that have any of such a level are read, and of them no more than needed. */
export async function readConsole(
  database: Database,
  run: RunAttempt,
  heads: readonly PlacedHead[],
  query: ConsoleQuery,
): Promise<ConsolePart> {
  const levels = query.levels.length > 0 ? query.levels : consoleLevels;
  const wanted = heads.filter(
    ({ position, lines }) =>
      position > query.after &&
      (query.only === undefined || position === query.only) &&
      levels.some((level) => (lines[level] ?? 0) > 0),
  );
  const groups: ConsolePart["groups"] = [];
  let found = 0;
  let read = 0;
  let at = 0;
  while (at < wanted.length && found < PAGE_LINES && read < MAX_READ) {
    const chunk = takeChunk(wanted.slice(at), { levels, missing: PAGE_LINES - found, query });
    const steps = await readStepsOf(database, run, chunk);
    for (const head of chunk) {
      const lines = linesOf(steps.get(head.position), levels, query.search);
      at++;
      read += head.weight;
      if (lines.length === 0) continue;
      found += lines.length;
      groups.push({
        head,
        lines: lines.slice(0, STEP_LINES),
        hidden: Math.max(0, lines.length - STEP_LINES),
      });
      if (found >= PAGE_LINES) break;
    }
  }
  return { groups, nextAfter: at < wanted.length ? wanted[at - 1]?.position : undefined };
}

interface ChunkNeed {
  levels: readonly ConsoleLevel[];
  /** Lines that the page still wants. */
  missing: number;
  query: ConsoleQuery;
}

/** At least one step; without a search no more than the page has room for. */
function takeChunk(heads: readonly PlacedHead[], { levels, missing, query }: ChunkNeed): PlacedHead[] {
  let chars = 0;
  let lines = 0;
  const end = heads.findIndex((head, index) => {
    const isEnough = index > 0 && (chars >= CHUNK || (query.search === "" && lines >= missing));
    chars += head.weight;
    lines += levels.reduce((sum, level) => sum + (head.lines[level] ?? 0), 0);
    return isEnough;
  });
  return end === -1 ? [...heads] : heads.slice(0, end);
}

function linesOf(step: Step | undefined, levels: readonly ConsoleLevel[], search: string): ConsoleLine[] {
  if (!step) return [];
  const lower = search.toLowerCase();
  return step.console.filter(
    ({ level, messages }) =>
      level !== "clear" &&
      levels.includes(level) &&
      (lower === "" || messages.join(" ").toLowerCase().includes(lower)),
  );
}
