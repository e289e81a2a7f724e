import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import type { Database } from "../../db/connect.ts";
import * as schema from "../../db/schema.ts";
import { systemActor } from "../../src/access/audit/audit.ts";
import type { Deps } from "../../src/access/context.ts";
import { createUser } from "../../src/access/people/store.ts";
import { SESSION_COOKIE } from "../../src/access/session.ts";
import { createSession } from "../../src/access/store.ts";
import type { Step } from "../../src/contract/events.ts";
import { createApp } from "../../src/server/app.ts";
import { testDeps } from "./api.ts";
import { testDatabase } from "./database.ts";
import { createMake } from "./make.ts";

export const person = { email: "ada@example.test", name: "Ada", password: "correct horse battery" };

export interface PagesServer {
  url: string;
  database: Database;
  deps: Deps;
  make: ReturnType<typeof createMake>;
  adminId: number;
  workspaceId: string;
  /** A tab of somebody who has signed in; every error of the browser's console lands in `complaints`. */
  open(browser: Browser, options?: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }>;
  stop(): Promise<void>;
}

/** The whole app on a fresh database, listening, with one admin and one workspace. */
export async function startPages(): Promise<PagesServer> {
  const database = await testDatabase();
  const make = createMake(database);
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(null, { status: 503 }),
  });
  const url = server.url.origin;
  const deps = testDeps(database, { publicUrl: url });
  server.reload({ fetch: createApp(deps).fetch });
  const admin = await createUser(database, systemActor, { ...person, role: "admin" });
  const workspace = await make.workspace({ createdBy: admin.id, name: "Payments" });
  return {
    url,
    database,
    deps,
    make,
    adminId: admin.id,
    workspaceId: workspace.id,
    open: async (browser, options) =>
      openSignedIn(browser, { url, token: await createSession(database, admin.id) }, options),
    stop: () => server.stop(true),
  };
}

async function openSignedIn(
  browser: Browser,
  { url, token }: { url: string; token: string },
  options: BrowserContextOptions = {},
) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  await context.addCookies([{ name: SESSION_COOKIE, value: token, url }]);
  const page = await context.newPage();
  await page.clock.install();
  const complaints = listen(page);
  await page.goto(url);
  return { page, complaints };
}

/** Errors and warnings of the console, refused content included, and exceptions. */
export function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return complaints;
}

/** A finished run with its steps, as a runner would have reported it. */
export async function storeRun(
  { make }: PagesServer,
  row: Partial<typeof schema.runs.$inferInsert> & { monitorId: string },
  steps: Step[] = [],
) {
  const outcome = row.outcome ?? "passed";
  const now = new Date();
  const execution = await make.execution({ monitorId: row.monitorId, finishedAt: now, outcome });
  const run = await make.run({
    executionId: execution.id,
    status: "finished",
    outcome,
    attempt: 1,
    claimedAt: now,
    finishedAt: now,
    durationMs: 412,
    requestsTotal: 2,
    responseMsTotal: 268,
    ...row,
  });
  await storeSteps(make, run.id, steps);
  return run;
}

export async function storeSteps(
  make: ReturnType<typeof createMake>,
  runId: string,
  steps: Step[],
  firstSeq = 1,
): Promise<void> {
  if (steps.length === 0) return;
  const events = steps.map((step, index) => ({
    seq: firstSeq + index,
    type: "step_finished" as const,
    step,
  }));
  await make.events(runId, 1, events);
}
