import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type Session, startSession } from "../support/form-session.ts";

setDefaultTimeout(120_000);

let session: Session;
let monitorId: string;
const url = "https://hooks.example.test/services/very-secret";

beforeAll(async () => {
  session = await startSession();
  const { make, workspace, user } = session;
  const monitor = await make.monitor({ workspaceId: workspace.id, ownerId: user.id, name: "Orders" });
  monitorId = monitor.id;
});

const { get, post } = {
  get: (path: string) => session.get(path),
  post: (path: string, fields?: Parameters<Session["post"]>[1]) => session.post(path, fields),
};

/** Makes one by its form; answers where its page is. */
const newChannel = async (name: string): Promise<string> => {
  await get("/alerts/channels/new?kind=slack");
  const made = await post("/alerts/channels?kind=slack", { name, url, workspace: session.workspace.id });
  return made.location ?? "";
};
const idOf = (path: string) => path.split("/").at(-1) ?? "";

const rule = { when: "3", onFailure: "yes", onRecovery: "yes", quorum: "1" };

describe("channels", () => {
  test("are empty at first, and say what to do", async () => {
    const [alerts, channels] = [await get("/alerts"), await get("/alerts/channels")];

    expect(alerts.html).toContain("Nobody is told yet");
    expect(channels.html).toContain("No channels yet");
    expect(channels.html).toContain("There is none, so channels of the kind e-mail");
  });

  test("are made, renamed without giving the secret again, and deleted", async () => {
    const path = await newChannel("Room");
    const page = await get(path);
    const renamed = await post(path, { name: "Other room", active: "yes", url: "" });
    const [row] = await session.database
      .sql`select name, active, sealed_config from alert_channels where id = ${idOf(path)}`;

    expect(page.html).not.toContain("very-secret");
    expect(renamed.status).toBe(303);
    expect(row).toMatchObject({ name: "Other room", active: true });
    expect((await get(`${path}/delete`)).html).toContain("No rule uses it.");
    expect((await post(`${path}/delete`)).location).toBe("/alerts/channels");
    expect((await get(path)).status).toBe(404);
  });

  test("say beside the field what is wrong", async () => {
    const wrong = await post("/alerts/channels?kind=email", { name: "Mail", recipients: "nobody" });

    expect(wrong.status).toBe(400);
    expect(wrong.html).toMatch(/field wrong"><label for="field-recipients"/);
  });
});

describe("rules of a monitor", () => {
  test("begin with a good one, and say who is told when", async () => {
    const channel = idOf(await newChannel("On-call"));
    const empty = await get(`/monitors/${monitorId}/alerts`);

    const made = await post(`/alerts/rules?monitor=${monitorId}`, { ...rule, channels: channel });

    const page = await get(`/monitors/${monitorId}/alerts`);
    expect(empty.html).toContain("Nobody is told when this monitor fails");
    expect(made.location).toBe(`/monitors/${monitorId}/alerts`);
    expect(page.html).toContain("after 3 failures in a row");
    expect(page.html).toContain("on recovery");
    expect(page.html).toContain('class="word">quiet');
    expect(page.html).toContain("On-call");
  });

  test("need a channel, and numbers that make sense", async () => {
    const channel = idOf(await newChannel("Other"));
    const send = (fields: Record<string, string>) =>
      post(`/alerts/rules?monitor=${monitorId}`, { ...rule, ...fields });

    const [none, odd] = [await send({}), await send({ channels: channel, reminderMinutes: "1" })];

    expect([none.status, odd.status]).toEqual([400, 400]);
    expect(none.html).toContain("Choose at least one channel.");
    expect(odd.html).toMatch(/field wrong"><label for="field-reminderMinutes"/);
  });

  test("are changed, copied to others and deleted", async () => {
    const { make, workspace, user } = session;
    const [own, other] = [
      await make.monitor({ workspaceId: workspace.id, ownerId: user.id, name: "Own" }),
      await make.monitor({ workspaceId: workspace.id, ownerId: user.id, name: "Other" }),
    ];
    const channel = idOf(await newChannel("Copied"));
    await post(`/alerts/rules?monitor=${own.id}`, { ...rule, channels: channel });
    const list = await get(`/monitors/${own.id}/alerts`);
    const path = /\/alerts\/rules\/[\w-]{36}/.exec(list.html)?.[0] ?? "";

    await post(path, { ...rule, channels: channel, when: "every", active: "yes" });
    const copied = await post(`${path}/copy`, { monitors: [other.id] });

    expect((await get(copied.location ?? "")).html).toContain("One monitor has a copy of it now.");
    expect((await get(`/monitors/${other.id}/alerts`)).html).toContain("of every failure");
    expect((await post(`${path}/delete`)).location).toBe(`/monitors/${own.id}/alerts`);
    expect((await get(`/monitors/${own.id}/alerts`)).html).toContain("Nobody is told");
  });
});

describe("a mute", () => {
  test("is seen where the monitor is and where the alerts are, and lifted there", async () => {
    await get(`/alerts/mute?monitor=${monitorId}`);
    const made = await post(`/alerts/mute?monitor=${monitorId}`, {
      until: "tomorrow",
      reason: "rebuilding the cache",
    });

    const [monitor, alerts] = [await get(`/monitors/${monitorId}/alerts`), await get("/alerts")];
    const path = /\/alerts\/mutes\/[^"]+/.exec(alerts.html)?.[0] ?? "";
    const lifted = await post(path.replaceAll("&amp;", "&"));

    expect(made.location).toBe(`/monitors/${monitorId}/alerts`);
    for (const page of [monitor, alerts]) expect(page.html).toContain("rebuilding the cache");
    expect(lifted.location).toBe("/alerts");
    expect((await get("/alerts")).html).not.toContain("rebuilding the cache");
  });

  test("leads back to pages of ours only", async () => {
    await post(`/alerts/mute?monitor=${monitorId}`, { until: "1h" });
    const alerts = await get("/alerts");
    const id = /\/alerts\/mutes\/([\w-]{36})/.exec(alerts.html)?.[1] ?? "";

    const lifted = await post(`/alerts/mutes/${id}/end?back=${encodeURIComponent("//evil.example")}`);

    expect(lifted.location).toBe("/alerts");
  });
});

describe("maintenance", () => {
  test("is made for chosen monitors, shown with them, ended and deleted", async () => {
    const path = `/maintenance?workspace=${session.workspace.id}`;
    await get("/maintenance/new");
    const made = await post(path, {
      name: "Upgrade",
      covers: "monitors",
      monitors: [monitorId],
      repeat: "once",
      to: "2099-01-01T00:00",
      timezone: "Europe/Berlin",
    });
    const soon = new Date(Date.now() + 3_600_000).toISOString().slice(0, 16);
    const ok = await post(path, {
      name: "Upgrade",
      covers: "monitors",
      monitors: [monitorId],
      repeat: "once",
      to: soon,
      timezone: "UTC",
    });

    const list = await get("/maintenance");
    const id = /\/maintenance\/([\w-]{36})\/end/.exec(list.html)?.[1] ?? "";
    expect(made.status).toBe(400);
    expect(made.html).toContain("31 days at most");
    expect(ok.location).toBe("/maintenance");
    expect(list.html).toContain("Open now");
    expect((await get(`/monitors/${monitorId}/alerts`)).html).toContain("is open until");
    expect((await get(`/maintenance/${id}`)).html).toContain("It has begun.");
    expect((await get(`/monitors/${monitorId}`)).html).toContain("it does not run until");
    await post(`/maintenance/${id}/end`);
    expect((await get("/maintenance")).html).not.toContain("Open now");
    await post(`/maintenance/${id}/delete`);
    expect((await get("/maintenance")).html).toContain("No maintenance is planned");
  });

  test("that recurs shows when it would begin before it is made", async () => {
    const preview = await post(`/maintenance?workspace=${session.workspace.id}`, {
      name: "Nightly",
      repeat: "recurring",
      cron: "0 2 * * *",
      durationMinutes: "60",
      timezone: "UTC",
      preview: "yes",
    });

    expect(preview.html).toContain("It would begin");
    expect((await get("/maintenance")).html).not.toContain("Nightly");
  });
});

describe("summaries", () => {
  test("are subscribed to, sent at once and ended", async () => {
    const channel = idOf(await newChannel("Digest"));
    await get("/alerts/summaries");
    await post(`/alerts/summaries?workspace=${session.workspace.id}`, {
      channel,
      period: "weekly",
      weekday: "5",
      hour: "16",
      timezone: "Europe/Berlin",
    });

    const list = await get("/alerts/summaries");
    const id = /\/alerts\/summaries\/([\w-]{36})\/send/.exec(list.html)?.[1] ?? "";
    const sent = await post(`/alerts/summaries/${id}/send`);

    expect(list.html).toContain("Every Friday at 16:00 (Europe/Berlin)");
    expect((await get(sent.location ?? "")).html).toContain("The summary is on its way.");
    expect((await get(`/alerts?channel=${channel}`)).html).toContain("Payments: nothing ran in a week");
    await post(`/alerts/summaries/${id}/delete`);
    expect((await get("/alerts/summaries")).html).toContain("Nobody gets a summary yet");
  });
});

test("a viewer sees all of it and no button", async () => {
  const viewer = await startSession("member");
  const { make, database, user } = viewer;
  const place = await make.workspace({ visibility: "public", name: "Open" });
  const monitor = await make.monitor({ workspaceId: place.id, name: "Watched" });
  await database.sql`delete from workspaces where id = ${viewer.workspace.id}`;
  await database.sql`
    insert into alert_mutes (id, workspace_id, monitor_id, muted_by, until_at)
    values (gen_random_uuid(), ${place.id}, ${monitor.id}, ${user.id}, now() + interval '1 hour')`;

  const pages = await Promise.all(
    [
      "/alerts",
      "/alerts/channels",
      "/maintenance",
      "/alerts/summaries",
      `/monitors/${monitor.id}/alerts`,
    ].map((path) => viewer.get(path)),
  );
  const refused = await viewer.post(`/alerts/mute?monitor=${monitor.id}`, { until: "1h" });

  expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  for (const { html } of pages) expect(html).not.toMatch(/action="\/(alerts|maintenance)[^"]*"/);
  expect(refused.status).toBe(403);
});
