import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";
import type { Browser, Page } from "playwright-core";

import * as schema from "../../db/schema.ts";
import { launchBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { listen, person, startPages, storeRun, storeSteps, type PagesServer } from "../support/pages.ts";
import { step } from "../web/samples.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let server: PagesServer;
let monitorId: string;
let stockId: string;
let runnerId: string;
let failedRunId: string;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startPages()]);
  const owned = { ownerId: server.adminId, workspaceId: server.workspaceId };
  const collection = await server.make.collection({ ...owned, name: "Orders" });
  const runner = await server.make.runner({
    name: "berlin-1",
    createdBy: server.adminId,
    lastPingedAt: new Date(),
  });
  runnerId = runner.id;
  const monitor = await server.make.monitor({
    ...owned,
    collectionId: collection.id,
    name: "Orders API",
    cron: "*/5 * * * *",
    nextRunAt: new Date(Date.now() + 200_000),
    state: "failed",
    stateSince: new Date(Date.now() - 720_000),
  });
  const stock = { name: "Stock", state: "passed" } as const;
  stockId = (await server.make.monitor({ ...owned, collectionId: collection.id, ...stock })).id;
  monitorId = monitor.id;
  for (let index = 0; index < 5; index++) {
    await storeRun(server, {
      monitorId,
      runnerId,
      queuedAt: new Date(Date.now() - (10 - index) * 3_600_000),
    });
  }
  const failed = await storeRun(
    server,
    {
      monitorId,
      runnerId,
      outcome: "failed",
      reason: "assertion_failed",
      assertionsTotal: 3,
      assertionsFailed: 1,
    },
    [
      step({
        position: 1,
        name: "Sign in",
        startedMs: 0,
        assertions: [{ name: "is 200", status: "passed", source: "test" }],
      }),
      step({ position: 2 }),
    ],
  );
  failedRunId = failed.id;
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const widthBeyondWindow = (page: Page) => page.evaluate("document.documentElement.scrollWidth - innerWidth");
const focused = (page: Page) =>
  page.evaluate("(document.activeElement.innerText || document.activeElement.name || '').trim()");

const rename = (name: string) => server.call("PUT", `/monitors/${stockId}`, { monitor: { name } });

/** Lets the time pass after which every region asks again. */
const refresh = (page: Page) => page.clock.fastForward(11_000);

test("a wrong password is answered on the form, which keeps the email", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.url}/runners`);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill("wrong");

  await page.getByRole("button", { name: "Sign in" }).click();

  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").innerText()).toContain("do not belong together");
  expect(await page.getByLabel("Email").inputValue()).toBe(person.email);
  await page.context().close();
});

test("signing in leads to the page that was asked for, signing out ends the session", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.url}/runners`);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Runners" }).waitFor();

  await page.locator("summary", { hasText: "Ada" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/sign-in/);
  await page.goto(`${server.url}/`);

  expect(new URL(page.url()).pathname).toBe("/sign-in");
  await page.context().close();
});

test("the overview lists failing monitors first, and its numbers filter", async () => {
  const { page, complaints } = await server.open(browser);

  const names = await page.locator("td.name > a").allInnerTexts();
  await page.locator("a.count", { hasText: "passing" }).click();

  expect(names).toEqual(["Orders API", "Stock"]);
  expect(new URL(page.url()).search).toBe("?state=passing");
  expect(await page.locator("td.name > a").allInnerTexts()).toEqual(["Stock"]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("a bar leads to its run, and a failed assertion stands open on it", async () => {
  const { page, complaints } = await server.open(browser);

  await page.locator(`svg.bars a[href="/runs/${failedRunId}"]`).first().click();
  await page.waitForURL(/runs/);

  expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(
    "1 of 3 assertions failed in Create order",
  );
  const failure = page.locator("#step-2").getByText("AssertionError: expected 500 to equal 201");
  expect(await failure.isVisible()).toBe(true);
  expect(await page.locator("#row-1").getAttribute("open")).toBeNull();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("the overview is refreshed in place: focus and what is typed stay", async () => {
  const { page, complaints } = await server.open(browser);
  await page.getByRole("link", { name: "Orders API" }).focus();
  await page
    .getByLabel("Search monitors")
    .evaluate((input) => ((input as unknown as { value: string }).value = "sto"));
  await rename("Stock levels");

  await refresh(page);
  await page.getByRole("link", { name: "Stock levels" }).waitFor();

  expect(await focused(page)).toBe("Orders API");
  expect(await page.getByLabel("Search monitors").inputValue()).toBe("sto");
  expect(await page.locator("#overview").count()).toBe(1);
  expect(complaints).toEqual([]);
  await rename("Stock");
  await page.context().close();
});

test("a run shows each step as it comes, keeps open what was opened, and stops asking when it is over", async () => {
  const { page, complaints } = await server.open(browser);
  const execution = await server.make.execution({ monitorId });
  const run = await server.make.run({
    executionId: execution.id,
    monitorId,
    runnerId,
    status: "leased",
    attempt: 1,
    claimedAt: new Date(),
    leaseExpiresAt: new Date(Date.now() + 3_600_000),
    stepsPlanned: 2,
  });
  const passed = { assertions: [{ name: "is 200", status: "passed" as const, source: "test" as const }] };
  await storeSteps(server.make, run.id, [step({ position: 1, name: "First", ...passed })]);
  await page.goto(`${server.url}/runs/${run.id}`);
  await page.locator("#row-1 > summary").click();

  await storeSteps(server.make, run.id, [step({ position: 2, name: "Second", ...passed })], 2);
  await refresh(page);
  await page.locator("#row-2").waitFor();
  const stillOpen = await page.locator("#row-1").getAttribute("open");
  await server.database.db
    .update(schema.runs)
    .set({
      status: "finished",
      outcome: "passed",
      finishedAt: new Date(),
      durationMs: 300,
      assertionsTotal: 2,
    })
    .where(eq(schema.runs.id, run.id));
  await refresh(page);
  await page.getByRole("heading", { name: "All 2 assertions passed" }).waitFor();
  let asked = 0;
  page.on("request", () => asked++);
  await refresh(page);
  await page.evaluate("document.title");

  expect(stillOpen).not.toBeNull();
  expect(await page.locator("#run").getAttribute("hx-trigger")).toBeNull();
  expect(asked).toBe(0);
  expect(complaints).toEqual([]);
  await server.database.db.delete(schema.executions).where(eq(schema.executions.id, execution.id));
  await page.context().close();
});

test("a page whose server is gone says that it may be old", async () => {
  const { page } = await server.open(browser);
  await page.route("**/*", (route) => route.abort());

  await refresh(page);
  await page.locator(".stale").waitFor();

  expect(await page.getByRole("link", { name: "Orders API" }).isVisible()).toBe(true);
  await page.context().close();
});

test("a page whose session has ended asks to sign in at its next refresh", async () => {
  const { page } = await server.open(browser);
  await page.context().clearCookies();

  await refresh(page);

  await page.waitForURL(/sign-in/);
  await page.context().close();
});

test("the chart of a monitor is drawn, in both colour schemes", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const { page, complaints } = await server.open(browser, { colorScheme });
    await page.goto(`${server.url}/monitors/${monitorId}`);
    await page.locator(".uplot canvas").waitFor();
    const answered = page.waitForResponse(/monitors/);
    await refresh(page);
    await answered;

    expect(await page.locator(".uplot").count()).toBe(1);
    expect(complaints).toEqual([]);
    await page.context().close();
  }
});

test("by keyboard alone: skip link, visible focus, pause and resume", async () => {
  const { page } = await server.open(browser);
  await page.goto(`${server.url}/monitors/${monitorId}`);

  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("Skip to content");
  await page.keyboard.press("Enter");
  const seen: unknown[] = [];
  for (let press = 0; press < 3; press++) {
    await page.keyboard.press("Tab");
    seen.push(await focused(page));
  }
  const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await page.getByRole("button", { name: "Resume" }).press("Enter");
  await page.getByRole("button", { name: "Pause" }).waitFor();

  expect(seen).toEqual(["Monitors", "Run now", "Pause"]);
  expect(outline).toBe("solid");
  await page.context().close();
});

test("without JavaScript: search, run now, cancel", async () => {
  const { page } = await server.open(browser, { javaScriptEnabled: false });
  await page.getByLabel("Search monitors").fill("orders");
  await page.getByRole("button", { name: "Filter" }).click();
  expect(await page.locator("td.name > a").allInnerTexts()).toEqual(["Orders API"]);

  await page.getByRole("link", { name: "Orders API" }).click();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.waitForURL(/runs/);
  expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Waiting for a runner");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "Cancelled before a runner took it." }).waitFor();
  await page.context().close();
});

test("without JavaScript: a monitor is created, edited, paused, resumed and deleted", async () => {
  const { page } = await server.open(browser, { javaScriptEnabled: false });
  const heading = (name: string) => page.getByRole("heading", { level: 1, name }).waitFor();
  await page.goto(`${server.url}/monitors/new`);
  await page.getByLabel("Name", { exact: true }).fill("By form");
  await page.getByRole("button", { name: "Create monitor" }).click();
  await heading("By form");

  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill("By another form");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await heading("By another form");
  await page.getByRole("button", { name: "Pause" }).click();
  expect(await page.locator(".summary").innerText()).toContain("paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByRole("link", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete" }).click();

  await page.getByRole("link", { name: "Orders API" }).waitFor();
  expect(await page.getByRole("link", { name: "By another form" }).count()).toBe(0);
  await page.context().close();
});

test("no page is wider than a phone, none breaks the content policy", async () => {
  const { page, complaints } = await server.open(browser, { viewport: { width: 390, height: 800 } });
  const collection = await server.make.collection({
    workspaceId: server.workspaceId,
    ownerId: server.adminId,
  });
  const { apiKey } = await server.call<{ apiKey: { id: string; key: string } }>("POST", "/keys", {
    apiKey: { name: "wide" },
  });
  for (const sent of [apiKey.key, "wrong"]) {
    await fetch(`${server.url}/api/collections?${"long=".repeat(60)}`, { headers: { "x-api-key": sent } });
  }
  await eventually(async () => {
    const calls = await server.database.sql`select 1 from api_key_calls where path like '%long=%'`;
    return calls.length === 2;
  });
  const paths = [
    "/",
    `/monitors/${monitorId}`,
    `/monitors/${monitorId}/edit`,
    `/monitors/${monitorId}/delete`,
    `/monitors/new`,
    `/runs/${failedRunId}`,
    "/runners",
    "/runners/new",
    "/collections",
    `/collections/${collection.id}`,
    "/environments",
    "/keys",
    `/keys/${apiKey.id}`,
    "/keys/unknown",
    "/audit",
  ];

  for (const path of paths) {
    const response = await page.goto(server.url + path);
    expect([path, response?.status()]).toEqual([path, 200]);
    expect([path, await widthBeyondWindow(page)]).toEqual([path, 0]);
    expect(response?.headers()["content-security-policy"]).toContain("default-src 'none'");
  }

  expect(complaints).toEqual([]);
  await page.context().close();
});

test("a page that is not there says so in the usual frame", async () => {
  const { page } = await server.open(browser);

  const response = await page.goto(`${server.url}/monitors/00000000-0000-4000-8000-000000000000`);

  expect(response?.status()).toBe(404);
  expect(await page.getByText("it may have been deleted").isVisible()).toBe(true);
  expect(await page.getByRole("link", { name: "Runners" }).isVisible()).toBe(true);
  await page.context().close();
});

test("the console listener hears what a page refuses", async () => {
  const page = await (await browser.newContext()).newPage();
  const complaints = listen(page);
  await page.goto(`${server.url}/sign-in`);

  await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')");

  await eventually(() => complaints.some((text) => text.includes("Content Security Policy")));
  await page.context().close();
});
