import type { ConsoleLevel, StepHead } from "../../src/contract/step-head.ts";
import { formatDuration, plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { type ConsoleLine, ConsoleLines } from "../parts/console-lines.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { RunTabs } from "./run.tsx";

export interface RunConsoleProps {
  shell: Shell;
  runId: string;
  attempt: number | undefined;
  isLive: boolean;
  monitor: { id: string; name: string };
  /** Of the whole run. */
  counts: Record<ConsoleLevel, number>;
  /** Empty = all. */
  levels: ConsoleLevel[];
  search: string;
  /** Position of the one step whose lines are shown; absent = all. */
  only?: number | undefined;
  /** Steps with the lines that were asked for, in their order. */
  groups: { head: StepHead; lines: ConsoleLine[]; hidden: number }[];
  /** The lines begin after this step; 0 = from the start. */
  after: number;
  /** Where to go on; absent at the end. */
  nextAfter: number | undefined;
  /** Address of a step. */
  hrefOf: (position: number) => string;
}

const levelNames: readonly ConsoleLevel[] = ["error", "warn", "info", "log", "debug"];

export const runConsolePage = (props: RunConsoleProps) => page(<RunConsolePage {...props} />);

function RunConsolePage(props: RunConsoleProps) {
  const { shell, monitor, runId } = props;
  return (
    <Layout title={`Console of a run of ${monitor.name}`} shell={shell} section="monitors">
      <p class="crumbs">
        <a href="/">Monitors</a> / <a href={`/monitors/${monitor.id}`}>{monitor.name}</a> /{" "}
        <a href={`/runs/${runId}`}>Run</a> / Console
      </p>
      <h1>Console</h1>
      <RunConsoleRegion {...props} />
    </Layout>
  );
}

/** What scripts printed in the whole run. Grows while the run goes on. */
export function RunConsoleRegion(props: RunConsoleProps) {
  const { counts, groups, runId, attempt } = props;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const refreshing =
    props.isLive && props.nextAfter === undefined
      ? { "hx-get": hrefOf(props, props.after), "hx-trigger": "every 2s", "hx-swap": "outerMorph" }
      : {};
  return (
    <div id="console" {...refreshing}>
      <RunTabs runId={runId} attempt={attempt} consoleLines={total} current="console" />
      <Filters {...props} />
      {props.only !== undefined && (
        <p class="dim">
          Only step {props.only}. <a href={hrefOf({ ...props, only: undefined }, 0)}>The whole run</a>
        </p>
      )}
      {groups.map(({ head, lines, hidden }) => (
        <section class="console-step" aria-labelledby={`console-${head.position}`}>
          <h2 id={`console-${head.position}`}>
            <a href={props.hrefOf(head.position)}>
              Step {head.position}: {head.name}
            </a>{" "}
            <StatusMark status={head.status} />{" "}
            <span class="dim">
              {head.iteration > 0 && `iteration ${head.iteration + 1}, `}
              {`after ${formatDuration(head.startedMs)}`}
            </span>
          </h2>
          <ConsoleLines lines={lines} search={props.search.toLowerCase()} />
          {hidden > 0 && (
            <p class="dim">
              {plural(hidden, "more line")} in <a href={props.hrefOf(head.position)}>the step</a>
            </p>
          )}
        </section>
      ))}
      {groups.length === 0 && <Nothing {...props} total={total} />}
      <More {...props} />
    </div>
  );
}

const hrefOf = ({ runId, attempt, levels, search, only }: RunConsoleProps, after: number): string => {
  const path = withQuery(`/runs/${runId}/console`, {
    attempt: attempt?.toString(),
    step: only?.toString(),
    q: search,
    after: after > 0 ? String(after) : undefined,
  });
  const chosen = levels.map((level) => `level=${level}`).join("&");
  if (chosen === "") return path;
  return path.includes("?") ? `${path}&${chosen}` : `${path}?${chosen}`;
};

function Filters({ runId, attempt, counts, levels, search, only }: RunConsoleProps) {
  return (
    <form class="search console-filter" action={`/runs/${runId}/console`} method="get" role="search">
      {attempt !== undefined && <input type="hidden" name="attempt" value={attempt} />}
      {only !== undefined && <input type="hidden" name="step" value={only} />}
      <fieldset>
        <legend class="visually-hidden">Levels</legend>
        {levelNames.map((level) => (
          <label class="check">
            <input type="checkbox" name="level" value={level} checked={levels.includes(level)} /> {level}{" "}
            <span class="dim">{counts[level]}</span>
          </label>
        ))}
      </fieldset>
      <input
        type="search"
        name="q"
        value={search}
        placeholder="Text in a line"
        aria-label="Search in the console"
      />
      <button type="submit" class="button">
        Filter
      </button>
    </form>
  );
}

function Nothing({ runId, total, nextAfter }: RunConsoleProps & { total: number }) {
  if (nextAfter !== undefined) return <p class="empty-line">No such line up to here.</p>;
  if (total === 0) {
    return (
      <p class="empty-line">No script of this run has printed anything: console.log(…) would show here.</p>
    );
  }
  return (
    <p class="empty-line">
      No line is like that. <a href={`/runs/${runId}/console`}>Show all lines</a>
    </p>
  );
}

function More(props: RunConsoleProps) {
  if (props.after === 0 && props.nextAfter === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {props.after > 0 ? <a href={hrefOf(props, 0)}>← From the start</a> : <span />}
      {props.nextAfter !== undefined && <a href={hrefOf(props, props.nextAfter)}>Go on →</a>}
    </nav>
  );
}
