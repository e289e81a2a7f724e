import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { Browser, BrowserContext } from "playwright-core";

import { SESSION_COOKIE } from "../../src/access/session.ts";
import { createSession } from "../../src/access/store.ts";
import { launchBrowser } from "../support/browser.ts";
import { type ServedApi, servedApi } from "../support/served-api.ts";
import { type MadeMock, makeMock } from "./support.ts";

setDefaultTimeout(120_000);

let api: ServedApi;
let browser: Browser;
let signedIn: BrowserContext;
let mock: MadeMock;

/** Reads a page of the person who looks at it, and shows that it could. */
const attack = `fetch("/keys").then((r) => r.text()).then((t) => { document.title = t.includes("csrf") ? "stolen" : "read"; });
  document.title = "ran";`;

beforeAll(async () => {
  api = await servedApi();
  browser = await launchBrowser();
  signedIn = await browser.newContext();
  const token = await createSession(api.database, api.actor.userId);
  await signedIn.addCookies([{ name: SESSION_COOKIE, value: token, url: api.url, httpOnly: true }]);
  mock = await makeMock(api, [
    {
      url: "{{u}}/page",
      language: "html",
      body: `<title>page</title><h1>Hello</h1><script>${attack}</script>`,
    },
    {
      url: "{{u}}/image.svg",
      header: [{ key: "Content-Type", value: "image/svg+xml" }],
      body: `<svg xmlns="http://www.w3.org/2000/svg"><title>image</title><script>${attack}</script></svg>`,
    },
    { url: "{{u}}/code.js", language: "javascript", body: `window.ran = true;` },
  ]);
});
afterAll(async () => {
  await browser.close();
  await api.stop();
});

const urlOf = (path: string) => `${api.url}/mock/${mock.id}${path}`;

test.each(["/page", "/image.svg"])(
  "a script in %s does not run for the person who is signed in",
  async (path) => {
    const page = await signedIn.newPage();

    await page.goto(urlOf(path), { waitUntil: "networkidle" });

    expect(["ran", "read", "stolen"]).not.toContain(await page.title());
    expect(await page.evaluate("self.origin")).toBe("null");
    await page.close();
  },
);

test("a page of ours takes no script from a mock, although it is of the same origin", async () => {
  const page = await signedIn.newPage();
  await page.goto(`${api.url}/keys`);
  const load = page.addScriptTag({ url: urlOf("/code.js") });

  expect(
    await load.then(
      () => "loaded",
      () => "refused",
    ),
  ).toBe("refused");
  expect(await page.evaluate("'ran' in window")).toBe(false);
  await page.close();
});

test("a page of another site reads a mock, without the cookies of the person", async () => {
  const elsewhere = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("<title>other</title>", { headers: { "content-type": "text/html" } }),
  });
  const page = await signedIn.newPage();
  await page.goto(`http://127.0.0.1:${elsewhere.port}`);

  const [text, withCookies] = await page.evaluate(async (url) => {
    const options = { method: "GET", headers: { "x-mock-response-code": "200" } };
    const read = await fetch(url, options).then((response) => response.text());
    const credentials = await fetch(url, { credentials: "include" }).then(
      () => "read",
      () => "refused",
    );
    return [read, credentials];
  }, urlOf("/code.js"));

  expect(text).toBe("window.ran = true;");
  expect(withCookies).toBe("refused");
  await page.close();
  await elsewhere.stop(true);
});

test.each(["PROPFIND", "QUERY", "PURGE"])(
  "a method that is seldom seen comes through: %s",
  async (method) => {
    const seldom = await makeMock(api, [{ method, code: 204 }]);

    const response = await fetch(`${api.url}/mock/${seldom.id}/books`, { method });

    expect(response.status).toBe(204);
  },
);
