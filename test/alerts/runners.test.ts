import { describe, expect, test } from "bun:test";

import { listAlertStates } from "../../src/alerts/log-store.ts";
import type { AlertMessage } from "../../src/alerts/message.ts";
import { sendReminders } from "../../src/alerts/remind.ts";
import { sweepRunners } from "../../src/alerts/runners.ts";
import { deleteRunner } from "../../src/fleet/store.ts";
import { fireMonitors } from "../../src/schedules/store.ts";
import { type AlertHarness, alertHarness } from "./harness.ts";

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

const titles = async ({ database }: AlertHarness): Promise<string[]> =>
  (
    await database.sql<{ message: AlertMessage }[]>`select message from alert_deliveries order by position`
  ).map(({ message }) => message.title);

const seen = ({ database }: AlertHarness, runnerId: string, minutes: number) =>
  database.sql`update runners set last_pinged_at = ${minutesAgo(minutes)} where id = ${runnerId}`;

/** Two monitors on one runner, watched by one rule of their workspace. */
async function fleet() {
  const h = await alertHarness();
  const runner = await h.make.runner({ name: "Oslo", lastPingedAt: minutesAgo(0) });
  const monitors = [await h.newMonitor(), await h.newMonitor()];
  for (const { id } of monitors)
    await h.database.sql`insert into monitor_runners values (${id}, ${runner.id})`;
  const channelId = await h.newChannel();
  const rule = { onFailure: false, onError: false, onMissed: false, onRunner: true, channelIds: [channelId] };
  return { h, runner, monitors, rule };
}

describe("a runner that goes silent", () => {
  test("is told once for all its monitors, whoever sweeps, and so is that it is back", async () => {
    const { h, runner, rule } = await fleet();
    await h.newRule(rule);

    await sweepRunners(h.deps);
    const whileHealthy = await titles(h);
    await seen(h, runner.id, 5);
    const changes = await Promise.all(Array.from({ length: 5 }, () => sweepRunners(h.deps)));
    await sweepRunners(h.deps);
    await seen(h, runner.id, 0);
    await sweepRunners(h.deps);

    expect(whileHealthy).toEqual([]);
    expect(changes.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await titles(h)).toEqual(["Runner Oslo is silent", "Runner Oslo is back"]);
  });

  test("that was never seen is not silent, it has not begun", async () => {
    const { h, runner, rule } = await fleet();
    await h.database.sql`update runners set last_pinged_at = null where id = ${runner.id}`;
    await h.newRule(rule);

    expect(await sweepRunners(h.deps)).toBe(0);
  });

  test("is of no interest for a monitor that may run elsewhere, while one that it may use is left", async () => {
    const h = await alertHarness();
    const [one, other] = [await h.make.runner(), await h.make.runner()];
    const monitor = await h.newMonitor({ name: "Orders" });
    await h.newRule({ monitorId: monitor.id, channelIds: [await h.newChannel()], onRunner: true });
    await seen(h, one.id, 5);
    await seen(h, other.id, 0);

    await sweepRunners(h.deps);
    const withOneLeft = await titles(h);
    await seen(h, other.id, 4);
    await sweepRunners(h.deps);
    await seen(h, one.id, 0);
    await sweepRunners(h.deps);

    expect(withOneLeft).toEqual([]);
    expect(await titles(h)).toEqual(["No runner is left for Orders", "There is a runner for Orders again"]);
  });

  test.each([
    [
      "no monitor uses it any more",
      "The alert about Runner Oslo is closed; it was silent",
      undefined,
      async (h: AlertHarness) => {
        const other = await h.make.runner({ lastPingedAt: minutesAgo(0) });
        await h.database.sql`update monitor_runners set runner_id = ${other.id}`;
      },
    ],
    [
      "it is deleted",
      "The alert about a deleted runner is closed; it was silent",
      "Runner Oslo is silent",
      (h: AlertHarness, runnerId: string) => deleteRunner(h.database, h.actor, runnerId),
    ],
  ])("is closed when %s", async (_, title, toldAs, end) => {
    const { h, runner, rule } = await fleet();
    await h.newRule(rule);
    await seen(h, runner.id, 5);
    await sweepRunners(h.deps);

    await end(h, runner.id);
    await Promise.all([sweepRunners(h.deps), sweepRunners(h.deps)]);

    expect(await titles(h)).toEqual(["Runner Oslo is silent", title]);
    const [, closing] = await h.database.sql<{ facts: { label: string; value: string }[] }[]>`
      select message -> 'facts' as facts from alert_deliveries order by position`;
    expect(closing?.facts.find(({ label }) => label === "Told as")?.value).toBe(toldAs);
    expect(await listAlertStates(h.database, h.actor)).toEqual([]);
  });
});

test("a slot that was missed because no server was there is told once per downtime", async () => {
  const h = await alertHarness();
  const slotAt = new Date("2026-03-02T10:00:00Z");
  const monitor = await h.newMonitor({ name: "Orders", cron: "0 * * * *", nextRunAt: slotAt });
  await h.newRule({ monitorId: monitor.id, channelIds: [await h.newChannel()] });
  const next = new Date("2026-03-02T11:00:00Z");

  const missed = { collapsed: 3, runs: false, validMs: 60_000 };
  await fireMonitors(h.database, [{ monitorId: monitor.id, dueAt: slotAt, slotAt, nextAt: next, ...missed }]);
  await h.evaluate();
  await h.end(monitor.id, "passed");
  await h.evaluate();

  expect(await h.told(monitor.id)).toEqual(["firing missed", "recovered missed"]);
  expect((await h.messages(monitor.id))[0]?.summary).toBe(
    "The slot of 2026-03-02 10:00 UTC was missed: no server was there to start it.",
  );
});

describe("reminders", () => {
  const due = ({ database }: AlertHarness) =>
    database.sql`update alert_states set remind_at = now() where remind_at is not null`;

  test("come once per time while an alert is open, from any server, until the limit", async () => {
    const h = await alertHarness();
    const monitor = await h.newMonitor({ name: "Orders" });
    const channelIds = [await h.newChannel()];
    await h.newRule({
      monitorId: monitor.id,
      channelIds,
      inARow: 1,
      reminderMinutes: 60,
      notificationLimit: 3,
    });
    const [runId] = await h.end(monitor.id, "failed");
    await h.evaluate();

    const early = await sendReminders(h.deps);
    for (let turn = 0; turn < 4; turn++) {
      await due(h);
      await Promise.all([sendReminders(h.deps), sendReminders(h.deps), sendReminders(h.deps)]);
    }

    expect(early).toBe(0);
    expect(await h.told(monitor.id)).toEqual(["firing failure", "reminder failure", "reminder failure"]);
    expect((await h.messages(monitor.id)).at(-1)).toMatchObject({
      title: "Orders is still failing",
      number: 3,
      run: { id: runId },
      failure: { assertion: "has books" },
    });
  });

  test("end with the alert", async () => {
    const h = await alertHarness();
    const monitor = await h.newMonitor();
    const channelIds = [await h.newChannel()];
    await h.newRule({ monitorId: monitor.id, channelIds, inARow: 1, reminderMinutes: 60 });

    await h.end(monitor.id, "failed");
    await h.end(monitor.id, "passed");
    await h.evaluate();
    await due(h);

    expect(await sendReminders(h.deps)).toBe(0);
  });
});

describe("while a monitor is muted", () => {
  const mute = (h: AlertHarness, monitorId: string) =>
    h.database.sql`
      insert into alert_mutes (id, workspace_id, monitor_id, reason, muted_by, until_at)
      values (gen_random_uuid(), ${h.workspaceId}, ${monitorId}, 'we know', ${h.actor.userId}, now() + interval '1 hour')`;

  test("what begins is noted and not sent; it is told with the first failure after that", async () => {
    const h = await alertHarness();
    const monitor = await h.newMonitor();
    await h.newRule({ monitorId: monitor.id, channelIds: [await h.newChannel()], inARow: 1 });
    await mute(h, monitor.id);

    await h.end(monitor.id, "failed");
    await h.end(monitor.id, "failed");
    await h.evaluate();
    await h.database.sql`update alert_mutes set ended_at = now()`;
    await h.end(monitor.id, "failed");
    await h.end(monitor.id, "failed");
    await h.evaluate();

    expect(await h.told(monitor.id)).toEqual(["firing failure muted", "firing failure"]);
  });

  test("what was told before is ended, so that no incident stays open", async () => {
    const h = await alertHarness();
    const monitor = await h.newMonitor();
    await h.newRule({ monitorId: monitor.id, channelIds: [await h.newChannel()], inARow: 1 });
    await h.end(monitor.id, "failed");
    await h.evaluate();
    await mute(h, monitor.id);

    await h.end(monitor.id, "passed");
    await h.evaluate();

    expect(await h.told(monitor.id)).toEqual(["firing failure", "recovered failure"]);
  });
});
