import { formatDuration } from "../format.ts";

export interface WaterfallTimings {
  dnsMs: number;
  connectMs: number;
  tlsMs: number;
  firstByteMs: number;
  downloadMs: number;
}

/** The part of a run that is drawn, in ms since its start. */
export interface TimeWindow {
  fromMs: number;
  toMs: number;
}

interface WaterfallProps {
  startedMs: number;
  durationMs: number;
  window: TimeWindow;
  timings?: WaterfallTimings | undefined;
}

const WIDTH = 1000;
const HEIGHT = 12;
const QUARTERS = [0, 0.25, 0.5, 0.75, 1];

const scaleOf = ({ fromMs, toMs }: TimeWindow): number => WIDTH / Math.max(1, toMs - fromMs);

/** When a step ran within its run, and what its time was spent on. */
export function Waterfall({ startedMs, durationMs, window, timings }: WaterfallProps) {
  const scale = scaleOf(window);
  const x = round(Math.min(WIDTH - 4, Math.max(0, startedMs - window.fromMs) * scale));
  const width = round(Math.max(4, Math.min(WIDTH - x, durationMs * scale)));
  const label = `starts after ${formatDuration(startedMs)}, takes ${formatDuration(durationMs)}`;
  return (
    <svg
      class="waterfall"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path class="track" d="M0 0V12M250 0V12M500 0V12M750 0V12M1000 0V12" />
      <rect class="rest" x={x} y="1" width={width} height={HEIGHT - 2} />
      {timings !== undefined && <Phases x={x} scale={scale} timings={timings} />}
    </svg>
  );
}

/** A hundredth of the drawing is finer than any screen. */
const round = (value: number): number => Math.round(value * 10) / 10;

const phases = [
  ["dnsMs", "dns"],
  ["connectMs", "connect"],
  ["tlsMs", "tls"],
  ["firstByteMs", "wait"],
  ["downloadMs", "download"],
] as const;

function Phases({ x, scale, timings }: { x: number; scale: number; timings: WaterfallTimings }) {
  let left = x;
  return (
    <>
      {phases.map(([key, name]) => {
        const width = round(timings[key] * scale);
        const rect = <rect class={name} x={round(left)} y="1" width={width} height={HEIGHT - 2} />;
        left += width;
        return width > 0 ? rect : null;
      })}
    </>
  );
}

/** The times at the quarters of the drawing below it. */
export function TimeAxis({ window: { fromMs, toMs } }: { window: TimeWindow }) {
  return (
    <span class="axis">
      {QUARTERS.map((quarter) => (
        <span>{formatDuration(Math.round(fromMs + (toMs - fromMs) * quarter))}</span>
      ))}
    </span>
  );
}

/** What the colours of the waterfall mean, with this step's own figures. */
export function PhaseLegend({ timings }: { timings: WaterfallTimings }) {
  const names = { dns: "name lookup", connect: "connect", tls: "TLS", wait: "waiting", download: "download" };
  return (
    <ul class="phases">
      {phases.map(([key, name]) => (
        <li>
          <span class={`swatch ${name}`} aria-hidden="true" />
          {names[name]} <b>{formatDuration(timings[key])}</b>
        </li>
      ))}
    </ul>
  );
}
