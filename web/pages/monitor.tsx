import type { Child } from "hono/jsx";

import { formatDuration, formatPercent, formatSpan } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { captionOf, chartHeading } from "../parts/chart-words.ts";
import { Executions, Gaps, type ExecutionRow, type GapRow } from "../parts/executions.tsx";
import { ActionButton } from "../parts/form.tsx";
import { type ChartData, LatencyChart } from "../parts/latency-chart.tsx";
import { MeasureChoice, MonitorFilter, ShownSpan, TimeChoice } from "../parts/monitor-filter.tsx";
import type { MonitorState } from "../parts/monitor-table.tsx";
import { isFiltered, type MonitorView, monitorAddress, type results } from "../parts/monitor-view.ts";
import { RunStrip, type StripEntry } from "../parts/run-strip.tsx";
import {
  type RequestRow,
  RequestTable,
  ResultCounts,
  type RunnerRow,
  RunnerTable,
} from "../parts/statistics.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { type Telling, TellingNotice } from "../parts/telling.tsx";
import { Time } from "../parts/time.tsx";

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
    /** In words, with its time zone. */
    schedule: string;
    nextRuns: Date[];
    runners: { id: string; name: string }[];
    /** How often a run that does not pass is run again. */
    retryAttempts: number | null;
    /** A lost run is run again on another instance. */
    rerunLost: boolean;
    lastRunAt: Date | null;
    isRunning: boolean;
    /** A run that waits or goes on. */
    openRunId?: string | undefined;
  };
  /** The maintenance window that is open for it. */
  maintenance?: { name: string; behaviour: "skip" | "silence"; endsAt: Date } | undefined;
  telling?: Telling | undefined;
  /** The person may look and change nothing. */
  isReadOnly?: boolean;
  uptime: { day: number | null; week: number | null; month: number | null; quarter: number | null };
  /** Duration of runs of the last 24 hours. */
  latency: { p50Ms: number | null; p95Ms: number | null; p99Ms: number | null };
  view: MonitorView;
  /** Oldest first, at most 60 runs. */
  strip: StripEntry[];
  chart: ChartData;
  /** Results in the span, whatever result is filtered. */
  counts: Record<(typeof results)[number], number>;
  requests: RequestRow[];
  runnerRows: RunnerRow[];
  /** Newest first. */
  executions: ExecutionRow[];
  /** Newest first. */
  gaps: GapRow[];
  pages: { previous?: string | undefined; next?: string | undefined };
  /** Other features' places: below the heading, below the tiles, at the end. */
  tabs?: Child;
  changes?: Child;
  activity?: Child;
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
      {props.tabs}
      <MonitorRegion {...props} />
    </Layout>
  );
}

const PLACES = 60;

/** Everything below the heading; asks again soon while something runs, calmly otherwise. */
export function MonitorRegion(props: MonitorProps) {
  const { shell, monitor, view } = props;
  const own = { monitorId: monitor.id, view };
  return (
    <div
      id="monitor"
      hx-get={monitorAddress(monitor.id, view)}
      hx-trigger={monitor.isRunning ? "every 2s" : "every 10s"}
      hx-swap="outerMorph"
    >
      {props.maintenance && <Maintenance shell={shell} maintenance={props.maintenance} />}
      {props.telling && (
        <TellingNotice
          telling={props.telling}
          monitorId={monitor.id}
          state={monitor.state}
          isReadOnly={props.isReadOnly === true}
          now={shell.now}
        />
      )}
      <Summary {...props} />
      <Tiles {...props} />
      {props.changes}
      <MonitorFilter
        {...own}
        requests={props.requests}
        runners={props.runnerRows.flatMap(({ id, name }) => (id === null ? [] : [{ id, name }]))}
      />
      <Runs {...props} />
      <section aria-labelledby="latency-heading" class="panel">
        <div class="panel-head">
          <h2 id="latency-heading">{chartHeading(view, props.requests)}</h2>
          <TimeChoice {...own} now={shell.now} />
        </div>
        <ShownSpan {...own} />
        <ResultCounts {...own} counts={props.counts} />
        <MeasureChoice {...own} />
        <LatencyChart chart={props.chart} caption={captionOf(view)} />
      </section>
      <RequestTable {...own} requests={props.requests} />
      <RunnerTable {...own} runners={props.runnerRows} now={shell.now} />
      <Executions
        executions={props.executions}
        pages={props.pages}
        now={shell.now}
        isFiltered={isFiltered(view)}
      />
      <Gaps gaps={props.gaps} now={shell.now} />
      {props.activity}
    </div>
  );
}

function Runs({ strip, view }: MonitorProps) {
  const runs = strip.filter((entry) => entry.kind === "run").length;
  const heading = view.span ? "Runs in this time" : "Last runs";
  return (
    <section aria-labelledby="runs-heading" class="panel">
      <h2 id="runs-heading">{heading}</h2>
      {runs > 0 ? (
        <RunStrip entries={strip} places={PLACES} />
      ) : isFiltered(view) ? (
        <p class="dim">No run matches the filter.</p>
      ) : (
        <p class="dim">No run yet. It appears here as soon as a runner starts it.</p>
      )}
    </section>
  );
}

function Maintenance({ shell, maintenance }: Required<Pick<MonitorProps, "shell" | "maintenance">>) {
  if (!maintenance) return null;
  return (
    <p class="notice">
      <a href="/maintenance">{maintenance.name}</a>
      {maintenance.behaviour === "skip" ? ": it does not run until " : ": nobody is alerted until "}
      <Time at={maintenance.endsAt} now={shell.now} show="both" />
    </p>
  );
}

function Summary({ shell, monitor }: MonitorProps) {
  const since = monitor.stateSince;
  return (
    <p class="summary">
      <StatusMark status={monitor.state} />
      {since && (
        <span>
          {"for "}
          <time datetime={since.toISOString()}>{formatSpan(shell.now.getTime() - since.getTime())}</time>
          {", since "}
          <Time at={since} now={shell.now} show="absolute" />
        </span>
      )}
      {monitor.isRunning &&
        (monitor.openRunId === undefined ? (
          <StatusMark status="running" word="running now" />
        ) : (
          <a href={`/runs/${monitor.openRunId}`}>
            <StatusMark status="running" word="running now" />
          </a>
        ))}
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
      <Tile name="90 days">{formatPercent(uptime.quarter)}</Tile>
      <Tile name="p50 24 h">{formatDuration(latency.p50Ms)}</Tile>
      <Tile name="p95">{formatDuration(latency.p95Ms)}</Tile>
      <Tile name="p99">{formatDuration(latency.p99Ms)}</Tile>
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
