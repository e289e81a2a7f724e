import { beforeAll, describe, expect, test } from "bun:test";

import type { Actor } from "../../src/access/context.ts";
import { isMuted } from "../../src/alerts/mutes.ts";
import { AppError } from "../../src/lib/errors.ts";
import { endPeriod, extendPeriod, listWindows, stateOf } from "../../src/schedules/maintenance/periods.ts";
import { planMaintenance } from "../../src/schedules/maintenance/planner.ts";
import { listMaintenance, listMonitorsInMaintenance } from "../../src/schedules/maintenance/read.ts";
import {
  createWindow,
  deleteWindow,
  updateWindow,
  type WindowInput,
} from "../../src/schedules/maintenance/store.ts";
import { planPeriods, type Subject } from "../../src/schedules/maintenance/window.ts";
import { tick } from "../../src/schedules/tick.ts";
import { testApi, type TestApi } from "../support/api.ts";

let api: TestApi;
let actor: Actor;
let workspaceId: string;

beforeAll(async () => {
  api = await testApi();
  actor = api.actor;
  workspaceId = (await api.make.workspace()).id;
});

const yearly = "0 0 1 1 *";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const fromNow = (ms: number) => new Date(Date.now() + ms);
const thisMinute = () => new Date(Math.floor(Date.now() / 60_000) * 60_000);

const dueMonitor = (row: { tags?: string[]; workspaceId?: string; nextRunAt?: Date } = {}) =>
  api.make.monitor({ workspaceId, cron: yearly, nextRunAt: thisMinute(), ...row });

const all: Subject = { covers: "all", monitorIds: [], tag: null };
const only = (...monitorIds: string[]) => ({ covers: "monitors", monitorIds, tag: null }) satisfies Subject;

const open = async (input: Partial<WindowInput> & { workspaceId?: string } = {}) => {
  const window = await createWindow(api.database, actor, {
    workspaceId,
    name: "Release",
    reason: "new version",
    behaviour: "skip",
    subject: all,
    when: { kind: "once", startsAt: undefined, endsAt: fromNow(HOUR_MS) },
    ...input,
  });
  // The slots of these tests are those of the minute that runs.
  await api.database.sql`
    update maintenance_periods set starts_at = starts_at - interval '2 minutes'
     where window_id = ${window.id} and starts_at <= now()`;
  return window;
};

const slotsOf = (monitorId: string) =>
  api.database.sql`select status, reason from slots where monitor_id = ${monitorId}`;
const executionsOf = (monitorId: string) =>
  api.database.sql`select id from executions where monitor_id = ${monitorId}`;
const fire = () => tick({ database: api.database, clock: api.deps.clock, log: api.deps.log });

describe("a slot in a maintenance", () => {
  test("is skipped, says so in the ledger and runs nothing", async () => {
    const monitor = await dueMonitor();
    const window = await open({ subject: only(monitor.id) });

    await fire();

    expect(await slotsOf(monitor.id)).toMatchObject([{ status: "skipped", reason: "maintenance" }]);
    expect(await executionsOf(monitor.id)).toHaveLength(0);
    await deleteWindow(api.database, actor, window.id);
  });

  test("runs when the maintenance only silences, and nobody is told", async () => {
    const monitor = await dueMonitor();
    await open({ behaviour: "silence", subject: only(monitor.id) });

    await fire();

    expect(await slotsOf(monitor.id)).toMatchObject([{ status: "pending" }]);
    expect(await isMuted(api.database.sql, { monitorId: monitor.id })).toMatchObject({
      kind: "maintenance",
      reason: "Release",
    });
  });

  test("runs when the maintenance is about another monitor, another workspace or another tag", async () => {
    const [monitor, named] = [await dueMonitor({ tags: ["db"] }), await dueMonitor()];
    const elsewhere = await api.make.workspace();
    await open({ subject: only(named.id) });
    await open({ workspaceId: elsewhere.id });
    await open({ subject: { covers: "tag", monitorIds: [], tag: "cache" } });

    await fire();

    expect(await slotsOf(monitor.id)).toMatchObject([{ status: "pending" }]);
    expect(await isMuted(api.database.sql, { monitorId: monitor.id })).toBeUndefined();
  });

  test("is skipped by tag, and by a maintenance of the whole workspace", async () => {
    const place = await api.make.workspace();
    const tagged = await dueMonitor({ tags: ["cache", "eu"] });
    const any = await dueMonitor({ workspaceId: place.id });
    await open({ subject: { covers: "tag", monitorIds: [], tag: "eu" } });
    await open({ workspaceId: place.id });

    await fire();

    for (const { id } of [tagged, any]) {
      expect(await slotsOf(id)).toMatchObject([{ status: "skipped", reason: "maintenance" }]);
    }
  });

  test("is judged by its own time, not by when it is fired", async () => {
    const monitor = await dueMonitor({ nextRunAt: new Date(thisMinute().getTime() - HOUR_MS) });
    await open({ subject: only(monitor.id) });

    await fire();

    expect(await slotsOf(monitor.id)).not.toMatchObject([{ reason: "maintenance" }]);
  });

  test("of a window that was ended early runs again", async () => {
    const monitor = await dueMonitor({ nextRunAt: fromNow(-500) });
    const window = await open({ subject: only(monitor.id) });
    await endPeriod(api.database, actor, window.id);
    await api.database.sql`update monitors set next_run_at = now() where id = ${monitor.id}`;

    await fire();

    expect(await slotsOf(monitor.id)).toMatchObject([{ status: "pending" }]);
    expect(await listMonitorsInMaintenance(api.database, [monitor.id])).toEqual(new Map());
  });
});

describe("a recurring window", () => {
  const nightly = {
    kind: "recurring",
    cron: "0 2 * * *",
    timezone: "Europe/Berlin",
    durationMinutes: 90,
  } as const;

  test("opens by the clock on the wall, also where that is put forward", () => {
    const spring = new Date("2026-03-27T12:00:00Z");

    const { periods } = planPeriods({ ...nightly, cron: "30 3 * * *" }, { after: spring, now: spring });

    expect(periods.slice(0, 3)).toEqual([
      { startsAt: new Date("2026-03-28T02:30:00Z"), endsAt: new Date("2026-03-28T04:00:00Z") },
      { startsAt: new Date("2026-03-29T01:30:00Z"), endsAt: new Date("2026-03-29T03:00:00Z") },
      { startsAt: new Date("2026-03-30T01:30:00Z"), endsAt: new Date("2026-03-30T03:00:00Z") },
    ]);
  });

  test("is written a month ahead, and further by one server each time", async () => {
    const place = await api.make.workspace();
    const window = await open({ workspaceId: place.id, when: nightly });
    const count = async () => {
      const [row] = await api.database.sql<{ count: number }[]>`
        select count(*)::int from maintenance_periods where window_id = ${window.id}`;
      return row?.count;
    };
    expect(await count()).toBeGreaterThanOrEqual(34);
    await api.database
      .sql`delete from maintenance_periods where window_id = ${window.id} and starts_at > now() + interval '10 days'`;
    const left = await count();
    await api.database
      .sql`update maintenance_windows set planned_until = now() + interval '10 days' where id = ${window.id}`;

    await Promise.all([1, 2, 3].map(() => planMaintenance(api.database)));

    expect(left).toBeLessThanOrEqual(11);
    expect(await count()).toBeGreaterThanOrEqual(34);
    expect(await planMaintenance(api.database)).toBe(0);
  });

  test("that is changed or deleted keeps what took place and drops what was to come", async () => {
    const place = await api.make.workspace();
    const window = await open({ workspaceId: place.id, when: nightly });
    await api.database.sql`
      insert into maintenance_periods (id, window_id, workspace_id, starts_at, ends_at, behaviour, covers)
      values (gen_random_uuid(), ${window.id}, ${place.id}, now() - interval '2 days', now() - interval '47 hours', 'skip', 'all')`;
    const ask = () =>
      listMaintenance(api.database, {
        workspaceId: place.id,
        since: fromNow(-7 * DAY_MS),
        until: fromNow(7 * DAY_MS),
      });

    await updateWindow(api.database, actor, window.id, {
      when: { ...nightly, cron: "0 2 1 1 *" },
      behaviour: "silence",
    });

    expect(await ask()).toMatchObject([{ windowId: window.id, behaviour: "skip", monitorIds: null }]);
    await deleteWindow(api.database, actor, window.id);
    expect(await ask()).toHaveLength(1);
    expect(await listWindows(api.database, actor, { workspaceId: place.id })).toEqual([]);
  });
});

describe("a window", () => {
  test("that is open can be extended and ended, and only then", async () => {
    const window = await open();
    const later = await open({
      when: { kind: "once", startsAt: fromNow(HOUR_MS), endsAt: fromNow(2 * HOUR_MS) },
    });

    const moved = await extendPeriod(api.database, actor, { windowId: window.id, minutes: 30 });

    expect(moved?.endsAt.getTime()).toBe((window.endsAt?.getTime() ?? 0) + HOUR_MS / 2);
    await endPeriod(api.database, actor, window.id);
    await expect(endPeriod(api.database, actor, window.id)).rejects.toThrow("not open now");
    await expect(extendPeriod(api.database, actor, { windowId: later.id, minutes: 5 })).rejects.toThrow(
      AppError,
    );
    const [listed] = await listWindows(api.database, actor, { id: window.id });
    expect(listed && stateOf(listed)).toBe("over");
  });

  test("cannot reach into the past or end before it begins", async () => {
    const once = (from: number, to: number) => ({
      when: { kind: "once", startsAt: fromNow(from), endsAt: fromNow(to) } as const,
    });

    await expect(open(once(-DAY_MS, DAY_MS))).rejects.toThrow("cannot begin in the past");
    await expect(open(once(HOUR_MS, HOUR_MS / 2))).rejects.toThrow("must end after it begins");
    await expect(open(once(HOUR_MS, 40 * DAY_MS))).rejects.toThrow("31 days at most");
  });

  test("that is open keeps its beginning when it is changed, and what it silences is what it says now", async () => {
    const place = await api.make.workspace();
    const monitor = await api.make.monitor({ workspaceId: place.id });
    const window = await open({ workspaceId: place.id });
    const endsAt = fromNow(5 * HOUR_MS);

    await updateWindow(api.database, actor, window.id, {
      subject: only(monitor.id),
      when: { kind: "once", startsAt: fromNow(HOUR_MS), endsAt },
    });

    const found = await listMaintenance(api.database, {
      workspaceId: place.id,
      since: fromNow(-HOUR_MS),
      until: fromNow(1),
    });
    expect(found).toMatchObject([{ endsAt, monitorIds: [monitor.id] }]);
    expect(found[0]?.startsAt.getTime()).toBeLessThan(Date.now());
  });

  test("that is over cannot be changed", async () => {
    const window = await open();
    await endPeriod(api.database, actor, window.id);

    await expect(updateWindow(api.database, actor, window.id, { name: "Later" })).rejects.toThrow("is over");
  });

  test("names monitors of its own workspace only", async () => {
    const stranger = await api.make.monitor();

    await expect(open({ subject: only(stranger.id) })).rejects.toThrow("not in this workspace");
  });

  test("is told by monitor and by workspace, as far as it overlaps the time asked for", async () => {
    const place = await api.make.workspace();
    const [one, two] = [
      await api.make.monitor({ workspaceId: place.id, tags: ["eu"] }),
      await api.make.monitor({ workspaceId: place.id }),
    ];
    await open({
      workspaceId: place.id,
      name: "Of the tag",
      subject: { covers: "tag", monitorIds: [], tag: "eu" },
    });
    const names = async (
      question: { monitorId: string } | { workspaceId: string },
      since: Date,
      until: Date,
    ) => (await listMaintenance(api.database, { ...question, since, until })).map(({ name }) => name);

    expect(await names({ monitorId: one.id }, fromNow(-HOUR_MS), fromNow(HOUR_MS))).toEqual(["Of the tag"]);
    expect(await names({ monitorId: two.id }, fromNow(-HOUR_MS), fromNow(HOUR_MS))).toEqual([]);
    expect(await names({ workspaceId: place.id }, fromNow(2 * HOUR_MS), fromNow(3 * HOUR_MS))).toEqual([]);
    const [period] = await listMaintenance(api.database, {
      workspaceId: place.id,
      since: fromNow(-1),
      until: fromNow(1),
    });
    expect(period?.monitorIds).toEqual([one.id]);
  });
});
