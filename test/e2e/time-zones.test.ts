import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser } from "playwright-core";

import { launchBrowser } from "../support/browser.ts";
import { startPages, type PagesServer } from "../support/pages.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let server: PagesServer;
let path: string;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startPages()]);
  const monitor = await server.make.monitor({ workspaceId: server.workspaceId, ownerId: server.adminId });
  const run = await server.make.run({
    monitorId: monitor.id,
    outcome: "passed",
    status: "finished",
    queuedAt: new Date("2026-01-31T23:30:00Z"),
  });
  path = `/runs/${run.id}`;
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

test("instants are in the time zone of the reader, and in UTC where no script tells it", async () => {
  const texts: string[] = [];
  for (const options of [
    { timezoneId: "Asia/Kolkata" },
    { timezoneId: "America/New_York" },
    { javaScriptEnabled: false },
  ]) {
    const { page } = await server.open(browser, options);
    await page.goto(`${server.url}${path}`);
    texts.push(await page.locator("time[data-show=absolute]").first().innerText());
    await page.context().close();
  }

  expect(texts).toEqual([
    "2026-02-01 05:00:00 GMT+5:30",
    "2026-01-31 18:30:00 GMT−5",
    "2026-01-31 23:30:00 UTC",
  ]);
});
