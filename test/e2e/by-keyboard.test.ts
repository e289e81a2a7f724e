import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser, Locator, Page } from "playwright-core";

import { launchBrowser } from "../support/browser.ts";
import { readCsvRows } from "../support/csv.ts";
import { startRunner } from "../support/installation.ts";
import { ordersCollection, startOrders } from "../support/orders.ts";
import { listen, type PagesServer, person, startPages } from "../support/pages.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let server: PagesServer;
let api: ReturnType<typeof startOrders>;

beforeAll(async () => {
  api = startOrders();
  [browser, server] = await Promise.all([launchBrowser(), startPages()]);
  startRunner(server.url, await server.make.runner({ name: "berlin-1", createdBy: server.adminId }));
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  await api.stop(true);
});

const MOST_STOPS = 150;

/** Presses Tab until the focus is there, and sees it there. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  const there = wanted.and(page.locator(":focus"));
  for (let stops = 0; (await there.count()) === 0; stops++) {
    if (stops === MOST_STOPS) throw new Error(`${wanted.toString()} is not reached with the Tab key`);
    await page.keyboard.press("Tab");
  }
  expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).not.toBe("none");
}

async function press(page: Page, wanted: Locator): Promise<void> {
  await tabTo(page, wanted);
  await page.keyboard.press("Enter");
}

/** What the field holds is replaced, as people do it who cannot point. */
async function type(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

const link = (page: Page, name: string | RegExp) => page.getByRole("link", { name, exact: true }).first();
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).first();
const heading = (page: Page, name: string | RegExp) =>
  page.getByRole("heading", { level: 1, name }).waitFor();

test("the whole job without a mouse: from the sign-in to the cause of a failure", async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints = listen(page);

  await page.goto(server.url);
  await type(page, page.getByLabel("Email"), person.email);
  await type(page, page.getByLabel("Password"), person.password);
  await page.keyboard.press("Enter");

  await press(page, link(page, "Collections"));
  await heading(page, "Collections");
  await type(page, page.getByLabel("or paste it"), JSON.stringify(ordersCollection(api.url.origin)));
  await press(page, button(page, "Upload"));
  await press(page, link(page, "Monitor it"));

  await heading(page, "New monitor");
  await type(page, page.getByLabel("Name", { exact: true }), "Orders API");
  await press(page, button(page, "Create monitor"));
  await heading(page, "Orders API");
  await press(page, button(page, "Run now"));
  await heading(page, "1 of 1 assertion failed in Create order");

  await press(page, link(page, "Monitors"));
  await press(page, link(page, "Orders API"));
  await heading(page, "Orders API");
  await press(page, page.locator("#run-strip a[tabindex='0']"));
  await heading(page, "1 of 1 assertion failed in Create order");
  await press(page, link(page, "Go to the failure: step 2, Create order"));
  await page.waitForURL(/#step-2$/);

  expect(await page.getByText("no stock table").isVisible()).toBe(true);
  expect(complaints).toEqual([]);
  await context.close();
});

test("a monitor is edited, paused, filtered and its runs downloaded without a mouse", async () => {
  const { page, complaints } = await server.open(browser);
  const runs = async () => readCsvRows(await downloaded(page));

  await press(page, link(page, "Orders API"));
  await heading(page, "Orders API");
  await press(page, link(page, "Edit"));
  await type(page, page.getByLabel("Name", { exact: true }), "Orders at night");
  await press(page, button(page, "Save"));
  await heading(page, "Orders at night");
  await press(page, button(page, "Pause"));
  await press(page, button(page, "Resume"));
  await button(page, "Pause").waitFor();
  await tabTo(page, page.getByLabel("Result", { exact: true }));
  await page.keyboard.type("failed");
  await press(page, button(page, "Filter"));
  await page.waitForURL(/result=failed/);
  await press(page, link(page, "Export"));

  expect(await runs()).toMatchObject([{ outcome: "failed", runner: "berlin-1" }]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

async function downloaded(page: Page): Promise<string> {
  const waiting = page.waitForEvent("download");
  await press(page, button(page, "Download CSV"));
  return Bun.file(await (await waiting).path()).text();
}
