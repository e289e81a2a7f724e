import { afterEach, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { makeAssignment } from "../support/fake-control-plane.ts";
import { startRunnerAtWork } from "../support/runner-at-work.ts";
import { passedEvent, scriptedEngine, startedEvent, stepFinished } from "../support/scripted-engine.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

/** What reached the disk and the control plane of a run of one passed step whose body is "private". */
async function ran(keep: { keepRequests?: "failed"; keepResponses?: "failed" | "all" }) {
  const spooled = Promise.withResolvers<void>();
  const work = await startRunnerAtWork({
    engine: scriptedEngine(async function* () {
      yield startedEvent;
      yield withoutConsole(stepFinished(2, "private"));
      await spooled.promise;
      yield passedEvent(3);
    }),
  });
  cleanups.push(() => work.stop());
  const { options } = makeAssignment();
  const { runId } = work.fake.queue({ options: { ...options, ...keep } });
  await eventually(() => readAll(work.dataDir).includes("step_finished"));
  const onDisk = readAll(work.dataDir);
  spooled.resolve();
  await eventually(() => work.fake.isFinished(runId));
  return { onDisk, sent: JSON.stringify(work.fake.stored.get(runId)) };
}

const withoutConsole = (event: ReturnType<typeof stepFinished>) =>
  event.type === "step_finished" ? { ...event, step: { ...event.step, console: [] } } : event;

const readAll = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("");

test("what is not kept reaches neither the disk of the runner nor the network", async () => {
  const { onDisk, sent } = await ran({ keepRequests: "failed", keepResponses: "failed" });

  expect(onDisk).not.toContain("private");
  expect(sent).not.toContain("private");
  expect(sent).toContain('"omitted":true');
});

test("what is kept is sent", async () => {
  const { sent } = await ran({ keepRequests: "failed", keepResponses: "all" });

  expect(sent).toContain('"text":"private"');
});

test("a control plane that does not say what it keeps gets all, without a mark", async () => {
  const { sent } = await ran({});

  expect(sent).toContain('"text":"private"');
  expect(sent).not.toContain("omitted");
});
