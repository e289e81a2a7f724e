import { expect, test } from "bun:test";

import { triggerExecution } from "../../src/runs/trigger.ts";
import { eventsOf, harness, instanceOf } from "./harness.ts";

test("a triggered monitor is claimed, reported and finished", async () => {
  const { app, deps, make, sql } = await harness();
  const runner = await make.runner();
  const monitor = await make.monitor();
  const instance = instanceOf(app, runner);
  await instance.register();

  const execution = await triggerExecution(deps, {
    monitorId: monitor.id,
    trigger: "manual",
    triggeredBy: null,
  });
  const [assignment] = await instance.claim();
  const answer = await instance.send(
    { runId: assignment?.runId ?? "", attempt: assignment?.attempt ?? 0 },
    eventsOf(),
  );

  expect(answer).toEqual({ status: 200, body: { acknowledgedSeq: 4, cancel: false } });
  const [run] = await sql`select * from runs where id = ${execution.runIds[0] ?? ""}`;
  expect(run).toMatchObject({
    status: "finished",
    outcome: "passed",
    requests_total: 1,
    assertions_total: 1,
    response_ms_total: 10,
    steps_planned: 1,
  });
  const [ended] = await sql`select * from executions`;
  expect(ended).toMatchObject({ outcome: "passed", id: execution.id });
  expect(ended?.["finished_at"]).toBeInstanceOf(Date);
});
