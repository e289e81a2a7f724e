// `bun test/support/screens.ts`: takes the pictures of docs/screens from the real program.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Browser } from "playwright-core";

import { launchBrowser } from "./browser.ts";
import { stopEverything } from "./processes.ts";
import { placeNames, startTour, type Tour, visitor } from "./tour.ts";

/** Enough to fill the bars of a monitor. */
const RUNS = 24;
/** WebP, which is a third of JPEG at the same look. */
const QUALITY = 60;
const widths = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const;
const schemes = ["light", "dark"] as const;
const folder = join(import.meta.dir, "../../docs/screens");

/** Questions before something is deleted all look alike. */
const pictured = placeNames.filter((name) => !/delete|remove|reset|no such/.test(name));

const browser = await launchBrowser();
try {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const tour = await startTour({ runs: RUNS });
  await takePictures(browser, tour);
  await tour.stop();
} finally {
  await browser.close();
  await stopEverything();
}

async function takePictures(from: Browser, { installation, places }: Tour): Promise<void> {
  const context = await from.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await page.goto(`${installation.address}/sign-in`);
  await page.getByLabel("Email").fill(visitor.email);
  await page.getByLabel("Password").fill(visitor.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${installation.address}/`);
  for (const name of pictured) {
    await page.goto(`${installation.address}${places[name]}`, { waitUntil: "load" });
    for (const [width, size] of Object.entries(widths)) {
      await page.setViewportSize(size);
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        const file = `${name.replaceAll(" ", "-")}-${width}-${colorScheme}.webp`;
        const taken = await devtools.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
        await Bun.write(join(folder, file), Buffer.from(taken.data, "base64"));
      }
    }
  }
  process.stdout.write(`${pictured.length * 4} pictures in docs/screens\n`);
}
