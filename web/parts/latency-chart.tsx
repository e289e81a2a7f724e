import { formatDuration, formatInstant } from "../format.ts";
import { chartLines } from "./chart-drawing.tsx";
import type { Measure } from "./monitor-view.ts";

export type { Measure };

export interface ChartLine {
  label: string;
  /** In ms, one for each instant of the chart. */
  values: (number | null)[];
}

/** Lists of equal length in order of time. */
export interface ChartData {
  span: { from: Date; to: Date };
  /** From each run; otherwise from hourly counts. */
  isExact: boolean;
  at: Date[];
  lines: ChartLine[];
  /** The lines are parts of a whole. */
  isStacked: boolean;
  /** Spans in which something failed. */
  failed: { from: Date; to: Date }[];
  /** What was changed around the monitor. */
  marks: { at: Date; title: string; href?: string | undefined }[];
}

interface LatencyChartProps {
  chart: ChartData;
  /** What is measured, in a sentence. */
  caption: string;
}

const seconds = (at: Date): number => Math.round(at.getTime() / 1000);
const round = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 100) / 100;

/**
 * Times over time. The browser script draws a chart in place of the plain drawing, which is what remains without it; the numbers
 * are a table for those who see no drawing.
 */
export function LatencyChart({ chart, caption }: LatencyChartProps) {
  if (chart.at.length === 0) {
    return <p class="dim">No run that passed or failed in this time; choose another or clear the filters.</p>;
  }
  const tones = tonesOf(chart);
  const drawn = JSON.stringify({
    from: seconds(chart.span.from),
    to: seconds(chart.span.to),
    at: chart.at.map(seconds),
    lines: chart.lines.map(({ label, values }, index) => ({
      label,
      tone: tones[index],
      values: values.map(round),
    })),
    stacked: chart.isStacked,
    failed: chart.failed.map(({ from, to }) => [seconds(from), seconds(to)]),
    marks: chart.marks.map(({ at, title }) => [seconds(at), title]),
  });
  return (
    <>
      <div id="latency" class="chart" data-chart={drawn}>
        <figure>
          {chartLines(chart, tones)}
          <figcaption class="legend">
            {chart.lines.map(({ label }, index) => (
              <span class={`key ${tones[index]}`}>{label}</span>
            ))}
          </figcaption>
        </figure>
      </div>
      <p class="dim">
        {caption}
        {chart.isExact ? "" : " From hourly counts: a percentile may be off by up to 19 %."}
        {chart.failed.length > 0 && " Shaded: something failed."}
      </p>
      <Numbers chart={chart} />
      <Marks marks={chart.marks} />
    </>
  );
}

/** Names of the colours that lines have, in the style sheet and in the script. */
function tonesOf({ lines, isStacked }: ChartData): string[] {
  if (isStacked) return ["dns", "connect", "tls", "wait", "download"];
  const isPercentiles = lines.length === 3 && lines[0]?.label === "p50";
  return lines.map((_line, index) => (isPercentiles ? `p${index + 1}` : `line-${(index % 6) + 1}`));
}

function Numbers({ chart }: { chart: ChartData }) {
  return (
    <details class="numbers" id="numbers">
      <summary>Numbers of this chart</summary>
      <div class="scroll" tabindex={0} role="region" aria-label="Numbers of this chart">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">From</th>
              {chart.lines.map(({ label }) => (
                <th scope="col" class="number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {chart.at.map(
              (at, index) =>
                chart.lines.some(({ values }) => values[index] !== null) && (
                  <tr>
                    <th scope="row">
                      <time datetime={at.toISOString()}>{formatInstant(at)}</time>
                    </th>
                    {chart.lines.map(({ label, values }) => (
                      <td class="number" data-label={label}>
                        {formatDuration(values[index])}
                      </td>
                    ))}
                  </tr>
                ),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}

const MAX_MARKS = 8;

/** What the upright lines of the chart stand for, newest first. */
function Marks({ marks }: { marks: ChartData["marks"] }) {
  if (marks.length === 0) return null;
  const shown = marks.toReversed().slice(0, MAX_MARKS);
  return (
    <ul class="plain marks" aria-label="Changes in this time">
      {shown.map(({ at, title, href }) => (
        <li>
          <time datetime={at.toISOString()} class="dim">
            {formatInstant(at)}
          </time>{" "}
          {href ? <a href={href}>{title}</a> : title}
        </li>
      ))}
      {marks.length > shown.length && <li class="dim">{`and ${marks.length - shown.length} earlier`}</li>}
    </ul>
  );
}
