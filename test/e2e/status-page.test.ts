import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createRequire } from "node:module";

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { listEntries } from "../../src/status/store.ts";
import { launchBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { listen, type PagesServer, startPages } from "../support/pages.ts";
import { countHour, stageStatusPage, type StatusStage } from "../support/status.ts";

// It has no types.
const { parseStringPromise } = createRequire(import.meta.url)("xml2js");

setDefaultTimeout(120_000);

let browser: Browser;
let server: PagesServer;
let staged: StatusStage;
let address: string;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startPages()]);
  const { database, make, adminId, workspaceId } = server;
  staged = await stageStatusPage(database, make, {
    userId: adminId,
    workspaceId,
    page: { slug: "acme", timezone: "Europe/Berlin", description: "How the systems of Acme are." },
  });
  for (let day = 0; day < 40; day++) {
    const at = new Date(Date.now() - day * 86_400_000);
    await countHour(database, staged.monitorId, at, { passed: 20, failed: day === 3 ? 4 : 0 });
  }
  const incidents = `/status-pages/${staged.page.id}/incidents`;
  const { incident } = await server.call<{ incident: { id: string } }>("POST", incidents, {
    incident: {
      title: "Orders are slow",
      state: "investigating",
      message: "We look.",
      monitors: [staged.monitorId],
    },
  });
  await server.call("POST", `${incidents}/${incident.id}/updates`, {
    update: { state: "identified", message: "A disk is full." },
  });
  address = `${server.url}/status/acme`;
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** A stranger: no session, no cookie. */
async function openAsStranger(
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  return { page, complaints: listen(page) };
}

describe("a stranger", () => {
  test.each([
    ["on a desk", {}],
    ["on a phone", { viewport: { width: 390, height: 800 } }],
    [
      "on a phone, in the dark, without JavaScript",
      { viewport: { width: 390, height: 800 }, colorScheme: "dark", javaScriptEnabled: false },
    ],
  ] as const)("reads it %s", async (_, options: BrowserContextOptions) => {
    const { page, complaints } = await openAsStranger(options);

    await page.goto(address);

    expect(await page.title()).toBe("Acme status");
    expect(await page.locator(".status-verdict").innerText()).toContain("The system is affected");
    expect(await page.getByRole("heading", { name: "Ordering" }).isVisible()).toBe(true);
    expect(await page.getByRole("heading", { name: "Orders are slow" }).isVisible()).toBe(true);
    expect(await page.locator("svg.days").getAttribute("aria-label")).toBe(
      "Ordering: 90 days: 39 without failures, 1 with failures, 50 without checks",
    );
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    expect(complaints).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
    await page.context().close();
  });

  test("follows its links: history, feed, JSON and back", async () => {
    const { page, complaints } = await openAsStranger({ javaScriptEnabled: false });
    await page.goto(address);

    await page.getByRole("link", { name: "All incidents" }).click();
    expect(page.url()).toBe(`${address}/history`);
    expect(await page.locator("article.incident").innerText()).toContain("A disk is full.");
    await page.getByRole("link", { name: "Acme status" }).click();

    expect(page.url()).toBe(address);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("sees a change without asking again", async () => {
    const { page, complaints } = await openAsStranger();
    await page.clock.install();
    await page.goto(address);
    await server.database.sql`update monitors set state = 'failed' where id = ${staged.monitorId}`;

    // The server remembers for a few seconds what it told last.
    await eventually(async () => (await (await fetch(`${address}.json`)).text()).includes('"down"'), {
      everyMs: 200,
    });
    await page.clock.runFor(61_000);
    await page.getByText("Outage").waitFor();

    expect(complaints).toEqual([]);
    await server.database.sql`update monitors set state = 'passed' where id = ${staged.monitorId}`;
    await page.context().close();
  });
});

describe("what programs read", () => {
  test("a feed that an XML parser takes", async () => {
    const { feed } = await parseStringPromise(await (await fetch(`${address}/feed.atom`)).text());

    expect(feed.title).toEqual(["Acme status"]);
    expect(feed.entry[0].title).toEqual(["Orders are slow (identified)"]);
    expect(feed.link.map(({ $ }: { $: { rel: string } }) => $.rel)).toEqual(["alternate", "self"]);
  });

  test("badges that a browser draws on another site", async () => {
    const [entry] = await listEntries(server.database, staged.page.id);
    const { page, complaints } = await openAsStranger();
    const badges = [`${address}/badge.svg`, `${address}/badge/${entry?.id}.svg`];
    // An origin of its own, as a README elsewhere has.
    const elsewhere = Bun.serve({
      port: 0,
      fetch: () =>
        new Response(badges.map((badge) => `<img src="${badge}">`).join(""), {
          headers: { "content-type": "text/html", "cross-origin-embedder-policy": "require-corp" },
        }),
    });

    await page.goto(`http://localhost:${elsewhere.port}`);
    const widths = await page.evaluate("[...document.images].map((image) => image.naturalWidth)");
    const sources = await Promise.all(badges.map(async (badge) => (await fetch(badge)).text()));

    expect((widths as number[]).every((width) => width > 60)).toBe(true);
    expect(await Promise.all(sources.map((source) => parseStringPromise(source)))).toMatchObject([
      { svg: { title: [expect.stringContaining("Acme status: ")] } },
      { svg: { title: [expect.stringContaining("Ordering: ")] } },
    ]);
    expect(complaints.filter((line) => !line.includes("favicon"))).toEqual([]);
    await elsewhere.stop(true);
    await page.context().close();
  });
});

test("an editor makes a page from nothing, with the keyboard and without JavaScript", async () => {
  await server.make.monitor({
    ownerId: server.adminId,
    workspaceId: server.workspaceId,
    name: "inside-name",
  });
  const { page } = await server.open(browser, { javaScriptEnabled: false });
  await page.goto(`${server.url}/status-pages`);
  await page.getByRole("link", { name: "New status page" }).click();
  await page.getByLabel("Title").fill("Partners");
  await page.getByRole("textbox", { name: "Address" }).fill("partners");
  await page.getByLabel(/Everybody/).check();
  await page.getByRole("button", { name: "Create status page" }).press("Enter");

  await page.getByLabel("inside-name").check();
  await page.getByRole("button", { name: "Put the chosen ones on the list" }).press("Enter");
  await page.getByLabel("Shown name of inside-name").fill("Partner API");
  // Enter in a field saves, it does not move the row.
  await page.getByLabel("Shown name of inside-name").press("Enter");

  expect(await page.getByRole("status").first().innerText()).toContain("Saved.");
  const { page: stranger } = await openAsStranger();
  await stranger.goto(`${server.url}/status/partners`);
  const text = await stranger.locator("main").innerText();
  expect(text).toContain("Partner API");
  expect(text).not.toContain("inside-name");
});
