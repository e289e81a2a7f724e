import { formatDuration } from "../format.ts";

export interface WaterfallTimings {
  dnsMs: number;
  connectMs: number;
  tlsMs: number;
  firstByteMs: number;
  downloadMs: number;
}

interface WaterfallProps {
  startedMs: number;
  durationMs: number;
  /** Length of the whole run: the width of the drawing. */
  runMs: number;
  timings?: WaterfallTimings | undefined;
}

const WIDTH = 1000;
const HEIGHT = 12;

/** When a step ran within its run, and what its time was spent on. */
export function Waterfall({ startedMs, durationMs, runMs, timings }: WaterfallProps) {
  const scale = WIDTH / Math.max(1, runMs);
  const x = Math.min(WIDTH - 4, startedMs * scale);
  const width = Math.max(4, Math.min(WIDTH - x, durationMs * scale));
  const label = `starts after ${formatDuration(startedMs)}, takes ${formatDuration(durationMs)}`;
  return (
    <svg
      class="waterfall"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <rect class="track" x="0" y={HEIGHT / 2 - 0.5} width={WIDTH} height="1" />
      <rect class="rest" x={x} y="1" width={width} height={HEIGHT - 2} />
      {timings !== undefined && <Phases x={x} scale={scale} timings={timings} />}
    </svg>
  );
}

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
        const width = timings[key] * scale;
        const rect = <rect class={name} x={left} y="1" width={width} height={HEIGHT - 2} />;
        left += width;
        return width > 0 ? rect : null;
      })}
    </>
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
