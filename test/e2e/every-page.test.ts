import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";

import { createApp } from "../../src/server/app.ts";
import { testDeps } from "../support/api.ts";
import { launchBrowser } from "../support/browser.ts";
import { testDatabase } from "../support/database.ts";
import { listen } from "../support/pages.ts";
import { stopEverything } from "../support/processes.ts";
import { placeNames, startTour, type Tour, visitor } from "../support/tour.ts";

setDefaultTimeout(120_000);

const NARROW = { width: 390, height: 844 };

let browser: Browser;
let tour: Tour;
let context: BrowserContext;
beforeAll(async () => {
  [browser, tour] = await Promise.all([launchBrowser(), startTour({ runs: 2 })]);
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${tour.installation.address}/sign-in`);
  await page.getByLabel("Email").fill(visitor.email);
  await page.getByLabel("Password").fill(visitor.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${tour.installation.address}/`);
  await page.close();
});
afterAll(async () => {
  await browser.close();
  await tour.stop();
  await stopEverything();
});

const addressOf = (place: (typeof placeNames)[number]): string =>
  `${tour.installation.address}${tour.places[place]}`;

describe("every page", () => {
  test.each([...placeNames])("%s: no violation, no complaint, nothing beside the edge", async (place) => {
    const page = await context.newPage();
    const complaints = listen(page);
    const answer = await page.goto(addressOf(place));

    expect(answer?.status()).toBe(place === "no such page" ? 404 : 200);
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize(NARROW);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await violations(page)).toEqual([]);
    expect(await widthOf(page)).toBeLessThanOrEqual(NARROW.width);
    // The browser tells of the status of the page itself.
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
    await page.close();
  });

  test.each([...placeNames])("%s: without a script it says the same heading", async (place) => {
    const bare = await browser.newContext({
      javaScriptEnabled: false,
      storageState: await context.storageState(),
    });
    const [page, scripted] = [await bare.newPage(), await context.newPage()];
    await Promise.all([page.goto(addressOf(place)), scripted.goto(addressOf(place))]);

    expect(await page.locator("h1").allInnerTexts()).toEqual(await scripted.locator("h1").allInnerTexts());
    expect(await page.locator("h1").count()).toBe(1);
    await Promise.all([bare.close(), scripted.close()]);
  });
});

test("the tour leads to every page that there is", async () => {
  const app = createApp(testDeps(await testDatabase()));
  const patterns = new Set(app.routes.filter(({ method }) => method === "GET").map(({ path }) => path));
  const visited = Object.values(tour.places).map((path) => path.replace(/\?.*/, ""));

  const missed = [...patterns].filter(
    (pattern) => isPage(pattern) && !visited.some((path) => regexOf(pattern).test(path)),
  );

  expect(missed).toEqual([]);
});

/** Answers for programs, downloads, and what one needs a one-time link or a program's request for. */
const noPage =
  /^\/(api|assets|mcp|minimal|code|mock|hooks|runner|oauth|\.well-known)\b|^\/(healthz|readyz|metrics|setup|sign-in|invitation|reset-password)$|\*|\.(csv|json|svg|atom)\b|\{csv\|json\}|:platform|:file|\/(load|contents|export)$/;
const isPage = (pattern: string): boolean => !noPage.test(pattern);

const regexOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll(/:\w+(\{[^}]*\}\}?)?/g, "[^/]+")}$`);

/** What axe finds against WCAG 2.2 AA and its good practices, in words. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<Finding[]>(`
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
      .then(({ violations }) => violations.map(({ id, help, nodes }) => ({
        id, help, nodes: nodes.map(({ html, failureSummary }) => html + " " + failureSummary) })))`);
  return found.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).join(" | ").slice(0, 1200)}`,
  );
}

interface Finding {
  id: string;
  help: string;
  nodes: string[];
}

const widthOf = (page: Page): Promise<number> =>
  page.evaluate<number>("document.scrollingElement.scrollWidth");
