import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { Step } from "../../src/contract/events.ts";
import { type Session, startSession } from "../support/form-session.ts";
import { step } from "../web/samples.ts";

setDefaultTimeout(120_000);

let session: Session;
let monitorId: string;
let runnerId: string;
let otherRunnerId: string;
beforeAll(async () => {
  session = await startSession();
  const { make, workspace, user, database } = session;
  const owned = { workspaceId: workspace.id, ownerId: user.id };
  monitorId = (await make.monitor({ ...owned, name: "Orders API" })).id;
  runnerId = (await make.runner({ name: "berlin-1" })).id;
  otherRunnerId = (await make.runner({ name: "oslo-1" })).id;
  for (const id of [runnerId, otherRunnerId]) {
    await database.sql`insert into monitor_runners (monitor_id, runner_id) values (${monitorId}, ${id})`;
  }
});

const testEvent = (exec: string) => ({ listen: "test", script: { exec: [exec] } });

const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&quot;", '"')
    .replaceAll(/\s+/g, " ");

const passing = (position: number, change: Partial<Step> = {}): Step =>
  step({
    position,
    name: `Request ${position}`,
    assertions: [{ name: "is 200", status: "passed", source: "test" }],
    console: [],
    ...change,
  });

interface StoredRun {
  steps: Step[];
  outcome?: "passed" | "failed" | "errored";
  reason?: string;
  minutesAgo?: number;
  runner?: string;
  executionId?: string;
  monitorId?: string;
  /** Steps in a batch. */
  batch?: number;
}

/** A finished run whose steps came in batches. */
async function storeRun({
  steps,
  outcome = "passed",
  reason,
  minutesAgo = 1,
  batch = 50,
  ...row
}: StoredRun) {
  const queuedAt = new Date(Date.now() - minutesAgo * 60_000);
  const failed = steps.filter(({ assertions }) => assertions.some(({ status }) => status === "failed"));
  const run = await session.make.run({
    monitorId: row.monitorId ?? monitorId,
    status: "finished",
    outcome,
    reason: reason ?? null,
    attempt: 1,
    queuedAt,
    claimedAt: queuedAt,
    finishedAt: queuedAt,
    durationMs: 400,
    requestsTotal: steps.length,
    assertionsTotal: steps.length,
    assertionsFailed: failed.length,
    runnerId: row.runner ?? runnerId,
    ...(row.executionId !== undefined && { executionId: row.executionId }),
  });
  for (let first = 0; first < steps.length; first += batch) {
    const events = steps
      .slice(first, first + batch)
      .map((finished, index) => ({ seq: first + index + 1, type: "step_finished" as const, step: finished }));
    await session.make.events(run.id, 1, events);
  }
  return run;
}

const many = (count: number, failAt: number[]) =>
  Array.from({ length: count }, (_, index) =>
    failAt.includes(index + 1)
      ? step({ position: index + 1, name: `Order ${index + 1}` })
      : passing(index + 1),
  );

const rowsOf = (html: string) =>
  [...html.matchAll(/id="row-(\d+)"/g)].map(([, position]) => Number(position));

test("a failed run says on whose side the cause is, shows the evidence and links to the failure", async () => {
  const run = await storeRun({
    steps: [passing(1), step({ position: 2 })],
    outcome: "failed",
    reason: "assertion_failed",
  });

  const { html } = await session.get(`/runs/${run.id}`);

  const text = textOf(html);
  expect(text).toContain("1 of 2 assertions failed in Create order");
  expect(text).toContain("Whose fault: ✕ The API under test");
  expect(text).toContain('"Create order" was answered with 500 Internal Server Error');
  expect(text).toContain("Expected 201 Got 500");
  expect(html).toContain(`href="#step-2"`);
  expect(html).toContain(`id="step-2"`);
});

test("the evidence leads to the script in which it failed, on the page of what owns it", async () => {
  const { make, workspace, user } = session;
  const owned = { workspaceId: workspace.id, ownerId: user.id };
  const item = { id: "i1", name: "Create order", request: "http://orders/", event: [testEvent("a();")] };
  const document = { info: { name: "C" }, item: [item], event: [testEvent("b();")] };
  const collection = await make.collection({ ...owned, name: "C", document });
  const monitor = await make.monitor({ ...owned, collectionId: collection.id });
  const failing = (location: object) =>
    step({
      position: 1,
      assertions: [
        {
          name: "is 201",
          status: "failed",
          source: "test",
          error: {
            name: "AssertionError",
            message: "expected 500 to equal 201",
            location: { kind: "request", name: "Create order", line: 3, text: "a();", ...location },
          },
        },
      ],
    });
  for (const place of [{ itemId: "i1" }, { kind: "collection", name: "C" }]) {
    const run = await storeRun({
      monitorId: monitor.id,
      steps: [failing(place)],
      outcome: "failed",
      reason: "assertion_failed",
    });

    const { html } = await session.get(`/runs/${run.id}`);
    const evidence = html.slice(html.indexOf('class="evidence"'));
    const [, href = ""] = /href="([^"#]*)#script-test"/.exec(evidence) ?? [];
    const owner = await session.get(href);

    expect(textOf(evidence)).toContain("At line 3 of the test script of the");
    expect(owner.html).toContain('id="script-test"');
  }
});

test("of many steps a page shows 200, and the failure beyond them is one link away", async () => {
  const run = await storeRun({ steps: many(450, [430]), outcome: "failed", reason: "assertion_failed" });

  const first = await session.get(`/runs/${run.id}`);
  const last = await session.get(`/runs/${run.id}?steps=3`);
  const beyond = await session.get(`/runs/${run.id}?steps=99`);
  const failed = await session.get(`/runs/${run.id}?show=failed`);

  expect(rowsOf(first.html)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  expect(first.html).toContain(`href="/runs/${run.id}?show=failed#step-430"`);
  expect(rowsOf(last.html)).toHaveLength(50);
  expect(rowsOf(beyond.html)).toEqual(rowsOf(last.html));
  expect(last.html).toContain(`href="#step-430"`);
  expect(rowsOf(failed.html)).toEqual([430]);
  expect(textOf(failed.html)).toContain("All 450 Failed 1 Skipped 0 Passed 449");
});

test("steps are found by their name and by their folder, in any case", async () => {
  const run = await storeRun({ steps: [passing(1, { path: ["Stock"] }), passing(2), passing(12)] });

  const byName = await session.get(`/runs/${run.id}?q=request+2`);
  const byFolder = await session.get(`/runs/${run.id}?q=sToCk`);
  const nothing = await session.get(`/runs/${run.id}?q=%22%3E%3Cscript%3E`);

  expect(rowsOf(byName.html)).toEqual([2]);
  expect(rowsOf(byFolder.html)).toEqual([1]);
  expect(rowsOf(nothing.html)).toEqual([]);
  expect(nothing.html).not.toContain("<script>");
  expect(textOf(nothing.html)).toContain("Show all steps");
});

test.each(["?steps=-1", "?steps=1e99", "?steps=x&show=nonsense", "?attempt=7", "?q=%00"])(
  "a query string that nobody wrote is the first page: %s",
  async (query) => {
    const run = await storeRun({ steps: [passing(1)] });

    const { status, html } = await session.get(`/runs/${run.id}${query}`);

    expect(status).toBe(200);
    expect(query === "?q=%00" || rowsOf(html).length === 1).toBe(true);
  },
);

test("a step has a page of its own with all that was kept of it", async () => {
  const text = "y".repeat(60_000);
  const response = { code: 200, status: "OK", headers: [], wireBytes: 1, httpVersion: "1.1" };
  const run = await storeRun({
    steps: [
      passing(1),
      passing(2, { response: { ...response, headers: [], body: { bytes: 60_000, text } } }),
      step({ position: 3 }),
    ],
  });

  const inRun = await session.get(`/runs/${run.id}`);
  const alone = await session.get(`/runs/${run.id}/steps/2`);

  expect(inRun.html).not.toContain(text);
  expect(alone.html).toContain(text);
  expect(alone.html).toContain(`<a href="/runs/${run.id}/steps/3" rel="next">`);
  expect(alone.html).toContain(`href="/runs/${run.id}#step-2"`);
});

test.each(["steps/9", "steps/0", "steps/x", "steps/1e3"])("there is no %s", async (path) => {
  const run = await storeRun({ steps: [passing(1)] });

  expect((await session.get(`/runs/${run.id}/${path}`)).status).toBe(404);
});

test("the console of a run is that of all its steps, by level and by text", async () => {
  const say = (level: "log" | "warn", text: string) => [{ level, atMs: 1, messages: [text] }];
  const run = await storeRun({
    steps: [
      passing(1, { console: say("log", "token fetched") }),
      passing(2, { console: say("warn", "stock is low") }),
      passing(3),
      passing(4, { console: say("log", "Stock <b>booked</b>") }),
    ],
    batch: 1,
  });

  const all = textOf((await session.get(`/runs/${run.id}/console`)).html);
  const warnings = textOf((await session.get(`/runs/${run.id}/console?level=warn&level=nonsense`)).html);
  const found = (await session.get(`/runs/${run.id}/console?q=stock`)).html;
  const ofOne = textOf((await session.get(`/runs/${run.id}/console?q=stock&step=2`)).html);

  expect(all).toContain("token fetched");
  expect(all.indexOf("token fetched")).toBeLessThan(all.indexOf("stock is low"));
  expect(warnings).toContain("stock is low");
  expect(warnings).not.toContain("token fetched");
  expect(ofOne).toContain("Only step 2.");
  expect(ofOne).toContain("stock is low");
  expect(ofOne).not.toContain("booked");
  expect(found).toContain("<mark>Stock</mark> &lt;b&gt;booked&lt;/b&gt;");
  expect(found).toContain(`href="/runs/${run.id}/steps/4"`);
  expect(textOf(found)).not.toContain("token fetched");
});

test("a long console goes on where it ended", async () => {
  const lines = Array.from({ length: 300 }, (_, index) => ({
    level: "log" as const,
    atMs: index,
    messages: [`line ${index}`],
  }));
  const run = await storeRun({ steps: [1, 2, 3].map((position) => passing(position, { console: lines })) });

  const first = (await session.get(`/runs/${run.id}/console`)).html;
  const second = (await session.get(`/runs/${run.id}/console?after=2`)).html;

  expect(first).toContain("Step 2:");
  expect(first).not.toContain("Step 3:");
  expect(first).toContain(`href="/runs/${run.id}/console?after=2">Go on`);
  expect(second).toContain("Step 3:");
  expect(second).not.toContain("Go on");
});

test("a run is downloaded as the API answers it, with every step", async () => {
  const run = await storeRun({ steps: many(620, [7]), outcome: "failed", reason: "assertion_failed" });

  const { html, headers } = await session.get(`/runs/${run.id}/run.json`);

  const document = JSON.parse(html) as { run: { id: string; outcome: string; steps: Step[] } };
  expect(headers.get("content-disposition")).toBe(`attachment; filename="run-${run.id}.json"`);
  expect(document.run).toMatchObject({ id: run.id, outcome: "failed", attempt: 1, hiddenSteps: 0 });
  expect(document.run.steps.map(({ position }) => position)).toEqual(
    Array.from({ length: 620 }, (_, index) => index + 1),
  );
});

test("a run without steps is downloaded as well", async () => {
  const run = await storeRun({ steps: [], outcome: "errored", reason: "no_runner" });

  const { html } = await session.get(`/runs/${run.id}/run.json`);

  expect(JSON.parse(html)).toMatchObject({ run: { reason: "no_runner", steps: [] } });
});

test("the runs before and after are those on the same runner, and the last that passed is linked", async () => {
  const at = (minutesAgo: number, change: Partial<StoredRun> = {}) =>
    storeRun({ steps: [passing(1)], minutesAgo, ...change });
  const passed = await at(90);
  const before = await at(80, { outcome: "failed" });
  await at(75, { runner: otherRunnerId });
  const run = await at(70, { outcome: "failed" });
  await at(65, { runner: otherRunnerId });
  const after = await at(60);

  const { html } = await session.get(`/runs/${run.id}`);

  expect(html).toContain(`<a href="/runs/${before.id}" rel="prev">`);
  expect(html).toContain(`<a href="/runs/${after.id}" rel="next">`);
  expect(html).toContain(`<a href="/runs/${passed.id}">the run that passed</a>`);
});

test("a run beside others is run again on all runners or on its own alone", async () => {
  const execution = await session.make.execution({ monitorId });
  const run = await storeRun({ steps: [passing(1)], executionId: execution.id });
  await storeRun({ steps: [passing(1)], executionId: execution.id, runner: otherRunnerId });
  const { html } = await session.get(`/runs/${run.id}`);

  const all = await session.post(`/monitors/${monitorId}/run`);
  const alone = await session.post(`/runs/${run.id}/again`);

  expect(textOf(html)).toContain("Only on berlin-1");
  expect(all).toMatchObject({ status: 303, location: `/monitors/${monitorId}` });
  expect(alone.status).toBe(303);
  const [made] = await session.database.sql`
    select r.runner_id as "runnerId", r.pinned is not null as known from runs r
     where r.id = ${alone.location?.split("/").at(-1) ?? null}`;
  expect(made?.["runnerId"]).toBe(runnerId);
});

test("a runner that the monitor does not use any more is not asked again", async () => {
  const gone = await session.make.runner();
  const run = await storeRun({ steps: [passing(1)], runner: gone.id });
  await session.get(`/runs/${run.id}`);

  const { status, html } = await session.post(`/runs/${run.id}/again`);

  expect(status).toBe(409);
  expect(textOf(html)).toContain("does not run on that runner any more");
});

test("the link to pass on and the command to replay are there to copy", async () => {
  const run = await storeRun({ steps: [passing(1)] });

  const { html } = await session.get(`/runs/${run.id}`);

  expect(html).toContain(`http://127.0.0.1:4600/runs/${run.id}</code>`);
  expect(html).toContain(`app monitor replay ${run.id}</code>`);
});
