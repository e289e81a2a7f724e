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
  test.each([...placeNames])(
    "%s: one heading, no violation, no complaint, nothing beside the edge",
    async (place) => {
      const page = await context.newPage();
      const complaints = listen(page);
      const answer = await page.goto(addressOf(place));

      expect(answer?.status()).toBe(place === "no such page" ? 404 : 200);
      // What the server sent is what those without a script see.
      expect(await page.locator("h1").allInnerTexts()).toEqual(headingsIn((await answer?.text()) ?? ""));
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize(NARROW);
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await violations(page)).toEqual([]);
      expect(await widthOf(page)).toBeLessThanOrEqual(NARROW.width);
      // The browser tells of the status of the page itself.
      expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
      await page.close();
    },
  );
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

/** One, as text: without a script the page says the same. */
function headingsIn(html: string): string[] {
  const found = [...html.matchAll(/<h1[^>]*>(.*?)<\/h1>/gs)].map(([, inner = ""]) => inner);
  expect(found).toHaveLength(1);
  return found.map((inner) => unescape(inner.replaceAll(/<[^>]+>/g, "")).trim());
}

const unescape = (text: string): string =>
  text
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

const widthOf = (page: Page): Promise<number> =>
  page.evaluate<number>("document.scrollingElement.scrollWidth");
