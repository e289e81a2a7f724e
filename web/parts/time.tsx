import { formatInstant, formatRelative } from "../format.ts";

interface TimeProps {
  at: Date | null | undefined;
  now: Date;
  /** What stands there when there is no instant. */
  otherwise?: string;
  /** `both` shows the absolute time in the text, not only as a title. */
  show?: "relative" | "both" | "absolute";
}

/**
 * An instant: relative for reading and absolute on hover, or absolute. In UTC, until the browser script writes it in the
 * reader's own time zone.
 */
export function Time({ at, now, otherwise = "never", show = "relative" }: TimeProps) {
  if (at === null || at === undefined) return <span class="dim">{otherwise}</span>;
  const absolute = formatInstant(at);
  const relative = formatRelative(at, now);
  return (
    <>
      {show === "relative" ? (
        <time datetime={at.toISOString()} title={absolute}>
          {relative}
        </time>
      ) : (
        <time datetime={at.toISOString()} data-show="absolute">
          {absolute}
        </time>
      )}
      {show === "both" && <span class="dim"> · {relative}</span>}
    </>
  );
}
