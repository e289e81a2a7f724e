import { raw } from "hono/html";

import { formatPercent, plural } from "../format.ts";
import type { DayKind, StatusDay } from "../pages/status-view.ts";
import { formatDay } from "./status-words.ts";

const STEP = 8;
const WIDTH = 6;
const HEIGHT = 30;
const FOOT = 9;

const kindWords: Record<DayKind, string> = {
  passed: "no failures",
  disturbed: "some failures",
  failed: "failures",
  maintenance: "maintenance",
  unclear: "checks could not tell",
  none: "no checks",
};

/**
 * One bar a day: colour and the mark at its foot say how the day was. Days without checks are outlines, maintenance is
 * hatched; neither is ever green.
 */
export function DayBars({ days, name }: { days: StatusDay[]; name: string }) {
  return (
    <div class="days-window">
      <svg
        class="days"
        viewBox={`0 0 ${days.length * STEP - (STEP - WIDTH)} ${HEIGHT + FOOT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}: ${describeDays(days)}`}
      >
        {raw(days.map((day, index) => drawDay(day, index * STEP)).join(""))}
      </svg>
    </div>
  );
}

// Text, not components: a page holds nine thousand bars. Nothing in it comes from a person.
function drawDay({ date, kind, uptime, hadMaintenance }: StatusDay, x: number): string {
  const share = uptime === null ? "" : ` · ${formatPercent(uptime)}`;
  const announced = hadMaintenance && kind !== "maintenance" ? " · maintenance" : "";
  const title = `<title>${formatDay(date)} · ${kindWords[kind]}${share}${announced}</title>`;
  return `<g>${title}${drawBar(kind, x)}${footMark(kind, hadMaintenance, x + WIDTH / 2)}</g>`;
}

function drawBar(kind: DayKind, x: number): string {
  const bar = `<rect class="${kind}" x="${x}" y="0" width="${WIDTH}" height="${HEIGHT}"/>`;
  if (kind !== "maintenance") return bar;
  const stripes = [4, 12, 20, 28].map((y) => `M${x} ${y}l${WIDTH} -4`).join("");
  return `${bar}<path class="stripes" d="${stripes}"/>`;
}

function footMark(kind: DayKind, hadMaintenance: boolean, x: number): string {
  const y = HEIGHT + FOOT / 2 + 1;
  if (kind === "failed")
    return `<path class="foot fail" d="M${x - 2.5} ${y - 2.5}l5 5M${x + 2.5} ${y - 2.5}l-5 5"/>`;
  if (kind === "disturbed") return `<path class="foot warn" d="M${x} ${y - 2.5}v2.8M${x} ${y + 2.4}v.2"/>`;
  if (hadMaintenance) return `<path class="foot live" d="M${x - 2} ${y}h4"/>`;
  return "";
}

/** `90 days: 87 without failures, 2 with failures, 1 without checks`. */
export function describeDays(days: readonly StatusDay[]): string {
  const count = (...kinds: DayKind[]) => days.filter(({ kind }) => kinds.includes(kind)).length;
  const parts = [
    { number: count("passed"), words: "without failures" },
    { number: count("disturbed", "failed"), words: "with failures" },
    { number: count("maintenance"), words: "of maintenance" },
    { number: count("unclear"), words: "on which checks could not tell" },
    { number: count("none"), words: "without checks" },
  ];
  const told = parts.filter(({ number }) => number > 0).map(({ number, words }) => `${number} ${words}`);
  return `${plural(days.length, "day")}: ${told.join(", ")}`;
}
