// `bun test/support/screens.ts`: takes the pictures of the README from the real program with the demo in it.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { z } from "zod";

import { launchBrowser } from "./browser.ts";
import { apiOf } from "./installation.ts";
import { startApp, stopEverything, temporaryFolder } from "./processes.ts";

const WIDTH = 1280;
const HEIGHT = 800;
/** Enough to fill the bars of a monitor. */
const RUNS = 24;

const demoState = z.object({ email: z.string(), password: z.string(), apiKey: z.string() });
const folder = join(import.meta.dir, "../../docs/screens");

await mkdir(folder, { recursive: true });
try {
  await takePictures();
} finally {
  await stopEverything();
}

async function takePictures(): Promise<void> {
  const dataDir = join(temporaryFolder(), "data");
  const demo = startApp(["demo", "--data-dir", dataDir, "--port", "47650"], {
    env: { APP_RATE_LIMIT: "off" },
  });
  await demo.find(/Ctrl\+C stops everything/, 60_000);
  const [, address = ""] = /open\s+(http\S+)/.exec(demo.output()) ?? [];
  const state = demoState.parse(await Bun.file(join(dataDir, "demo.json")).json());
  const call = apiOf(address, state.apiKey);

  const { monitors } = await call<{ monitors: { id: string }[] }>("GET", "/monitors");
  const monitorId = monitors[0]?.id ?? "";
  await tightenLimit(call);
  let failedRunId = "";
  for (let count = 0; count < RUNS; count++) {
    const { run } = await call<{ run: { info: { status: string }; runs: { id: string }[] } }>(
      "POST",
      `/monitors/${monitorId}/run`,
    );
    if (run.info.status === "failed") failedRunId = run.runs[0]?.id ?? "";
  }

  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
  await signIn(page, address, state);
  const pages = [
    ["overview", "/"],
    ["monitor", `/monitors/${monitorId}`],
    ["run", `/runs/${failedRunId}`],
    ["runners", "/runners"],
  ] as const;
  for (const [name, path] of pages) {
    await page.goto(`${address}${path}`, { waitUntil: "networkidle" });
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
  await browser.close();
}

/** Makes the slow report fail now and then, so that the pictures show both. */
async function tightenLimit(call: ReturnType<typeof apiOf>): Promise<void> {
  const { environments } = await call<{ environments: { id: string }[] }>("GET", "/environments");
  const path = `/environments/${environments[0]?.id}`;
  const { environment } = await call<{ environment: { name: string; values: { key: string }[] } }>(
    "GET",
    path,
  );
  const values = environment.values.map((variable) =>
    variable.key === "maxResponseMs" ? { ...variable, value: "375" } : variable,
  );
  await call("PUT", path, { environment: { name: environment.name, values } });
}

async function signIn(
  page: Page,
  address: string,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await page.goto(`${address}/sign-in`);
  await page.fill('input[type="email"]', email);
  await page.fill('input[type="password"]', password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}
