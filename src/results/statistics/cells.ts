import type { Outcome, Step } from "../../contract/events.ts";
import type { Trigger } from "../../runs/run.ts";
import { storableText } from "../../runs/storable.ts";

/**
 * How runs become rows of `step_hours` and `step_days`; no IO. One run adds to one cell for itself and to one for each of its requests and
 * each class of their times. Cells of the same key add up, in any order.
 */

/** Stands for whole runs where the number of a request is asked for. */
export const WHOLE_RUN = 0;
/** Stands for a run that no runner took: a primary key holds no null. */
const NO_RUNNER = "00000000-0000-0000-0000-000000000000";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The first class holds everything up to this. */
const SHORTEST_MS = 0.1;
const CLASSES_PER_DOUBLING = 4;
/** A runner that sends nonsense must not make a sum useless. */
const LONGEST_MS = 1e9;

export interface EndedRun {
  id: string;
  monitorId: string;
  runnerId: string | null;
  queuedAt: Date;
  trigger: Trigger;
  outcome: Outcome;
  /** Null for a run that never started. */
  durationMs: number | null;
  requestsTotal: number;
  responseMsTotal: number;
}

/** A step without its contents. */
export interface StepTime {
  itemId: string;
  name: string;
  /** Names of the folders around it, outermost first. */
  folder: string;
  failed: boolean;
  bytes: number;
  /** Undefined without a response. */
  ms?: Phases & { total: number };
}

export interface Phases {
  dns: number;
  connect: number;
  tls: number;
  firstByte: number;
  download: number;
}

/** A row of `step_hours` or `step_days` under the names of its columns. */
export interface Cell {
  monitor_id: string;
  request_id: number;
  /** Beginning of the hour or day, in ms since 1970. */
  at: number;
  runner_id: string;
  trigger: string;
  /** Of the run, or of the request in it. */
  outcome: Outcome;
  class: number;
  times: number;
  ms_sum: number;
  runs: number;
  steps: number;
  steps_failed: number;
  responses: number;
  response_ms_sum: number;
  fastest_ms: number | null;
  slowest_ms: number | null;
  dns_ms_sum: number;
  connect_ms_sum: number;
  tls_ms_sum: number;
  first_byte_ms_sum: number;
  download_ms_sum: number;
  bytes_sum: number;
}

/** The class of a time: four of them double it, so its bounds are 19 % apart; 0 stands for no time. */
export const classOf = (ms: number): number =>
  1 + Math.floor(CLASSES_PER_DOUBLING * Math.log2(Math.max(ms, SHORTEST_MS) / SHORTEST_MS));

/** What a finished step took; undefined for a skipped one. */
export function stepTimeOf(step: Step): StepTime | undefined {
  if (step.skipped) return undefined;
  const { timings } = step;
  return {
    itemId: storableText(step.itemId),
    name: storableText(step.name),
    folder: storableText(step.path.join(" / ")),
    failed: step.errors.length > 0 || step.assertions.some((assertion) => assertion.status === "failed"),
    bytes: Math.min(step.response?.body.bytes ?? 0, Number.MAX_SAFE_INTEGER / 1024),
    ...(timings && {
      ms: {
        total: bounded(timings.totalMs),
        dns: bounded(timings.dnsMs),
        connect: bounded(timings.connectMs),
        tls: bounded(timings.tlsMs),
        firstByte: bounded(timings.firstByteMs),
        download: bounded(timings.downloadMs),
      },
    }),
  };
}

const bounded = (ms: number): number => Math.min(ms, LONGEST_MS);

/** Cells of one run. `steps` carry the number of their request. */
export function cellsOf(run: EndedRun, steps: readonly (StepTime & { requestId: number })[]): Cell[] {
  const cells = [wholeRunCell(run, steps)];
  const seen = new Set<number>();
  for (const step of steps) {
    // What became of the run says little about one of its requests.
    const ended = { ...run, outcome: step.failed ? ("failed" as const) : ("passed" as const) };
    const cell = emptyCell(ended, step.requestId, step.ms?.total);
    addStep(cell, step);
    if (!seen.has(step.requestId)) cell.runs = 1;
    seen.add(step.requestId);
    cells.push(cell);
  }
  return cells;
}

function wholeRunCell(run: EndedRun, steps: readonly StepTime[]): Cell {
  const cell = { ...emptyCell(run, WHOLE_RUN, run.durationMs ?? undefined), runs: 1 };
  for (const step of steps) addStep(cell, step);
  // Of a run from before its steps were kept the sums are known.
  if (steps.length > 0) return cell;
  const requests = run.requestsTotal;
  return { ...cell, steps: requests, responses: requests, response_ms_sum: run.responseMsTotal };
}

function emptyCell(run: EndedRun, requestId: number, ms: number | undefined): Cell {
  const time = ms === undefined ? undefined : bounded(ms);
  return {
    monitor_id: run.monitorId,
    request_id: requestId,
    at: Math.floor(run.queuedAt.getTime() / HOUR_MS) * HOUR_MS,
    runner_id: run.runnerId ?? NO_RUNNER,
    trigger: run.trigger,
    outcome: run.outcome,
    class: time === undefined ? 0 : classOf(time),
    times: time === undefined ? 0 : 1,
    ms_sum: time ?? 0,
    runs: 0,
    steps: 0,
    steps_failed: 0,
    responses: 0,
    response_ms_sum: 0,
    fastest_ms: null,
    slowest_ms: null,
    dns_ms_sum: 0,
    connect_ms_sum: 0,
    tls_ms_sum: 0,
    first_byte_ms_sum: 0,
    download_ms_sum: 0,
    bytes_sum: 0,
  };
}

function addStep(cell: Cell, { failed, bytes, ms }: StepTime): void {
  cell.steps++;
  if (failed) cell.steps_failed++;
  cell.bytes_sum += bytes;
  if (!ms) return;
  cell.responses++;
  cell.response_ms_sum += ms.total;
  cell.fastest_ms = Math.min(cell.fastest_ms ?? ms.total, ms.total);
  cell.slowest_ms = Math.max(cell.slowest_ms ?? ms.total, ms.total);
  cell.dns_ms_sum += ms.dns;
  cell.connect_ms_sum += ms.connect;
  cell.tls_ms_sum += ms.tls;
  cell.first_byte_ms_sum += ms.firstByte;
  cell.download_ms_sum += ms.download;
}

/** Cells of days out of those of hours. */
export const byDay = (cells: readonly Cell[]): Cell[] =>
  mergeCells(cells.map((cell) => ({ ...cell, at: Math.floor(cell.at / DAY_MS) * DAY_MS })));

const least = (left: number | null, right: number | null) =>
  left === null ? right : right === null ? left : Math.min(left, right);
const greatest = (left: number | null, right: number | null) =>
  left === null ? right : right === null ? left : Math.max(left, right);

const sums = [
  "times",
  "ms_sum",
  "runs",
  "steps",
  "steps_failed",
  "responses",
  "response_ms_sum",
  "dns_ms_sum",
  "connect_ms_sum",
  "tls_ms_sum",
  "first_byte_ms_sum",
  "download_ms_sum",
  "bytes_sum",
] as const;

/** One cell for each key, so that a statement meets no row twice. */
export function mergeCells(cells: Iterable<Cell>): Cell[] {
  const merged = new Map<string, Cell>();
  for (const cell of cells) {
    const key = [
      cell.monitor_id,
      cell.request_id,
      cell.at,
      cell.runner_id,
      cell.trigger,
      cell.outcome,
      cell.class,
    ].join();
    const known = merged.get(key);
    if (!known) {
      merged.set(key, { ...cell });
      continue;
    }
    for (const name of sums) known[name] += cell[name];
    known.fastest_ms = least(known.fastest_ms, cell.fastest_ms);
    known.slowest_ms = greatest(known.slowest_ms, cell.slowest_ms);
  }
  return [...merged.values()];
}
