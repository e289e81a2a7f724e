import type { Child } from "hono/jsx";

import { formatDuration, formatPercent, formatSpan, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { Executions, Gaps, type ExecutionRow, type GapRow } from "../parts/executions.tsx";
import { ActionButton } from "../parts/form.tsx";
import { LatencyChart, type LatencySeries } from "../parts/latency-chart.tsx";
import { RunBars, type Bar } from "../parts/run-bars.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Time } from "../parts/time.tsx";
import type { MonitorState } from "./overview.tsx";

export const ranges = ["24 h", "7 d", "30 d"] as const;
export type ChartRange = (typeof ranges)[number];

export interface MonitorProps {
  shell: Shell;
  monitor: {
    id: string;
    name: string;
    workspaceName: string;
    collection: { id: string; name: string };
    environment?: { id: string; name: string } | undefined;
    active: boolean;
    state: MonitorState;
    stateSince: Date | null;
    schedule: string;
    nextRuns: Date[];
    runners: { id: string; name: string }[];
    /** How often a run that does not pass is run again. */
    retryAttempts: number | null;
    /** A lost run is run again on another instance. */
    rerunLost: boolean;
    lastRunAt: Date | null;
    isRunning: boolean;
  };
  /** The person may look and change nothing. */
  isReadOnly?: boolean;
  uptime: { day: number | null; week: number | null; month: number | null };
  latency: { p50Ms: number | null; p95Ms: number | null };
  bars: Bar[];
  series: LatencySeries;
  range: ChartRange;
  /** Where the list of executions begins; absent = at the newest. */
  cursor?: string | undefined;
  /** Newest first. */
  executions: ExecutionRow[];
  /** Newest first. */
  gaps: GapRow[];
  pages: { previous?: string | undefined; next?: string | undefined };
}

export const monitorPage = (props: MonitorProps) => page(<MonitorPage {...props} />);

function MonitorPage(props: MonitorProps) {
  const { shell, monitor } = props;
  const path = `/monitors/${monitor.id}`;
  return (
    <Layout title={monitor.name} shell={shell} section="monitors" charts>
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/">Monitors</a> / {monitor.workspaceName}
          </p>
          <h1>{monitor.name}</h1>
        </div>
        {!props.isReadOnly && (
          <div class="actions">
            <ActionButton
              action={`${path}/run`}
              csrfToken={shell.csrfToken}
              label="Run now"
              class="primary"
            />
            <ActionButton
              action={`${path}/${monitor.active ? "pause" : "resume"}`}
              csrfToken={shell.csrfToken}
              label={monitor.active ? "Pause" : "Resume"}
            />
            <a class="button" href={`${path}/edit`}>
              Edit
            </a>
            <a class="button danger" href={`${path}/delete`}>
              Delete
            </a>
          </div>
        )}
      </div>
      <MonitorRegion {...props} />
    </Layout>
  );
}

const addressOf = ({ monitor, cursor }: MonitorProps, range: ChartRange): string =>
  withQuery(`/monitors/${monitor.id}`, { range: range === "24 h" ? undefined : range, cursor });

/** Everything below the heading; asks again soon while something runs, calmly otherwise. */
export function MonitorRegion(props: MonitorProps) {
  const { shell, monitor, bars, series } = props;
  return (
    <div
      id="monitor"
      hx-get={addressOf(props, props.range)}
      hx-trigger={monitor.isRunning ? "every 2s" : "every 10s"}
      hx-swap="outerMorph"
    >
      <Summary {...props} />
      <Tiles {...props} />
      <section aria-labelledby="runs-heading" class="panel">
        <h2 id="runs-heading">Last runs</h2>
        {bars.length === 0 ? (
          <p class="dim">No run yet. It appears here as soon as a runner starts it.</p>
        ) : (
          <RunBars bars={bars} places={60} size="page" />
        )}
      </section>
      <section aria-labelledby="latency-heading" class="panel">
        <div class="panel-head">
          <h2 id="latency-heading">Response time</h2>
          <Tabs
            label="Range of the chart"
            tabs={ranges.map((range) => ({
              href: addressOf(props, range),
              label: range,
              current: range === props.range,
            }))}
          />
        </div>
        <LatencyChart series={series} />
      </section>
      <Executions executions={props.executions} pages={props.pages} now={shell.now} />
      <Gaps gaps={props.gaps} now={shell.now} />
    </div>
  );
}

function Summary({ shell, monitor }: MonitorProps) {
  const since = monitor.stateSince;
  return (
    <p class="summary">
      <StatusMark status={monitor.state} />
      {since && (
        <span>
          {" for "}
          <time datetime={since.toISOString()}>{formatSpan(shell.now.getTime() - since.getTime())}</time>
        </span>
      )}
      {monitor.isRunning && <StatusMark status="running" word="running now" />}
      <span class="dim">
        <a href={`/collections/${monitor.collection.id}`}>{monitor.collection.name}</a>
        {monitor.environment && (
          <>
            {" with "}
            <a href={`/environments/${monitor.environment.id}`}>{monitor.environment.name}</a>
          </>
        )}
        {" on "}
        {monitor.runners.length === 0
          ? "any runner"
          : monitor.runners.map((runner, index) => (
              <>
                {index > 0 && ", "}
                <a href={`/runners/${runner.id}`}>{runner.name}</a>
              </>
            ))}
        {secondTries(monitor)}
      </span>
    </p>
  );
}

function secondTries({ retryAttempts, rerunLost }: MonitorProps["monitor"]): string {
  const retries = retryAttempts === 1 ? "once" : "up to twice";
  return [
    ...(retryAttempts !== null ? [`; run again ${retries} when it does not pass`] : []),
    ...(rerunLost ? ["; run again when its runner dies"] : []),
  ].join("");
}

function Tiles({ shell, monitor, uptime, latency }: MonitorProps) {
  return (
    <dl class="tiles">
      <Tile name="Uptime 24 h">{formatPercent(uptime.day)}</Tile>
      <Tile name="7 days">{formatPercent(uptime.week)}</Tile>
      <Tile name="30 days">{formatPercent(uptime.month)}</Tile>
      <Tile name="p50">{formatDuration(latency.p50Ms)}</Tile>
      <Tile name="p95">{formatDuration(latency.p95Ms)}</Tile>
      <Tile name="Last run">
        <Time at={monitor.lastRunAt} now={shell.now} />
      </Tile>
      <Tile name="Schedule" wide>
        {monitor.schedule}
        <span class="sub">
          {monitor.active && monitor.nextRuns.length > 0 ? (
            <>
              {"next "}
              {monitor.nextRuns.map((at, index) => (
                <>
                  {index > 0 && ", "}
                  <Time at={at} now={shell.now} />
                </>
              ))}
            </>
          ) : monitor.active ? (
            "runs only when triggered"
          ) : (
            "paused"
          )}
        </span>
      </Tile>
    </dl>
  );
}

function Tile({ name, wide, children }: { name: string; wide?: boolean; children: Child }) {
  return (
    <div class={wide ? "wide" : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
