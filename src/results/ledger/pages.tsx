import { type Context, Hono } from "hono";

import { ledgerPage } from "../../../web/pages/ledger.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { loadShell } from "../../workspaces/pages-shell.ts";
import { csvLine } from "../exports/csv.ts";
import { downloadHeaders, fileName, streamOf } from "../exports/stream.ts";
import { reachMonitor } from "../reach.ts";
import { spanOf, spanQuery } from "../span.ts";
import { type LedgerRequest, listLedger, type SlotKind, slotKinds, summarizeLedger } from "./store.ts";

const PAGE = 50;
const EXPORTED_AT_ONCE = 2000;

/** `/monitors/:id/ledger`, and the same as CSV. */
export function ledgerPages(deps: Deps): Hono<AppEnv> {
  const { database, clock } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/monitors/:id/ledger", async (c) => {
    const monitor = await reachMonitor(c, deps);
    const span = spanOf(c, clock.now(), "7d");
    const request = { monitorId: monitor.id, span, kind: kindOf(c), before: beforeOf(c) };
    const [shell, summary, rows] = await Promise.all([
      loadShell(c, deps),
      summarizeLedger(database, monitor.id, span),
      listLedger(database, { ...request, limit: PAGE + 1 }),
    ]);
    const slots = rows.slice(0, PAGE);
    const query = spanQuery(c);
    const isRange = query["from"] === undefined && query["to"] === undefined && query["at"] === undefined;
    return c.html(
      ledgerPage({
        shell,
        monitor: { ...monitor, hasSchedule: monitor.cron !== null },
        ...span,
        span: query,
        range: isRange ? (query["range"] ?? "7d") : undefined,
        ...summary,
        kind: request.kind,
        slots,
        before: c.req.query("before"),
        next: rows.length > PAGE ? String(slots.at(-1)?.slotAt.getTime() ?? "") : undefined,
      }),
    );
  });

  routes.get("/monitors/:id/ledger.csv", async (c) => {
    const monitor = await reachMonitor(c, deps);
    const request = { monitorId: monitor.id, span: spanOf(c, clock.now(), "7d"), kind: kindOf(c) };
    const headers = downloadHeaders(fileName(`${monitor.name}-ledger`, "csv"), "text/csv");
    return c.body(streamOf(ledgerCsv(deps, request)), 200, headers);
  });

  return routes;
}

const kindOf = (c: Context<AppEnv>): SlotKind | undefined =>
  slotKinds.find((kind) => kind === c.req.query("kind"));

/** Due times have no part of a millisecond. */
function beforeOf(c: Context<AppEnv>): Date | undefined {
  const sent = c.req.query("before") ?? "";
  return /^\d{1,13}$/.test(sent) ? new Date(Number(sent)) : undefined;
}

async function* ledgerCsv({ database }: Deps, request: Omit<LedgerRequest, "limit">): AsyncGenerator<string> {
  yield csvLine([
    "slot_at",
    "end",
    "reason",
    "folded",
    "delay_ms",
    "outcome",
    "execution_id",
    "run_id",
    "decided_at",
  ]);
  let before: Date | undefined;
  for (;;) {
    const rows = await listLedger(database, { ...request, before, limit: EXPORTED_AT_ONCE });
    yield rows
      .map((row) =>
        csvLine([
          row.slotAt,
          row.status,
          row.reason,
          row.collapsed,
          row.delayMs,
          row.outcome,
          row.executionId,
          row.runId,
          row.decidedAt,
        ]),
      )
      .join("");
    before = rows.at(-1)?.slotAt;
    if (rows.length < EXPORTED_AT_ONCE) return;
  }
}
