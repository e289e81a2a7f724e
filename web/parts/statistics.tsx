import { formatBytes, formatDuration, formatPercent } from "../format.ts";
import { changed, type MonitorView, monitorAddress, results, type Sorting } from "./monitor-view.ts";
import { StatusMark } from "./status-mark.tsx";
import { Time } from "./time.tsx";

/** One request over a span. */
export interface RequestRow {
  id: number;
  name: string;
  /** Empty at the top. */
  folder: string;
  runs: number;
  failures: number;
  p50Ms: number | null;
  p95Ms: number | null;
  /** Between 0 and 1. */
  errorRate: number;
  meanBytes: number | null;
}

/** One runner over a span. */
export interface RunnerRow {
  /** Null for runs that no runner took. */
  id: string | null;
  name: string;
  runs: number;
  uptime: number | null;
  p95Ms: number | null;
  last: { runId: string; status: (typeof results)[number]; at: Date } | null;
}

interface ViewProps {
  monitorId: string;
  view: MonitorView;
}

/** How many runs ended how; each number leads to them. */
export function ResultCounts(props: ViewProps & { counts: Record<(typeof results)[number], number> }) {
  const { monitorId, view, counts } = props;
  const all = results.reduce((sum, result) => sum + counts[result], 0);
  const shown = results.filter((result) => counts[result] > 0 || view.result === result);
  return (
    <ul class="plain result-counts" aria-label="How runs ended">
      <li>
        <a
          href={monitorAddress(monitorId, changed(view, { result: undefined }))}
          aria-current={view.result === undefined ? "true" : undefined}
        >
          <b>{all}</b> in all
        </a>
      </li>
      {shown.map((result) => (
        <li>
          <a
            href={monitorAddress(monitorId, changed(view, { result }))}
            aria-current={view.result === result ? "true" : undefined}
          >
            <b>{counts[result]}</b> <StatusMark status={result} />
          </a>
        </li>
      ))}
    </ul>
  );
}

const columns: { sort: Sorting; label: string; isNumber: boolean }[] = [
  { sort: "name", label: "Request", isNumber: false },
  { sort: "runs", label: "Runs", isNumber: true },
  { sort: "failures", label: "Failures", isNumber: true },
  { sort: "errors", label: "Error rate", isNumber: true },
  { sort: "p50", label: "p50", isNumber: true },
  { sort: "p95", label: "p95", isNumber: true },
];

/** Requests over the span, sorted by a link. */
export function RequestTable({ monitorId, view, requests }: ViewProps & { requests: RequestRow[] }) {
  if (requests.length === 0) return null;
  return (
    <section aria-labelledby="requests-heading" id="requests">
      <h2 id="requests-heading">Requests</h2>
      <table class="list statistics">
        <thead>
          <tr>
            {columns.map(({ sort, label, isNumber }) => (
              <th
                scope="col"
                class={isNumber ? "number" : undefined}
                aria-sort={view.sort === sort ? (sort === "name" ? "ascending" : "descending") : undefined}
              >
                <a href={`${monitorAddress(monitorId, { ...view, sort })}#requests`}>{label}</a>
                {view.sort === sort && <span aria-hidden="true">{sort === "name" ? " ↑" : " ↓"}</span>}
              </th>
            ))}
            <th scope="col" class="number">
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <RequestLine {...{ monitorId, view, request }} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function RequestLine({ monitorId, view, request }: ViewProps & { request: RequestRow }) {
  const chosen = { request: request.id };
  return (
    <tr class={view.request === request.id ? "chosen" : undefined}>
      <td class="name">
        <a
          href={monitorAddress(monitorId, changed(view, chosen))}
          aria-current={view.request === request.id ? "true" : undefined}
        >
          {request.name}
        </a>
        {request.folder !== "" && <span class="sub">{request.folder}</span>}
      </td>
      <td class="number" data-label="Runs">
        {request.runs}
      </td>
      <td class="number" data-label="Failures">
        {request.failures === 0 ? (
          "0"
        ) : (
          <a class="alarm" href={monitorAddress(monitorId, changed(view, { ...chosen, result: "failed" }))}>
            {request.failures}
          </a>
        )}
      </td>
      <td class="number" data-label="Error rate">
        {formatShare(request.errorRate)}
      </td>
      <td class="number" data-label="p50">
        {formatDuration(request.p50Ms)}
      </td>
      <td class="number" data-label="p95">
        {formatDuration(request.p95Ms)}
      </td>
      <td class="number" data-label="Size">
        {formatBytes(request.meanBytes === null ? null : Math.round(request.meanBytes))}
      </td>
    </tr>
  );
}

/** Rounded up: a request that failed once in a thousand did fail. */
const formatShare = (share: number): string =>
  `${(Math.ceil(share * 1000) / 10).toFixed(share > 0 ? 1 : 0)} %`;

/** Runners over the span, to be compared. */
export function RunnerTable(props: ViewProps & { runners: RunnerRow[]; now: Date }) {
  const { monitorId, view, runners, now } = props;
  if (runners.length === 0) return null;
  return (
    <section aria-labelledby="runners-heading">
      <h2 id="runners-heading">Runners</h2>
      <table class="list statistics">
        <thead>
          <tr>
            <th scope="col">Runner</th>
            <th scope="col">Last result</th>
            <th scope="col" class="number">
              Uptime
            </th>
            <th scope="col" class="number">
              p95
            </th>
            <th scope="col" class="number">
              Runs
            </th>
          </tr>
        </thead>
        <tbody>
          {runners.map((runner) => (
            <tr class={view.runner !== undefined && view.runner === runner.id ? "chosen" : undefined}>
              <td class="name">
                {runner.id === null ? (
                  <span class="dim">{runner.name}</span>
                ) : (
                  <a href={monitorAddress(monitorId, changed(view, { runner: runner.id }))}>{runner.name}</a>
                )}
              </td>
              <td data-label="Last result">
                {runner.last ? (
                  <>
                    <a href={`/runs/${runner.last.runId}`}>
                      <StatusMark status={runner.last.status} />
                    </a>{" "}
                    <Time at={runner.last.at} now={now} />
                  </>
                ) : (
                  <span class="dim">–</span>
                )}
              </td>
              <td class="number" data-label="Uptime">
                {formatPercent(runner.uptime)}
              </td>
              <td class="number" data-label="p95">
                {formatDuration(runner.p95Ms)}
              </td>
              <td class="number" data-label="Runs">
                {runner.runs}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
