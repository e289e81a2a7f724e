import { formatDuration, formatInstant, plural } from "../format.ts";
import { toneOf, wordOf, type Status } from "./status-mark.tsx";

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
  size?: "row" | "page";
}

const geometry = {
  row: { step: 7, width: 5, height: 20, foot: 7 },
  page: { step: 19, width: 14, height: 60, foot: 14 },
};
const LOWEST_SHARE = 0.25;

/**
 * The last runs as bars: height is duration, colour and the mark at the foot are the outcome. The bars are out of
 * the tab order because the same runs are listed as links on the monitor's page.
 */
export function RunBars({ bars, places = 30, size = "row" }: RunBarsProps) {
  const { step, height, foot } = geometry[size];
  const shown = bars.slice(-places);
  const longestMs = Math.max(1, ...shown.map((bar) => bar.durationMs ?? 0));
  const width = places * step;
  const total = height + foot;
  const blanks = places - shown.length;
  return (
    <svg
      class={`bars ${size}`}
      viewBox={`0 0 ${width} ${total}`}
      width={width}
      height={total}
      role="img"
      aria-label={describe(shown)}
    >
      {Array.from({ length: blanks }, (_, index) => (
        <rect class="blank" x={index * step} y={height - 2} width={geometry[size].width} height="2" rx="1" />
      ))}
      {shown.map((bar, index) => (
        <BarMark bar={bar} x={(blanks + index) * step} size={size} longestMs={longestMs} />
      ))}
    </svg>
  );
}

function BarMark(props: { bar: Bar; x: number; size: "row" | "page"; longestMs: number }) {
  const { bar, x, size, longestMs } = props;
  const { step, width, height, foot } = geometry[size];
  const share = Math.max(LOWEST_SHARE, (bar.durationMs ?? 0) / longestMs);
  const barHeight = Math.round(height * share);
  const title = `${wordOf(bar.status)} · ${formatInstant(bar.at)}${
    typeof bar.durationMs === "number" ? ` · ${formatDuration(bar.durationMs)}` : ""
  }`;
  const drawing = (
    <>
      <title>{title}</title>
      <rect class="hit" x={x} y="0" width={step} height={height + foot} />
      <rect
        class={`bar ${toneOf(bar.status)}${bar.status === "running" || bar.status === "queued" ? " hollow" : ""}`}
        x={x}
        y={height - barHeight}
        width={width}
        height={barHeight}
        rx="1.5"
      />
      <Foot
        tone={toneOf(bar.status)}
        x={x + width / 2}
        y={height + foot / 2 + 0.5}
        radius={width / 2 - 0.5}
      />
    </>
  );
  if (bar.href === undefined) return <g>{drawing}</g>;
  return (
    <a href={bar.href} tabindex={-1}>
      {drawing}
    </a>
  );
}

/** The mark below a bar that did not pass, so that colour is not the only sign. */
function Foot({ tone, x, y, radius }: { tone: string; x: number; y: number; radius: number }) {
  if (tone === "fail") {
    const r = Math.min(radius, 3);
    return (
      <path
        class="foot fail"
        d={`M${x - r} ${y - r}l${2 * r} ${2 * r}M${x + r} ${y - r}l${-2 * r} ${2 * r}`}
      />
    );
  }
  if (tone === "warn") return <path class="foot warn" d={`M${x} ${y - 2.5}v2.8M${x} ${y + 2.2}v.2`} />;
  return null;
}

function describe(bars: Bar[]): string {
  if (bars.length === 0) return "no runs yet";
  const counts = new Map<string, number>();
  for (const bar of bars) counts.set(wordOf(bar.status), (counts.get(wordOf(bar.status)) ?? 0) + 1);
  const parts = [...counts].map(([word, count]) => `${count} ${word}`);
  return `last ${plural(bars.length, "run")}: ${parts.join(", ")}`;
}
