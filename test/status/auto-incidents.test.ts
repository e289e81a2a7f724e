import { beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import { followMonitors } from "../../src/status/auto-incidents.ts";
import {
  createIncident,
  listFailures,
  listIncidents,
  openFailureIncident,
  updateIncident,
} from "../../src/status/incidents-store.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { silentLog } from "../support/database.ts";
import { announceMaintenance, stageStatusPage, type StatusStage } from "../support/status.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
beforeEach(async () => {
  await api.database.sql`delete from status_pages`;
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const failing = (minutes: number) => ({ state: "failed" as const, stateSince: minutesAgo(minutes) });
const stage = (options: Parameters<typeof stageStatusPage>[2]) =>
  stageStatusPage(api.database, api.make, { page: { incidentAfterMinutes: 5 }, ...options });
const follow = () => followMonitors({ database: api.database, log: silentLog });
const incidentsOf = ({ page }: StatusStage) => listIncidents(api.database, page.id, { limit: 10 });
const setState = ({ monitorId }: StatusStage, state: string, since = new Date()) =>
  api.database.sql`update monitors set state = ${state}, state_since = ${since} where id = ${monitorId}`;

test("a failure that lasts has one incident, however many servers look", async () => {
  const staged = await stage({ monitor: failing(6) });

  const turns = await Promise.all(Array.from({ length: 10 }, follow));
  const again = await follow();

  expect(turns.reduce((sum, { opened }) => sum + opened, 0)).toBe(1);
  expect(again).toEqual({ opened: 0, resolved: 0 });
  expect(await incidentsOf(staged)).toMatchObject([
    {
      title: "Ordering is not available",
      state: "investigating",
      isAutomatic: true,
      entries: [{ name: "Ordering" }],
      updates: [{ state: "investigating" }],
    },
  ]);
});

test("servers that saw the same failure at the same time make one incident of it", async () => {
  const staged = await stage({ monitor: failing(6) });
  const [failure] = await listFailures(api.database, 10);
  if (!failure) throw new Error("no failure is listed");

  const made = await Promise.all(Array.from({ length: 8 }, () => openFailureIncident(api.database, failure)));

  expect(made.filter(Boolean)).toHaveLength(1);
  expect(await incidentsOf(staged)).toHaveLength(1);
});

test("recovery resolves it once, and the next failure is another incident", async () => {
  const staged = await stage({ monitor: failing(6) });
  await follow();
  await setState(staged, "errored");
  const unclear = await follow();
  await setState(staged, "passed");

  const turns = await Promise.all(Array.from({ length: 10 }, follow));
  await setState(staged, "failed", minutesAgo(5.5));
  await follow();

  expect(unclear.resolved).toBe(0);
  expect(turns.reduce((sum, { resolved }) => sum + resolved, 0)).toBe(1);
  const incidents = await incidentsOf(staged);
  expect(incidents.map(({ state }) => state).toSorted()).toEqual(["investigating", "resolved"]);
  expect(incidents.find(({ state }) => state === "resolved")).toMatchObject({
    updates: [{ message: "Our checks of this system pass again." }, { state: "investigating" }],
  });
});

test("what a person has resolved does not come back while the same failure lasts", async () => {
  const staged = await stage({ monitor: failing(6) });
  await follow();
  const [incident] = await incidentsOf(staged);

  await updateIncident(api.database, staged.actor, staged.page, {
    id: incident?.id ?? "",
    state: "resolved",
    message: "A false alarm.",
  });

  expect(await follow()).toEqual({ opened: 0, resolved: 0 });
});

test.each<[string, Parameters<typeof stage>[0]]>([
  ["a failure that is younger than the page says", { monitor: failing(4) }],
  ["a monitor that passes", { monitor: { state: "passed", stateSince: minutesAgo(60) } }],
  ["checks that cannot tell", { monitor: { state: "errored", stateSince: minutesAgo(60) } }],
  ["a monitor that is paused", { monitor: { ...failing(60), active: false } }],
  ["a page without automatic incidents", { monitor: failing(60), page: {} }],
])("no incident is opened for %s", async (_, options) => {
  await stage(options);

  expect((await follow()).opened).toBe(0);
});

test("what fails during announced maintenance has an incident only when it goes on", async () => {
  const staged = await stage({ monitor: failing(30) });
  await announceMaintenance(api.database, staged, { startsAt: minutesAgo(20), endsAt: minutesAgo(-20) });
  const during = await follow();

  await api.database.sql`update maintenance_periods set ends_at = now() - interval '1 second'`;

  expect([during.opened, (await follow()).opened]).toEqual([0, 1]);
});

test("the incident of a monitor that was taken off the page ends", async () => {
  const staged = await stage({ monitor: failing(6) });
  await follow();
  await api.call("PUT", `/status-pages/${staged.page.id}`, { statusPage: { monitors: [] } });

  expect(await follow()).toEqual({ opened: 0, resolved: 1 });
  expect(await incidentsOf(staged)).toMatchObject([
    { state: "resolved", updates: [{ message: "This system is no longer shown on this page." }, {}] },
  ]);
});

test("what people report is theirs to resolve", async () => {
  const staged = await stage({});
  await createIncident(api.database, staged.actor, staged.page, {
    title: "Slow",
    state: "investigating",
    message: "We look.",
    monitors: [staged.monitorId],
  });

  expect(await follow()).toEqual({ opened: 0, resolved: 0 });
});

test("both are in the audit trail, by nobody", async () => {
  const staged = await stage({ monitor: failing(6) });
  await follow();
  await setState(staged, "passed");
  await follow();
  const [incident] = await incidentsOf(staged);

  const lines = await api.database.sql<{ action: string; actorId: number | null; workspaceId: string }[]>`
    select action, actor_id as "actorId", workspace_id as "workspaceId" from audit_records
     where subject_id = ${incident?.id ?? ""} order by id`;

  expect([...lines]).toEqual([
    { action: "status_incident.created", actorId: null, workspaceId: staged.workspaceId },
    { action: "status_incident.updated", actorId: null, workspaceId: staged.workspaceId },
  ]);
});
