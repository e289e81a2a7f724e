import { raw } from "hono/html";

import { formatDuration, formatInstant, plural } from "../format.ts";
import { type Status, type Tone, toneOf, wordOf } from "./status-mark.tsx";

/** What stands in a strip, in order of time. */
export type StripEntry =
  | {
      kind: "run";
      href: string;
      status: Status;
      at: Date;
      durationMs: number | null;
      runnerName: string | null;
      isLate: boolean;
    }
  /** A slot that led to no run. */
  | { kind: "gap"; status: Status; at: Date; reason: string | null; collapsed: number; href: string }
  /** What was changed between two runs. */
  | { kind: "mark"; at: Date; title: string; href?: string | undefined };

const STEP = 19;
const WIDTH = 14;
const HEIGHT = 64;
const FOOT = 16;
const HEAD = 10;
const GAP_HEIGHT = 12;
const LOWEST_SHARE = 0.2;

interface RunStripProps {
  /** Oldest first. */
  entries: readonly StripEntry[];
  /** Places of runs and gaps; missing ones are empty ground at the left. */
  places: number;
}

/**
 * Runs as bars: height is duration, colour and the mark at the foot are the outcome; slots without a run are gaps, changes are
 * marks between two bars. Every bar is a link that says everything in words. The newest is in the tab order; arrow keys lead to
 * the others, which are also listed below as links.
 */
export function RunStrip({ entries, places }: RunStripProps) {
  const bars = entries.filter((entry) => entry.kind !== "mark");
  const blanks = Math.max(0, places - bars.length);
  const longestMs = Math.max(1, ...bars.map((bar) => (bar.kind === "run" ? (bar.durationMs ?? 0) : 0)));
  const width = (blanks + bars.length) * STEP;
  const newest = bars.findLast((bar) => bar.kind === "run");
  let place = blanks;
  const drawn = entries.map((entry) => {
    if (entry.kind === "mark") return drawMark(entry, place * STEP - (STEP - WIDTH) / 2);
    const x = place++ * STEP;
    return entry.kind === "gap"
      ? drawGap(entry, x)
      : drawRun(entry, x, { longestMs, isNewest: entry === newest });
  });
  return (
    <svg
      id="run-strip"
      class="bars page"
      viewBox={`0 ${-HEAD} ${width} ${HEAD + HEIGHT + FOOT}`}
      width={width}
      height={HEAD + HEIGHT + FOOT}
      role="group"
      aria-label={describe(entries)}
    >
      {blanks > 0 && <path class="blank" d={ground(blanks)} />}
      {raw(drawn.join(""))}
    </svg>
  );
}

/** Short dashes where runs will stand one day. */
const ground = (blanks: number): string =>
  Array.from({ length: blanks }, (_, index) => `M${index * STEP} ${HEIGHT - 1}h${WIDTH}`).join("");

type Entry<K extends StripEntry["kind"]> = Extract<StripEntry, { kind: K }>;

// Text, not components: the strip is drawn again every ten seconds. Colours are in the style sheet.
function drawRun(
  run: Entry<"run">,
  x: number,
  { longestMs, isNewest }: { longestMs: number; isNewest: boolean },
) {
  const height = Math.round(HEIGHT * Math.max(LOWEST_SHARE, (run.durationMs ?? 0) / longestMs));
  const tone = toneOf(run.status);
  const isOpen = run.status === "running" || run.status === "queued";
  return link(run.href, runText(run), isNewest, [
    hitArea(x),
    `<rect class="${tone}${isOpen ? " hollow" : ""}" x="${x}" y="${HEIGHT - height}" height="${height}"/>`,
    footMark(run.status, tone, x + WIDTH / 2),
    run.isLate ? `<circle class="late" cx="${x + WIDTH / 2}" cy="${HEIGHT - height - 5}" r="2.6"/>` : "",
  ]);
}

function drawGap(gap: Entry<"gap">, x: number): string {
  const top = HEIGHT - GAP_HEIGHT;
  return link(gap.href, gapText(gap), false, [
    hitArea(x),
    `<path class="gap" d="M${x + 0.5} ${HEIGHT}V${top}h${WIDTH - 1}V${HEIGHT}z"/>`,
    footMark(gap.status, toneOf(gap.status), x + WIDTH / 2),
  ]);
}

const drawMark = ({ href, title, at }: Entry<"mark">, x: number): string =>
  link(href, `${title} · ${formatInstant(at)}`, false, [
    `<path class="hit" d="M${x - 4} ${-HEAD}h8v${HEAD + HEIGHT}h-8z"/>`,
    `<path class="change" d="M${x} ${HEIGHT}V${-HEAD + 7}M${x} ${-HEAD + 7}l-3.5 -6h7z"/>`,
  ]);

function link(href: string | undefined, text: string, isReached: boolean, parts: string[]): string {
  const name = Bun.escapeHTML(text);
  const inside = `<title>${name}</title>${parts.join("")}`;
  if (href === undefined) return `<g role="img" aria-label="${name}">${inside}</g>`;
  return `<a href="${Bun.escapeHTML(href)}" aria-label="${name}" tabindex="${isReached ? 0 : -1}">${inside}</a>`;
}

const hitArea = (x: number): string => `<path class="hit" d="M${x} 0h${STEP}v${HEIGHT + FOOT}h-${STEP}z"/>`;

/** The mark below a bar that did not pass, so that colour is not the only sign. */
function footMark(status: Status, tone: Tone, x: number): string {
  const y = HEIGHT + FOOT / 2 + 1;
  if (status === "skipped") return `<path class="foot mute" d="M${x - 3} ${y}h6"/>`;
  if (status === "aborted") return `<path class="foot mute" d="M${x - 2} ${y - 2}h4v4h-4z"/>`;
  if (tone === "fail") {
    return `<path class="foot fail" d="M${x - 3} ${y - 3}l6 6M${x + 3} ${y - 3}l-6 6"/>`;
  }
  return tone === "warn" ? `<path class="foot warn" d="M${x} ${y - 3.5}v3.8M${x} ${y + 3}v.2"/>` : "";
}

function runText({ status, at, durationMs, runnerName, isLate }: Entry<"run">): string {
  return [
    wordOf(status),
    formatInstant(at),
    ...(durationMs === null ? [] : [formatDuration(durationMs)]),
    ...(runnerName === null ? [] : [runnerName]),
    ...(isLate ? ["started late"] : []),
  ].join(" · ");
}

function gapText({ status, at, reason, collapsed }: Entry<"gap">): string {
  return [
    reason === null ? wordOf(status) : `${wordOf(status)} (${reason})`,
    formatInstant(at),
    ...(collapsed > 0 ? [`and ${plural(collapsed, "slot")} before it`] : []),
  ].join(" · ");
}

function describe(entries: readonly StripEntry[]): string {
  const counts = new Map<string, number>();
  const count = (word: string) => counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const entry of entries) {
    if (entry.kind !== "mark") count(wordOf(entry.status));
  }
  const runs = entries.filter((entry) => entry.kind === "run").length;
  const parts = [...counts].map(([word, number]) => `${number} ${word}`);
  return [plural(runs, "run"), ...parts].join(", ");
}
