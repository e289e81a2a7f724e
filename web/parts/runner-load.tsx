import { formatBytes, formatPercent, formatSpan } from "../format.ts";
import type { Shell } from "../layout.tsx";
import { LoadChart } from "./load-chart.tsx";
import { Tabs } from "./tabs.tsx";

/** Lists of equal length in order of time; null where nobody sampled. */
export interface RunnerLoadSeries {
  at: Date[];
  queued: (number | null)[];
  oldestSeconds: (number | null)[];
  running: (number | null)[];
  concurrency: (number | null)[];
  instances: (number | null)[];
  /** Of the busiest instance, 0 to 1; null also where none tells. */
  cpuShare: (number | null)[];
  /** Of the largest instance; null as above. */
  memoryBytes: (number | null)[];
}

export interface RunnerLoadProps {
  shell: Shell;
  runnerId: string;
  range: "24h" | "7d";
  load: RunnerLoadSeries;
}

const ranges = [
  { range: "24h", label: "24 hours" },
  { range: "7d", label: "7 days" },
] as const;

/** Instances older than the figures. */
const NOBODY_TELLS = "unknown: no instance has told it";

const plain = (value: number): string => String(value);

/** How busy a runner was; sampled once a minute. */
export function RunnerLoad({ shell, runnerId, range, load }: RunnerLoadProps) {
  const { at } = load;
  const { now } = shell;
  return (
    <section
      id="load"
      aria-labelledby="load-heading"
      hx-get={`/runners/${runnerId}/load?range=${range}`}
      hx-trigger="every 60s"
      hx-swap="outerMorph"
    >
      <div class="panel-head">
        <h2 id="load-heading">Load</h2>
        <Tabs
          label="Time span of the load"
          tabs={ranges.map((choice) => ({
            href: `/runners/${runnerId}?range=${choice.range}#load`,
            label: choice.label,
            current: choice.range === range,
          }))}
        />
      </div>
      <div class="load-charts">
        <LoadChart title="Runs that wait" values={load.queued} at={at} now={now} format={plain} />
        <LoadChart
          title="Oldest of them"
          values={load.oldestSeconds}
          at={at}
          now={now}
          format={(seconds) => formatSpan(seconds * 1000)}
        />
        <LoadChart
          title="Busy places"
          values={load.running}
          at={at}
          now={now}
          ceiling={{ values: load.concurrency, label: "dashed: all places" }}
          format={plain}
        />
        <LoadChart title="Instances" values={load.instances} at={at} now={now} format={plain} />
        <LoadChart
          title="CPU of the busiest"
          values={load.cpuShare}
          at={at}
          now={now}
          format={formatPercent}
          missing={NOBODY_TELLS}
        />
        <LoadChart
          title="Memory of the largest"
          values={load.memoryBytes}
          at={at}
          now={now}
          format={formatBytes}
          missing={NOBODY_TELLS}
        />
      </div>
    </section>
  );
}
