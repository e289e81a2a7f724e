/** Numbers and instants as people read them. Every function is pure; `now` is given. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0.8 ms`, `412 ms`, `3.2 s`, `2 min 5 s`; `–` when there is none. */
export function formatDuration(durationMs: number | null | undefined): string {
  if (durationMs === null || durationMs === undefined) return "–";
  if (durationMs < 10 && durationMs % 1 !== 0) return `${durationMs.toFixed(1)} ms`;
  if (durationMs < SECOND) return `${Math.round(durationMs)} ms`;
  if (durationMs < 10 * SECOND) return `${(durationMs / SECOND).toFixed(2)} s`;
  if (durationMs < MINUTE) return `${(durationMs / SECOND).toFixed(1)} s`;
  const seconds = Math.round((durationMs % MINUTE) / SECOND);
  return `${Math.floor(durationMs / MINUTE)} min${seconds > 0 ? ` ${seconds} s` : ""}`;
}

/** `512 B`, `4.1 kB`, `12 MB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "–";
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${trim(bytes / 1000)} kB`;
  if (bytes < 1_000_000_000) return `${trim(bytes / 1_000_000)} MB`;
  return `${trim(bytes / 1_000_000_000)} GB`;
}

const trim = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)));

/** A share between 0 and 1 as `100 %`, `99.94 %`; never rounded up to 100. */
export function formatPercent(share: number | null | undefined): string {
  if (share === null || share === undefined) return "–";
  if (share >= 1) return "100 %";
  const percent = Math.floor(share * 10_000) / 100;
  return `${percent >= 99 ? percent.toFixed(2) : percent.toFixed(1)} %`;
}

/** `now`, `in 40 s`, `3 min ago`, `2 h ago`, `5 days ago`. */
export function formatRelative(at: Date, now: Date): string {
  const differenceMs = at.getTime() - now.getTime();
  const span = formatSpan(Math.abs(differenceMs));
  if (span === "0 s") return "now";
  return differenceMs > 0 ? `in ${span}` : `${span} ago`;
}

/** A length of time in its largest unit: `40 s`, `3 min`, `2 h`, `5 days`. */
export function formatSpan(spanMs: number): string {
  if (spanMs < MINUTE) return `${Math.floor(spanMs / SECOND)} s`;
  if (spanMs < HOUR) return `${Math.floor(spanMs / MINUTE)} min`;
  if (spanMs < 2 * DAY) return `${Math.floor(spanMs / HOUR)} h`;
  return `${Math.floor(spanMs / DAY)} days`;
}

/** `2026-11-21 23:04:09 UTC`. */
export const formatInstant = (at: Date): string => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** `1 monitor`, `3 monitors`. */
export const plural = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : nouns}`;

/** A path with a query string; parameters that are empty are left out. */
export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") parameters.set(name, value);
  }
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}
