import { beforeAll, describe, expect, test } from "bun:test";

import { evaluateMonitor } from "../../src/alerts/evaluate.ts";
import { listAlertStates, listDeliveries } from "../../src/alerts/log-store.ts";
import { deleteRule, updateRule } from "../../src/alerts/rules-store.ts";
import { eventsOf } from "../runs/harness.ts";
import { type AlertHarness, alertHarness } from "./harness.ts";

let h: AlertHarness;
let channelId: string;
beforeAll(async () => {
  h = await alertHarness();
  channelId = await h.newChannel();
});

/** A monitor with one rule. */
async function watched(rule: Record<string, unknown> = {}) {
  const monitor = await h.newMonitor({ name: "Orders" });
  const made = await h.newRule({ monitorId: monitor.id, channelIds: [channelId], ...rule });
  return { monitorId: monitor.id, ruleId: made.id };
}

const signals = async (monitorId: string) =>
  (await h.database.sql`select 1 from alert_signals where monitor_id = ${monitorId}`).length;

describe("signals", () => {
  test("a monitor that nobody watches leaves none", async () => {
    const monitor = await h.newMonitor();

    await h.end(monitor.id, "failed");

    expect(await signals(monitor.id)).toBe(0);
  });

  test("what passes again and again leaves none, what fails and the first pass after it do", async () => {
    const { monitorId } = await watched();
    await h.end(monitorId, "passed");
    await h.evaluate();

    await h.end(monitorId, "passed");
    const ofPasses = await signals(monitorId);
    await h.end(monitorId, "failed");
    await h.end(monitorId, "passed");
    await h.end(monitorId, "passed");

    expect(ofPasses).toBe(0);
    expect(await signals(monitorId)).toBe(2);
  });

  test("come also from executions with several runs, which end by another statement", async () => {
    const { monitorId } = await watched({ everyFailure: true });

    await h.end(monitorId, ["passed", "failed"]);
    await h.evaluate();

    expect(await h.told(monitorId)).toEqual(["firing failure"]);
  });
});

describe("failures", () => {
  test("are told after three in a row by default, once, and so is the recovery", async () => {
    const { monitorId } = await watched();

    for (const end of ["failed", "failed", "failed", "failed", "passed", "passed"] as const) {
      await h.end(monitorId, end);
      await h.evaluate();
    }

    expect(await h.told(monitorId)).toEqual(["firing failure", "recovered failure"]);
  });

  test("count the same when many executions ended before anybody looked", async () => {
    const { monitorId } = await watched();

    for (const end of ["failed", "failed", "failed", "passed", "failed"] as const)
      await h.end(monitorId, end);
    await h.evaluate();

    expect(await h.told(monitorId)).toEqual(["firing failure", "recovered failure"]);
  });

  test("of fewer than k of n runners do not count", async () => {
    const { monitorId } = await watched({ inARow: 1, quorum: 2 });

    await h.end(monitorId, ["failed", "passed", "passed"]);
    await h.end(monitorId, ["failed", "script_error", "passed"]);
    await h.evaluate();
    const ofOne = await h.told(monitorId);
    await h.end(monitorId, ["failed", "failed", "passed"]);
    await h.evaluate();

    expect(ofOne).toEqual([]);
    expect(await h.told(monitorId)).toEqual(["firing failure"]);
    const [message] = await h.messages(monitorId);
    expect(message?.facts).toContainEqual({ label: "Runs that failed", value: "2 of 3" });
  });

  test("are told with what failed, why, since when, and where to look", async () => {
    const { monitorId } = await watched({ inARow: 1 });

    const [runId] = await h.end(monitorId, "failed");
    await h.evaluate();

    const [message] = await h.messages(monitorId);
    expect(message).toMatchObject({
      event: "firing",
      state: "firing",
      severity: "critical",
      title: "Orders is failing",
      summary: "1 assertion failed.",
      number: 1,
      failure: { step: "List", assertion: "has books", message: "expected 0 to be above 0" },
      cause: { fault: "target" },
      run: { id: runId, runner: "Berlin", failedTests: 1, requests: 1 },
      links: [
        { label: "Open the run", url: `http://127.0.0.1:4600/runs/${runId}` },
        { label: "Open the monitor", url: `http://127.0.0.1:4600/monitors/${monitorId}` },
      ],
    });
  });

  test("go on while runs cannot tell, which is told apart", async () => {
    const { monitorId } = await watched({ inARow: 1 });

    for (const end of ["failed", "script_error", "failed", "passed"] as const) await h.end(monitorId, end);
    await h.evaluate();

    expect(await h.told(monitorId)).toEqual([
      "firing failure",
      "firing error",
      "recovered error",
      "recovered failure",
    ]);
  });

  test("are told no more often than the limit of the rule while they last", async () => {
    const { monitorId } = await watched({ everyFailure: true, notificationLimit: 2 });

    for (const end of ["failed", "failed", "failed", "failed", "passed", "failed"] as const) {
      await h.end(monitorId, end);
    }
    await h.evaluate();

    expect(await h.told(monitorId)).toEqual([
      "firing failure",
      "again failure",
      "recovered failure",
      "firing failure",
    ]);
  });
});

describe("order", () => {
  test("a late result of an older execution reopens nothing", async () => {
    const { monitorId } = await watched({ inARow: 1 });
    const older = await h.begin(monitorId);
    await h.end(monitorId, "failed");
    await h.end(monitorId, "passed");

    await older.end("failed");
    await h.evaluate();

    expect(await h.told(monitorId)).toEqual(["firing failure", "recovered failure"]);
  });

  test("nor does it end anything; the next execution that passes does", async () => {
    const { monitorId } = await watched({ inARow: 1 });
    const older = await h.begin(monitorId);
    await h.end(monitorId, "failed");
    await h.evaluate();

    await older.end("passed");
    await h.evaluate();
    const afterLate = await h.told(monitorId);
    await h.end(monitorId, "passed");
    await h.evaluate();

    expect(afterLate).toEqual(["firing failure"]);
    expect(await h.told(monitorId)).toEqual(["firing failure", "recovered failure"]);
  });

  test("ten evaluations at the same time tell each change once", async () => {
    const { monitorId } = await watched({ inARow: 1 });
    for (const end of ["failed", "passed", "failed"] as const) await h.end(monitorId, end);

    const done = await Promise.all(Array.from({ length: 10 }, () => evaluateMonitor(h.deps, monitorId)));

    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await h.told(monitorId)).toEqual(["firing failure", "recovered failure", "firing failure"]);
    expect(await signals(monitorId)).toBe(0);
  });
});

describe("other conditions", () => {
  test("a runner that died or never came is told at once, and so is that it runs again", async () => {
    const { monitorId } = await watched();

    await h.end(monitorId, "runner_lost");
    await h.evaluate();
    await h.end(monitorId, "passed");
    await h.evaluate();

    expect(await h.told(monitorId)).toEqual(["firing missed", "recovered missed"]);
    const [missed, recovered] = await h.messages(monitorId);
    expect(missed?.title).toBe("Orders was not run when it was due");
    expect(missed?.cause?.sentence).toBe("The runner stopped reporting before the run had ended.");
    expect(recovered).toMatchObject({ title: "Orders is run again", state: "ok", severity: "info" });
    expect(recovered?.facts.map(({ label }) => label)).toContain("Lasted");
  });

  test.each([
    ["slowest", 9, 'The slowest response, that of "List", took 10 ms; the limit is 9 ms.'],
    ["p95", 9, "The 95th percentile of the response times was 10 ms; the limit is 9 ms."],
    ["run", 24, "The run took 25 ms; the limit is 24 ms."],
  ])("a run that is slower than the limit (%s) is told", async (latencyOf, latencyMs, sentence) => {
    const { monitorId } = await watched({ latencyMs, latencyOf, inARow: 2 });

    await h.end(monitorId, "passed");
    await h.end(monitorId, "passed");
    await h.evaluate();
    const { ruleId } = (
      await h.database.sql<{ ruleId: string }[]>`
      select id as "ruleId" from alert_rules where monitor_id = ${monitorId}`
    )[0] ?? { ruleId: "" };
    await updateRule(h.deps, h.actor, ruleId, { latencyMs: 100 });
    await h.end(monitorId, "passed");
    await h.evaluate();

    expect(await h.told(monitorId)).toEqual(["firing latency", "recovered latency"]);
    expect((await h.messages(monitorId))[0]?.summary).toBe(sentence);
  });

  test("a certificate that ends soon is told once, and that it was renewed", async () => {
    const { monitorId } = await watched({ certificateDays: 14 });
    const shown = (days: number) =>
      eventsOf().map((event) =>
        event.type === "step_finished" && event.step.response
          ? {
              ...event,
              step: {
                ...event.step,
                response: { ...event.step.response, certificate: certificateFor(days) },
              },
            }
          : event,
      );

    for (const days of [30, 10.5, 10.4, 90]) {
      await h.end(monitorId, "passed", { events: shown(days) });
      await h.evaluate();
    }

    expect(await h.told(monitorId)).toEqual(["firing certificate", "recovered certificate"]);
    expect((await h.messages(monitorId))[0]?.summary).toMatch(
      /^The certificate of api\.example ends in 10 days, on \d{4}-\d\d-\d\d \d\d:\d\d UTC\. Renew it: /,
    );
  });
});

const certificateFor = (days: number) => ({
  subject: "CN=api.example, O=Example",
  issuer: "CN=Example CA",
  validFrom: "2026-01-01T00:00:00Z",
  validTo: new Date(Date.now() + days * 86_400_000).toISOString(),
  fingerprint256: "AA",
});

describe("addresses in the monitor", () => {
  const notifications = { onFailure: [{ email: "f@example.test" }], onError: [{ email: "e@example.test" }] };

  test("are told as in Postman: three failures, then the first success", async () => {
    const { id } = await h.newMonitor({ notifications });

    for (const end of ["failed", "failed", "failed", "failed", "passed"] as const) await h.end(id, end);
    await h.evaluate();

    expect(await h.told(id)).toEqual([
      "firing failure",
      "again failure",
      "again failure",
      "recovered failure",
    ]);
  });

  test("get each what they asked for, and nothing of a success when the limit was not reached", async () => {
    const { id } = await h.newMonitor({ notifications, notificationLimit: 2 });

    for (const end of ["failed", "passed", "script_error", "passed"] as const) await h.end(id, end);
    await h.evaluate();

    const { deliveries } = await listDeliveries(h.database, h.actor, { monitorId: id });
    expect(deliveries.toReversed().map(({ kind, target }) => [kind, target])).toEqual([
      ["firing", "f@example.test"],
      ["firing", "e@example.test"],
    ]);
  });
});

test("what was open for addresses that are gone is over, without a message", async () => {
  const { id } = await h.newMonitor({
    notifications: { onFailure: [{ email: "f@example.test" }], onError: [] },
  });
  await h.end(id, "failed");
  await h.evaluate();

  await h.database
    .sql`update monitors set notifications = '{"onFailure": [], "onError": []}' where id = ${id}`;
  await h.end(id, "failed");
  await h.evaluate();
  await h.end(id, "passed");

  expect(await h.told(id)).toEqual(["firing failure"]);
  expect(await listAlertStates(h.database, h.actor, { monitorId: id, all: true })).toEqual([]);
  expect(await signals(id)).toBe(0);
});

describe("rules", () => {
  test("of a workspace watch each of its monitors on its own", async () => {
    const other = await alertHarness();
    const channel = await other.newChannel();
    await other.newRule({ channelIds: [channel], inARow: 1 });
    const [first, second] = [await other.newMonitor(), await other.newMonitor()];

    await other.end(first.id, "failed");
    await other.end(second.id, "failed");
    await other.end(first.id, "passed");
    await other.evaluate();

    expect(await other.told(first.id)).toEqual(["firing failure", "recovered failure"]);
    expect(await other.told(second.id)).toEqual(["firing failure"]);
    const open = await listAlertStates(other.database, other.actor);
    expect(open.map(({ monitorId, condition }) => [monitorId, condition])).toEqual([[second.id, "failure"]]);
  });

  test("that are deleted take their alerts with them, and say so", async () => {
    const { monitorId, ruleId } = await watched({ inARow: 1 });
    await h.end(monitorId, "failed");
    await h.evaluate();

    await deleteRule(h.deps, h.actor, ruleId);
    await h.end(monitorId, "passed");
    await h.evaluate();

    expect(await h.told(monitorId)).toEqual(["firing failure", "closed failure"]);
    expect(await listAlertStates(h.database, h.actor, { monitorId, all: true })).toEqual([]);
  });

  test("tell nothing through a channel that is switched off", async () => {
    const off = await h.newChannel();
    await h.database.sql`update alert_channels set active = false where id = ${off}`;
    const { monitorId } = await watched({ inARow: 1, channelIds: [off] });

    await h.end(monitorId, "failed");
    await h.evaluate();

    expect(await h.told(monitorId)).toEqual([]);
  });
});
