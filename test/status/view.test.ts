import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { systemClock } from "../../src/lib/clock.ts";
import { loadView } from "../../src/status/view.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { announceMaintenance, countHour, stageStatusPage, type StatusStage } from "../support/status.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
const stage = (options: Parameters<typeof stageStatusPage>[2] = {}) =>
  stageStatusPage(api.database, api.make, options);
const view = ({ page }: Pick<StatusStage, "page">) =>
  loadView({ database: api.database, clock: systemClock }, page);
const entryOf = async (staged: StatusStage) => {
  const [group] = (await view(staged)).groups;
  const [entry] = group?.entries ?? [];
  if (!entry) throw new Error("the page shows nothing");
  return entry;
};

describe("days", () => {
  test("are 90, the last one is today, and those without checks say so", async () => {
    const staged = await stage();
    await countHour(api.database, staged.monitorId, hoursAgo(0), { passed: 3 });

    const { days, uptime } = await entryOf(staged);

    expect(days).toHaveLength(90);
    expect(days.at(-1)).toMatchObject({
      date: new Date().toISOString().slice(0, 10),
      kind: "passed",
      uptime: 1,
    });
    expect(days.filter(({ kind }) => kind === "none")).toHaveLength(89);
    expect(uptime).toBe(1);
  });

  test("are those of the time zone of the page", async () => {
    const staged = await stage({ page: { timezone: "Pacific/Auckland" } });
    const noon = new Date(hoursAgo(72).toISOString().replace(/T.*/, "T13:00:00Z"));
    await countHour(api.database, staged.monitorId, noon, { failed: 1, passed: 99 });

    const { days } = await entryOf(staged);

    const following = new Date(noon.getTime() + 24 * HOUR_MS).toISOString().slice(0, 10);
    expect(days.find(({ kind }) => kind === "disturbed")?.date).toBe(following);
  });

  test("add up to the uptime, in which what could not tell does not count", async () => {
    const staged = await stage();
    await countHour(api.database, staged.monitorId, hoursAgo(50), { passed: 9, failed: 1, errored: 40 });
    await countHour(api.database, staged.monitorId, hoursAgo(40 * 24), { passed: 10 });

    const { uptime, uptime30d } = await entryOf(staged);

    expect([uptime, uptime30d]).toEqual([0.95, 0.9]);
  });

  test("of announced maintenance are drawn as such", async () => {
    const staged = await stage();
    await announceMaintenance(api.database, staged, { startsAt: hoursAgo(74), endsAt: hoursAgo(72) });

    const { days, state } = await entryOf(staged);

    expect(days.filter(({ kind }) => kind === "maintenance").length).toBeGreaterThan(0);
    expect(days.at(-1)?.hadMaintenance).toBe(false);
    expect(state).toBe("operational");
  });
});

describe("what is shown of a monitor", () => {
  test("is not green when its slot is overdue", async () => {
    const staged = await stage({ monitor: { nextRunAt: hoursAgo(1) } });

    expect((await entryOf(staged)).state).toBe("unknown");
    expect((await view(staged)).verdict.tone).toBe("mute");
  });

  test("is not green when it has no schedule and ran last before yesterday", async () => {
    const staged = await stage({ monitor: { cron: null, nextRunAt: null } });
    const old = hoursAgo(40);
    await api.make.run({
      monitorId: staged.monitorId,
      status: "finished",
      outcome: "passed",
      queuedAt: old,
      finishedAt: old,
    });

    const before = await entryOf(staged);
    await api.make.run({
      monitorId: staged.monitorId,
      status: "finished",
      outcome: "passed",
      finishedAt: new Date(),
    });

    expect(before).toMatchObject({ state: "unknown", checkedAt: old });
    expect((await entryOf(staged)).state).toBe("operational");
  });

  test("is since when it is down", async () => {
    const stateSince = hoursAgo(2);
    const staged = await stage({ monitor: { state: "failed", stateSince } });

    expect(await entryOf(staged)).toMatchObject({ state: "down", downSince: stateSince });
  });

  test("is maintenance while it is open, and what comes is announced without its name and reason", async () => {
    const staged = await stage({ monitor: { state: "failed" } });
    await announceMaintenance(api.database, staged, { startsAt: hoursAgo(1), endsAt: hoursAgo(-1) });
    await announceMaintenance(api.database, staged, { startsAt: hoursAgo(-30), endsAt: hoursAgo(-31) });

    const shown = await view(staged);

    expect(shown.verdict.sentence).toBe("Maintenance is under way");
    expect(shown.maintenance).toMatchObject([
      { isOpen: true, names: ["Ordering"] },
      { isOpen: false, names: ["Ordering"] },
    ]);
    expect(JSON.stringify(shown)).not.toContain("internal");
  });
});

test("groups stand where their first monitor does, in the order of the page", async () => {
  const staged = await stage();
  const others = await Promise.all(
    ["b", "c"].map((name) =>
      api.make.monitor({ name, workspaceId: staged.workspaceId, ownerId: staged.actor.userId }),
    ),
  );
  const [b, c] = others.map(({ id }) => id);
  await api.call("PUT", `/status-pages/${staged.page.id}`, {
    statusPage: {
      monitors: [
        { monitor: c, name: "Third", group: "Behind" },
        { monitor: staged.monitorId, name: "First" },
        { monitor: b, name: "Second", group: "Behind" },
      ],
    },
  });

  const { groups } = await view(staged);

  expect(groups.map(({ name, entries }) => [name, entries.map((entry) => entry.name)])).toEqual([
    ["Behind", ["Third", "Second"]],
    ["", ["First"]],
  ]);
});
