import type { Database } from "../../../db/connect.ts";
import type { ChartData, ChartLine, Measure } from "../../../web/parts/latency-chart.tsx";
import { aggregate, type Aggregate } from "./aggregate.ts";
import type { Plan, Source } from "./plan.ts";
import { runnerNames } from "./runners.ts";
import type { RunFilter } from "./samples.ts";

export interface ChartRequest {
  monitorId: string;
  plan: Plan;
  filter: RunFilter;
  measure: Measure;
  /** One line for each runner. */
  perRunner: boolean;
}

/** A measure over time: at most 121 points, those without a run left out. */
export async function chartOf(database: Database, request: ChartRequest): Promise<Omit<ChartData, "marks">> {
  const { monitorId, plan, filter, measure } = request;
  const isOfRequest = filter.requestId !== undefined;
  const source = isOfRequest ? plan.requests : plan.runs;
  const isSplit = request.perRunner && measure !== "phases";
  const found = await aggregate(database, {
    monitorId,
    filter,
    ...source,
    of: isOfRequest ? "request" : "runs",
    timings: measure !== "percentiles",
    by: isSplit ? "runner" : undefined,
  });
  const names = isSplit
    ? await runnerNames(
        database,
        found.map((group) => group.line),
      )
    : undefined;
  const buckets = [...Map.groupBy(found, (group) => group.bucket)].toSorted(
    ([left], [right]) => left - right,
  );
  const rows = withBreaks(buckets.map(([bucket, groups]) => ({ bucket, groups })));
  return {
    span: { from: source.since, to: source.until },
    isExact: source.isExact,
    at: rows.map(({ bucket }) => new Date(source.since.getTime() + bucket * source.bucketMs)),
    lines: names ? runnerLines(rows, names, measure) : plainLines(rows, measure),
    isStacked: measure === "phases",
    failed: failedSpans(rows, source, isOfRequest),
  };
}

interface Row {
  bucket: number;
  groups: Aggregate[];
}

type Value = (group: Aggregate) => number | null;

const share = (sum: number, count: number): number | null => (count > 0 ? sum / count : null);

/** The formulas that Postman has; a sum is that of a run, as the mean of the runs. */
const formulas: Record<Exclude<Measure, "phases" | "percentiles">, { label: string; value: Value }> = {
  average: { label: "average", value: (group) => share(group.responseMs, group.responses) },
  sum: { label: "sum of a run", value: (group) => share(group.responseMs, group.timedRuns) },
  minimum: { label: "minimum", value: (group) => group.fastestMs },
  maximum: { label: "maximum", value: (group) => group.slowestMs },
};

const percentiles: { label: string; value: Value }[] = [
  { label: "p50", value: (group) => group.p50 },
  { label: "p95", value: (group) => group.p95 },
  { label: "p99", value: (group) => group.p99 },
];

/** Of a run: what its requests spent in each phase, as the mean of the runs. */
const phases: { label: string; value: Value }[] = [
  { label: "DNS", value: (group) => share(group.dnsMs, group.timedRuns) },
  { label: "TCP", value: (group) => share(group.connectMs, group.timedRuns) },
  { label: "TLS", value: (group) => share(group.tlsMs, group.timedRuns) },
  { label: "first byte", value: (group) => share(group.firstByteMs, group.timedRuns) },
  { label: "download", value: (group) => share(group.downloadMs, group.timedRuns) },
];

function plainLines(rows: readonly Row[], measure: Measure): ChartLine[] {
  const wanted =
    measure === "phases" ? phases : measure === "percentiles" ? percentiles : [formulas[measure]];
  return wanted.map(({ label, value }) => ({
    label,
    values: rows.map(({ groups: [group] }) => (group ? value(group) : null)),
  }));
}

/** Of percentiles the 95th, because three lines for each runner could not be told apart. */
function runnerLines(rows: readonly Row[], names: Map<string, string>, measure: Measure): ChartLine[] {
  const value: Value =
    measure === "percentiles" || measure === "phases" ? (group) => group.p95 : formulas[measure].value;
  return [...names]
    .map(([id, name]) => ({
      label: name,
      values: rows.map(({ groups }) => {
        const group = groups.find(({ line }) => line === id);
        return group ? value(group) : null;
      }),
    }))
    .toSorted((left, right) => left.label.localeCompare(right.label));
}

/** A long time without a run breaks the lines: otherwise they would claim something about it. */
function withBreaks(rows: readonly Row[]): Row[] {
  const steps = rows.slice(1).map((row, index) => row.bucket - (rows[index]?.bucket ?? 0));
  const usual = steps.toSorted((left, right) => left - right)[Math.floor(steps.length / 2)] ?? 1;
  return rows.flatMap((row, index) => {
    const step = steps[index - 1] ?? 0;
    return step > 3 * usual ? [{ bucket: row.bucket - 1, groups: [] }, row] : [row];
  });
}

/** Neighbouring points with a failure are one span. */
function failedSpans(rows: readonly Row[], source: Source, isOfRequest: boolean): { from: Date; to: Date }[] {
  const startOf = (bucket: number) => new Date(source.since.getTime() + bucket * source.bucketMs);
  const spans: { from: Date; to: Date }[] = [];
  let isOpen = false;
  for (const { bucket, groups } of rows) {
    const isFailing = groups.some((group) => (isOfRequest ? group.stepsFailed : group.failed) > 0);
    const to = new Date(Math.min(startOf(bucket + 1).getTime(), source.until.getTime()));
    const last = spans.at(-1);
    if (isFailing && isOpen && last) last.to = to;
    else if (isFailing) spans.push({ from: startOf(bucket), to });
    isOpen = isFailing;
  }
  return spans;
}
