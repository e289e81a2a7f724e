import type { Database } from "../../db/connect.ts";
import { formatDuration, formatPercent, plural, withQuery } from "../../web/format.ts";
import { listMaintenance } from "../schedules/maintenance/read.ts";
import { type AlertMessage, messageLimits, oneLine, aboutNoMonitor } from "./message.ts";
import { readCertificateEnds } from "./summary-certificates.ts";

/** What a summary tells of a workspace. */

const TOLD_MONITORS = 10;
const TOLD_SLOW = 3;
const TOLD_CERTIFICATES = 5;
const CERTIFICATE_DAYS = 30;
const TOLD_NAMES = 5;

interface MonitorSum {
  id: string;
  name: string;
  passed: number;
  failed: number;
  /** Could not tell. */
  errored: number;
  responseMs: number | null;
  missed: number;
}

interface Period {
  from: Date;
  to: Date;
  kind: "daily" | "weekly";
}

/** Undefined when the workspace is gone. Hours are those of UTC: a period that begins at half past takes the whole hour. */
export async function composeSummary(
  { database, publicUrl }: { database: Database; publicUrl: string },
  workspaceId: string,
  period: Period,
): Promise<AlertMessage | undefined> {
  const [workspace] = await database.sql<
    { name: string }[]
  >`select name from workspaces where id = ${workspaceId}`;
  if (!workspace) return undefined;
  const [monitors, certificates, maintenance] = await Promise.all([
    sumMonitors(database, workspaceId, period),
    readCertificateEnds(database, workspaceId, { days: CERTIFICATE_DAYS, limit: TOLD_CERTIFICATES }),
    listMaintenance(database, { workspaceId, since: period.from, until: period.to }),
  ]);
  const failing = monitors
    .filter(({ failed, errored }) => failed + errored > 0)
    .toSorted((left, right) => right.failed - left.failed || right.errored - left.errored);
  const url = `${publicUrl}${withQuery("/", { workspace: workspaceId })}`;
  return {
    ...nothingElse,
    title: oneLine(titleOf(workspace.name, { monitors, kind: period.kind }), messageLimits.title),
    summary: summaryOf(monitors),
    since: period.from.toISOString(),
    workspace: { id: workspaceId, name: workspace.name, url },
    facts: [
      ...failing.slice(0, TOLD_MONITORS).map(failureFact),
      ...slowFacts(monitors),
      ...missedFacts(monitors),
      ...certificates.map((sentence) => ({ label: "Certificate", value: oneLine(sentence) })),
      ...maintenanceFacts(maintenance.map(({ name }) => name)),
    ].slice(0, messageLimits.facts),
    links: linksOf(publicUrl, url, failing),
  };
}

const nothingElse: Omit<AlertMessage, "title" | "summary" | "since" | "workspace" | "facts" | "links"> = {
  event: "summary",
  condition: null,
  state: "ok",
  severity: "info",
  number: 1,
  ...aboutNoMonitor,
};

const sumMonitors = ({ sql }: Database, workspaceId: string, { from, to }: Period): Promise<MonitorSum[]> =>
  sql<MonitorSum[]>`
    select m.id, m.name, coalesce(h.passed, 0)::int as passed, coalesce(h.failed, 0)::int as failed,
           coalesce(h.errored, 0)::int as errored, h.response_ms as "responseMs", coalesce(s.missed, 0)::int as missed
      from monitors m
      left join lateral (
        select sum(h.passed) as passed, sum(h.failed) as failed, sum(h.errored + h.aborted) as errored,
               sum(h.response_ms_sum) / nullif(sum(h.passed + h.failed), 0) as response_ms
          from run_hours h
         where h.monitor_id = m.id and h.hour >= date_trunc('hour', ${from}::timestamptz, 'UTC') and h.hour < ${to}) h on true
      left join lateral (
        select count(*) as missed from slots s
         where s.monitor_id = m.id and s.slot_at >= ${from} and s.slot_at < ${to}
           and s.status in ('missed', 'lost')) s on true
     where m.workspace_id = ${workspaceId} order by m.name limit 10000`;

function titleOf(
  workspace: string,
  { monitors, kind }: { monitors: MonitorSum[]; kind: Period["kind"] },
): string {
  const ran = monitors.filter(({ passed, failed, errored }) => passed + failed + errored > 0).length;
  const time = kind === "daily" ? "in a day" : "in a week";
  if (ran === 0) return `${workspace}: nothing ran ${time}`;
  const failed = monitors.filter((monitor) => monitor.failed > 0).length;
  if (failed === 0) return `${workspace}: ${plural(ran, "monitor")}, no failure ${time}`;
  return `${workspace}: ${failed} of ${plural(ran, "monitor")} had failures ${time}`;
}

function summaryOf(monitors: MonitorSum[]): string {
  const sum = (pick: (monitor: MonitorSum) => number) =>
    monitors.reduce((total, one) => total + pick(one), 0);
  const [passed, failed, errored] = [
    sum((one) => one.passed),
    sum((one) => one.failed),
    sum((one) => one.errored),
  ];
  if (passed + failed + errored === 0) return "No run ended in this time.";
  const uptime = passed + failed === 0 ? undefined : passed / (passed + failed);
  const ended = `${plural(passed + failed + errored, "run")} ended: ${passed} passed, ${failed} failed, ${errored} could not tell.`;
  return uptime === undefined ? ended : `Uptime ${formatPercent(uptime)}. ${ended}`;
}

function failureFact({ name, passed, failed, errored }: MonitorSum) {
  return { label: oneLine(name, 100), value: failurePhrase({ passed, failed, errored }) };
}

function failurePhrase({
  passed,
  failed,
  errored,
}: Pick<MonitorSum, "passed" | "failed" | "errored">): string {
  const told = passed + failed;
  if (told === 0) return `${plural(errored, "run")} could not tell`;
  const uptime = formatPercent(passed / told);
  if (errored === 0) return `uptime ${uptime}, ${failed} of ${plural(told, "run")} failed`;
  return `uptime ${uptime}, ${failed} of ${plural(told, "run")} failed, ${errored} could not tell`;
}

const slowFacts = (monitors: MonitorSum[]) =>
  monitors
    .filter((monitor) => monitor.responseMs !== null)
    .toSorted((left, right) => (right.responseMs ?? 0) - (left.responseMs ?? 0))
    .slice(0, TOLD_SLOW)
    .map(({ name, responseMs }) => ({
      label: "Slowest",
      value: `${oneLine(name, 100)}, ${formatDuration(responseMs)} a response on average`,
    }));

function missedFacts(monitors: MonitorSum[]) {
  const missed = monitors.filter((monitor) => monitor.missed > 0);
  if (missed.length === 0) return [];
  const total = missed.reduce((sum, monitor) => sum + monitor.missed, 0);
  const names = missed
    .toSorted((left, right) => right.missed - left.missed)
    .slice(0, TOLD_NAMES)
    .map(({ name }) => oneLine(name, 60));
  return [{ label: "Slots that did not run", value: `${total}, of ${names.join(", ")}` }];
}

const maintenanceFacts = (names: string[]) =>
  names.length === 0
    ? []
    : [{ label: "Maintenance", value: oneLine([...new Set(names)].slice(0, TOLD_NAMES).join(", ")) }];

const linksOf = (publicUrl: string, url: string, failing: MonitorSum[]) =>
  [
    { label: "Overview", url },
    { label: "Alerts", url: `${publicUrl}/alerts` },
    ...failing.map(({ id, name }) => ({ label: oneLine(name, 60), url: `${publicUrl}/monitors/${id}` })),
  ].slice(0, messageLimits.links);
