import {
  defaultView,
  measures,
  type MonitorView,
  type Range,
  ranges,
  results,
  sortings,
  triggers,
} from "../../../web/parts/monitor-view.ts";
import { isUuid } from "../../lib/ids.ts";
import { isCursor } from "../../runs/read.ts";
import type { Span } from "./plan.ts";
import type { RunFilter } from "./samples.ts";

const HOUR_MS = 3_600_000;
const hoursOf: Record<Range, number> = { "1h": 1, "24h": 24, "7d": 7 * 24, "30d": 30 * 24, "90d": 90 * 24 };
/** A shorter span would show nothing that a run does not. */
const SHORTEST_MS = 1000;
/** Postgres takes no year that a careless hand can type. */
const LONGEST_MS = 20 * 365 * 24 * HOUR_MS;

type Query = (name: string) => string | undefined;

/**
 * What a URL asks to look at. `from` and `to` are instants, in UTC when they name no zone; one of them alone is a span that ends
 * or begins with it; `at` is the middle of one as long as the range. What cannot be read is left out, as if it had not been
 * asked: a link of long ago still leads to the page.
 */
export function parseView(query: Query, now: Date): MonitorView {
  // Object.keys of a const object has exactly its keys.
  const range =
    oneOf(Object.keys(ranges) as Range[], query("range")?.replaceAll(" ", "")) ?? defaultView.range;
  const request = /^\d{1,9}$/.test(query("request") ?? "") ? Number(query("request")) : 0;
  const runner = query("runner") ?? "";
  const cursor = query("cursor") ?? "";
  return {
    range,
    span: parseSpan(query, hoursOf[range] * HOUR_MS, now),
    // Keys of a const object are exactly its keys.
    measure:
      oneOf(Object.keys(measures) as (keyof typeof measures)[], query("measure")) ?? defaultView.measure,
    perRunner: query("per") === "runner",
    request: request > 0 ? request : undefined,
    trigger: oneOf(triggers, query("trigger")),
    result: oneOf(results, query("result")),
    runner: isUuid(runner) ? runner.toLowerCase() : undefined,
    sort: oneOf(sortings, query("sort")) ?? defaultView.sort,
    cursor: isCursor(cursor) ? cursor : undefined,
  };
}

const oneOf = <T extends string>(known: readonly T[], sent: string | undefined): T | undefined =>
  known.find((value) => value === sent);

function parseSpan(query: Query, lengthMs: number, now: Date): MonitorView["span"] {
  const at = parseInstant(query("at"));
  if (at !== undefined) return spanOf(at - lengthMs / 2, at + lengthMs / 2, now);
  const from = parseInstant(query("from"));
  const to = parseInstant(query("to"));
  if (from === undefined && to === undefined) return undefined;
  return spanOf(from ?? (to ?? 0) - lengthMs, to ?? now.getTime(), now);
}

function spanOf(one: number, other: number, now: Date): MonitorView["span"] {
  const earliest = now.getTime() - LONGEST_MS;
  const to = Math.min(Math.max(one, other, earliest + SHORTEST_MS), now.getTime());
  const from = Math.max(Math.min(one, other, to - SHORTEST_MS), earliest);
  return { from: new Date(from), to: new Date(to) };
}

/** A field for date and time names no zone; the page says that it is UTC. */
function parseInstant(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return undefined;
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** What the chart and the tables are of. */
export const spanOfView = (view: MonitorView, now: Date): Span =>
  view.span
    ? { since: view.span.from, until: view.span.to }
    : { since: new Date(now.getTime() - hoursOf[view.range] * HOUR_MS), until: now };

export const filterOfView = ({ request, trigger, result, runner }: MonitorView): RunFilter => ({
  requestId: request,
  trigger,
  result,
  runnerId: runner,
});
