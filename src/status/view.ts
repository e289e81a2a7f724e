import type {
  ShownIncident,
  ShownMaintenance,
  StatusDay,
  StatusEntry,
  StatusGroup,
  StatusView,
} from "../../web/pages/status-view.ts";
import type { Deps } from "../access/context.ts";
import { listMaintenance, type MaintenancePeriod } from "../schedules/maintenance/read.ts";
import { type Incident, listIncidents } from "./incidents-store.ts";
import type { CountDays } from "./past-days.ts";
import type { StatusPage } from "./store.ts";
import { dayKindOf, stateOf, uptimeOf, verdictOf } from "./verdict.ts";
import {
  type CountedDay,
  countDays,
  DAYS,
  type EntryRecord,
  type PageDay,
  readDays,
  readEntries,
} from "./view-store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const PAST_DAYS = 14;
const MONTH_DAYS = 30;
const MAX_OPEN = 20;
const MAX_PAST = 20;
/** Announcements are read some weeks ahead, and not all of them by everybody. */
const AHEAD_DAYS = 14;
const MAX_ANNOUNCED = 5;

/** Everything that a page tells now. `count` may remember days that are over. */
export async function loadView(
  { database, clock }: Pick<Deps, "database" | "clock">,
  page: StatusPage,
  count: CountDays = (question) => countDays(database, question),
): Promise<StatusView> {
  const asOf = clock.now();
  const [entries, days] = await Promise.all([
    readEntries(database, page.id),
    readDays(database, page.timezone, DAYS),
  ]);
  const since = days[0]?.startsAt ?? asOf;
  const until = new Date(asOf.getTime() + AHEAD_DAYS * DAY_MS);
  const { workspaceId } = page;
  const [counts, gone, coming, open, past] = await Promise.all([
    count({ monitorIds: entries.map(({ monitorId }) => monitorId), days }),
    // Apart, because each list has a limit: a long past must not hide what is open now.
    listMaintenance(database, { workspaceId, since, until: asOf }),
    listMaintenance(database, { workspaceId, since: asOf, until }),
    listIncidents(database, page.id, { open: true, limit: MAX_OPEN }),
    listIncidents(database, page.id, {
      open: false,
      since: new Date(asOf.getTime() - PAST_DAYS * DAY_MS),
      limit: MAX_PAST,
    }),
  ]);
  const facts = { asOf, days, counts: byMonitor(counts), periods: [...gone, ...coming], open };
  const shown = entries.map((entry) => ({ group: entry.group, entry: toEntry(entry, facts) }));
  return {
    page: {
      slug: page.slug,
      title: page.title,
      description: page.description,
      timezone: page.timezone,
      isPublic: page.visibility === "public",
      isIndexed: page.indexed,
    },
    verdict: verdictOf(
      shown.map(({ entry }) => entry.state),
      open.length,
    ),
    groups: inGroups(shown),
    openIncidents: open.map(toShown),
    pastIncidents: past.map(toShown),
    maintenance: announced(coming, entries, asOf),
    asOf,
  };
}

interface Facts {
  asOf: Date;
  days: readonly PageDay[];
  counts: ReadonlyMap<string, ReadonlyMap<number, CountedDay>>;
  periods: readonly MaintenancePeriod[];
  open: readonly Incident[];
}

function byMonitor(counts: readonly CountedDay[]): Map<string, Map<number, CountedDay>> {
  const found = new Map<string, Map<number, CountedDay>>();
  for (const count of counts) {
    const days = found.get(count.monitorId) ?? new Map<number, CountedDay>();
    found.set(count.monitorId, days.set(count.index, count));
  }
  return found;
}

const NO_CHECKS = { passed: 0, failed: 0, unclear: 0 };

function toEntry(record: EntryRecord, { asOf, days, counts, periods, open }: Facts): StatusEntry {
  const own = periods.filter((period) => isAbout(period, record.monitorId));
  const counted = days.map((_, index) => counts.get(record.monitorId)?.get(index) ?? NO_CHECKS);
  const state = stateOf({
    active: record.active,
    outcome: record.outcome,
    isOverdue: record.isOverdue,
    inMaintenance: own.some((period) => isOpen(period, asOf)),
    hasIncident: open.some((incident) => incident.entries.some(({ id }) => id === record.id)),
  });
  return {
    id: record.id,
    name: record.name,
    state,
    downSince: state === "down" ? record.stateSince : null,
    checkedAt: record.checkedAt,
    uptime: uptimeOf(sum(counted)),
    uptime30d: uptimeOf(sum(counted.slice(-MONTH_DAYS))),
    days: days.map((day, index): StatusDay => {
      const count = counted[index] ?? NO_CHECKS;
      const hadMaintenance = own.some(
        ({ startsAt, endsAt }) => startsAt < day.endsAt && startsAt <= asOf && endsAt > day.startsAt,
      );
      return {
        date: day.date,
        kind: dayKindOf(count, hadMaintenance),
        uptime: uptimeOf(count),
        hadMaintenance,
      };
    }),
  };
}

const sum = (counts: readonly { passed: number; failed: number; unclear: number }[]) => ({
  passed: counts.reduce((total, { passed }) => total + passed, 0),
  failed: counts.reduce((total, { failed }) => total + failed, 0),
  unclear: counts.reduce((total, { unclear }) => total + unclear, 0),
});

const isAbout = ({ monitorIds }: MaintenancePeriod, monitorId: string): boolean =>
  monitorIds === null || monitorIds.includes(monitorId);
const isOpen = ({ startsAt, endsAt }: MaintenancePeriod, now: Date): boolean =>
  startsAt <= now && endsAt > now;

/** Groups stand where their first entry does. */
function inGroups(shown: readonly { group: string; entry: StatusEntry }[]): StatusGroup[] {
  const groups = new Map<string, StatusEntry[]>();
  for (const { group, entry } of shown) groups.set(group, [...(groups.get(group) ?? []), entry]);
  return [...groups].map(([name, entries]) => ({ name, entries }));
}

/** What is about something that the page shows. The name and the reason of a window are internal, and stay so. */
function announced(
  periods: readonly MaintenancePeriod[],
  entries: readonly EntryRecord[],
  now: Date,
): ShownMaintenance[] {
  return periods
    .filter(({ endsAt }) => endsAt > now)
    .map((period) => ({
      id: period.id,
      startsAt: period.startsAt,
      endsAt: period.endsAt,
      isOpen: isOpen(period, now),
      names: entries.filter(({ monitorId }) => isAbout(period, monitorId)).map(({ name }) => name),
    }))
    .filter(({ names }) => names.length > 0)
    .slice(0, MAX_ANNOUNCED);
}

/** Without what only editors may know. */
export const toShown = ({
  id,
  title,
  state,
  startedAt,
  resolvedAt,
  updatedAt,
  entries,
  updates,
}: Incident): ShownIncident => ({
  id,
  title,
  state,
  startedAt,
  resolvedAt,
  updatedAt,
  entries: entries.map((entry) => ({ id: entry.id, name: entry.name })),
  updates,
});
