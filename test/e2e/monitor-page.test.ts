import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser, Page } from "playwright-core";

import { storeHistory } from "../results/statistics/history.ts";
import { launchBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { type PagesServer, type PagesStage, startPages } from "../support/pages.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let server: PagesServer;
let monitorId: string;
let path: string;

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** Twenty runs on two runners, half an hour apart; the fifth and the last failed in `pay`, the tenth came by webhook. */
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startPages({ prepare: storeRuns })]);
  path = `${server.url}/monitors/${monitorId}`;
  await server.call("PUT", `/monitors/${monitorId}`, { monitor: { retry: { attempts: 1 } } });
  const uncounted = () => server.database.sql`select 1 from uncounted_runs limit 1`;
  await eventually(async () => (await uncounted()).length === 0, { everyMs: 50 });
});

async function storeRuns({ make, database, adminId, workspaceId }: PagesStage): Promise<void> {
  const monitor = await make.monitor({
    ownerId: adminId,
    workspaceId,
    name: "Shop",
    cron: "*/30 * * * *",
    timezone: "Europe/Berlin",
    nextRunAt: minutesAgo(-10),
    state: "failed",
    stateSince: minutesAgo(3),
  });
  monitorId = monitor.id;
  const berlin = await make.runner({ name: "berlin-1", createdBy: adminId });
  const paris = await make.runner({ name: "paris-2", createdBy: adminId });
  await storeHistory(
    database,
    monitorId,
    Array.from({ length: 20 }, (_, index) => {
      const failed = index === 4 || index === 19;
      return {
        at: minutesAgo(5 + (19 - index) * 30),
        outcome: failed ? ("failed" as const) : ("passed" as const),
        trigger: index === 9 ? ("webhook" as const) : ("scheduled" as const),
        runnerId: index % 2 === 0 ? berlin.id : paris.id,
        durationMs: 400 + index,
        steps: [
          { item: "list", ms: 100 },
          { item: "pay", ms: 300, failed },
        ],
      };
    }),
  );
  await database.sql`
    insert into slots (monitor_id, slot_at, status, reason) values (${monitorId}, ${minutesAgo(20)}, 'skipped', 'overlap')`;
}

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const query = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);
const bars = (page: Page) => page.locator("#run-strip a[href^='/runs/']").count();
/** Labels of the chart's lines, and the values of its last point. */
const table = async (page: Page) => ({
  head: await page.locator("#numbers thead th").allTextContents(),
  last: await page.locator("#numbers tbody tr").last().locator("td").allTextContents(),
});

test("state, figures, next due times and a bar for each run", async () => {
  const { page, complaints } = await server.open(browser);
  await page.goto(path);

  const summary = await page.locator(".summary").innerText();
  const tiles = await page.locator(".tiles").innerText();

  expect(summary).toContain("failing");
  expect(summary).toContain("for 3 min");
  for (const text of [
    "Uptime 24 h",
    "90.0 %",
    "90 days",
    "p99",
    "Every 30 minutes (Europe/Berlin)",
    "next in",
  ]) {
    expect(tiles).toContain(text);
  }
  expect(await bars(page)).toBe(20);
  const gap = page.locator("#run-strip a[href*='/ledger']");
  expect(await gap.getAttribute("aria-label")).toContain("skipped (overlap)");
  expect(await page.locator("#run-strip a[tabindex='0']").getAttribute("aria-label")).toMatch(
    /^failed · .* UTC · 419 ms · paris-2$/,
  );
  const change = page.locator("#run-strip a[href*='/activity']");
  expect(await change.getAttribute("aria-label")).toContain("retries");
  expect(await page.getByLabel("Changes in this time").innerText()).toContain("retries");
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("a filter holds for bars, executions and chart, stands in the URL, and can be cleared", async () => {
  const { page, complaints } = await server.open(browser);
  await page.goto(path);

  await page.getByLabel("Result", { exact: true }).selectOption("failed");
  await page.getByLabel("Runner", { exact: true }).selectOption({ label: "paris-2" });
  await page.getByRole("button", { name: "Filter" }).click();
  await page.waitForURL(/result=failed/);

  expect(query(page)).toMatchObject({ result: "failed" });
  expect(await bars(page)).toBe(1);
  expect(await page.locator(".executions tbody tr").count()).toBe(1);
  expect((await table(page)).last).toEqual(["419 ms", "419 ms", "419 ms"]);
  await page.getByRole("link", { name: "Clear filters" }).click();
  await page.waitForURL((url) => url.search === "");
  expect(await bars(page)).toBe(20);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("counts lead to what they count", async () => {
  const { page } = await server.open(browser);
  await page.goto(path);

  await page.locator(".result-counts a", { hasText: "failed" }).click();
  await page.waitForURL(/result=failed/);
  expect(await bars(page)).toBe(2);
  await page.goto(path);
  await page.locator("#requests tr", { hasText: "Request pay" }).locator("a.alarm").click();
  await page.waitForURL(/request=/);

  expect(await bars(page)).toBe(2);
  expect(await page.getByRole("heading", { name: "Response time of Request pay" }).isVisible()).toBe(true);
  await page.context().close();
});

test("the formulas that Postman has, of the whole run and of one request", async () => {
  const { page, complaints } = await server.open(browser);
  const lastOf = async (search: string) => {
    await page.goto(path + search);
    await page.locator(".uplot canvas").waitFor();
    return (await table(page)).last;
  };
  const rows = await server.database.sql<{ id: number }[]>`
    select id from monitor_requests where monitor_id = ${monitorId} and item_id = 'pay'`;
  const pay = `&request=${rows[0]?.id}`;

  expect(await lastOf("?measure=average")).toEqual(["200 ms"]);
  expect(await lastOf("?measure=sum")).toEqual(["400 ms"]);
  expect(await lastOf("?measure=minimum")).toEqual(["100 ms"]);
  expect(await lastOf("?measure=maximum")).toEqual(["300 ms"]);
  expect(await lastOf("?measure=phases")).toEqual(["2 ms", "4 ms", "6 ms", "380 ms", "8 ms"]);
  expect(await lastOf(`?measure=average${pay}`)).toEqual(["300 ms"]);
  expect(await lastOf(`?measure=percentiles${pay}`)).toEqual(["300 ms", "300 ms", "300 ms"]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("runners are compared line by line", async () => {
  const { page } = await server.open(browser);
  await page.goto(path);

  await page.getByRole("link", { name: "Compare runners" }).click();
  await page.waitForURL(/per=runner/);

  expect((await table(page)).head).toEqual(["From", "berlin-1", "paris-2"]);
  expect(await page.locator(".u-legend").innerText()).toContain("paris-2");
  await page.context().close();
});

test("dragging over the chart zooms by the URL, and one link resets it", async () => {
  const { page, complaints } = await server.open(browser);
  await page.goto(path);
  const over = page.locator(".uplot .u-over");
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  if (!box) throw new Error("no chart");

  await page.mouse.move(box.x + box.width / 2, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + 60, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=/);

  const { from = "", to = "" } = query(page) as { from?: string; to?: string };
  const lengthMs = Date.parse(to) - Date.parse(from);
  expect(lengthMs / 60_000).toBeGreaterThan(270);
  expect(lengthMs / 60_000).toBeLessThan(300);
  expect(await bars(page)).toBeLessThan(12);
  expect(await page.getByRole("heading", { name: "Runs in this time" }).isVisible()).toBe(true);
  await page.getByRole("link", { name: "Reset zoom" }).click();
  await page.waitForURL((url) => url.search === "");
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("requests are sorted by a link, and each leads to its chart", async () => {
  const { page } = await server.open(browser);
  await page.goto(path);

  await page.locator("#requests th a", { hasText: "p95" }).click();
  await page.waitForURL(/sort=p95/);

  expect(await page.locator("#requests td.name > a").allInnerTexts()).toEqual([
    "Request pay",
    "Request list",
  ]);
  expect(await page.locator("#requests th[aria-sort]").innerText()).toContain("p95");
  await page.getByRole("link", { name: "Request list" }).click();
  await page.waitForURL(/request=/);
  expect(await page.getByRole("heading", { name: "Response time of Request list" }).isVisible()).toBe(true);
  await page.context().close();
});

test("a refresh leaves a choice that is half made, and an open table", async () => {
  const { page } = await server.open(browser);
  await page.goto(path);
  await page.getByLabel("Trigger").selectOption("webhook");
  await page.locator("#numbers summary").click();

  const answered = page.waitForResponse(/monitors/);
  await page.clock.fastForward(11_000);
  await answered;
  await page.waitForFunction("document.querySelectorAll('.uplot').length === 1");

  expect(await page.getByLabel("Trigger").inputValue()).toBe("webhook");
  expect(await page.locator("#numbers").getAttribute("open")).not.toBeNull();
  await page.context().close();
});

test("by keyboard: the newest bar is reached, arrows lead to the others", async () => {
  const { page } = await server.open(browser);
  await page.goto(path);
  await page.locator("#run-strip a[tabindex='0']").focus();

  await page.keyboard.press("ArrowLeft");
  const before = await page.evaluate("document.activeElement.getAttribute('aria-label')");
  await page.keyboard.press("Home");
  const first = await page.evaluate("document.activeElement.getAttribute('aria-label')");
  await page.keyboard.press("Enter");
  await page.waitForURL(/runs/);

  expect(before).toContain("skipped (overlap)");
  expect(first).toContain("400 ms");
  await page.context().close();
});

test("without JavaScript: a drawing with its numbers, filter, time and formulas", async () => {
  const { page } = await server.open(browser, { javaScriptEnabled: false });
  await page.goto(path);
  expect(await page.locator("#latency svg").getAttribute("aria-label")).toContain("p95");
  expect(await page.locator("#latency svg .failing").count()).toBeGreaterThan(0);

  await page.getByLabel("Trigger").selectOption("webhook");
  await page.getByRole("button", { name: "Filter" }).click();
  expect(await bars(page)).toBe(1);
  await page.getByRole("link", { name: "Phases" }).click();
  await page.locator("#numbers summary").click();
  expect(await page.locator("#numbers tbody td").allInnerTexts()).toEqual([
    "2 ms",
    "4 ms",
    "6 ms",
    "380 ms",
    "8 ms",
  ]);
  await page.locator("summary", { hasText: "Other time" }).click();
  await page.getByLabel("Around (UTC)").fill(
    minutesAgo(5 + 10 * 30)
      .toISOString()
      .slice(0, 16),
  );
  await page.getByRole("button", { name: "Go to" }).click();

  expect(await page.getByRole("link", { name: "Reset zoom" }).isVisible()).toBe(true);
  expect(await bars(page)).toBe(1);
  await page.context().close();
});

test("light and dark, wide and narrow: nothing is wider than the window", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const { page, complaints } = await server.open(browser, {
      colorScheme,
      viewport: { width: 390, height: 800 },
    });
    for (const search of ["", "?measure=phases", "?per=runner&range=90d", "?result=aborted"]) {
      await page.goto(path + search);
      expect([search, await page.evaluate("document.documentElement.scrollWidth - innerWidth")]).toEqual([
        search,
        0,
      ]);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  }
});
