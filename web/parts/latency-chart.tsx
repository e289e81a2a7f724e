import { formatDuration } from "../format.ts";
import { Sparkline } from "./sparkline.tsx";

/** Equal-length lists in order of time. */
export interface LatencySeries {
  at: Date[];
  p50Ms: (number | null)[];
  p95Ms: (number | null)[];
  /** Spans in which runs failed. */
  failed: { from: Date; to: Date }[];
}

const seconds = (at: Date): number => Math.round(at.getTime() / 1000);

/** p50 and p95 over time. The browser script draws a chart in its place; without it, two lines remain. */
export function LatencyChart({ series }: { series: LatencySeries }) {
  if (series.at.length < 2) {
    return <p class="dim">The chart begins with the second run that has a response.</p>;
  }
  const drawn = JSON.stringify({
    at: series.at.map(seconds),
    p50: series.p50Ms,
    p95: series.p95Ms,
    failed: series.failed.map(({ from, to }) => [seconds(from), seconds(to)]),
  });
  return (
    <div id="latency" class="chart" data-chart={drawn}>
      <figure>
        <Sparkline values={series.p95Ms} label="p95 response time" width={600} height={120} />
        <figcaption class="dim">
          p95 response time, highest {formatDuration(Math.max(0, ...series.p95Ms.map((value) => value ?? 0)))}
        </figcaption>
      </figure>
    </div>
  );
}
