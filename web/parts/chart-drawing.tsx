import { formatDuration, formatInstant } from "../format.ts";
import type { ChartData, ChartLine } from "./latency-chart.tsx";

const WIDTH = 1000;
const HEIGHT = 200;
const TICKS = 4;

/** A chart as the server draws it: for readers without scripts, and for print. */
export function chartLines(chart: ChartData, tones: readonly string[]) {
  const { from, to } = chart.span;
  const spanMs = Math.max(1, to.getTime() - from.getTime());
  const x = (at: Date) => round(((at.getTime() - from.getTime()) / spanMs) * WIDTH);
  const lines = chart.isStacked ? stacked(chart.lines) : chart.lines;
  const highest = niceTop(Math.max(1, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const y = (ms: number) => round(HEIGHT - (ms / highest) * HEIGHT);
  return (
    <>
      <div class="plot">
        <ul class="plain scale" aria-hidden="true">
          {Array.from({ length: TICKS + 1 }, (_, index) => (
            <li>{formatDuration((highest * (TICKS - index)) / TICKS)}</li>
          ))}
        </ul>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={describe(chart)}
        >
          {Array.from({ length: TICKS + 1 }, (_, index) => (
            <path class="grid" d={`M0 ${(HEIGHT / TICKS) * index}h${WIDTH}`} />
          ))}
          {chart.failed.map((span) => (
            <rect
              class="failing"
              x={x(span.from)}
              y={0}
              width={Math.max(3, x(span.to) - x(span.from))}
              height={HEIGHT}
            />
          ))}
          {chart.marks.map(({ at }) => (
            <path class="mark-line" d={`M${x(at)} 0v${HEIGHT}`} />
          ))}
          {/* Parts of a whole are drawn from the highest down, so that each covers what is below it. */}
          {(chart.isStacked ? lines.toReversed() : lines).map((line) => (
            <path
              class={`${chart.isStacked ? "area" : "line"} ${tones[lines.indexOf(line)]}`}
              d={pathOf(
                chart.at.map(x),
                line.values.map((ms) => (ms === null ? null : y(ms))),
                chart.isStacked,
              )}
            />
          ))}
        </svg>
      </div>
      <div class="ends dim" aria-hidden="true">
        <span>{formatInstant(from)}</span>
        <span>{formatInstant(to)}</span>
      </div>
    </>
  );
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** 1, 2 or 5 and zeros: the next of those above. */
function niceTop(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 4, 5, 8, 10].map((step) => step * power).find((top) => top >= highest) ?? highest;
}

/** Each line on top of those before it. */
export function stacked(lines: readonly ChartLine[]): ChartLine[] {
  let below: (number | null)[] = [];
  return lines.map(({ label, values }) => {
    below = values.map((value, index) => (value === null ? null : value + (below[index] ?? 0)));
    return { label, values: below };
  });
}

/** A lone point is a short dash: a line without length would not be seen. */
function pathOf(xs: readonly number[], ys: readonly (number | null)[], isArea: boolean): string {
  const pieces: { x: number; y: number }[][] = [[]];
  ys.forEach((y, index) => {
    if (y === null) pieces.push([]);
    else pieces.at(-1)?.push({ x: xs[index] ?? 0, y });
  });
  return pieces
    .filter((piece) => piece.length > 0)
    .map((piece) => {
      const points =
        piece.length === 1 ? [...piece, { x: (piece[0]?.x ?? 0) + 4, y: piece[0]?.y ?? 0 }] : piece;
      const top = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join("");
      return isArea ? `${top}V${HEIGHT}H${points[0]?.x ?? 0}Z` : top;
    })
    .join("");
}

function describe({ lines, at, failed }: ChartData): string {
  const parts = lines.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    const last = known.at(-1);
    const bounds = `${formatDuration(Math.min(...known))} to ${formatDuration(Math.max(...known))}`;
    return last === undefined
      ? `${label} without values`
      : `${label} ${bounds}, last ${formatDuration(last)}`;
  });
  const failures = failed.length === 0 ? "nothing failed" : "something failed in the shaded times";
  return `${at.length} points: ${parts.join("; ")}; ${failures}`;
}
