import type { Outcome } from "../../contract/events.ts";
import type { Span } from "../statistics/plan.ts";

/** A monitor came into a state. */
export interface StateChange {
  at: Date;
  state: Outcome;
}

/** A time in which the API counted as down. */
export interface DownSpan {
  from: Date;
  /** When it passed again; the end of what is looked at while it has not. */
  to: Date;
  /** Without what is excluded, and without the time in which nobody could tell. */
  downMs: number;
  isOver: boolean;
}

export interface Downtime {
  spans: DownSpan[];
  downMs: number;
  /** Errored or aborted: nobody could tell how the API was. */
  unknownMs: number;
  /** Time with a state that was passed or failed, without what is excluded. */
  measuredMs: number;
}

interface Piece {
  from: number;
  to: number;
}

/**
 * How long an API was down within a span: from the end of the first execution that failed to the end of the next that
 * passed. What errored or was aborted in between does not end it and is not counted. `changes` are in order and begin
 * with the last one before the span, if there was any; `excluded` are maintenance and pauses.
 */
export function measureDowntime(
  changes: readonly StateChange[],
  excluded: readonly Span[],
  { since, until }: Span,
): Downtime {
  const outside = mergePieces(
    excluded.map((span) => ({ from: span.since.getTime(), to: span.until.getTime() })),
  );
  const segments = changes.map(({ at, state }, index) => ({
    state,
    from: Math.max(at.getTime(), since.getTime()),
    to: Math.min(changes[index + 1]?.at.getTime() ?? Infinity, until.getTime()),
  }));
  const found: Downtime = { spans: [], downMs: 0, unknownMs: 0, measuredMs: 0 };
  let open: DownSpan | undefined;
  for (const segment of segments.filter(({ from, to }) => to > from)) {
    const ms = lengthWithout(segment, outside);
    if (segment.state === "passed") {
      if (open) open.isOver = true;
      open = undefined;
      found.measuredMs += ms;
    } else if (segment.state === "failed") {
      if (!open) {
        open = { from: new Date(segment.from), to: new Date(segment.to), downMs: 0, isOver: false };
        found.spans.push(open);
      }
      open.downMs += ms;
      found.downMs += ms;
      found.measuredMs += ms;
    } else found.unknownMs += ms;
    if (open) open.to = new Date(segment.to);
  }
  return { ...found, spans: found.spans.filter(({ downMs }) => downMs > 0) };
}

/** In order and apart from each other. */
export function mergePieces(pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const piece of pieces.toSorted((left, right) => left.from - right.from)) {
    const last = merged.at(-1);
    if (last && piece.from <= last.to) last.to = Math.max(last.to, piece.to);
    else merged.push({ ...piece });
  }
  return merged;
}

const lengthWithout = ({ from, to }: Piece, outside: readonly Piece[]): number =>
  outside.reduce(
    (ms, piece) => ms - Math.max(0, Math.min(to, piece.to) - Math.max(from, piece.from)),
    to - from,
  );

/** Mean time to repair, of spans that are over, and mean time between failures; in ms, null without any. */
export function meanTimes({ spans, measuredMs, downMs }: Downtime): {
  repairMs: number | null;
  betweenMs: number | null;
} {
  const over = spans.filter(({ isOver }) => isOver);
  return {
    repairMs: over.length === 0 ? null : over.reduce((sum, span) => sum + span.downMs, 0) / over.length,
    betweenMs: spans.length === 0 ? null : (measuredMs - downMs) / spans.length,
  };
}

/** Pauses within the history of a monitor being switched off and on, in order; one that goes on ends with `until`. */
export function pausesOf(switches: readonly { at: Date; active: boolean }[], until: Date): Span[] {
  const pauses: Span[] = [];
  let since: Date | undefined;
  for (const { at, active } of switches) {
    if (!active) since ??= at;
    else if (since) {
      pauses.push({ since, until: at });
      since = undefined;
    }
  }
  return since && since < until ? [...pauses, { since, until }] : pauses;
}
