import { Time } from "./time.tsx";

interface LoadChartProps {
  title: string;
  /** In order of time, as many as `at`; null leaves a gap. */
  values: (number | null)[];
  at: Date[];
  now: Date;
  /** A line above the area: what there is room for. */
  ceiling?: { values: (number | null)[]; label: string };
  format: (value: number) => string;
  /** What is said where there is no value; by default that nothing was sampled. */
  missing?: string;
}

const WIDTH = 600;
const HEIGHT = 80;

/** How something went over a day or a week: an area that the server draws, its highest and its last value in words. */
export function LoadChart({ title, values, at, now, ceiling, format, ...props }: LoadChartProps) {
  const highest = Math.max(0, ...values.map((value) => value ?? 0));
  const top = Math.max(1, highest, ...(ceiling?.values ?? []).map((value) => value ?? 0));
  const last = values.findLast((value) => value !== null);
  const peakAt = at[values.findIndex((value) => value === highest)];
  const isKnown = last !== undefined && last !== null;
  return (
    <figure class="load-chart">
      <figcaption>
        <b>{title}</b>{" "}
        {isKnown ? (
          <span class="dim">
            last {format(last)}, most {format(highest)}
            {highest > 0 && peakAt && (
              <>
                {" · "}
                <Time at={peakAt} now={now} />
              </>
            )}
          </span>
        ) : (
          <span class="dim">{props.missing ?? "nothing was sampled yet"}</span>
        )}
      </figcaption>
      <div class="load-plot">
        <span class="dim" aria-hidden="true">
          {format(top)}
        </span>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path class="grid" d={`M0 .5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}`} />
          <path class="area" d={areaPath(values, top)} />
          <path class="edge" d={stepPath(values, top)} />
          {ceiling && <path class="ceiling" d={stepPath(ceiling.values, top)} />}
        </svg>
      </div>
      <p class="load-foot dim">
        {at[0] && <Time at={at[0]} now={now} />}
        {ceiling && <span>{ceiling.label}</span>}
        <span>now</span>
      </p>
    </figure>
  );
}

/** Runs of neighbouring values as [first index, values]. */
function runsOf(values: (number | null)[]): { from: number; values: number[] }[] {
  const runs: { from: number; values: number[] }[] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const last = runs.at(-1);
    if (last && last.from + last.values.length === index) last.values.push(value);
    else runs.push({ from: index, values: [value] });
  });
  return runs;
}

/** A flat line for each value; neighbours that are equal are one. */
function stepPath(values: (number | null)[], top: number): string {
  const step = WIDTH / Math.max(1, values.length);
  return runsOf(values)
    .map(
      ({ from, values: run }) =>
        `M${round(from * step)} ${yOf(run[0] ?? 0, top)}${steps(from, run, top, step)}`,
    )
    .join("");
}

function areaPath(values: (number | null)[], top: number): string {
  const step = WIDTH / Math.max(1, values.length);
  return runsOf(values)
    .map(({ from, values: run }) => {
      const start = `M${round(from * step)} ${HEIGHT}V${yOf(run[0] ?? 0, top)}`;
      return `${start}${steps(from, run, top, step)}V${HEIGHT}Z`;
    })
    .join("");
}

function steps(from: number, run: number[], top: number, step: number): string {
  return run
    .map((value, index) => {
      const next = run[index + 1];
      if (next === value) return "";
      const across = `H${round((from + index + 1) * step)}`;
      return next === undefined ? across : `${across}V${yOf(next, top)}`;
    })
    .join("");
}

const yOf = (value: number, top: number): number => round(HEIGHT - 1 - (value / top) * (HEIGHT - 4));
const round = (value: number): number => Math.round(value * 10) / 10;
