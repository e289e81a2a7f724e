import type { Database } from "../../../db/connect.ts";
import type { Step } from "../../contract/events.ts";
import { type Cell, csvLine } from "./csv.ts";
import {
  type ExportedRun,
  type ExportRequest,
  findRequestItem,
  listExportedRuns,
  listExportedSteps,
} from "./store.ts";

export type ExportFormat = "csv" | "json";
/** Whole runs, or each request of them. */
export type ExportContent = "runs" | "steps";

export interface ExportOrder extends ExportRequest {
  monitorName: string;
  content: ExportContent;
  format: ExportFormat;
}

const RUNS_AT_ONCE = 1000;
/** Each brings its steps, with what is kept of headers and bodies. */
const RUNS_WITH_STEPS_AT_ONCE = 20;

type Field = readonly [name: string, value: Cell];

/**
 * The file, piece by piece: CSV with a line of names, or JSON `{ monitor, runs: […] }` or `{ monitor, steps: […] }`. The
 * names are the same in both.
 */
export async function* writeExport(database: Database, order: ExportOrder): AsyncGenerator<string> {
  if (order.format === "csv") {
    yield csvLine(namesOf(order.content));
    for await (const records of listRecords(database, order)) {
      yield records.map((fields) => csvLine(fields.map(([, value]) => value))).join("");
    }
    return;
  }
  const monitor = JSON.stringify({ id: order.monitorId, name: order.monitorName });
  yield `{"monitor":${monitor},"${order.content}":[`;
  let isFirst = true;
  for await (const records of listRecords(database, order)) {
    if (records.length === 0) continue;
    const text = records
      .map((fields) => JSON.stringify(Object.fromEntries(fields.map(jsonField))))
      .join(",\n");
    yield `${isFirst ? "\n" : ",\n"}${text}`;
    isFirst = false;
  }
  yield "\n]}\n";
}

const jsonField = ([name, value]: Field) => [name, value ?? null] as const;

async function* listRecords(database: Database, order: ExportOrder): AsyncGenerator<Field[][]> {
  const limit = order.content === "runs" ? RUNS_AT_ONCE : RUNS_WITH_STEPS_AT_ONCE;
  const itemId =
    order.requestId === undefined
      ? undefined
      : await findRequestItem(database, order.monitorId, order.requestId);
  let after: ExportedRun | undefined;
  for (;;) {
    const runs = await listExportedRuns(database, order, { after, limit });
    if (order.content === "runs") yield runs.map((run) => fieldsOf(runColumns, run));
    else {
      const steps = await listExportedSteps(database, runs);
      yield runs.flatMap((run) =>
        (steps.get(run.id) ?? [])
          .filter((step) => itemId === undefined || step.itemId === itemId)
          .map((step) => fieldsOf(stepColumns, { run, step })),
      );
    }
    after = runs.at(-1);
    if (runs.length < limit) return;
  }
}

type Column<T> = readonly [name: string, pick: (row: T) => Cell];

const runColumns: readonly Column<ExportedRun>[] = [
  ["run_id", (run) => run.id],
  ["execution_id", (run) => run.executionId],
  ["trigger", (run) => run.trigger],
  ["slot_at", (run) => run.slotAt],
  ["queued_at", (run) => run.queuedAt],
  ["started_at", (run) => run.startedAt],
  ["finished_at", (run) => run.finishedAt],
  ["runner_id", (run) => run.runnerId],
  ["runner", (run) => run.runnerName],
  ["runner_version", (run) => run.runnerVersion],
  ["attempt", (run) => run.attempt],
  ["outcome", (run) => run.outcome],
  ["reason", (run) => run.reason],
  ["detail", (run) => run.detail],
  ["duration_ms", (run) => run.durationMs],
  ["requests_total", (run) => run.requestsTotal],
  ["requests_failed", (run) => run.requestsFailed],
  ["assertions_total", (run) => run.assertionsTotal],
  ["assertions_failed", (run) => run.assertionsFailed],
  ["errors_total", (run) => run.errorsTotal],
  ["response_ms_total", (run) => run.responseMsTotal],
  ["response_bytes_total", (run) => run.responseBytesTotal],
  ["collection_revision", (run) => run.collectionRevision],
  ["environment_revision", (run) => run.environmentRevision],
];

interface StepOfRun {
  run: ExportedRun;
  step: Step;
}

const count = (step: Step, status: string): number =>
  step.assertions.filter((assertion) => assertion.status === status).length;

const stepColumns: readonly Column<StepOfRun>[] = [
  ["run_id", ({ run }) => run.id],
  ["queued_at", ({ run }) => run.queuedAt],
  ["runner", ({ run }) => run.runnerName],
  ["run_outcome", ({ run }) => run.outcome],
  ["position", ({ step }) => step.position],
  ["iteration", ({ step }) => step.iteration],
  ["item_id", ({ step }) => step.itemId],
  ["folder", ({ step }) => step.path.join(" / ")],
  ["name", ({ step }) => step.name],
  ["method", ({ step }) => step.request?.method],
  ["url", ({ step }) => step.request?.url],
  ["code", ({ step }) => step.response?.code],
  ["started_ms", ({ step }) => step.startedMs],
  ["total_ms", ({ step }) => step.timings?.totalMs],
  ["dns_ms", ({ step }) => step.timings?.dnsMs],
  ["connect_ms", ({ step }) => step.timings?.connectMs],
  ["tls_ms", ({ step }) => step.timings?.tlsMs],
  ["first_byte_ms", ({ step }) => step.timings?.firstByteMs],
  ["download_ms", ({ step }) => step.timings?.downloadMs],
  ["response_bytes", ({ step }) => step.response?.body.bytes],
  ["remote_address", ({ step }) => step.response?.remoteAddress],
  ["assertions_passed", ({ step }) => count(step, "passed")],
  ["assertions_failed", ({ step }) => count(step, "failed")],
  ["assertions_skipped", ({ step }) => count(step, "skipped")],
  ["error", ({ step }) => step.errors[0]?.message],
];

const fieldsOf = <T>(columns: readonly Column<T>[], row: T): Field[] =>
  columns.map(([name, pick]) => [name, pick(row)]);

const namesOf = (content: ExportContent): string[] =>
  (content === "runs" ? runColumns : stepColumns).map(([name]) => name);
