import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import type { Browser, BrowserContext, Page } from "playwright-core";

import { launchBrowser } from "../support/browser.ts";
import { startApp, stopEverything, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let target: ReturnType<typeof Bun.serve>;
beforeAll(async () => {
  browser = await launchBrowser();
  target = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/collection.json") return Response.json(collection);
      if (pathname === "/orders") return Response.json({ token: request.headers.get("authorization") });
      return new Response("nothing here", { status: 404 });
    },
  });
});
afterAll(async () => {
  await browser.close();
  await stopEverything();
  await target.stop(true);
});

const collection = {
  info: { name: "Orders", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [
    {
      name: "List orders",
      event: [
        {
          listen: "test",
          script: {
            exec: [
              "pm.test('is told the token', () => pm.expect(pm.response.json().token).to.equal('Bearer s3cret'));",
            ],
          },
        },
      ],
      request: {
        method: "GET",
        url: "{{baseUrl}}/orders",
        header: [{ key: "authorization", value: "Bearer {{apiToken}}" }],
      },
    },
  ],
};

/** A new installation whose first person is about to arrive. */
async function arrive(options: Parameters<Browser["newContext"]>[0] = {}) {
  const server = startApp(["serve", "--port", "0", "--data-dir", join(temporaryFolder(), "data")]);
  const [, link = ""] = await server.find(/create the first user: (\S+)/);
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(link);
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("Email").fill("ada@example.test");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: /create|begin|start/i }).click();
  return { page, context, complaints };
}

/** Starts the runner with the command that the page shows, as a shell would. */
async function startShownRunner(page: Page): Promise<void> {
  const command = await page.getByLabel("Start command").innerText();
  const [, ...args] = command.trim().split(/\s+/);
  startApp([...args, "--data-dir", join(temporaryFolder(), "runner")]);
}

const stepDone = (page: Page, title: string) =>
  page.locator("#start > li.done", { has: page.getByRole("heading", { name: title }) });

test("from nothing to the first result, on one page", async () => {
  const { page, context, complaints } = await arrive();

  await page.getByRole("button", { name: "Create workspace" }).click();
  await page.getByLabel("or its address").fill(`${target.url.origin}/collection.json`);
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByLabel("baseUrl", { exact: true }).fill(target.url.origin);
  await page.getByLabel("apiToken", { exact: true }).fill("s3cret");
  await page.getByRole("button", { name: "Save environment" }).click();
  await page.getByRole("button", { name: "Create runner" }).click();
  await startShownRunner(page);
  await page.getByRole("link", { name: "I have started My runner" }).click();
  await stepDone(page, "Runner").waitFor();
  await page.getByRole("button", { name: "Create it and run it now" }).click();
  await stepDone(page, "First result").waitFor();

  expect(await stepDone(page, "First result").innerText()).toContain("the run passed");
  await page.getByRole("link", { name: "See the run" }).click();
  await page.getByRole("heading", { name: "All 1 assertion passed" }).waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("without JavaScript, in two browsers, with mistakes on the way", async () => {
  const { page, context } = await arrive({ javaScriptEnabled: false });

  await page.getByRole("button", { name: "Create workspace" }).click();
  await page.getByLabel("or its address").fill(`${target.url.origin}/nothing-here`);
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByText("/nothing-here answered 404, not with a document.").waitFor();
  await page.getByLabel("or its address").fill("");
  await page.getByLabel("or paste it").fill(JSON.stringify(collection));
  await page.getByRole("button", { name: "Import" }).click();
  await stepDone(page, "Collection").waitFor();

  const { page: other, context: second } = await elsewhere(page, context);
  await other.getByLabel("baseUrl", { exact: true }).fill(target.url.origin);
  await other.getByLabel("apiToken", { exact: true }).fill("s3cret");
  await other.getByRole("button", { name: "Save environment" }).click();
  await other.getByRole("button", { name: "Create runner" }).click();
  // The command was not copied: another key makes another command.
  await other.goto(new URL("/start", other.url()).href);
  await other.getByText("Waiting for My runner").waitFor();
  await other.getByRole("button", { name: "Show a start command with a new key" }).click();
  await startShownRunner(other);
  await lookAgain(other, "Runner");
  await other.getByRole("button", { name: "Create it and run it now" }).click();
  await lookAgain(other, "First result");
  expect(await stepDone(other, "First result").innerText()).toContain("the run passed");
  await second.close();
  await context.close();
});

/** The same person in another browser, on the bare address. */
async function elsewhere(page: Page, context: BrowserContext) {
  const second = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await context.storageState(),
  });
  const other = await second.newPage();
  await other.goto(new URL("/start", page.url()).href);
  return { page: other, context: second };
}

/** What a person does without a script: loads the page until the step is done. */
async function lookAgain(page: Page, title: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while ((await stepDone(page, title).count()) === 0) {
    if (performance.now() > deadline) throw new Error(`${title} is not done: ${await page.content()}`);
    await page.goto(new URL("/start", page.url()).href);
  }
}
