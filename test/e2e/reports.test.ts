import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser, Page } from "playwright-core";

import * as schema from "../../db/schema.ts";
import { launchBrowser } from "../support/browser.ts";
import { readCsvRows } from "../support/csv.ts";
import { type PagesServer, type PagesStage, startPages, storeSteps } from "../support/pages.ts";
import { step } from "../web/samples.ts";

setDefaultTimeout(120_000);

let server: PagesServer;
let browser: Browser;
let monitorId: string;
let failedRunId: string;

/** One day of an hourly monitor in October: 20 passed, 2 failed at 10 and 11 o'clock, 1 skipped, 1 missed. */
beforeAll(async () => {
  [server, browser] = await Promise.all([startPages({ prepare: storeDay }), launchBrowser()]);
});

async function storeDay(stage: PagesStage): Promise<void> {
  const { make, workspaceId, adminId, database } = stage;
  const made = await make.monitor({
    workspaceId,
    ownerId: adminId,
    name: "Checkout, eu",
    cron: "0 * * * *",
    timezone: "Europe/Berlin",
  });
  monitorId = made.id;
  // The day grows old: as if whoever deletes old runs had just been here.
  await database.sql`insert into monitor_retention (monitor_id, looked_at) values (${monitorId}, now())`;
  const { id: runnerId } = await make.runner({ name: '=HYPERLINK("x")' });
  for (let hour = 0; hour < 24; hour++) await storeHour(stage, hour, runnerId);
  await enter(stage, "passed", 0);
  await enter(stage, "failed", 10);
  await enter(stage, "passed", 12);
}

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** Midnight in Berlin is 22:00 the day before. */
const atHour = (hour: number): Date => new Date(Date.UTC(2026, 9, 9, 22 + hour));

const gaps = new Map([
  [5, { status: "skipped" as const, reason: "overlap" }],
  [6, { status: "missed" as const, reason: "no_runner" }],
]);

async function storeHour({ make, database }: PagesStage, hour: number, runnerId: string): Promise<void> {
  const at = atHour(hour);
  const gap = gaps.get(hour);
  if (gap) {
    await database.db.insert(schema.slots).values({ monitorId, slotAt: at, ...gap });
    return;
  }
  const outcome = hour === 10 || hour === 11 ? "failed" : "passed";
  const ended = { finishedAt: at, outcome } as const;
  const execution = await make.execution({
    monitorId,
    trigger: "scheduled",
    slotAt: at,
    createdAt: at,
    ...ended,
  });
  await database.db
    .insert(schema.slots)
    .values({ monitorId, slotAt: at, status: "ran", executionId: execution.id, delayMs: 10 + hour });
  const run = await make.run({
    monitorId,
    executionId: execution.id,
    runnerId,
    status: "finished",
    ...(outcome === "failed" && { reason: "assertion_failed", detail: 'Expected "ok", got 500.' }),
    attempt: 1,
    queuedAt: at,
    claimedAt: at,
    ...ended,
    durationMs: 100 + hour,
    requestsTotal: 1,
  });
  await storeSteps(make, run.id, [stepOf(outcome)]);
  if (hour === 10) failedRunId = run.id;
}

/** As the end of an execution moves the state. */
const enter = ({ database }: PagesStage, state: "passed" | "failed", hour: number) =>
  database.sql`update monitors set state = ${state}, state_since = ${atHour(hour)} where id = ${monitorId}`;

const stepOf = (outcome: "passed" | "failed") =>
  step({
    itemId: "pay",
    name: "Pay",
    errors: [],
    assertions: [{ name: "is ok", status: outcome, source: "test" }],
    response: {
      code: outcome === "passed" ? 200 : 500,
      status: outcome === "passed" ? "OK" : "Internal Server Error",
      headers: [],
      body: { bytes: 4 },
      wireBytes: 4,
      httpVersion: "1.1",
      mediaType: "application/json",
    },
  });

async function download(page: Page, label: string): Promise<{ name: string; text: string }> {
  const waiting = page.waitForEvent("download");
  await page
    .getByRole("button", { name: label })
    .or(page.getByRole("link", { name: label }))
    .click();
  const file = await waiting;
  return { name: file.suggestedFilename(), text: await Bun.file(await file.path()).text() };
}

const tile = async (page: Page, name: string): Promise<string> =>
  (await page.locator(".report-tiles > div", { hasText: name }).first().locator("dd").innerText()).replaceAll(
    "\n",
    " ",
  );

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

describe("a download", () => {
  test("as CSV is read by a reader that others wrote, and no cell is a formula", async () => {
    const { page, complaints } = await server.open(browser);
    await page.goto(`${server.url}/monitors/${monitorId}/export`);
    await page.getByLabel("Result").selectOption("failed");

    const { name, text } = await download(page, "Download CSV");
    const rows = readCsvRows(text);

    expect(name).toBe("Checkout-eu-runs.csv");
    expect(rows.map((row) => [row["queued_at"], row["outcome"], row["detail"], row["runner"]])).toEqual([
      ["2026-10-10T08:00:00.000Z", "failed", 'Expected "ok", got 500.', `'=HYPERLINK("x")`],
      ["2026-10-10T09:00:00.000Z", "failed", 'Expected "ok", got 500.', `'=HYPERLINK("x")`],
    ]);
    expect(complaints).toEqual([]);
  });

  test("as JSON holds the requests with their timings, without JavaScript, too", async () => {
    const { page } = await server.open(browser, { javaScriptEnabled: false });
    await page.goto(`${server.url}/monitors/${monitorId}/export`);
    await page.getByLabel("What").selectOption("steps");
    await page.getByLabel("From").fill("2026-10-10T08:00");
    await page.getByLabel("Until").fill("2026-10-10T10:00");

    const { name, text } = await download(page, "Download JSON");

    expect(name).toBe("Checkout-eu-steps.json");
    expect(JSON.parse(text)).toMatchObject({
      monitor: { id: monitorId, name: "Checkout, eu" },
      steps: [
        { name: "Pay", code: 500, run_outcome: "failed", assertions_failed: 1 },
        { name: "Pay", code: 500, run_outcome: "failed", assertions_failed: 1 },
      ],
    });
  });
});

describe("the report of a month", () => {
  test("has the numbers that are counted by hand", async () => {
    const { page, complaints } = await server.open(browser);
    await page.goto(`${server.url}/monitors/${monitorId}/report?month=2026-10&target=95`);

    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Checkout, eu: October 2026");
    expect(await page.locator(".report-verdict").innerText()).toContain(
      "90.9 % uptime against a target of 95.0 %.",
    );
    expect(await page.locator(".report-verdict").innerText()).toContain("target missed");
    expect(await tile(page, "Uptime")).toBe("90.9 % 20 of 22 runs passed");
    expect(await tile(page, "Downtime")).toBe("2 h 1 time");
    // 22 durations from 100 to 123 ms without 105 and 106: the 21st.
    expect(await tile(page, "p95 of a run")).toBe("122 ms");
    expect(await tile(page, "Coverage")).toBe("91.7 % 22 of 24 due times");
    expect(await tile(page, "MTTR")).toBe("2 h");
    // From 10 October 00:00 in summer time to 1 November 00:00 in winter time are 529 h; 2 of them down.
    expect(await tile(page, "MTBF")).toBe("21 days 23 h");
    expect(await page.getByRole("row", { name: "10 Oct, 10:00" }).innerText()).toContain(
      'Expected "ok", got 500.',
    );
    expect(await page.getByRole("row", { name: "2026-10-10" }).innerText()).toMatch(
      /was down\s+90\.9 %\s+22\s+2\s+2 h/,
    );
    expect(complaints).toEqual([]);
  });

  test("is printed without what can only be clicked, on white", async () => {
    const { page } = await server.open(browser, { colorScheme: "dark" });
    await page.goto(`${server.url}/monitors/${monitorId}/report?month=2026-10`);
    await page.emulateMedia({ media: "print" });

    expect(await page.locator("form.filters, header.top, .tabs").filter({ visible: true }).count()).toBe(0);
    expect(await page.evaluate("getComputedStyle(document.documentElement).colorScheme")).toBe("light");
    expect(await page.getByRole("heading", { name: "Day by day" }).isVisible()).toBe(true);
    expect((await page.pdf({ preferCSSPageSize: true })).subarray(0, 5).toString()).toBe("%PDF-");
  });

  test("is downloaded by days, of which only one has runs", async () => {
    const { page } = await server.open(browser);
    await page.goto(`${server.url}/monitors/${monitorId}/report?month=2026-10`);

    const { name, text } = await download(page, "Days as CSV");
    const rows = readCsvRows(text);

    expect(name).toBe("Checkout-eu-2026-10.csv");
    expect(rows).toHaveLength(31);
    expect(rows[9]).toMatchObject({
      day: "2026-10-10",
      passed: "20",
      failed: "2",
      slots_due: "24",
      slots_missed: "1",
    });
  });

  test("of the workspace says the same in a line, and leads to it", async () => {
    const { page } = await server.open(browser);
    await page.goto(`${server.url}/reports?workspace=${server.workspaceId}&month=2026-10&target=90`);

    expect(await page.getByRole("row", { name: "Checkout, eu" }).innerText()).toMatch(
      /met\s+90\.9 %\s+2\s+2 h in 1 time\s+122 ms\s+91\.7 %/,
    );

    await page.getByRole("link", { name: "Checkout, eu" }).click();
    await page.waitForURL(/report\?month=2026-10&target=90$/);
  });

  test("is found without JavaScript, and the month before it by a link", async () => {
    const { page } = await server.open(browser, { javaScriptEnabled: false });
    await page.goto(`${server.url}/monitors/${monitorId}/report?month=2026-10`);
    await page.getByRole("link", { name: "Month before" }).click();

    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Checkout, eu: September 2026");
    expect(await page.locator("main").innerText()).toContain(
      "Nothing ran in this month, and nothing was due.",
    );
  });
});

describe("the ledger", () => {
  const october = "from=2026-10-09T22:00:00Z&to=2026-10-10T22:00:00Z";

  test("counts every due time once, and each count is a filter", async () => {
    const { page, complaints } = await server.open(browser);
    await page.goto(`${server.url}/monitors/${monitorId}/ledger?${october}`);

    expect((await page.locator(".counts a").allInnerTexts()).map(inOneLine)).toEqual([
      "24 due",
      "22 ✓ ran in time 91.7 %",
      "1 – skipped: the run before went on 4.2 %",
      "1 ✕ missed: no runner took it 4.2 %",
    ]);
    expect(await page.locator("table.ledger tbody tr").count()).toBe(24);
    // 22 delays from 10 to 33 ms without 15 and 16.
    expect(await page.locator(".tiles").innerText()).toMatch(/p50\s+22 ms\s+.*p95\s+32 ms\s+.*p99\s+33 ms/s);

    await page.locator(".counts a", { hasText: "missed" }).click();
    await page.waitForURL(/kind=missed/);
    expect(await page.locator("table.ledger tbody tr").count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test("is downloaded as it is filtered", async () => {
    const { page } = await server.open(browser);
    await page.goto(`${server.url}/monitors/${monitorId}/ledger?${october}&kind=overlap`);

    const { text } = await download(page, "Download as CSV");

    expect(readCsvRows(text)).toMatchObject([
      { slot_at: "2026-10-10T03:00:00.000Z", end: "skipped", reason: "overlap", run_id: "" },
    ]);
  });
});

test("a run that failed says what changed since the last pass, and links that run", async () => {
  const { page } = await server.open(browser, { viewport: { width: 390, height: 800 } });
  await page.goto(`${server.url}/runs/${failedRunId}`);
  const panel = page.getByRole("region", { name: "What changed since the last pass" });

  expect(await panel.locator("li").first().innerText()).toContain(
    "Pay answered 500 Internal Server Error instead of 200 OK.",
  );
  expect(await panel.innerText()).toContain("the run that passed 1 h before on the same runner.");
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
});

test("the activity tells when the state changed, and for how long it was another", async () => {
  const { page } = await server.open(browser);
  await page.goto(`${server.url}/monitors/${monitorId}/activity`);

  expect(await page.locator(".activity > li").allInnerTexts()).toEqual([
    expect.stringContaining("Passing again, after it was failing for 2 h."),
    expect.stringContaining("Now failing, after it was passing for 10 h."),
    expect.stringContaining("The first state was passing."),
  ]);
});
