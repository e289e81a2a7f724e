import { withQuery } from "../format.ts";

/** Spans of a chart by the words that stand in the URL. */
export const ranges = { "1h": "1 h", "24h": "24 h", "7d": "7 d", "30d": "30 d", "90d": "90 d" } as const;
export type Range = keyof typeof ranges;

/** What a chart shows of the times in a bucket. */
export const measures = {
  percentiles: "p50, p95, p99",
  average: "Average",
  sum: "Sum",
  minimum: "Minimum",
  maximum: "Maximum",
  phases: "Phases",
} as const;
export type Measure = keyof typeof measures;

export const triggers = ["scheduled", "manual", "cli", "webhook", "api"] as const;
export const results = ["passed", "failed", "errored", "aborted"] as const;
export const sortings = ["name", "runs", "failures", "p50", "p95", "errors"] as const;
export type Sorting = (typeof sortings)[number];

/** What of a monitor is looked at: all of it stands in the URL. */
export interface MonitorView {
  range: Range;
  /** A span of one's own, which everything on the page is limited to; replaces the range. */
  span?: { from: Date; to: Date } | undefined;
  measure: Measure;
  perRunner: boolean;
  /** Number of a request; absent = whole runs. */
  request?: number | undefined;
  trigger?: (typeof triggers)[number] | undefined;
  result?: (typeof results)[number] | undefined;
  /** Id of a runner. */
  runner?: string | undefined;
  sort: Sorting;
  /** Where the list of executions begins; absent = at the newest. */
  cursor?: string | undefined;
}

export const defaultView: MonitorView = {
  range: "24h",
  measure: "percentiles",
  perRunner: false,
  sort: "name",
};

/** Whole seconds in UTC, as short as they can be read. */
const instantText = (at: Date): string => at.toISOString().replace(/(?::00)?\.\d+Z$/, "Z");

/** The page of a monitor as somebody looks at it; what is usual is left out of the URL. */
export const monitorAddress = (monitorId: string, view: MonitorView): string =>
  withQuery(`/monitors/${monitorId}`, {
    ...(view.span
      ? { from: instantText(view.span.from), to: instantText(view.span.to) }
      : { range: view.range === defaultView.range ? undefined : view.range }),
    measure: view.measure === defaultView.measure ? undefined : view.measure,
    per: view.perRunner ? "runner" : undefined,
    ...filterQuery(view),
    sort: view.sort === defaultView.sort ? undefined : view.sort,
    cursor: view.cursor,
  });

const filterQuery = ({ request, trigger, result, runner }: MonitorView) => ({
  request: request === undefined ? undefined : String(request),
  trigger,
  result,
  runner,
});

/** The view with something else in it. The list of executions begins anew: its place is one in the old list. */
export const changed = (view: MonitorView, change: Partial<MonitorView>): MonitorView => ({
  ...view,
  cursor: undefined,
  ...change,
});

export const isFiltered = (view: MonitorView): boolean =>
  view.span !== undefined || Object.values(filterQuery(view)).some((value) => value !== undefined);
