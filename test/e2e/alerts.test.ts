import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser, Page } from "playwright-core";

import { type HttpReceiver, httpReceiver, type MailReceiver, mailReceiver } from "../alerts/receivers.ts";
import { launchBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { admin, type Installation, setUpMonitor, startInstallation } from "../support/installation.ts";
import { listen } from "../support/pages.ts";
import { startApp, stopEverything, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(180_000);

let browser: Browser;
let room: HttpReceiver;
let post: MailReceiver;
let installation: Installation;
let target: ReturnType<typeof Bun.serve>;
let isBroken = false;
let monitorId: string;
let workspaceId: string;

beforeAll(async () => {
  room = httpReceiver();
  post = await mailReceiver();
  target = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(isBroken ? "out of stock tables" : "fine", { status: isBroken ? 500 : 200 }),
  });
  const mail = ["--smtp-url", `smtp://127.0.0.1:${post.port}`, "--smtp-from", "alerts@example.test"];
  [browser, installation] = await Promise.all([launchBrowser(), startInstallation({ args: mail })]);
  const set = await setUpMonitor(installation, { collection, monitor: { name: "Orders" } });
  ({ monitorId, workspaceId } = set);
  const { id, key } = set.runner;
  const { address } = installation;
  const runner = startApp(
    ["runner", "start", "--id", id, "--server", address, "--data-dir", temporaryFolder()],
    { env: { POSTMAN_RUNNER_KEY: key } },
  );
  await runner.find(/registered/i);
});

afterAll(async () => {
  await browser.close();
  await stopEverything();
  await Promise.all([room.stop(), post.stop(), target.stop(true)]);
});

const collection = {
  info: { name: "Orders", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  get item() {
    return [
      {
        name: "List orders",
        request: target.url.href,
        event: [
          {
            listen: "test",
            script: { exec: ["pm.test('answers', () => pm.response.to.have.status(200));"] },
          },
        ],
      },
    ];
  },
};

const runOnce = () => installation.call("POST", `/monitors/${monitorId}/run`);

async function signIn(): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints = listen(page);
  await page.goto(`${installation.address}/sign-in`);
  await page.fill('input[type="email"]', admin.email);
  await page.fill('input[type="password"]', admin.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return { page, complaints };
}

test("a channel is made and tested, a rule put on a monitor, and the alert of the night leads to the cause", async () => {
  const { page, complaints } = await signIn();

  await page.getByRole("link", { name: "Alerts", exact: true }).click();
  await page.getByRole("link", { name: "Make the first channel" }).click();
  await page.getByText("Mail goes out through").waitFor();
  await page.getByRole("link", { name: /^Webhook JSON/ }).click();
  await page.getByLabel("Name", { exact: true }).fill("On-call");
  await page.getByLabel("URL", { exact: true }).fill(`${room.url}/room`);
  await page.getByLabel("Secret for the signature").fill("shared");
  await page.getByRole("button", { name: "Create channel" }).click();

  room.answers.push({ status: 404, body: "no such room" });
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("no such room").waitFor();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("test sent").waitFor();
  expect(room.calls.map(({ body }) => body.event)).toEqual(["test", "test"]);

  await page.goto(`${installation.address}/monitors/${monitorId}/alerts`);
  await page.getByRole("checkbox", { name: /On-call/ }).check();
  await page.getByLabel("Tell of").selectOption("1");
  await page.getByRole("button", { name: "Add rule" }).click();
  await page.getByText("of the first failure").waitFor();

  isBroken = true;
  await runOnce();
  const alert = await eventually(() => room.calls.find(({ body }) => body.event === "firing")?.body);
  expect(alert).toMatchObject({ state: "firing", monitor_name: "Orders" });

  await page.goto(alert.run_url);
  await page.getByText("answers").first().waitFor();
  expect(await page.getByText("out of stock tables").first().isVisible()).toBe(true);
  await page.goto(`${installation.address}/alerts`);
  await page.getByRole("heading", { name: "Firing now" }).waitFor();

  isBroken = false;
  await runOnce();
  await eventually(() => room.calls.some(({ body }) => body.event === "recovered"));
  await page.getByText("nothing fires").waitFor();
  expect(await page.getByRole("link", { name: "Orders passes again" }).isVisible()).toBe(true);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("the admin sees how mail is sent, and a test arrives", async () => {
  const { page, complaints } = await signIn();

  await page.goto(`${installation.address}/alerts/channels`);
  await page.getByRole("button", { name: `Send a test to ${admin.email}` }).click();
  await page.getByText("is on its way").waitFor();

  const [mail] = await eventually(() => (post.mails.length > 0 ? post.mails : undefined));
  expect(mail).toMatchObject({ from: "alerts@example.test", to: [admin.email] });
  expect(complaints).toEqual([]);
  await page.context().close();
});

test("a mail wakes somebody: its link leads by the sign-in to the cause, on a phone without JavaScript", async () => {
  const workspace = workspaceId;
  const { alertChannel } = await installation.call<{ alertChannel: { id: string } }>(
    "POST",
    "/alert-channels",
    {
      workspace,
      name: "Night shift",
      config: { kind: "email", recipients: [admin.email] },
    },
  );
  const rule = { workspace, monitorId, channelIds: [alertChannel.id], inARow: 1 };
  await installation.call("POST", "/alert-rules", rule);
  isBroken = true;
  await runOnce();
  const link = await eventually(() => runLinkIn(post.mails.map(({ raw }) => raw)));

  const context = await browser.newContext({
    javaScriptEnabled: false,
    viewport: { width: 390, height: 844 },
  });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByLabel("Email").fill(admin.email);
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/runs\//);

  expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(
    "1 of 1 assertion failed in List orders",
  );
  expect(await page.locator(".cause").innerText()).toContain("The API under test");
  expect(await page.locator(".cause .comparison").innerText()).toMatch(
    /Expected\s+status code 200\s+Got\s+500/,
  );
  await page.getByRole("link", { name: "Go to the failure: step 1, List orders" }).click();
  expect(await page.getByText("out of stock tables").first().isVisible()).toBe(true);
  isBroken = false;
  await context.close();
});

/** Of the mails as they came: lines that were broken on the way are whole again. */
const runLinkIn = (mails: string[]): string | undefined =>
  mails
    .map((raw) => /https?:\/\/[\w.:]+\/runs\/[\w-]+/.exec(raw.replaceAll("=\r\n", ""))?.[0])
    .find((link) => link !== undefined);
