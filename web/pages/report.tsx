import type { Child } from "hono/jsx";

import { formatDuration, formatPercent, plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { MonitorHead } from "../parts/monitor-tabs.tsx";
import { LocalTime, localTime, NotMeasured } from "../parts/report-gaps.tsx";
import { Definitions, ReportForm, Verdict, minutesOf, monthName } from "../parts/report.tsx";
import { StatusMark } from "../parts/status-mark.tsx";

interface Figures {
  uptime: number | null;
  passed: number;
  failed: number;
  untold: number;
  p95Ms: number | null;
  downMs: number;
  due: number;
  reported: number;
  late: number;
  missed: number;
  lost: number;
  overlap: number;
  inMaintenance: number;
  coverage: number | null;
}

export interface ReportProps {
  shell: Shell;
  monitor: { id: string; name: string; workspaceId: string; workspaceName: string; timezone: string };
  /** `2026-11`, of this, the one before and the one after. */
  month: string;
  previousMonth: string;
  /** Absent = it has not begun. */
  nextMonth?: string | undefined;
  /** Share that is promised; null = none. */
  target: number | null;
  /** The month is not over. */
  isRunning: boolean;
  report: Figures & {
    downtimes: number;
    unknownMs: number;
    repairMs: number | null;
    betweenMs: number | null;
    days: (Figures & { date: string })[];
    spans: {
      from: Date;
      to: Date;
      downMs: number;
      isOver: boolean;
      cause: string | null;
      runId: string | null;
    }[];
    maintenance: { name: string; reason: string; startsAt: Date; endsAt: Date }[];
    pauses: { since: Date; until: Date }[];
    fromHoursUntil: Date | null;
  };
}

/** How a monitor did in a month against what was promised; made to be printed. */
export const reportPage = (props: ReportProps) => page(<ReportPage {...props} />);

function ReportPage(props: ReportProps) {
  const { shell, monitor, month, report, target } = props;
  const path = `/monitors/${monitor.id}/report`;
  const isEmpty = report.passed + report.failed + report.untold + report.due === 0;
  return (
    <Layout title={`Report of ${monitor.name}, ${monthName(month)}`} shell={shell} section="monitors">
      <MonitorHead monitor={monitor} place="report" title={`${monitor.name}: ${monthName(month)}`} />
      <ReportForm
        path={path}
        month={month}
        target={target}
        previous={withQuery(path, { month: props.previousMonth, target: targetText(target) })}
        next={props.nextMonth && withQuery(path, { month: props.nextMonth, target: targetText(target) })}
        csv={withQuery(`${path}.csv`, { month })}
      />
      <p class="dim">
        Months and times in {monitor.timezone}.{" "}
        {props.isRunning && (
          <>The month is not over: the numbers go up to {localTime(shell.now, monitor.timezone)}.</>
        )}{" "}
        <a
          class="no-print"
          href={withQuery("/reports", {
            workspace: monitor.workspaceId,
            month,
            target: targetText(target),
          })}
        >
          All monitors of {monitor.workspaceName}
        </a>
      </p>
      {isEmpty ? (
        <p class="panel">Nothing ran in this month, and nothing was due.</p>
      ) : (
        <>
          <Verdict uptime={report.uptime} target={target} />
          <Tiles {...props} />
          <Downtimes {...props} />
          <Days {...props} />
          <NotMeasured report={report} timezone={monitor.timezone} />
        </>
      )}
      <Definitions />
    </Layout>
  );
}

const targetText = (target: number | null): string | undefined =>
  target === null ? undefined : String(Number((target * 100).toFixed(4)));

function Tiles({ report }: ReportProps) {
  return (
    <dl class="tiles report-tiles">
      <Tile name="Uptime" note={`${report.passed} of ${plural(report.passed + report.failed, "run")} passed`}>
        {formatPercent(report.uptime)}
      </Tile>
      <Tile name="Downtime" note={report.downtimes === 0 ? "never down" : plural(report.downtimes, "time")}>
        {minutesOf(report.downMs)}
      </Tile>
      <Tile name="p95 of a run">{formatDuration(report.p95Ms)}</Tile>
      <Tile
        name="Coverage"
        note={report.due === 0 ? "no due times" : `${report.reported} of ${report.due} due times`}
      >
        {formatPercent(report.coverage)}
      </Tile>
      <Tile name="MTTR">{report.repairMs === null ? "–" : minutesOf(report.repairMs)}</Tile>
      <Tile name="MTBF">{report.betweenMs === null ? "–" : minutesOf(report.betweenMs)}</Tile>
    </dl>
  );
}

function Tile({ name, note, children }: { name: string; note?: string; children: Child }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {note !== undefined && <span class="sub">{note}</span>}
      </dd>
    </div>
  );
}

function Downtimes({ report, monitor }: ReportProps) {
  if (report.spans.length === 0) return null;
  return (
    <section aria-labelledby="downtimes">
      <h2 id="downtimes">When it was down</h2>
      <table class="list report">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" class="number">
              Down
            </th>
            <th scope="col">Began with</th>
          </tr>
        </thead>
        <tbody>
          {report.spans.map((span) => (
            <tr>
              <td data-label="From">
                <LocalTime at={span.from} timezone={monitor.timezone} />
              </td>
              <td data-label="To">
                {span.isOver ? <LocalTime at={span.to} timezone={monitor.timezone} /> : "goes on"}
              </td>
              <td class="number" data-label="Down">
                {minutesOf(span.downMs)}
              </td>
              <td class="long" data-label="Began with">
                {span.runId === null ? (
                  <span class="dim">a run that is deleted by now</span>
                ) : (
                  <a href={`/runs/${span.runId}`}>{span.cause ?? "a run that failed"}</a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Days({ report }: ReportProps) {
  return (
    <section aria-labelledby="days">
      <h2 id="days">Day by day</h2>
      <table class="list report report-days">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Uptime
            </th>
            <th scope="col" class="number">
              Runs
            </th>
            <th scope="col" class="number">
              Failed
            </th>
            <th scope="col" class="number">
              Down
            </th>
            <th scope="col" class="number">
              p95
            </th>
            <th scope="col" class="number">
              Not run
            </th>
          </tr>
        </thead>
        <tbody>
          {report.days.map((day) => (
            <tr>
              <th scope="row">
                <time datetime={day.date}>{day.date}</time>
              </th>
              <td data-label="State">
                <StatusMark {...stateOfDay(day)} />
              </td>
              <td class="number" data-label="Uptime">
                {formatPercent(day.uptime)}
              </td>
              <td class="number" data-label="Runs">
                {day.passed + day.failed + day.untold}
              </td>
              <td class="number" data-label="Failed">
                {day.failed}
              </td>
              <td class="number" data-label="Down">
                {day.downMs === 0 ? "–" : minutesOf(day.downMs)}
              </td>
              <td class="number" data-label="p95">
                {formatDuration(day.p95Ms)}
              </td>
              <td class="number" data-label="Not run">
                {day.due - day.reported === 0 ? "–" : day.due - day.reported}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function stateOfDay(day: Figures) {
  if (day.uptime === null) return { status: "none" as const };
  return day.failed === 0
    ? { status: "passing" as const, word: "up" }
    : { status: "failing" as const, word: "was down" };
}
