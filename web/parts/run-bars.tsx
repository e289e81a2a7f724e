import { raw } from "hono/html";

import { formatDuration, formatInstant, plural } from "../format.ts";
import { toneOf, wordOf, type Status, type Tone } from "./status-mark.tsx";

/** One run (or one slot without a run) of a strip, oldest first. */
export interface Bar {
  /** Where a click leads; absent when there is no run to show. */
  href?: string | undefined;
  status: Status;
  at: Date;
  durationMs?: number | null | undefined;
}

interface RunBarsProps {
  bars: Bar[];
  /** Places in the strip; missing ones are drawn as empty ground at the left. */
  places?: number;
}

const step = 7;
const width = 5;
const height = 20;
const foot = 7;
const LOWEST_SHARE = 0.25;

/**
 * The last runs as bars: height is duration, colour and the mark at the foot are the outcome. The bars are out of
 * the tab order because the same runs are listed as links on the monitor's page.
 */
export function RunBars({ bars, places = 30 }: RunBarsProps) {
  const shown = bars.slice(-places);
  const longestMs = Math.max(1, ...shown.map((bar) => bar.durationMs ?? 0));
  const blanks = places - shown.length;
  const drawn = shown.map((bar, index) => drawBar(bar, (blanks + index) * step, longestMs));
  return (
    <>
      <span class="visually-hidden">{describe(shown)}</span>
      <svg
        class="bars row"
        viewBox={`0 0 ${places * step} ${height + foot}`}
        width={places * step}
        height={height + foot}
        aria-hidden="true"
      >
        {blanks > 0 && <path class="blank" d={ground(blanks)} />}
        {raw(drawn.join(""))}
      </svg>
    </>
  );
}

/** Short dashes where runs will stand one day. */
function ground(blanks: number): string {
  return Array.from({ length: blanks }, (_, index) => `M${index * step} ${height - 1}h${width}`).join("");
}

// Text, not components: an overview holds 1,500 bars and is drawn again every ten seconds. Widths are in the style sheet.
function drawBar(bar: Bar, x: number, longestMs: number): string {
  const barHeight = Math.round(height * Math.max(LOWEST_SHARE, (bar.durationMs ?? 0) / longestMs));
  const tone = toneOf(bar.status);
  const isOpen = bar.status === "running" || bar.status === "queued";
  const duration = typeof bar.durationMs === "number" ? ` · ${formatDuration(bar.durationMs)}` : "";
  const drawing =
    `<title>${wordOf(bar.status)} · ${formatInstant(bar.at)}${duration}</title>` +
    `<rect class="${tone}${isOpen ? " hollow" : ""}" x="${x}" y="${height - barHeight}" height="${barHeight}"/>` +
    footMark(tone, x + width / 2, height + foot / 2 + 0.5, Math.min(3, width / 2 - 0.5));
  if (bar.href === undefined) return `<g>${drawing}</g>`;
  return `<a href="${Bun.escapeHTML(bar.href)}" tabindex="-1">${drawing}</a>`;
}

/** The mark below a bar that did not pass, so that colour is not the only sign. */
function footMark(tone: Tone, x: number, y: number, r: number): string {
  if (tone === "fail") {
    return `<path class="foot fail" d="M${x - r} ${y - r}l${2 * r} ${2 * r}M${x + r} ${y - r}l${-2 * r} ${2 * r}"/>`;
  }
  return tone === "warn" ? `<path class="foot warn" d="M${x} ${y - 2.5}v2.8M${x} ${y + 2.2}v.2"/>` : "";
}

function describe(bars: Bar[]): string {
  if (bars.length === 0) return "no runs yet";
  const counts = new Map<string, number>();
  for (const bar of bars) counts.set(wordOf(bar.status), (counts.get(wordOf(bar.status)) ?? 0) + 1);
  const parts = [...counts].map(([word, count]) => `${count} ${word}`);
  return `last ${plural(bars.length, "run")}: ${parts.join(", ")}`;
}
