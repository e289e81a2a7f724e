import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser, Page } from "playwright-core";

import { launchBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { startRunner } from "../support/installation.ts";
import { startPages, type PagesServer } from "../support/pages.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let server: PagesServer;
let api: ReturnType<typeof Bun.serve>;
/** What the API was sent. */
const seen: { method: string; authorization: string | null; body: string }[] = [];
let collectionId: string;
let monitorId: string;

beforeAll(async () => {
  api = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { method, headers } = request;
      seen.push({ method, authorization: headers.get("authorization"), body: await request.text() });
      return Response.json({ ok: true });
    },
  });
  [browser, server] = await Promise.all([launchBrowser(), startPages()]);
  const { make, workspaceId, adminId: ownerId, url } = server;
  const folder = (id: string) => ({
    id,
    name: `Folder ${id}`,
    item: [{ id: `in-${id}`, name: `Inside ${id}`, request: { method: "GET", url: api.url.origin } }],
  });
  const { id } = await make.collection({
    workspaceId,
    ownerId,
    name: "Orders",
    document: {
      info: {
        name: "Orders",
        schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
      },
      item: [
        {
          id: "ping",
          name: "Ping",
          event: [
            {
              listen: "test",
              script: {
                exec: [
                  "// what the API answers",
                  "pm.test('is made', () => {",
                  "  pm.response.to.have.status(201);",
                  "});",
                ],
              },
            },
          ],
          request: { method: "GET", url: `${api.url.origin}/ping` },
        },
        folder("one"),
        folder("two"),
      ],
    },
  });
  collectionId = id;
  const made = await make.runner({ name: "berlin-1", createdBy: ownerId });
  ({ id: monitorId } = await make.monitor({ workspaceId, ownerId, collectionId, name: "Orders API" }));
  startRunner(url, made);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  await api.stop(true);
});

const here = (path = "") => `${server.url}/collections/${collectionId}${path}`;
const runNow = async (page: Page, verdict: RegExp) => {
  await page.getByRole("button", { name: "Run now" }).first().click();
  await page.getByRole("heading", { level: 1, name: verdict }).waitFor({ timeout: 60_000 });
};
/** The same in the browser. */
const field = `document.getElementById("field-test")`;
const edited = (page: Page) => page.getByLabel("Test script", { exact: true });

test("a script is edited, its difference seen, saved, run, and taken back", async () => {
  const { page, complaints } = await server.open(browser);
  await page.goto(here());
  await runNow(page, /1 of 1 assertion failed/);

  await page.goto(here());
  await page.getByRole("link", { name: "Ping", exact: true }).click();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await edited(page).fill((await edited(page).inputValue()).replace("201", "200"));
  await page.getByRole("button", { name: "See the changes" }).click();
  const difference = page.getByRole("group", { name: "Changes of Test script" });
  expect(await difference.locator("del").allInnerTexts()).toEqual([
    expect.stringContaining("to.have.status(201)"),
  ]);
  expect(await difference.locator("ins").allInnerTexts()).toEqual([
    expect.stringContaining("to.have.status(200)"),
  ]);
  await page.getByLabel("Note").fill("it answers 200 by now");
  await page.getByRole("button", { name: "Save as revision 2" }).click();
  await page.getByText("is saved. The next run uses it.").waitFor();

  await runNow(page, /[Pp]ass/);

  await page.goto(here("/revisions/2"));
  expect(await page.getByText("it answers 200 by now").isVisible()).toBe(true);
  await page.goto(here("/items/ping?saved=2"));
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("link", { name: "Revision 3", exact: true }).waitFor();
  await runNow(page, /1 of 1 assertion failed/);
  expect(complaints).toEqual([]);
  await page.context().close();
});

describe("the editor", () => {
  test("colours, numbers lines, indents, finds, and lets the keyboard out", async () => {
    const { page, complaints } = await server.open(browser);
    await page.goto(here("/items/ping/edit"));
    const area = edited(page);
    const frame = page.locator(".editor", { has: area });
    expect(await frame.locator(".editor-lines").innerText()).toMatch(/^1\n2\n3\n4/);
    expect(await frame.locator(".tok-comment").first().innerText()).toBe("// what the API answers");
    expect(await frame.locator(".tok-string").first().innerText()).toBe("'is made'");

    await area.fill("if (a) {");
    await area.press("End");
    await area.press("Enter");
    await page.keyboard.type("b();");
    await area.press("Tab");
    expect(await area.inputValue()).toBe("if (a) {\n  b();  ");
    await area.press("Control+a");
    await area.press("Shift+Tab");
    expect(await area.inputValue()).toBe("if (a) {\nb();  ");
    await area.press("Control+z");
    expect(await area.inputValue()).toBe("if (a) {\n  b();  ");

    await area.fill("one two\none three");
    await area.press("Control+f");
    await page.keyboard.type("ONE");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    expect(await page.getByText("2 of 2").isVisible()).toBe(true);
    expect(await page.evaluate(`${field}.selectionStart`)).toBe(8);

    await area.focus();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(`${field} === document.activeElement`)).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("shows colours exactly behind what is typed", async () => {
    const { page } = await server.open(browser);
    await page.goto(here("/items/ping/edit"));
    const area = edited(page);
    await area.fill(
      Array.from({ length: 80 }, (_, index) => `line(${index}); // ${"x".repeat(300)}`).join("\n"),
    );
    await page.evaluate(`${field}.scrollTo(120, 200)`);
    const shift = `document.querySelector(".editor:has(#field-test) .editor-colours code").style.transform`;

    await eventually(async () => (await page.evaluate(shift)) === "translate(-120px, -200px)");
    const box = await page.locator(".editor", { has: area }).boundingBox();
    expect(box?.width).toBeLessThan(1000);
    await page.context().close();
  });
});

test("folders open in place, and without scripts each is a page of its own", async () => {
  const { page, complaints } = await server.open(browser);
  await page.goto(here());
  await page.getByText("Folder one").click();
  await page.getByRole("link", { name: "Inside one" }).waitFor();
  expect(await page.getByRole("link", { name: "Inside two" }).count()).toBe(0);
  expect(complaints).toEqual([]);

  const plain = await server.open(browser, { javaScriptEnabled: false });
  await plain.page.goto(here());
  await plain.page.getByText("Folder two").click();
  await plain.page.getByRole("link", { name: "Open this folder" }).last().click();
  await plain.page.getByRole("link", { name: "Inside two" }).click();
  await plain.page.getByRole("link", { name: "Edit", exact: true }).click();
  await plain.page.getByLabel("Name", { exact: true }).fill("Renamed");
  await plain.page.getByRole("button", { name: "See the changes" }).click();
  await plain.page.getByRole("button", { name: /^Save as revision/ }).click();
  expect(await plain.page.getByRole("heading", { level: 1 }).innerText()).toBe("Renamed");
  await page.context().close();
  await plain.page.context().close();
});

test("a request gets a body and an authorization without scripts, and the runner sends them", async () => {
  const { page, complaints } = await server.open(browser, { javaScriptEnabled: false });
  await page.goto(here("/items/in-two/edit"));
  expect(await page.getByLabel("Token", { exact: true }).isVisible()).toBe(false);
  await page.getByLabel("Type", { exact: true }).selectOption("bearer");
  await page.getByLabel("Token", { exact: true }).fill("t0ken-of-two");
  await page.getByLabel("Mode", { exact: true }).selectOption("urlencoded");
  expect(await page.getByLabel("GraphQL query").isVisible()).toBe(false);
  const fields = page.getByRole("group", { name: "Form fields" });
  await fields.getByLabel("Name of new field 1", { exact: true }).fill("title");
  await fields.getByLabel("Value of new field 1", { exact: true }).fill("Dune");
  await page.getByRole("button", { name: "More rows for form fields" }).click();
  expect(await page.content()).not.toContain("t0ken-of-two");
  await fields.getByLabel("Name of new field 2", { exact: true }).fill("pages");
  await fields.getByLabel("Value of new field 2", { exact: true }).fill("412");
  await page.getByLabel("Method").fill("POST");
  // Enter in a field is the preview, whatever buttons stand before it.
  await page.getByLabel("Method").press("Enter");
  const difference = page.getByRole("group", { name: "Changes of Form fields" });
  expect(await difference.locator("ins").allInnerTexts()).toEqual([
    expect.stringContaining("title: Dune"),
    expect.stringContaining("pages: 412"),
  ]);
  expect(await page.content()).not.toContain("t0ken-of-two");
  await page.getByRole("button", { name: /^Save as revision/ }).click();
  await page.getByText("is saved. The next run uses it.").waitFor();

  await page.getByRole("button", { name: "Run now" }).first().click();
  const sent = { method: "POST", authorization: "Bearer t0ken-of-two", body: "title=Dune&pages=412" };
  await eventually(() => seen.some((one) => JSON.stringify(one) === JSON.stringify(sent)), {
    timeoutMs: 60_000,
  });
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("a request is added, moved and deleted, and the deletion is taken back", async () => {
  const { page, complaints } = await server.open(browser);
  const follow = async (name: string) => page.getByRole("link", { name, exact: true }).press("Enter");
  const preview = async () => page.getByRole("button", { name: "See the changes" }).press("Enter");
  const save = async () => page.getByRole("button", { name: /^(Save as revision|Delete)/ }).press("Enter");
  await page.goto(here());
  await follow("Add");
  await page.getByLabel("Name", { exact: true }).fill("Third");
  await page.getByLabel("URL").fill(api.url.origin);
  await page.getByLabel("At the end of").selectOption({ label: "— Folder two" });
  await preview();
  await save();
  expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Third");

  await follow("Move");
  await page.getByLabel("Place in it").selectOption("first");
  await preview();
  expect(await page.getByRole("group", { name: "Changes of What is in Folder two" }).isVisible()).toBe(true);
  await save();
  await page.locator(".crumbs").getByText("Folder two").click();
  expect(await page.locator("main > .tree .name").allInnerTexts()).toEqual(["Third", "Renamed"]);

  await follow("Third");
  await follow("Delete");
  expect(await page.getByRole("link", { name: "Orders API" }).isVisible()).toBe(true);
  await save();
  expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Folder two");
  expect(await page.getByRole("link", { name: "Third" }).count()).toBe(0);
  await page.getByRole("button", { name: "Undo" }).press("Enter");
  await page.goto(here("/items/two"));
  expect(await page.getByRole("link", { name: "Third" }).count()).toBe(1);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("nothing is wider than a phone, in any of the pages", async () => {
  const { page } = await server.open(browser, { viewport: { width: 390, height: 800 } });
  for (const path of [
    "",
    "?q=inside",
    "/edit",
    "/items/ping",
    "/items/ping/edit",
    "/items/ping/duplicate",
    "/items/ping/move",
    "/items/one/delete",
    "/add",
    "/items/one",
    "/revisions",
    "/revisions/2",
    "/compatibility",
  ]) {
    await page.goto(here(path));
    const isWide = await page.evaluate(
      "document.documentElement.scrollWidth > document.documentElement.clientWidth",
    );
    expect([path, isWide]).toEqual([path, false]);
  }
  await page.context().close();
});

test("the monitor of a collection is still one click away", async () => {
  const { page } = await server.open(browser);
  await page.goto(here());
  await page.getByRole("link", { name: "Monitor it" }).click();
  expect(page.url()).toContain(`/monitors/new?collection=${collectionId}`);
  await page.goto(here());
  expect(await page.getByRole("link", { name: "Orders API" }).getAttribute("href")).toBe(
    `/monitors/${monitorId}`,
  );
  await page.context().close();
});
