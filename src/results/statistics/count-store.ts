import type { Tx } from "../../runs/finish.ts";
import type { Cell, EndedRun, StepTime } from "./cells.ts";

interface NamedRequest {
  monitorId: string;
  itemId: string;
  name: string;
  folder: string;
}

/**
 * The numbers of requests, by monitor and item id; unknown ones get one, and a request that was renamed its new name.
 * Ordered, so that servers wait for each other in one order.
 */
export async function numberRequests(
  tx: Tx,
  requests: readonly NamedRequest[],
): Promise<Map<string, Map<string, number>>> {
  const numbers = new Map<string, Map<string, number>>();
  if (requests.length === 0) return numbers;
  const newest = new Map(requests.map((request) => [`${request.monitorId} ${request.itemId}`, request]));
  const given = JSON.stringify(
    [...newest.values()].map(({ monitorId, itemId, name, folder }) => ({
      monitor_id: monitorId,
      item_id: itemId,
      name,
      folder,
    })),
  );
  await tx`
    insert into monitor_requests as q (monitor_id, item_id, name, folder)
    select monitor_id, item_id, name, folder
      from json_to_recordset(${given}::text::json) as g(monitor_id uuid, item_id text, name text, folder text)
     where not exists (select 1 from monitor_requests k where k.monitor_id = g.monitor_id and k.item_id = g.item_id
                          and k.name = g.name and k.folder = g.folder)
     order by monitor_id, item_id
        on conflict (monitor_id, item_id) do update set name = excluded.name, folder = excluded.folder`;
  const rows = await tx<{ monitorId: string; itemId: string; id: number }[]>`
    select q.monitor_id as "monitorId", q.item_id as "itemId", q.id
      from json_to_recordset(${given}::text::json) as g(monitor_id uuid, item_id text)
      join monitor_requests q on q.monitor_id = g.monitor_id and q.item_id = g.item_id`;
  for (const { monitorId, itemId, id } of rows) {
    const ofMonitor = numbers.get(monitorId) ?? new Map<string, number>();
    numbers.set(monitorId, ofMonitor.set(itemId, id));
  }
  return numbers;
}

interface CountedRun {
  run: EndedRun;
  steps: readonly (StepTime & { requestId: number })[];
}

/** What the steps of each run took; nothing for a run without steps. */
export async function insertTimings(tx: Tx, counted: readonly CountedRun[]): Promise<void> {
  const rows = counted.filter(({ steps }) => steps.length > 0).map(timingsOf);
  if (rows.length === 0) return;
  await tx`
    insert into run_timings (run_id, responses, fastest_ms, slowest_ms, requests, failed, total_ms, dns_ms, connect_ms,
                             tls_ms, first_byte_ms, download_ms, bytes)
    select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as g(
      run_id uuid, responses int, fastest_ms float8, slowest_ms float8, requests int[], failed boolean[], total_ms real[],
      dns_ms real[], connect_ms real[], tls_ms real[], first_byte_ms real[], download_ms real[], bytes bigint[])`;
}

/** A row under the names of its columns. */
function timingsOf({ run, steps }: CountedRun) {
  const totals = steps.flatMap(({ ms }) => (ms ? [ms.total] : []));
  const each = (pick: (ms: NonNullable<StepTime["ms"]>) => number) =>
    steps.map(({ ms }) => (ms ? pick(ms) : null));
  return {
    run_id: run.id,
    responses: totals.length,
    fastest_ms: totals.length > 0 ? totals.reduce((least, ms) => Math.min(least, ms)) : null,
    slowest_ms: totals.length > 0 ? totals.reduce((most, ms) => Math.max(most, ms)) : null,
    requests: steps.map((step) => step.requestId),
    failed: steps.map((step) => step.failed),
    total_ms: each((ms) => ms.total),
    dns_ms: each((ms) => ms.dns),
    connect_ms: each((ms) => ms.connect),
    tls_ms: each((ms) => ms.tls),
    first_byte_ms: each((ms) => ms.firstByte),
    download_ms: each((ms) => ms.download),
    bytes: steps.map((step) => Math.round(step.bytes)),
  };
}

/** Tables of cells, and the column that holds the time of each. */
const tables = { hour: "step_hours", day: "step_days" } as const;

/**
 * Adds to the statistics of hours or days. Ordered, so that servers that add at the same time wait for each other in one
 * order.
 */
export async function addCells(tx: Tx, unit: keyof typeof tables, cells: readonly Cell[]): Promise<void> {
  if (cells.length === 0) return;
  await tx`
    insert into ${tx(tables[unit])} as h (
      monitor_id, request_id, ${tx(unit)}, runner_id, trigger, outcome, class, times, ms_sum, runs, steps, steps_failed, responses,
      response_ms_sum, fastest_ms, slowest_ms, dns_ms_sum, connect_ms_sum, tls_ms_sum, first_byte_ms_sum, download_ms_sum,
      bytes_sum)
    select monitor_id, request_id, to_timestamp(at / 1000), runner_id, trigger, outcome, class, times, ms_sum, runs, steps,
           steps_failed, responses, response_ms_sum, fastest_ms, slowest_ms, dns_ms_sum, connect_ms_sum, tls_ms_sum,
           first_byte_ms_sum, download_ms_sum, bytes_sum
      from json_to_recordset(${JSON.stringify(cells)}::text::json) as g(
        monitor_id uuid, request_id int, at float8, runner_id uuid, trigger text, outcome text, class int, times int,
        ms_sum float8, runs int, steps int, steps_failed int, responses int, response_ms_sum float8, fastest_ms float8,
        slowest_ms float8, dns_ms_sum float8, connect_ms_sum float8, tls_ms_sum float8, first_byte_ms_sum float8,
        download_ms_sum float8, bytes_sum float8)
     order by 1, 2, 3, 4, 5, 6, 7
        on conflict (monitor_id, request_id, ${tx(unit)}, runner_id, trigger, outcome, class) do update set
           times = h.times + excluded.times, ms_sum = h.ms_sum + excluded.ms_sum, runs = h.runs + excluded.runs,
           steps = h.steps + excluded.steps, steps_failed = h.steps_failed + excluded.steps_failed,
           responses = h.responses + excluded.responses, response_ms_sum = h.response_ms_sum + excluded.response_ms_sum,
           fastest_ms = least(h.fastest_ms, excluded.fastest_ms), slowest_ms = greatest(h.slowest_ms, excluded.slowest_ms),
           dns_ms_sum = h.dns_ms_sum + excluded.dns_ms_sum, connect_ms_sum = h.connect_ms_sum + excluded.connect_ms_sum,
           tls_ms_sum = h.tls_ms_sum + excluded.tls_ms_sum,
           first_byte_ms_sum = h.first_byte_ms_sum + excluded.first_byte_ms_sum,
           download_ms_sum = h.download_ms_sum + excluded.download_ms_sum, bytes_sum = h.bytes_sum + excluded.bytes_sum`;
}
