// `bun test/bench/paint.ts`: how long Chromium takes from asking for a page of the compiled program until it paints, and what
// is sent for it, with the data of the benchmark `pages`. Each page is opened by a browser that has nothing in its cache.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Browser } from "playwright-core";

import { connect } from "../../db/connect.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { systemActor } from "../../src/access/audit/audit.ts";
import { createUser } from "../../src/access/people/store.ts";
import { SESSION_COOKIE } from "../../src/access/session.ts";
import { createSession } from "../../src/access/store.ts";
import { launchBrowser } from "../support/browser.ts";
import { silentLog } from "../support/database.ts";
import { startServer } from "../support/installation.ts";
import { stopEverything } from "../support/processes.ts";
import { quantile } from "./measure.ts";
import { fillPages, usualData } from "./pages-data.ts";

const VISITS = 20;

const print = (line: string) => void process.stdout.write(`${line}\n`);

interface Prepared {
  monitorId: string;
  token: string;
}

async function prepare(dataDir: string): Promise<Prepared> {
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
  const database = connect({ target: postgres.target });
  try {
    await migrate(database);
    const monitorId = await fillPages(database, usualData);
    const person = { email: "ada@example.test", name: "Ada", password: "correct horse battery" };
    const user = await createUser(database, systemActor, { ...person, role: "admin" });
    return { monitorId, token: await createSession(database, user.id) };
  } finally {
    await database.close();
    await postgres.stop();
  }
}

interface Visit {
  /** From the beginning of the navigation to the first contentful paint, as the browser measures it. */
  paintMs: number;
  /** To the last byte of the document. */
  documentMs: number;
  /** Headers and bodies of everything that the page fetched, as it went over the wire. */
  bytes: number;
}

/** For the browser, whose types are not those of this program. */
const timings = `(() => {
  const [navigation] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const sent = [navigation, ...performance.getEntriesByType("resource")];
  return {
    paintMs: paint.startTime,
    documentMs: navigation.responseEnd,
    bytes: sent.reduce((sum, { transferSize }) => sum + transferSize, 0),
  };
})()`;

async function visit(browser: Browser, url: string, token: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    await context.addCookies([{ name: SESSION_COOKIE, value: token, url }]);
    const page = await context.newPage();
    const answer = await page.goto(url, { waitUntil: "load" });
    if (answer?.status() !== 200) throw new Error(`${url} answered ${answer?.status()}`);
    await page.waitForFunction("performance.getEntriesByName('first-contentful-paint').length > 0");
    return await page.evaluate<Visit>(timings);
  } finally {
    await context.close();
  }
}

const dataDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
try {
  const { monitorId, token } = await prepare(dataDir);
  const { address } = await startServer(["--port", "0", "--data-dir", dataDir]);
  const browser = await launchBrowser();
  print(
    `${usualData.monitors} monitors, ${usualData.runs} runs of one; ${VISITS} visits each, nothing in the cache`,
  );
  for (const [name, path] of [
    ["overview", "/"],
    ["monitor, 24 h", `/monitors/${monitorId}`],
    ["monitor, 90 d, phases", `/monitors/${monitorId}?range=90d&measure=phases`],
  ] as const) {
    const visits: Visit[] = [];
    for (let time = 0; time < VISITS; time++) visits.push(await visit(browser, `${address}${path}`, token));
    const times = (pick: (one: Visit) => number) =>
      [0.5, 0.95].map((part) => quantile(visits.map(pick), part).toFixed(0)).join(" / ");
    print(
      `  ${name.padEnd(22)} first paint p50 / p95 ${times((one) => one.paintMs)} ms   document ${times((one) => one.documentMs)} ms   ${(
        quantile(
          visits.map((one) => one.bytes),
          0.5,
        ) / 1000
      ).toFixed(0)} kB in all`,
    );
  }
  await browser.close();
} finally {
  await stopEverything();
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit(0);
