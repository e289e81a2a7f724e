import { beforeAll, describe, expect, test } from "bun:test";

import { array, assert as check, pre, property, string } from "fast-check";

import { csvLine } from "../../src/results/exports/csv.ts";
import { fileName } from "../../src/results/exports/stream.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { readCsv, readCsvRows } from "../support/csv.ts";
import { storeSteps } from "../support/pages.ts";
import { step } from "../web/samples.ts";

describe("CSV", () => {
  test("any text comes back as it was from a reader that others wrote", () => {
    check(
      property(array(string({ unit: "binary" }), { minLength: 1, maxLength: 5 }), (cells) => {
        // A line of one empty cell is an empty line, which readers pass over.
        pre(cells.length > 1 || cells[0] !== "");
        const [line] = readCsv(csvLine(cells));

        expect(line).toEqual(cells.map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)));
      }),
    );
  });

  test.each([
    ["a formula", "=1+1", "'=1+1"],
    ["a call", "@SUM(A1)", "'@SUM(A1)"],
    ["a negative text", "-cmd", "'-cmd"],
    ["a formula behind a tab", "\t=1", "'\t=1"],
    ["a formula with a comma", '=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ["a negative number", -5, "-5"],
    ["nothing", null, ""],
    ["an instant", new Date("2026-11-22T09:00:00.5Z"), "2026-11-22T09:00:00.500Z"],
    ["two lines", "a\nb", '"a\nb"'],
  ])("%s is written so that no spreadsheet runs it", (_, cell, text) => {
    expect(csvLine([cell])).toBe(`${text}\r\n`);
  });

  test.each([
    ["Checkout / prod (eu)", "Checkout-prod-eu.csv"],
    ["../../etc/passwd", "etc-passwd.csv"],
    ['"; rm -rf', "rm-rf.csv"],
    ["支払い", "monitor.csv"],
  ])("a file is named after %s so that every system takes it", (name, wanted) => {
    expect(fileName(name, "csv")).toBe(wanted);
  });
});

describe("an export", () => {
  let api: TestApi;
  let monitorId: string;
  let runnerId: string;

  beforeAll(async () => {
    api = await testApi();
    const { make } = api;
    ({ id: monitorId } = await make.monitor({ name: "Check, out" }));
    ({ id: runnerId } = await make.runner({ name: "=Berlin" }));
    for (let minute = 0; minute < 5; minute++) {
      const { id } = await make.run({
        monitorId,
        runnerId: minute === 4 ? (await make.runner({ name: "Paris" })).id : runnerId,
        status: "finished",
        outcome: minute === 2 ? "failed" : "passed",
        detail: minute === 2 ? 'expected "200", got 500' : null,
        attempt: 1,
        queuedAt: new Date(Date.UTC(2026, 10, 20, 10, minute)),
        durationMs: 100 + minute,
        requestsTotal: 2,
      });
      await storeSteps(make, id, [step({ position: 1, name: "One" }), step({ position: 2, name: "Two" })]);
    }
    await make.run({ monitorId, status: "queued" });
    await make.run({ status: "finished", outcome: "passed" });
  });

  const get = async (path: string) => await api.call("GET", `/monitors/${monitorId}${path}`);

  test("as CSV holds every finished run of the monitor once, oldest first", async () => {
    const { body, headers } = await get("/runs?format=csv");
    const rows = readCsvRows(body);

    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(headers.get("content-disposition")).toBe('attachment; filename="Check-out-runs.csv"');
    expect(rows.map((row) => [row["queued_at"], row["outcome"], row["duration_ms"], row["runner"]])).toEqual([
      ["2026-11-20T10:00:00.000Z", "passed", "100", "'=Berlin"],
      ["2026-11-20T10:01:00.000Z", "passed", "101", "'=Berlin"],
      ["2026-11-20T10:02:00.000Z", "failed", "102", "'=Berlin"],
      ["2026-11-20T10:03:00.000Z", "passed", "103", "'=Berlin"],
      ["2026-11-20T10:04:00.000Z", "passed", "104", "Paris"],
    ]);
    expect(rows[2]?.["detail"]).toBe('expected "200", got 500');
  });

  test("as JSON has the same names and values that keep their type", async () => {
    const { body } = await get("/runs");

    expect(body.monitor).toEqual({ id: monitorId, name: "Check, out" });
    expect(body.runs).toHaveLength(5);
    expect(body.runs[2]).toMatchObject({
      outcome: "failed",
      duration_ms: 102,
      runner: "=Berlin",
      reason: null,
    });
  });

  test.each([
    ["result=failed", 1],
    ["trigger=manual", 5],
    ["trigger=scheduled", 0],
    ["from=2026-11-20T10:01:00Z&to=2026-11-20T10:03:00Z", 2],
    ["from=2026-11-20T10:04", 1],
  ])("with %s holds what the filter asks for", async (query, runs) => {
    const { body } = await get(`/runs?${query}`);

    expect(body.runs).toHaveLength(runs);
  });

  test("of one runner holds its runs", async () => {
    const { body } = await get(`/runs?runner=${runnerId}`);

    expect(body.runs).toHaveLength(4);
  });

  test("of steps holds a line for each request with its timings", async () => {
    const { body } = await get("/steps?format=csv&result=failed");
    const rows = readCsvRows(body);

    expect(rows.map((row) => [row["position"], row["name"], row["code"], row["run_outcome"]])).toEqual([
      ["1", "One", "500", "failed"],
      ["2", "Two", "500", "failed"],
    ]);
    expect(Number(rows[0]?.["total_ms"])).toBeGreaterThan(0);
  });

  test.each(["format=xml", "result=green", "from=yesterday", "runner=1"])(
    "with %s is refused with a sentence that names it",
    async (query) => {
      const { status, body } = await get(`/runs?${query}`);

      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain(query.split("=")[0] ?? "");
    },
  );

  test("is refused to whoever does not see the workspace", async () => {
    const workspace = await api.make.workspace({ visibility: "private" });
    const { id } = await api.make.monitor({ workspaceId: workspace.id });
    const { key } = await api.newKey({ role: "member" });

    const { status } = await api.call("GET", `/monitors/${id}/runs`, undefined, { "x-api-key": key });

    expect(status).toBe(403);
  });
});
