import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { asSentence } from "../../src/alerts/message.ts";
import { summaryOf } from "../../src/alerts/words.ts";
import { type AlertHarness, alertHarness } from "./harness.ts";

setDefaultTimeout(120_000);

let h: AlertHarness;
beforeAll(async () => {
  h = await alertHarness();
});

async function firstMessage(ends: Parameters<AlertHarness["end"]>[1], rule: Record<string, unknown> = {}) {
  const monitor = await h.newMonitor({ name: "Orders" });
  await h.newRule({ monitorId: monitor.id, channelIds: [await h.newChannel()], inARow: 1, ...rule });
  await h.end(monitor.id, ends);
  await h.evaluate();
  return (await h.messages(monitor.id))[0];
}

describe("a message", () => {
  test("says of several runs how many failed, and where", async () => {
    const message = await firstMessage(["failed", "passed", "failed"], { quorum: 2 });

    expect(message?.facts).toContainEqual({ label: "Runs that failed", value: "2 of 3" });
    expect(message?.facts).toContainEqual({ label: "Failed on", value: "Berlin" });
  });

  test("says of a slot when it was due", async () => {
    const monitor = await h.newMonitor();
    await h.newRule({ monitorId: monitor.id, channelIds: [await h.newChannel()] });
    const [runId] = await h.end(monitor.id, "no_runner");
    await h.database.sql`update executions e set slot_at = '2026-03-02T10:00:00Z' from runs r
                          where r.id = ${runId ?? ""} and e.id = r.execution_id`;
    await h.evaluate();

    const [message] = await h.messages(monitor.id);
    expect(message?.facts).toContainEqual({ label: "Due", value: "2026-03-02 10:00 UTC" });
  });
});

describe("texts of others", () => {
  test("end with a full stop before another sentence follows", () => {
    const facts = { streak: 3, runs: 2, runsFailed: 1, detail: '1 of 2 failed in "Pay"', measured: null };

    expect(summaryOf("firing", "failure", facts)).toBe(
      '1 of 2 failed in "Pay". It failed on 1 of 2 runners. 3 executions in a row have failed.',
    );
  });

  test.each([
    ["It broke", "It broke."],
    ["It broke.", "It broke."],
    ["Did it?", "Did it?"],
    ["and so on…", "and so on…"],
    ["", ""],
  ])("%p is told as %p", (text, told) => {
    expect(asSentence(text)).toBe(told);
  });
});
