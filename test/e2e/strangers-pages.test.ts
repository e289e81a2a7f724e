import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import type { Browser } from "playwright-core";

import { bringAxe, violations, widthOf } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { listen, type PagesServer, person, startPages } from "../support/pages.ts";
import { startApp, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let server: PagesServer;
let places: Record<(typeof names)[number], string>;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startPages()]);
  places = {
    "sign-in": `${server.url}/sign-in`,
    "sign-in on the way to a page": `${server.url}/runners`,
    "set-up of the first admin": await setUpLink(),
    "an invitation": await invitationLink(),
    "an invitation that is over": `${server.url}/invitation?token=over`,
    "a new password": await passwordLink(),
    "a program that asks for rights": await consentLink(),
  };
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const names = [
  "sign-in",
  "sign-in on the way to a page",
  "set-up of the first admin",
  "an invitation",
  "an invitation that is over",
  "a new password",
  "a program that asks for rights",
] as const;

/** As the first start without a user prints it. */
async function setUpLink(): Promise<string> {
  const fresh = startApp(["serve", "--port", "0", "--data-dir", join(temporaryFolder(), "data")]);
  const [, link = ""] = await fresh.find(/create the first user: (\S+)/);
  return link;
}

async function invitationLink(): Promise<string> {
  const { invitation } = await server.call<{ invitation: { url: string } }>("POST", "/users/invitations", {
    invitation: { email: "grace@example.test" },
  });
  return invitation.url;
}

/** As an admin gives it to somebody who has forgotten theirs. */
async function passwordLink(): Promise<string> {
  const { page } = await server.open(browser);
  await server.make.user({ name: "Forgetful" });
  await page.goto(`${server.url}/users`);
  await page
    .getByRole("row", { name: /Forgetful/ })
    .getByRole("button", { name: "New password" })
    .click();
  const link = await page.locator("#link").innerText();
  await page.context().close();
  return link.trim();
}

/** Asked of somebody who has to sign in before. */
async function consentLink(): Promise<string> {
  const back = "http://127.0.0.1:1/back";
  const answer = await fetch(`${server.url}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_name: "An agent", redirect_uris: [back] }),
  });
  // What it holds is proved by the page that the test opens.
  const { client_id: clientId } = (await answer.json()) as { client_id: string };
  const asked = new URLSearchParams({
    client_id: clientId,
    redirect_uri: back,
    response_type: "code",
    code_challenge: "x".repeat(43),
    code_challenge_method: "S256",
  });
  return `${server.url}/oauth/authorize?${asked.toString()}`;
}

describe("a page before the sign-in", () => {
  test.each([...names])("%s: no violation, no complaint, nothing beside the edge", async (name) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await bringAxe(context);
    const page = await context.newPage();
    const complaints = listen(page);
    await page.goto(places[name]);
    if (name === "a program that asks for rights") {
      await page.getByLabel("Email").fill(person.email);
      await page.getByLabel("Password").fill(person.password);
      await page.keyboard.press("Enter");
      await page.getByText("An agent").first().waitFor();
    }

    expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await violations(page)).toEqual([]);
    expect(await widthOf(page)).toBeLessThanOrEqual(390);
    // The browser tells of the status of the page itself.
    expect(complaints.filter((text) => !text.includes("403"))).toEqual([]);
    await context.close();
  });
});
