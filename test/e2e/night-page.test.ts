import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser, Page } from "playwright-core";

import type { Step } from "../../src/contract/events.ts";
import { launchBrowser } from "../support/browser.ts";
import { type PagesServer, startPages, storeRun, storeSteps } from "../support/pages.ts";
import { step } from "../web/samples.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let server: PagesServer;
let monitorId: string;
let runnerId: string;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startPages()]);
  const owned = { ownerId: server.adminId, workspaceId: server.workspaceId };
  monitorId = (await server.make.monitor({ ...owned, name: "Orders API", state: "failed" })).id;
  runnerId = (await server.make.runner({ name: "berlin-1", createdBy: server.adminId })).id;
  await storeRun(server, { monitorId, runnerId, queuedAt: new Date(Date.now() - 840_000) }, [passing(1)]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const passing = (position: number, change: Partial<Step> = {}): Step =>
  step({
    position,
    name: `Request ${position}`,
    assertions: [{ name: "is 200", status: "passed", source: "test" }],
    console: [],
    response: {
      code: 200,
      status: "OK",
      headers: [],
      body: { bytes: 15, text: `{"order":${position}}` },
      wireBytes: 90,
      httpVersion: "1.1",
    },
    ...change,
  });

/** A run whose third step was answered with 500. */
const failedRun = (before = 2) =>
  storeRun(
    server,
    {
      monitorId,
      runnerId,
      outcome: "failed",
      reason: "assertion_failed",
      assertionsTotal: before + 2,
      assertionsFailed: 1,
      requestsTotal: before + 2,
    },
    [
      ...Array.from({ length: before }, (_, index) => passing(index + 1)),
      step({ position: before + 1 }),
      passing(before + 2),
    ],
  );

const focused = (page: Page) => page.evaluate("(document.activeElement.innerText || '').trim()");
const widthBeyondWindow = (page: Page) => page.evaluate("document.documentElement.scrollWidth - innerWidth");
const isInSight = (page: Page, selector: string) =>
  page.evaluate(
    `(() => { const { top, height } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
              return height > 0 && top >= 0 && top < innerHeight; })()`,
  );

const placeOf = (page: Page, selector: string) =>
  page.evaluate(
    `Math.round(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().top)`,
  );

test("without scripts, by keyboard, on a phone: from the link of an alert to the cause and its evidence", async () => {
  const run = await failedRun();
  const { page } = await server.open(browser, {
    javaScriptEnabled: false,
    viewport: { width: 390, height: 844 },
  });

  await page.goto(`${server.url}/runs/${run.id}`);

  expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(
    "1 of 4 assertions failed in Create order",
  );
  expect(await isInSight(page, ".cause .why")).toBe(true);
  expect(await page.locator(".cause").innerText()).toContain("The API under test");
  expect(await page.locator(".cause .comparison").innerText()).toMatch(/Expected\s+201\s+Got\s+500/);
  expect(await isInSight(page, ".cause .jump")).toBe(true);

  const jump = "Go to the failure: step 3, Create order";
  for (let presses = 0; presses < 40 && (await page.locator(".jump:focus").count()) === 0; presses++) {
    await page.keyboard.press("Tab");
  }
  expect(await page.locator(".jump:focus").innerText()).toBe(jump);
  await page.keyboard.press("Enter");

  await page.waitForURL(/#step-3$/);
  expect(await isInSight(page, "#step-3")).toBe(true);
  expect(await page.getByText("no stock table").isVisible()).toBe(true);
  expect(await page.locator("#step-3").getByText("POST https://orders.internal/v1/orders").isVisible()).toBe(
    true,
  );
  expect(await widthBeyondWindow(page)).toBe(0);
  await page.context().close();
});

test("a failure on a later page is one link away, and what is closed opens by itself, without scripts", async () => {
  const run = await failedRun(320);
  const { page } = await server.open(browser, { javaScriptEnabled: false });

  await page.goto(`${server.url}/runs/${run.id}`);
  expect(await page.getByText("no stock table").count()).toBe(0);
  await page.locator(".jump").click();

  await page.waitForURL(/show=failed#step-321$/);
  expect(await page.getByText("no stock table").isVisible()).toBe(true);

  // A step that passed is closed: following a link to it opens it, and its contents are a link away.
  await page.goto(`${server.url}/runs/${run.id}#step-150`);
  const contents = page.locator("#step-150 a").first();
  expect(await contents.isVisible()).toBe(true);
  await contents.click();
  await page.getByRole("heading", { level: 1, name: "Step 150: Request 150" }).waitFor();
  await page.getByRole("link", { name: "Next failed step: Create order" }).click();
  expect(await page.getByText("no stock table").isVisible()).toBe(true);
  await page.context().close();
});

test("with scripts, a step that is opened is fetched once, and nothing complains", async () => {
  const run = await failedRun(320);
  const { page, complaints } = await server.open(browser);
  const fetched: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/steps/")) fetched.push(new URL(request.url()).pathname);
  });

  await page.goto(`${server.url}/runs/${run.id}`);
  const summary = page.locator("#row-150 > summary");
  await summary.click();
  await page.locator("#step-150 pre.body").getByText("150").waitFor();
  await summary.click();
  await summary.click();

  expect(await page.locator("#step-150 pre.body").getByText("150").isVisible()).toBe(true);
  expect(fetched).toEqual([`/runs/${run.id}/steps/150`]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("while a run goes on its steps appear, and what the reader opened and where they are stays", async () => {
  const execution = await server.make.execution({ monitorId });
  const run = await server.make.run({
    monitorId,
    executionId: execution.id,
    runnerId,
    status: "leased",
    attempt: 1,
    claimedAt: new Date(),
    leaseExpiresAt: new Date(Date.now() + 3_600_000),
    stepsPlanned: 90,
  });
  // More than the page holds whole, so that some are fetched.
  await storeSteps(
    server.make,
    run.id,
    Array.from({ length: 60 }, (_, index) => passing(index + 1)),
  );
  const { page, complaints } = await server.open(browser);
  await page.goto(`${server.url}/runs/${run.id}`);
  await page.getByRole("heading", { name: "Running: 60 of 90 steps done" }).waitFor();

  await page.locator("#row-5 > summary").click();
  await page.locator("#row-55 > summary").click();
  await page.locator("#step-55 pre.body").getByText("55").waitFor();
  await page.locator("#row-55 > summary").focus();
  const place = await placeOf(page, "#row-55");
  await storeSteps(server.make, run.id, [passing(61), step({ position: 62 })], 100);
  await page.clock.runFor(2500);
  await page.locator("#row-62").waitFor({ state: "attached" });

  expect(await page.locator("#step-5").isVisible()).toBe(true);
  expect(await page.locator("#step-55 pre.body").getByText("55").isVisible()).toBe(true);
  expect(await focused(page)).toContain("Request 55");
  expect(await placeOf(page, "#row-55")).toBe(place);

  await server.database.sql`
    update runs set status = 'finished', outcome = 'failed', reason = 'assertion_failed', assertions_failed = 1,
                    assertions_total = 63, finished_at = now() where id = ${run.id}`;
  await page.clock.runFor(2500);
  await page.getByRole("heading", { name: "1 of 63 assertions failed in Create order" }).waitFor();
  expect(await page.locator(".cause .jump").isVisible()).toBe(true);
  expect(await page.locator("#run").getAttribute("hx-trigger")).toBeNull();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("link, command and request are copied by a button", async () => {
  const run = await failedRun();
  const { page, complaints } = await server.open(browser, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await page.goto(`${server.url}/runs/${run.id}`);
  const copied = () => page.evaluate("navigator.clipboard.readText()");

  await page.getByText("Share, replay here, download").click();
  await page.locator("[data-copy=replay-command]").click();
  expect(await copied()).toBe(`app monitor replay ${run.id}`);
  await page.locator("#curl-3 > summary").click();
  await page.locator("[data-copy=curl-text-3]").click();

  expect(String(await copied())).toContain(`'https://orders.internal/v1/orders'`);
  expect(String(await copied())).toContain(`--data-raw '{"sku":"A-1","count":2}'`);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("the console filters without scripts and leads to the step", async () => {
  const run = await failedRun();
  const { page } = await server.open(browser, {
    javaScriptEnabled: false,
    viewport: { width: 390, height: 844 },
  });
  await page.goto(`${server.url}/runs/${run.id}`);

  await page.getByRole("link", { name: "Console (1)" }).click();
  await page.getByRole("checkbox", { name: "error" }).check();
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByText("No line is like that.").waitFor();
  await page.getByRole("checkbox", { name: "error" }).uncheck();
  await page.getByLabel("Search in the console").fill("CREATED");
  await page.getByRole("button", { name: "Filter" }).click();

  expect(await page.locator("mark").innerText()).toBe("created");
  expect(await widthBeyondWindow(page)).toBe(0);
  await page.getByRole("link", { name: "Step 3: Create order" }).click();
  expect(await page.getByText("no stock table").isVisible()).toBe(true);
  await page.context().close();
});
