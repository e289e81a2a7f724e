import { existsSync } from "node:fs";

import { chromium, type Browser } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts a headless Chromium: `CHROMIUM_PATH`, or where distributions put it. Throws one sentence when there is none. */
export async function launchBrowser(): Promise<Browser> {
  const wanted = process.env["CHROMIUM_PATH"];
  const executablePath = wanted ?? places.find((place) => existsSync(place));
  if (executablePath === undefined || !existsSync(executablePath)) {
    throw new Error(
      "no Chromium found: install it (apt-get install chromium) or set CHROMIUM_PATH to its executable",
    );
  }
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-quic",
    ],
  });
}
