import { beforeAll, expect, test } from "bun:test";

import type { Database } from "../../../db/connect.ts";
import { listBarRuns } from "../../../src/results/statistics/bars.ts";
import { countEndedRuns } from "../../../src/results/statistics/count.ts";
import { listFilteredExecutions } from "../../../src/results/statistics/executions.ts";
import { listMatches } from "../../../src/results/statistics/matching.ts";
import { testDatabase } from "../../support/database.ts";
import { createMake } from "../../support/make.ts";
import { storeHistory } from "./history.ts";

let database: Database;
let make: ReturnType<typeof createMake>;
beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const week = 7 * 24 * 60;

/** A week of a run each three hours, the oldest first; every tenth failed in request b and came by webhook. */
async function storeWeek(monitorId: string) {
  const ids = await storeHistory(
    database,
    monitorId,
    Array.from({ length: 56 }, (_, index) => {
      const isTenth = index % 10 === 0;
      return {
        at: minutesAgo(week - index * 180),
        outcome: isTenth ? ("failed" as const) : ("passed" as const),
        trigger: isTenth ? ("webhook" as const) : ("scheduled" as const),
        durationMs: 200,
        steps: [
          { item: "a", ms: 50 },
          { item: "b", ms: 100 + index, failed: isTenth },
        ],
      };
    }),
  );
  await countEndedRuns(database);
  return ids;
}

test("rare runs are found, newest first, and the list says when it is complete", async () => {
  const monitor = await make.monitor();
  const ids = await storeWeek(monitor.id);
  const tenths = ids.filter((_, index) => index % 10 === 0).toReversed();

  const some = await listMatches(database, { monitorId: monitor.id, filter: { result: "failed" }, limit: 4 });
  const rest = await listMatches(database, {
    monitorId: monitor.id,
    filter: { result: "failed" },
    before: some.continueBefore ?? undefined,
    limit: 4,
  });

  expect(some.runs.map((run) => run.runId)).toEqual(tenths.slice(0, 4));
  expect(rest.runs.map((run) => run.runId)).toEqual(tenths.slice(4));
  expect(rest.continueBefore).toBeNull();
});

test("of a request the result is its own", async () => {
  const monitor = await make.monitor();
  await storeWeek(monitor.id);
  const [a, b] = await database.sql<{ id: number }[]>`
    select id from monitor_requests where monitor_id = ${monitor.id} order by item_id`;
  const count = async (requestId: number | undefined, result: "failed" | "passed" | "errored") => {
    const found = await listMatches(database, {
      monitorId: monitor.id,
      filter: { requestId, result },
      limit: 100,
    });
    return found.runs.length;
  };

  expect([await count(a?.id, "failed"), await count(a?.id, "passed")]).toEqual([0, 56]);
  expect([await count(b?.id, "failed"), await count(b?.id, "passed")]).toEqual([6, 50]);
  expect(await count(b?.id, "errored")).toBe(0);
});

test("bars of a request have its state and time", async () => {
  const monitor = await make.monitor();
  const [id = ""] = await storeWeek(monitor.id);
  const requests = await database.sql<{ id: number }[]>`
    select id from monitor_requests where monitor_id = ${monitor.id} order by item_id`;

  const bars = await Promise.all(
    [undefined, ...requests.map((row) => row.id)].map((request) => listBarRuns(database, [id], request)),
  );

  expect(bars.map(([bar]) => [bar?.status, bar?.durationMs])).toEqual([
    ["failed", 200],
    ["passed", 50],
    ["failed", 100],
  ]);
});

test("a run that has just started matches before it is counted", async () => {
  const monitor = await make.monitor();
  const execution = await make.execution({ monitorId: monitor.id, trigger: "webhook" });
  const run = await make.run({
    monitorId: monitor.id,
    executionId: execution.id,
    status: "leased",
    attempt: 1,
  });

  const found = await listMatches(database, {
    monitorId: monitor.id,
    filter: { trigger: "webhook" },
    limit: 10,
  });

  expect(found.runs.map(({ runId }) => runId)).toEqual([run.id]);
});

test("executions are paged under a filter until none is left", async () => {
  const monitor = await make.monitor();
  await storeWeek(monitor.id);
  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listFilteredExecutions(database, {
      monitorId: monitor.id,
      filter: { trigger: "scheduled" },
      cursor,
    });
    listed.push(...page.rows.map((row) => row.id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);

  expect(listed).toHaveLength(50);
  expect(new Set(listed).size).toBe(50);
});

test("a span of one's own holds what was queued in it", async () => {
  const monitor = await make.monitor();
  await storeWeek(monitor.id);

  const page = await listFilteredExecutions(database, {
    monitorId: monitor.id,
    filter: {},
    span: { since: minutesAgo(week + 1), until: minutesAgo(week - 400) },
  });

  expect(page.rows.map((row) => row.trigger)).toEqual(["scheduled", "scheduled", "webhook"]);
  expect(page.nextCursor).toBeNull();
});
