import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import type { Database } from "../../db/connect.ts";
import * as schema from "../../db/schema.ts";
import { systemActor } from "../../src/access/audit/audit.ts";
import { createApiKey } from "../../src/access/keys/store.ts";
import { createUser } from "../../src/access/people/store.ts";
import type { Step } from "../../src/contract/events.ts";
import { externalPostgres } from "./external-postgres.ts";
import { type ApiCall, apiOf, startServer } from "./installation.ts";
import { createMake } from "./make.ts";
import { stopEverything, temporaryFolder } from "./processes.ts";

export const person = { email: "ada@example.test", name: "Ada", password: "correct horse battery" };

/** What is there before the program starts. */
export interface PagesStage {
  database: Database;
  make: ReturnType<typeof createMake>;
  adminId: number;
  workspaceId: string;
}

export interface PagesServer extends PagesStage {
  url: string;
  /** The API with a key of the admin. */
  call: ApiCall;
  /** A tab of somebody who has signed in; every error of the browser's console lands in `complaints`. */
  open(browser: Browser, options?: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }>;
  /** Ends this and every other program that the test started. */
  stop(): Promise<void>;
}

export interface PagesOptions {
  /** More arguments of `app serve`. */
  args?: string[];
  /** Stores what the loops of the program must find whole, such as ended runs with their steps. */
  prepare?: (stage: PagesStage) => Promise<void>;
}

/** The real program on a fresh database, with one admin and one workspace. */
export async function startPages({ args = [], prepare }: PagesOptions = {}): Promise<PagesServer> {
  const postgres = await externalPostgres();
  const { database } = postgres;
  const make = createMake(database);
  const admin = await createUser(database, systemActor, { ...person, role: "admin" });
  const workspace = await make.workspace({ createdBy: admin.id, name: "Payments" });
  const stage: PagesStage = { database, make, adminId: admin.id, workspaceId: workspace.id };
  await prepare?.(stage);
  const where = ["--database-url", postgres.url, "--data-dir", temporaryFolder()];
  const { address: url } = await startServer(["--port", "0", ...where, ...args]);
  const { key } = await createApiKey(
    database,
    { ...systemActor, userId: admin.id },
    { userId: admin.id, name: "test" },
  );
  let signedIn: ReturnType<typeof signIn> | undefined;
  return {
    ...stage,
    url,
    call: apiOf(url, key),
    open: async (browser, options) => {
      signedIn ??= signIn(browser, url);
      return openTab(browser, url, { storageState: await signedIn, ...options });
    },
    stop: async () => {
      await stopEverything();
      await postgres.stop();
    },
  };
}

/** What a browser keeps of somebody who has signed in. */
async function signIn(browser: Browser, url: string) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${url}/`);
  const state = await context.storageState();
  await context.close();
  return state;
}

async function openTab(browser: Browser, url: string, options: BrowserContextOptions) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
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
  { make }: PagesStage,
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
