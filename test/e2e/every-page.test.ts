import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser, Page } from "playwright-core";

import { createApp } from "../../src/server/app.ts";
import { testDeps } from "../support/api.ts";
import { bringAxe, violations, widthOf } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { testDatabase } from "../support/database.ts";
import { listen } from "../support/pages.ts";
import { stopEverything } from "../support/processes.ts";
import { placeNames, startTour, type Tour, visitor } from "../support/tour.ts";

// Of each page the wait for its turn counts, too.
setDefaultTimeout(300_000);

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };
/** As many pages are looked at side by side: a small machine has two cores, and each tab waits for the server now and then. */
const TABS = 3;

let browser: Browser;
let tour: Tour;
let tabs: Tabs;
beforeAll(async () => {
  [browser, tour] = await Promise.all([launchBrowser(), startTour({ runs: 2 })]);
  const context = await browser.newContext({ viewport: WIDE });
  await bringAxe(context);
  const page = await context.newPage();
  await page.goto(`${tour.installation.address}/sign-in`);
  await page.getByLabel("Email").fill(visitor.email);
  await page.getByLabel("Password").fill(visitor.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${tour.installation.address}/`);
  const more = Array.from({ length: TABS - 1 }, () => context.newPage());
  tabs = shareTabs([page, ...(await Promise.all(more))]);
});
afterAll(async () => {
  await browser.close();
  await tour.stop();
  await stopEverything();
});

const addressOf = (place: (typeof placeNames)[number]): string =>
  `${tour.installation.address}${tour.places[place]}`;

describe("every page", () => {
  test.concurrent.each([...placeNames])(
    "%s: one heading, no violation, no complaint, nothing beside the edge",
    (place) =>
      tabs.use(async (page, complaints) => {
        await page.setViewportSize(WIDE);
        await page.emulateMedia({ colorScheme: "light" });
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
      }),
  );
});

test("what is wrong with a page is found in its dark and narrow form, too", () =>
  tabs.use(async (page) => {
    await page.setViewportSize(NARROW);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(addressOf("account"));
    await page.evaluate("document.querySelector('h1').insertAdjacentHTML('beforeend', '<img src=\"/x\">')");

    expect(await violations(page)).toEqual([expect.stringMatching(/^image-alt: /)]);
  }));

test("the tour leads to every page that there is", async () => {
  const app = createApp(testDeps(await testDatabase()));
  const patterns = new Set(app.routes.filter(({ method }) => method === "GET").map(({ path }) => path));
  const visited = Object.values(tour.places).map((path) => path.replace(/\?.*/, ""));

  const missed = [...patterns].filter(
    (pattern) => isPage(pattern) && !visited.some((path) => regexOf(pattern).test(path)),
  );

  expect(missed).toEqual([]);
});

type Tabs = ReturnType<typeof shareTabs>;

/** Gives each visit a tab of its own for as long as it lasts; the next one waits. */
function shareTabs(all: Page[]) {
  const free = [...all];
  const waiting: ((page: Page) => void)[] = [];
  const take = (): Page | Promise<Page> => free.pop() ?? new Promise((resolve) => waiting.push(resolve));
  const give = (page: Page) => {
    const next = waiting.shift();
    if (next) next(page);
    else free.push(page);
  };
  return {
    use: async (visit: (page: Page, complaints: string[]) => Promise<void>): Promise<void> => {
      const page = await take();
      try {
        await visit(page, listen(page));
      } finally {
        page.removeAllListeners();
        // What this page still asks for is not held against the next one.
        await page.goto("about:blank");
        give(page);
      }
    },
  };
}

/** Answers for programs, downloads, and what one needs a one-time link or a program's request for. */
const noPage =
  /^\/(api|assets|mcp|minimal|code|mock|hooks|runner|oauth|\.well-known)\b|^\/(healthz|readyz|metrics|setup|sign-in|invitation|reset-password)$|\*|\.(csv|json|svg|atom)\b|\{csv\|json\}|:platform|:file|\/(load|contents|export)$/;
const isPage = (pattern: string): boolean => !noPage.test(pattern);

const regexOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replaceAll(/:\w+(\{[^}]*\}\}?)?/g, "[^/]+")}$`);

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
