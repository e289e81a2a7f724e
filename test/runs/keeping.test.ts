import { beforeAll, expect, test } from "bun:test";

import type { MonitorOptions } from "../../db/schema.ts";
import type { Step } from "../../src/contract/events.ts";
import { leaveOut } from "../../src/contract/kept.ts";
import { getRun, listSteps } from "../../src/runs/read.ts";
import { triggerExecution } from "../../src/runs/trigger.ts";
import { eventsOf, harness, instanceOf } from "./harness.ts";

let h: Awaited<ReturnType<typeof harness>>;
beforeAll(async () => {
  h = await harness();
});

type Row = Parameters<typeof h.make.monitor>[0];

async function claimed(row: Row) {
  const monitor = await h.make.monitor(row);
  const instance = instanceOf(h.app, await h.make.runner());
  await instance.register();
  await triggerExecution(h.deps, { monitorId: monitor.id, trigger: "api", triggeredBy: null });
  const [run] = await instance.claim();
  if (!run) throw new Error("nothing was claimed");
  return { instance, run };
}

async function stored(row: Row, outcome: "passed" | "failed", cut = (events: unknown[]) => [events]) {
  const { instance, run } = await claimed(row);
  for (const batch of cut(eventsOf(outcome))) expect((await instance.send(run, batch)).status).toBe(200);
  const { steps } = await listSteps(h.database, run.runId);
  return steps[0]?.response;
}

const inParts = (events: unknown[]) => [events.slice(0, 2), events.slice(2)];

test.each([
  ["in one batch", undefined],
  ["in parts", inParts],
])("what an older runner sends %s is left out here, unless the step failed", async (_how, cut) => {
  expect(await stored({}, "passed", cut)).toMatchObject({ headers: [["content-type", "application/json"]], body: { bytes: 50 }, omitted: true }); // prettier-ignore
  expect((await stored({}, "passed", cut))?.body.text).toBeUndefined();
  expect(await stored({}, "failed", cut)).toMatchObject({ body: { text: "[]" }, omitted: false });
});

test("all or none is kept when the monitor says so", async () => {
  expect((await stored({ keepResponses: "all" }, "passed"))?.body.text).toBe("[]");
  expect((await stored({ keepResponses: "none" }, "failed"))?.body.text).toBeUndefined();
});

test("what a runner has left out is stored as it comes, whatever the monitor says by now", async () => {
  const { instance, run } = await claimed({ keepResponses: "all" });
  await h.sql`update monitors set keep_responses = 'none' where id = (select monitor_id from runs where id = ${run.runId})`;
  const keeping = { requests: "all", responses: "all" } as const;
  const events = eventsOf().map((event) =>
    event.type === "step_finished" ? { ...event, step: leaveOut<Step>(event.step, keeping) } : event,
  );

  await instance.send(run, events);

  const { steps } = await listSteps(h.database, run.runId);
  expect(steps[0]?.response?.body.text).toBe("[]");
});

test("an assignment tells the runner what to leave out", async () => {
  const options = { keepRequests: "none", keepResponses: "all" } as const;

  const { run } = await claimed(options);

  expect((run as unknown as { options: MonitorOptions }).options).toMatchObject(options);
});

test("a run knows the version of the program that claimed it, though the runner is upgraded later", async () => {
  const { instance, run } = await claimed({});
  await h.sql`update runner_instances set version = '9.9.9' where id = ${instance.id}`;

  expect((await getRun(h.database, run.runId))?.runnerVersion).toBe("0.1.0");
});
