import { beforeAll, describe, expect, test } from "bun:test";

import type { AlertMessage } from "../../src/alerts/message.ts";
import { createSummary, queueDueSummary, sendSummaryNow } from "../../src/alerts/summaries-store.ts";
import { composeSummary } from "../../src/alerts/summary-content.ts";
import { periodOf, type SummarySchedule, summaryFields } from "../../src/alerts/summary.ts";
import { type AlertHarness, alertHarness } from "./harness.ts";

let alerts: AlertHarness;

beforeAll(async () => {
  alerts = await alertHarness();
});

const DAY_MS = 86_400_000;
const berlin = (period: "daily" | "weekly"): SummarySchedule => ({
  period,
  hour: 9,
  weekday: period === "weekly" ? 1 : null,
  timezone: "Europe/Berlin",
});

describe("a period", () => {
  test("goes from the same hour of the day before to the hour that is due, also when the clock changes", () => {
    const dueAt = new Date("2026-03-29T07:00:00Z");

    expect(periodOf(berlin("daily"), { dueAt, now: dueAt })).toEqual({
      from: new Date("2026-03-28T08:00:00Z"),
      to: dueAt,
      nextAt: new Date("2026-03-30T07:00:00Z"),
    });
  });

  test("of a week goes from Monday to Monday", () => {
    const dueAt = new Date("2026-11-23T08:00:00Z");

    expect(periodOf(berlin("weekly"), { dueAt, now: dueAt })).toEqual({
      from: new Date("2026-11-16T08:00:00Z"),
      to: dueAt,
      nextAt: new Date("2026-11-30T08:00:00Z"),
    });
  });

  test("that was missed with others in a downtime is not told; the last one is", () => {
    const dueAt = new Date("2026-11-20T08:00:00Z");
    const now = new Date("2026-11-23T10:00:00Z");

    expect(periodOf(berlin("daily"), { dueAt, now })).toEqual({
      from: new Date("2026-11-22T08:00:00Z"),
      to: new Date("2026-11-23T08:00:00Z"),
      nextAt: new Date("2026-11-24T08:00:00Z"),
    });
  });
});

const subscribe = async (workspaceId = alerts.workspaceId) => {
  const channel = await alerts.newChannel();
  const input = summaryFields.parse({ workspace: workspaceId, channel, period: "daily" });
  return await createSummary(alerts.database, alerts.actor, input);
};
const dueNow = (id: string) =>
  alerts.database.sql`update summaries set next_at = date_trunc('minute', now()) where id = ${id}`;
const sentThrough = (channelId: string) =>
  alerts.database.sql<{ kind: string; status: string; message: AlertMessage }[]>`
    select kind, status, message from alert_deliveries where channel_id = ${channelId}`;

describe("a summary that is due", () => {
  test("is queued once, however many servers look", async () => {
    const { id, channelId } = await subscribe();
    await dueNow(id);

    const queued = await Promise.all([1, 2, 3, 4].map(() => queueDueSummary(alerts.deps)));

    expect(queued.filter(Boolean)).toHaveLength(1);
    expect(await sentThrough(channelId)).toMatchObject([{ kind: "summary", status: "pending" }]);
    expect(await queueDueSummary(alerts.deps)).toBe(false);
  });

  test("is not there when nobody subscribed", async () => {
    expect(await queueDueSummary(alerts.deps)).toBe(false);
  });

  test("replaces the one that the channel had for the same time", async () => {
    const first = await subscribe();
    const again = await createSummary(alerts.database, alerts.actor, {
      ...summaryFields.parse({ workspace: alerts.workspaceId, channel: first.channelId, period: "daily" }),
      hour: 17,
    });

    expect(again).toMatchObject({ id: first.id, hour: 17 });
  });

  test("does not go to a service that opens incidents", async () => {
    const channel = await alerts.newChannel({ kind: "pagerduty", routingKey: "k" });
    const input = summaryFields.parse({ workspace: alerts.workspaceId, channel, period: "daily" });

    await expect(createSummary(alerts.database, alerts.actor, input)).rejects.toThrow("alerts only");
  });

  test("can be sent at once, and comes at its time all the same", async () => {
    const { id, channelId, nextAt } = await subscribe();

    await sendSummaryNow(alerts.deps, alerts.actor, id);

    expect(await sentThrough(channelId)).toMatchObject([{ kind: "summary" }]);
    const [row] = await alerts.database.sql`select next_at from summaries where id = ${id}`;
    expect(row?.["next_at"]).toEqual(nextAt);
  });
});

describe("what it tells", () => {
  test("is what failed, the uptime, the slowest, what did not run and what was announced", async () => {
    const { make, database } = alerts;
    const place = await make.workspace({ name: "Payments" });
    const [orders, users, idle] = [
      await make.monitor({ workspaceId: place.id, name: "Orders" }),
      await make.monitor({ workspaceId: place.id, name: "Users" }),
      await make.monitor({ workspaceId: place.id, name: "Idle" }),
    ];
    const ended = (monitorId: string, outcome: "passed" | "failed" | "errored", responseMsTotal: number) =>
      make.run({
        monitorId,
        status: "finished",
        outcome,
        finishedAt: new Date(),
        requestsTotal: 2,
        responseMsTotal,
      });
    for (let count = 0; count < 3; count++) await ended(orders.id, "passed", 2000);
    await ended(orders.id, "failed", 2000);
    for (let count = 0; count < 4; count++) await ended(users.id, "passed", 400);
    await ended(users.id, "errored", 0);
    await database.sql`
      insert into slots (monitor_id, slot_at, status, reason)
      values (${idle.id}, now() - interval '5 minutes', 'missed', 'no_runner')`;

    const message = await composeSummary(alerts.deps, place.id, {
      from: new Date(Date.now() - DAY_MS),
      to: new Date(Date.now() + 1000),
      kind: "daily",
    });

    expect(message?.title).toBe("Payments: 1 of 2 monitors had failures in a day");
    expect(message?.summary).toBe("Uptime 87.5 %. 9 runs ended: 7 passed, 1 failed, 1 could not tell.");
    expect(message?.facts).toEqual([
      { label: "Orders", value: "uptime 75.0 %, 1 of 4 runs failed" },
      { label: "Users", value: "uptime 100 %, 0 of 4 runs failed, 1 could not tell" },
      { label: "Slowest", value: "Orders, 1.00 s a response on average" },
      { label: "Slowest", value: "Users, 200 ms a response on average" },
      { label: "Slots that did not run", value: "1, of Idle" },
    ]);
    expect(message?.links.map(({ label }) => label)).toEqual(["Overview", "Alerts", "Orders", "Users"]);
  });

  test("is that nothing ran, where nothing did", async () => {
    const place = await alerts.make.workspace({ name: "Empty" });

    const message = await composeSummary(alerts.deps, place.id, {
      from: new Date(Date.now() - DAY_MS),
      to: new Date(),
      kind: "weekly",
    });

    expect(message).toMatchObject({ title: "Empty: nothing ran in a week", facts: [] });
  });
});
