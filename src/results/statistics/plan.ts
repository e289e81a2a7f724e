import type { Database } from "../../../db/connect.ts";

/** A span of time of which something is shown. */
export interface Span {
  since: Date;
  until: Date;
}

/** From what the numbers of a span are got. */
export interface Source extends Span {
  /** From each run; otherwise from hourly counts, and then the span begins with an hour, or with a day. */
  isExact: boolean;
  /** Width of a point of a chart. Without single runs it is whole hours, or whole days. */
  bucketMs: number;
}

export interface Plan {
  runs: Source;
  /** For numbers over the whole span: reading each run for a dozen of them would be waste. */
  totals: Source;
  /** For requests, of which a run may have many. */
  requests: Source;
}

const BUCKETS = 120;
const HOUR_MS = 3_600_000;
/** So many are read one by one in about a hundredth of a second. */
const MAX_SINGLE_RUNS = 8000;
const MAX_SINGLE_STEPS = 20_000;
/** Hours would make no chart of less. */
const ALWAYS_SINGLE_MS = 3 * HOUR_MS;

interface Extent {
  /** Runs of the span, as the hours counted them. */
  counted: number;
  firstHour: Date | null;
  /** Of all that are kept; null without any. */
  firstRunAt: Date | null;
  requests: number;
}

/**
 * Decides between single runs and hours: single ones where few enough are in the span, and all of them are still kept.
 * `trim` moves the beginning to the first run, so that what a young monitor has fills the width.
 */
export async function planOf(
  database: Database,
  monitorId: string,
  { since, until, trim }: Span & { trim: boolean },
): Promise<Plan> {
  const extent = await extentOf(database, monitorId, { since, until });
  return planFor(extent, { since: trim ? laterOf(since, extent) : since, until });
}

async function extentOf({ sql }: Database, monitorId: string, { since, until }: Span): Promise<Extent> {
  const [row] = await sql<Extent[]>`
    select coalesce(sum(h.passed + h.failed + h.errored + h.aborted), 0)::float8 as counted, min(h.hour) as "firstHour",
           (select min(queued_at) from runs where monitor_id = ${monitorId}) as "firstRunAt",
           (select count(*)::int from monitor_requests where monitor_id = ${monitorId}) as requests
      from run_hours h
     where h.monitor_id = ${monitorId} and h.hour >= date_trunc('hour', ${since}::timestamptz, 'UTC') and h.hour < ${until}`;
  return row ?? { counted: 0, firstHour: null, firstRunAt: null, requests: 0 };
}

/** The hours may know of runs that are not kept any more. */
function laterOf(since: Date, { firstHour, firstRunAt }: Extent): Date {
  const known = [firstHour, firstRunAt].flatMap((at) => (at ? [at.getTime()] : []));
  if (known.length === 0) return since;
  const isKept = firstRunAt && firstHour && firstRunAt.getTime() < firstHour.getTime() + HOUR_MS;
  const first = isKept ? firstRunAt.getTime() - 1000 : Math.min(...known);
  return new Date(Math.max(since.getTime(), first));
}

export function planFor(extent: Extent, { since, until }: Span): Plan {
  const spanMs = Math.max(1, until.getTime() - since.getTime());
  const { firstHour, firstRunAt } = extent;
  const isKept = !firstHour || (firstRunAt !== null && firstRunAt.getTime() < firstHour.getTime() + HOUR_MS);
  const hours = hoursOf(spanMs);
  const choose = (isFew: boolean): Source =>
    isKept && (isFew || spanMs <= ALWAYS_SINGLE_MS)
      ? { isExact: true, since, until, bucketMs: Math.max(1000, Math.ceil(spanMs / BUCKETS)) }
      : { isExact: false, since: floorTo(since, hours < DAY ? 1 : DAY), until, bucketMs: hours * HOUR_MS };
  return {
    runs: choose(extent.counted <= MAX_SINGLE_RUNS),
    totals: choose(extent.counted <= MAX_SINGLE_RUNS / 8),
    requests: choose(extent.counted * Math.max(1, extent.requests) <= MAX_SINGLE_STEPS),
  };
}

const DAY = 24;

/** Width of a point in hours; from half a day on in whole days, which are added up already. */
function hoursOf(spanMs: number): number {
  const hours = Math.ceil(spanMs / HOUR_MS / BUCKETS);
  return hours < DAY / 2 ? hours : Math.ceil(hours / DAY) * DAY;
}

const floorTo = (at: Date, hours: number): Date =>
  new Date(Math.floor(at.getTime() / (hours * HOUR_MS)) * hours * HOUR_MS);
