import { beforeAll, describe, expect, test } from "bun:test";

import { createMute, endMute, listMutes, muteFields } from "../../src/alerts/mutes-store.ts";
import { isMuted, silenceOf } from "../../src/alerts/mutes.ts";
import { type AlertHarness, alertHarness } from "./harness.ts";

let alerts: AlertHarness;

beforeAll(async () => {
  alerts = await alertHarness();
});

const mute = (body: Record<string, unknown>) =>
  createMute(alerts.database, alerts.actor, muteFields.parse(body));
const silence = (monitorId: string, ruleId?: string) =>
  isMuted(alerts.database.sql, { monitorId, ...(ruleId !== undefined && { ruleId }) });

describe("a mute", () => {
  test("of a monitor says who and why, and is over when it is lifted", async () => {
    const monitor = await alerts.newMonitor();

    const id = await mute({ monitor: monitor.id, minutes: 60, reason: "release" });

    expect(await silence(monitor.id)).toMatchObject({
      kind: "mute",
      by: alerts.actor.name,
      reason: "release",
    });
    expect(await endMute(alerts.database, alerts.actor, id)).toBe(true);
    expect(await silence(monitor.id)).toBeUndefined();
    expect(await endMute(alerts.database, alerts.actor, id)).toBe(false);
  });

  test("ends by itself at its time", async () => {
    const monitor = await alerts.newMonitor();
    const id = await mute({ monitor: monitor.id, minutes: 60 });

    await alerts.database.sql`update alert_mutes set until_at = now() - interval '1 second' where id = ${id}`;

    expect(await silence(monitor.id)).toBeUndefined();
    expect(await listMutes(alerts.database, alerts.actor, { monitorId: monitor.id })).toEqual([]);
  });

  test("until it passes is over with the first execution that passes, and stays over", async () => {
    const monitor = await alerts.newMonitor();
    await alerts.end(monitor.id, "failed");
    await mute({ monitor: monitor.id, untilPasses: true });

    await alerts.end(monitor.id, "failed");
    const whileFailing = await silence(monitor.id);
    await alerts.end(monitor.id, "passed");
    await alerts.end(monitor.id, "failed");

    expect(whileFailing).toMatchObject({ kind: "mute", until: null });
    expect(await silence(monitor.id)).toBeUndefined();
  });

  test("until it passes makes no sense for one that passes", async () => {
    const monitor = await alerts.newMonitor();
    await alerts.end(monitor.id, "passed");

    await expect(mute({ monitor: monitor.id, untilPasses: true })).rejects.toThrow("nothing to wait for");
  });

  test("of a rule leaves the other rules alone", async () => {
    const monitor = await alerts.newMonitor();
    const channelIds = [await alerts.newChannel()];
    const [one, other] = [
      await alerts.newRule({ monitorId: monitor.id, channelIds }),
      await alerts.newRule({ monitorId: monitor.id, channelIds, inARow: 1 }),
    ];

    await mute({ rule: one.id, minutes: 5 });

    const asked = [one, other].map(({ id }) => ({ monitorId: monitor.id, ruleId: id }));
    const found = await silenceOf(alerts.database.sql, asked);
    expect([...found.keys()]).toEqual([`${monitor.id} ${one.id}`]);
  });

  test("replaces the one before", async () => {
    const monitor = await alerts.newMonitor();
    await mute({ monitor: monitor.id, minutes: 600, reason: "first" });

    await mute({ monitor: monitor.id, minutes: 5, reason: "second" });

    expect(await listMutes(alerts.database, alerts.actor, { monitorId: monitor.id })).toMatchObject([
      { reason: "second" },
    ]);
  });

  test("has one subject and one end, and the end lies ahead", async () => {
    const { id: monitor } = await alerts.newMonitor();

    await expect(mute({ minutes: 5 })).rejects.toThrow("about one thing");
    await expect(mute({ monitor })).rejects.toThrow("Say until when");
    await expect(mute({ monitor, minutes: 5, untilPasses: true })).rejects.toThrow("Say until when");
    await expect(mute({ monitor, until: "2020-01-01T00:00:00Z" })).rejects.toThrow(
      "must end after it begins",
    );
  });

  test("keeps what would have been sent in the log", async () => {
    const monitor = await alerts.newMonitor();
    await alerts.newRule({ monitorId: monitor.id, channelIds: [await alerts.newChannel()], inARow: 1 });
    await mute({ monitor: monitor.id, minutes: 5 });

    await alerts.end(monitor.id, "failed");
    await alerts.evaluate();

    expect(await alerts.told(monitor.id)).toEqual(["firing failure muted"]);
  });
});
