import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser } from "playwright-core";

import { launchBrowser } from "../support/browser.ts";
import { ordersCollection, startOrders } from "../support/orders.ts";
import { startPages, type PagesServer } from "../support/pages.ts";
import { startApp, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let server: PagesServer;
let api: ReturnType<typeof startOrders>;

beforeAll(async () => {
  api = startOrders();
  [browser, server] = await Promise.all([launchBrowser(), startPages()]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  await api.stop(true);
});

test("a runner is made and started with the copied command, a collection uploaded, a monitor run, and its failed assertion read", async () => {
  const { page, complaints } = await server.open(browser, {
    permissions: ["clipboard-read", "clipboard-write"],
  });

  await page.getByRole("link", { name: "Runners", exact: true }).click();
  await page.getByRole("link", { name: "New runner" }).first().click();
  await page.getByLabel("Name").fill("berlin-1");
  await page.getByRole("button", { name: "Create runner" }).click();
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const command = String(await page.evaluate("navigator.clipboard.readText()"));
  const [, ...args] = command.split(" ");
  startApp([...args, "--data-dir", temporaryFolder()]);
  await page.getByRole("link", { name: "I have copied it" }).click();
  await page.locator("#runner .summary .mark.pass").first().waitFor();

  await page.getByRole("link", { name: "Collections", exact: true }).click();
  await page.getByLabel("File").setInputFiles({
    name: "orders.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify(ordersCollection(api.url.origin))),
  });
  await page.getByRole("button", { name: "Upload" }).click();
  await page.getByRole("link", { name: "Monitor it" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Orders API");
  await page.getByLabel("On these runners").check();
  await page.getByRole("checkbox", { name: "berlin-1" }).check();
  await page.getByRole("button", { name: "Create monitor" }).click();
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("heading", { name: "1 of 1 assertion failed in Create order" }).waitFor();

  const evidence = page.locator(".cause").getByText("expected response to have status code 201 but got 500");
  expect(await evidence.isVisible()).toBe(true);
  expect(await page.getByText("got 500", { exact: true }).isVisible()).toBe(true);
  expect(await page.getByText("no stock table").isVisible()).toBe(true);
  expect(complaints).toEqual([]);

  await page.getByRole("link", { name: "Monitors", exact: true }).first().click();
  expect(await page.locator(".count", { hasText: "failing" }).innerText()).toContain("1");
  await page.context().close();
});
