import type { Database } from "../../../db/connect.ts";
import { causeOf } from "../../runs/cause.ts";
import { listMaintenance, type MaintenancePeriod } from "../../schedules/maintenance/read.ts";
import type { Span } from "../statistics/plan.ts";
import {
  type Downtime,
  type DownSpan,
  meanTimes,
  measureDowntime,
  pausesOf,
  type StateChange,
} from "./downtime.ts";
import { added, type Figures, figuresOf, noRuns, sumOfSlots } from "./figures.ts";
import { type Day, daysOf, type Month, spanOfMonth } from "./month.ts";
import {
  type Bucket,
  countHours,
  countRuns,
  countSlots,
  type Exclusion,
  type FailedRun,
  listFirstFailures,
  listStates,
  listSwitches,
  type RunCounts,
} from "./store.ts";

/** A monitor of which a month is reported. */
export interface ReportedMonitor {
  id: string;
  workspaceId: string;
  timezone: string;
  /** Runs that are older may be deleted. */
  runsKeptSince: Date;
}

export interface MonthFigures extends Figures, Span {
  downtimes: number;
  unknownMs: number;
  repairMs: number | null;
  betweenMs: number | null;
}

export interface ReportDowntime extends DownSpan {
  /** What the run with which it began said. */
  cause: string | null;
  runId: string | null;
}

export interface MonthReport extends MonthFigures {
  days: (Figures & Day)[];
  spans: ReportDowntime[];
  maintenance: MaintenancePeriod[];
  pauses: Span[];
  /** Before this instant of the month runs are deleted and hourly counts stand in for them; null = nowhere. */
  fromHoursUntil: Date | null;
}

/** The key of a bucket that is the whole span of a monitor. */
const TOTAL = "total";

interface Facts {
  span: Span;
  maintenance: MaintenancePeriod[];
  pauses: Span[];
  states: readonly StateChange[];
}

/** The whole report of a month of one monitor; what is still to come of it is left out. */
export async function loadMonthReport(
  database: Database,
  monitor: ReportedMonitor,
  { month, now }: { month: Month; now: Date },
): Promise<MonthReport> {
  const facts = await loadFacts(database, [monitor], { month, now });
  const { span, maintenance, pauses, states } = factsOf(facts, monitor);
  const days = daysOf(month, monitor.timezone).filter(({ since }) => since < span.until);
  const buckets = days.map(({ date, since, until }) => ({
    monitorId: monitor.id,
    key: date,
    since,
    until: earlier(until, span.until),
  }));
  const whole = { monitorId: monitor.id, key: TOTAL, ...span };
  const exclusions = exclusionsOf(facts, [monitor]);
  const [total, counts, slots] = await Promise.all([
    countBuckets(database, [monitor], { buckets: [whole], exclusions }),
    countBuckets(database, [monitor], { buckets, exclusions }),
    countSlots(database, buckets),
  ]);
  const figures = (key: string, downtime: Downtime) =>
    figuresOf(counts.get(`${monitor.id} ${key}`), slots.get(`${monitor.id} ${key}`), downtime);
  const excluded = excludedOf({ maintenance, pauses });
  const downtime = measureDowntime(states, excluded, span);
  return {
    ...span,
    ...figuresOf(total.get(`${monitor.id} ${TOTAL}`), sumOfSlots([...slots.values()]), downtime),
    ...monthOnly(downtime),
    days: days.map((day) => ({
      ...day,
      ...figures(
        day.date,
        measureDowntime(states, excluded, { since: day.since, until: earlier(day.until, span.until) }),
      ),
    })),
    spans: await withCauses(database, monitor.id, downtime.spans),
    maintenance,
    pauses: pauses
      .filter(({ until }) => until > span.since)
      .map((pause) => ({ since: later(pause.since, span.since), until: pause.until })),
    fromHoursUntil: monitor.runsKeptSince > span.since ? earlier(monitor.runsKeptSince, span.until) : null,
  };
}

/** The figures of a month of several monitors, by their ids. */
export async function loadMonthFigures(
  database: Database,
  monitors: readonly ReportedMonitor[],
  { month, now }: { month: Month; now: Date },
): Promise<ReadonlyMap<string, MonthFigures>> {
  if (monitors.length === 0) return new Map();
  const facts = await loadFacts(database, monitors, { month, now });
  const buckets = monitors.map((monitor) => ({
    monitorId: monitor.id,
    key: TOTAL,
    ...factsOf(facts, monitor).span,
  }));
  const [counts, slots] = await Promise.all([
    countBuckets(database, monitors, { buckets, exclusions: exclusionsOf(facts, monitors) }),
    countSlots(database, buckets),
  ]);
  return new Map(
    monitors.map((monitor) => {
      const { span, maintenance, pauses, states } = factsOf(facts, monitor);
      const downtime = measureDowntime(states, excludedOf({ maintenance, pauses }), span);
      const key = `${monitor.id} ${TOTAL}`;
      return [
        monitor.id,
        { ...span, ...figuresOf(counts.get(key), slots.get(key), downtime), ...monthOnly(downtime) },
      ];
    }),
  );
}

const earlier = (one: Date, other: Date): Date => (one < other ? one : other);
const later = (one: Date, other: Date): Date => (one > other ? one : other);

async function loadFacts(
  database: Database,
  monitors: readonly ReportedMonitor[],
  { month, now }: { month: Month; now: Date },
): Promise<ReadonlyMap<string, Facts>> {
  const spans = monitors.map(({ id, timezone }) => {
    const { since, until } = spanOfMonth(month, timezone);
    return { monitorId: id, since, until: later(since, earlier(until, now)) };
  });
  const whole = {
    since: spans.map(({ since }) => since).reduce(earlier),
    until: spans.map(({ until }) => until).reduce(later),
  };
  const workspaces = [...new Set(monitors.map(({ workspaceId }) => workspaceId))];
  const [states, switches, periods] = await Promise.all([
    listStates(database, spans),
    listSwitches(database, spans),
    Promise.all(workspaces.map((workspaceId) => listMaintenance(database, { workspaceId, ...whole }))),
  ]);
  return new Map(
    monitors.map(({ id, workspaceId }, index) => {
      const { since, until } = spans[index] ?? whole;
      const maintenance = periods
        .flat()
        .filter(
          (period) =>
            period.workspaceId === workspaceId &&
            (period.monitorIds === null || period.monitorIds.includes(id)) &&
            period.startsAt < until &&
            period.endsAt > since,
        );
      return [
        id,
        {
          span: { since, until },
          maintenance,
          pauses: pausesOf(switches.get(id) ?? [], until),
          states: states.get(id) ?? [],
        },
      ];
    }),
  );
}

function factsOf(facts: ReadonlyMap<string, Facts>, { id }: ReportedMonitor): Facts {
  const found = facts.get(id);
  if (!found) throw new Error(`nothing was loaded of the monitor ${id}`);
  return found;
}

const excludedOf = ({ maintenance, pauses }: Pick<Facts, "maintenance" | "pauses">): Span[] => [
  ...pauses,
  ...maintenance.map(({ startsAt, endsAt }) => ({ since: startsAt, until: endsAt })),
];

/** Runs that somebody starts while the monitor is paused count: what they saw is known. */
const exclusionsOf = (facts: ReadonlyMap<string, Facts>, monitors: readonly ReportedMonitor[]): Exclusion[] =>
  monitors.flatMap((monitor) =>
    excludedOf({ ...factsOf(facts, monitor), pauses: [] }).map((span) => ({
      monitorId: monitor.id,
      ...span,
    })),
  );

/** Counts single runs as far as they are kept, and hours before. */
async function countBuckets(
  database: Database,
  monitors: readonly ReportedMonitor[],
  { buckets, exclusions }: { buckets: readonly Bucket[]; exclusions: readonly Exclusion[] },
): Promise<ReadonlyMap<string, RunCounts>> {
  const kept = new Map(monitors.map(({ id, runsKeptSince }) => [id, runsKeptSince]));
  const horizon = (bucket: Bucket): Date => kept.get(bucket.monitorId) ?? bucket.since;
  const single = buckets.map((bucket) => ({ ...bucket, since: later(bucket.since, horizon(bucket)) }));
  const hourly = buckets
    .filter((bucket) => bucket.since < horizon(bucket))
    .map((bucket) => ({ ...bucket, until: earlier(bucket.until, horizon(bucket)) }));
  const [runs, hours] = await Promise.all([
    countRuns(database, single, exclusions),
    hourly.length === 0 ? new Map<string, RunCounts>() : countHours(database, hourly, exclusions),
  ]);
  return new Map([...runs].map(([key, counts]) => [key, added(counts, hours.get(key) ?? noRuns)]));
}

const monthOnly = (downtime: Downtime) => ({
  downtimes: downtime.spans.length,
  unknownMs: downtime.unknownMs,
  ...meanTimes(downtime),
});

async function withCauses(
  database: Database,
  monitorId: string,
  spans: readonly DownSpan[],
): Promise<ReportDowntime[]> {
  if (spans.length === 0) return [];
  const runs = await listFirstFailures(
    database,
    monitorId,
    spans.map(({ from }) => from),
  );
  return spans.map((span) => {
    const run = runs.get(span.from.getTime());
    return { ...span, cause: run ? sentenceOf(run) : null, runId: run?.id ?? null };
  });
}

const sentenceOf = ({ detail, reason }: FailedRun): string | null =>
  detail ?? causeOf({ outcome: "failed", reason, detail }, [])?.sentence ?? null;
