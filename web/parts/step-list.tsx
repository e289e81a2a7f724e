import type { StepHead } from "../../src/contract/step-head.ts";
import { formatDuration, plural, withQuery } from "../format.ts";
import { Pager } from "./pager.tsx";
import type { StepSetting } from "./step-part.tsx";
import { type ListedStep, StepRow } from "./step-row.tsx";
import { TimeAxis, type TimeWindow } from "./waterfall.tsx";

export interface StepListProps {
  /** Path of the run, without a query string. */
  path: string;
  attempt?: number | undefined;
  title: string;
  filter: { show: "failed" | "skipped" | "passed" | undefined; search: string };
  /** Of all steps that the search finds. */
  counts: Record<"all" | "failed" | "skipped" | "passed", number>;
  page: number;
  pages: number;
  steps: ListedStep[];
  /** Steps beyond what can be listed at all. */
  hiddenSteps: number;
  setting: StepSetting;
}

/** The steps of a run as a waterfall: filters, search and page are in the address. */
export function StepList(props: StepListProps) {
  const { steps, title, filter } = props;
  const window = windowOf(steps.map(({ head }) => head));
  return (
    <section aria-labelledby="steps-heading" id="steps">
      <h2 id="steps-heading">{title}</h2>
      <Filters {...props} />
      {steps.length === 0 ? (
        <p class="empty-line">
          {filter.search === "" ? "No step is of this kind." : `No step is called like "${filter.search}".`}{" "}
          <a href={hrefOf(props, { show: undefined, search: "", page: 1 })}>Show all steps</a>
        </p>
      ) : (
        <>
          <div class="axis-row" aria-hidden="true">
            <span class="dim">since the start of the run</span>
            <TimeAxis window={window} />
          </div>
          <Groups {...props} window={window} />
        </>
      )}
      <Pages {...props} />
      {props.hiddenSteps > 0 && (
        <p class="dim">{plural(props.hiddenSteps, "more step")} not shown here; the API has them all.</p>
      )}
    </section>
  );
}

interface Place {
  show: StepListProps["filter"]["show"];
  search: string;
  page: number;
}

const hrefOf = ({ path, attempt }: StepListProps, { show, search, page }: Place): string =>
  `${withQuery(path, {
    attempt: attempt?.toString(),
    show,
    q: search,
    steps: page > 1 ? String(page) : undefined,
  })}#steps`;

const kinds = [
  [undefined, "all", "All"],
  ["failed", "failed", "Failed"],
  ["skipped", "skipped", "Skipped"],
  ["passed", "passed", "Passed"],
] as const;

function Filters(props: StepListProps) {
  const { filter, counts, path, attempt } = props;
  return (
    <div class="step-filters">
      <nav class="tabs" aria-label="Steps by result">
        {kinds.map(([show, key, label]) => (
          <a
            href={hrefOf(props, { show, search: filter.search, page: 1 })}
            aria-current={filter.show === show ? "page" : undefined}
          >
            {label} <b>{counts[key]}</b>
          </a>
        ))}
      </nav>
      <form class="search" action={`${path}#steps`} method="get" role="search">
        {attempt !== undefined && <input type="hidden" name="attempt" value={attempt} />}
        {filter.show && <input type="hidden" name="show" value={filter.show} />}
        <input
          type="search"
          name="q"
          value={filter.search}
          placeholder="Name of a step"
          aria-label="Search steps by name"
        />
        <button type="submit" class="button">
          Search
        </button>
      </form>
    </div>
  );
}

/** The time that the steps of this page took place in, so that the hundredth page of a run is a waterfall, too. */
function windowOf(heads: readonly StepHead[]): TimeWindow {
  const [first] = heads;
  if (!first) return { fromMs: 0, toMs: 1 };
  return {
    fromMs: first.position === 1 ? 0 : Math.min(...heads.map(({ startedMs }) => startedMs)),
    toMs: Math.max(...heads.map(({ startedMs, durationMs }) => startedMs + durationMs)),
  };
}

/** One list for one iteration; several are groups that open, closed where nothing failed. */
function Groups({ steps, setting, window }: StepListProps & { window: TimeWindow }) {
  const groups = [...Map.groupBy(steps, ({ head }) => head.iteration)];
  const isOne = groups.length === 1;
  const hasFailed = steps.some(({ head }) => isFailed(head));
  return (
    <>
      {groups.map(([iteration, members], index) => {
        const list = (
          <ol class="run-steps">
            {members.map((member) => (
              <StepRow {...member} window={window} setting={setting} />
            ))}
          </ol>
        );
        if (isOne && iteration === 0) return list;
        const failed = members.filter(({ head }) => isFailed(head)).length;
        return (
          <details
            class="iteration"
            id={`iteration-${iteration + 1}`}
            open={failed > 0 || isOne || (!hasFailed && index === 0)}
          >
            <summary>
              <b>Iteration {iteration + 1}</b>{" "}
              <span class="dim">
                {plural(members.length, "step")} · {formatDuration(durationOf(members))}
              </span>
              {failed > 0 && <span class="failed-count">{plural(failed, "failed step")}</span>}
            </summary>
            {list}
          </details>
        );
      })}
    </>
  );
}

const isFailed = ({ status }: StepHead): boolean => status === "failed" || status === "errored";

function durationOf(members: readonly ListedStep[]): number {
  const { fromMs, toMs } = windowOf(members.map(({ head }) => ({ ...head, position: 0 })));
  return toMs - fromMs;
}

function Pages(props: StepListProps) {
  const { page, pages, filter } = props;
  if (pages === 1) return null;
  const to = (wanted: number) => hrefOf(props, { ...filter, page: wanted });
  return (
    <>
      <p class="dim">
        Page {page} of {pages}
      </p>
      <Pager previous={page > 1 ? to(page - 1) : undefined} next={page < pages ? to(page + 1) : undefined} />
    </>
  );
}
