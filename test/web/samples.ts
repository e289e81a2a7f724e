import type { Step } from "../../src/contract/events.ts";
import { headOf } from "../../src/contract/step-head.ts";
import type { Shell } from "../../web/layout.tsx";
import type { MonitorProps } from "../../web/pages/monitor.tsx";
import type { OverviewProps } from "../../web/pages/overview.tsx";
import type { RunProps } from "../../web/pages/run.tsx";
import type { OverviewRow } from "../../web/parts/monitor-table.tsx";
import { defaultView } from "../../web/parts/monitor-view.ts";
import type { Bar } from "../../web/parts/run-bars.tsx";
import type { StripEntry } from "../../web/parts/run-strip.tsx";
import { scriptHref } from "../../web/parts/script-place.tsx";
import type { Status } from "../../web/parts/status-mark.tsx";

/** Valid props of pages; a test changes what it is about. */
export const now = new Date("2026-11-21T12:00:00Z");
export const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);

export const shell: Shell = {
  user: { name: "Ada", email: "ada@example.com" },
  csrfToken: "csrf-of-ada",
  workspaces: [{ id: "w1", name: "Payments" }],
  now,
};

export function sampleBars(count: number, statuses: Record<number, Status> = {}): Bar[] {
  return Array.from({ length: count }, (_, index) => ({
    href: `/runs/r${index}`,
    status: statuses[index] ?? "passed",
    at: ago((count - index) * 5),
    durationMs: 180 + ((index * 37) % 90) + (statuses[index] ? 160 : 0),
  }));
}

export const overviewRow = (change: Partial<OverviewRow> = {}): OverviewRow => ({
  id: "m1",
  name: "Orders API",
  workspaceId: "w1",
  workspaceName: "Payments",
  folder: "",
  tags: [],
  collectionName: "Orders",
  environmentName: "Production",
  state: "passing",
  bars: sampleBars(30),
  uptime24h: 1,
  p95Ms: 212,
  lastRunAt: ago(2),
  nextRunAt: ago(-3),
  runners: ["berlin-1"],
  ...change,
});

export const overview = (change: Partial<OverviewProps> = {}): OverviewProps => ({
  shell,
  filter: { search: "", onlyFailing: false, page: 1 },
  counts: { failing: 0, error: 0, aborted: 0, passing: 1, paused: 0, none: 0 },
  runners: { online: 1, total: 1 },
  rows: [overviewRow()],
  hasMore: false,
  ...change,
});

const sampleStrip: StripEntry[] = sampleBars(60, {
  31: "errored",
  57: "failed",
  58: "failed",
  59: "failed",
}).map((bar) => ({
  kind: "run",
  href: bar.href ?? "",
  status: bar.status,
  at: bar.at,
  durationMs: bar.durationMs ?? null,
  runnerName: "berlin-1",
  isLate: false,
}));

export const monitor = (change: Partial<MonitorProps> = {}): MonitorProps => ({
  shell,
  monitor: {
    id: "m1",
    name: "Orders API",
    workspaceName: "Payments",
    collection: { id: "c1", name: "Orders" },
    environment: { id: "e1", name: "Production" },
    active: true,
    state: "failing",
    stateSince: ago(12),
    schedule: "every 5 minutes, Europe/Berlin",
    nextRuns: [ago(-3), ago(-8), ago(-13)],
    runners: [{ id: "u1", name: "berlin-1" }],
    retryAttempts: null,
    rerunLost: false,
    lastRunAt: ago(2),
    isRunning: false,
  },
  uptime: { day: 0.9931, week: 0.9987, month: 0.9991, quarter: 0.9992 },
  latency: { p50Ms: 141, p95Ms: 388, p99Ms: 612 },
  view: defaultView,
  strip: sampleStrip,
  chart: {
    span: { from: ago(24 * 60), to: now },
    isExact: true,
    at: Array.from({ length: 96 }, (_, index) => ago((96 - index) * 15)),
    lines: [
      {
        label: "p50",
        values: Array.from({ length: 96 }, (_, index) => (index === 40 ? null : 130 + ((index * 17) % 40))),
      },
      {
        label: "p95",
        values: Array.from({ length: 96 }, (_, index) => (index === 40 ? null : 220 + ((index * 53) % 180))),
      },
      {
        label: "p99",
        values: Array.from({ length: 96 }, (_, index) => (index === 40 ? null : 400 + ((index * 53) % 180))),
      },
    ],
    isStacked: false,
    failed: [{ from: ago(45), to: ago(0) }],
    marks: [{ at: ago(300), title: "Ada changed schedule", href: "/monitors/m1/activity" }],
  },
  counts: { passed: 280, failed: 2, errored: 1, aborted: 0 },
  requests: [
    {
      id: 1,
      name: "List orders",
      folder: "",
      runs: 283,
      failures: 0,
      p50Ms: 61,
      p95Ms: 120,
      errorRate: 0,
      meanBytes: 2130,
    },
    {
      id: 2,
      name: "Create order",
      folder: "Writes",
      runs: 283,
      failures: 2,
      p50Ms: 80,
      p95Ms: 310,
      errorRate: 2 / 283,
      meanBytes: 512,
    },
  ],
  runnerRows: [
    {
      id: "u1",
      name: "berlin-1",
      runs: 283,
      uptime: 0.9929,
      p95Ms: 388,
      last: { runId: "r1", status: "failed", at: ago(2) },
    },
  ],
  executions: [
    {
      id: "x1",
      trigger: "scheduled",
      at: ago(2),
      status: "failed",
      slot: { at: ago(2), status: "ran", delayMs: 40 },
      runs: [{ id: "r1", runnerName: "berlin-1", status: "failed" }],
      requestsTotal: 4,
      assertionsTotal: 14,
      assertionsFailed: 2,
      durationMs: 812,
      detail: "2 of 14 assertions failed in Create order",
    },
    {
      id: "x2",
      trigger: "manual",
      at: ago(4),
      status: "passed",
      runs: [{ id: "r2", runnerName: "berlin-1", status: "passed" }],
      requestsTotal: 4,
      assertionsTotal: 14,
      assertionsFailed: 0,
      durationMs: 640,
    },
  ],
  gaps: [{ slotAt: ago(60), status: "skipped", reason: "overlap", collapsed: 0 }],
  pages: {},
  ...change,
});

export const step = (change: Partial<Step> = {}): Step => ({
  position: 1,
  iteration: 0,
  itemId: "i1",
  name: "Create order",
  path: ["Orders"],
  startedMs: 120,
  durationMs: 160,
  skipped: false,
  request: {
    method: "POST",
    url: "https://orders.internal/v1/orders",
    headers: [["content-type", "application/json"]],
    body: { bytes: 24, text: '{"sku":"A-1","count":2}' },
  },
  redirects: [],
  response: {
    code: 500,
    status: "Internal Server Error",
    headers: [["content-type", "application/json"]],
    body: { bytes: 28, text: '{"error":"no stock table"}' },
    wireBytes: 190,
    httpVersion: "1.1",
    remoteAddress: "10.2.0.14:443",
  },
  timings: { dnsMs: 4, connectMs: 9, tlsMs: 22, firstByteMs: 96, downloadMs: 3, totalMs: 134 },
  assertions: [
    { name: "has an id", status: "passed", source: "test" },
    {
      name: "status is 201",
      status: "failed",
      source: "test",
      error: { name: "AssertionError", message: "expected 500 to equal 201" },
    },
  ],
  console: [{ level: "log", atMs: 250, messages: ["created", '{"id":17}'] }],
  errors: [],
  ...change,
});

/** The list of a run's page holds the whole of every step. */
export const listed = (...steps: Step[]): RunProps["steps"] =>
  steps.map((whole) => ({ head: headOf(whole), step: whole }));

export const stepSetting: RunProps["setting"] = {
  now,
  hrefOf: (position) => `/runs/r1/steps/${position}`,
  consoleHrefOf: (position) => `/runs/r1/console?step=${position}`,
  itemHrefOf: (itemId) => `/collections/c1/items/${itemId}`,
  scriptHrefOf: (location, script) => scriptHref("c1", location, script),
  keeps: { requests: "failed", responses: "failed" },
  bodyChars: 10_000,
  consoleLines: 200,
};

export const run = (change: Partial<RunProps["run"]> = {}, props: Partial<RunProps> = {}): RunProps => ({
  shell,
  run: {
    id: "r1",
    status: "failed",
    reason: "assertion_failed",
    detail: null,
    attempt: 1,
    queuedAt: ago(2),
    claimedAt: new Date(ago(2).getTime() + 14),
    finishedAt: ago(2),
    durationMs: 412,
    stepsPlanned: 2,
    requestsTotal: 2,
    requestsFailed: 1,
    assertionsTotal: 3,
    assertionsFailed: 1,
    cancelRequested: false,
    ...change,
  },
  monitor: { id: "m1", name: "Orders API" },
  collectionName: "Orders",
  environmentName: "Production",
  runner: { id: "u1", name: "berlin-1", hostname: "gate-7" },
  trigger: "scheduled",
  slotAt: ago(2),
  siblings: [],
  around: { previous: null, next: null, lastPassed: null },
  attempts: [],
  tally: { done: 2, failed: 1, firstFailed: "Create order" },
  filter: { show: undefined, search: "" },
  counts: { all: 2, failed: 1, skipped: 0, passed: 1 },
  page: 1,
  pages: 1,
  steps: listed(
    step({
      position: 1,
      name: "Sign in",
      path: [],
      startedMs: 0,
      durationMs: 110,
      assertions: [{ name: "status is 200", status: "passed", source: "test" }],
    }),
    step({ position: 2 }),
  ),
  hiddenSteps: 0,
  setting: stepSetting,
  kept: { days: 30, stepsDeleted: false },
  consoleLines: 2,
  shareUrl: "https://monitors.example/runs/r1",
  href: "/runs/r1",
  ...props,
});
