import { beforeAll, describe, expect, test } from "bun:test";

import { type TestApi, testApi } from "../support/api.ts";

let api: TestApi;
let workspaceId: string;
let monitorId: string;

beforeAll(async () => {
  api = await testApi();
  workspaceId = (await api.make.workspace({ createdBy: api.actor.userId, visibility: "private" })).id;
  monitorId = (await api.make.monitor({ workspaceId, ownerId: api.actor.userId })).id;
});

const secret = "https://hooks.example.test/services/T0/very-secret";
const newChannel = async (config: Record<string, unknown> = { kind: "slack", url: secret }) => {
  const { body } = await api.call("POST", "/alert-channels", {
    workspace: workspaceId,
    name: "Room",
    config,
  });
  return body.alertChannel;
};
const newRule = async (rule: Record<string, unknown> = {}) => {
  const { id } = await newChannel();
  const sent = { workspace: workspaceId, monitorId, channelIds: [id], ...rule };
  return await api.call("POST", "/alert-rules", sent);
};

describe("a channel", () => {
  test("never gives its secrets back, not in the audit trail either", async () => {
    const made = await newChannel();
    const answers = await Promise.all([
      api.call("GET", "/alert-channels"),
      api.call("GET", `/alert-channels/${made.id}`),
      api.call("PATCH", `/alert-channels/${made.id}`, { name: "Other room" }),
      api.call("GET", "/audit/logs"),
    ]);
    const [row] = await api.database.sql`select * from alert_channels where id = ${made.id}`;

    expect(made).toMatchObject({ kind: "slack", target: "hooks.example.test", workspace: workspaceId });
    expect(JSON.stringify([made, row, ...answers])).not.toContain("very-secret");
  });

  test.each([
    [{ kind: "slack" }, '"config.url" is missing'],
    [{ kind: "slack", url: "ftp://x" }, "config.url"],
    [{ kind: "email", recipients: ["nobody"] }, "config.recipients.0"],
    [{ kind: "pigeon" }, "config.kind"],
  ])("that is configured wrong is refused by the name of the field: %j", async (config, message) => {
    const { status, headers, body } = await api.call("POST", "/alert-channels", {
      workspace: workspaceId,
      name: "Room",
      config,
    });

    expect([status, headers.get("content-type")]).toEqual([400, "application/problem+json"]);
    expect(JSON.parse(body).detail).toContain(message);
  });

  test("for every workspace is made and changed by admins only, and seen by all", async () => {
    const member = await api.newKey({ role: "member" });
    const as = (method: string, path: string, body?: unknown) =>
      api.call(method, path, body, { "x-api-key": member.key });
    const config = { kind: "slack", url: secret };
    const { body } = await api.call("POST", "/alert-channels", { name: "Team room", config });
    const { id } = body.alertChannel;

    expect((await as("POST", "/alert-channels", { name: "Mine", config })).status).toBe(403);
    expect((await as("PATCH", `/alert-channels/${id}`, { name: "Mine" })).status).toBe(403);
    expect((await as("DELETE", `/alert-channels/${id}`)).status).toBe(403);
    expect((await as("GET", `/alert-channels/${id}`)).status).toBe(200);
  });

  test("needs the scope of alerts", async () => {
    const reader = await api.newKey({ scopes: ["alerts:read"] });
    const headers = { "x-api-key": reader.key };

    expect((await api.call("GET", "/alert-channels", undefined, headers)).status).toBe(200);
    expect((await api.call("POST", "/maintenance-windows", {}, headers)).status).toBe(403);
  });
});

describe("a rule", () => {
  test("has the defaults of Postman, and keeps what a change does not name", async () => {
    const { body } = await newRule();
    const { id } = body.alertRule;
    const changed = await api.call("PATCH", `/alert-rules/${id}`, { latencyMs: 900 });

    expect(body.alertRule).toMatchObject({
      inARow: 3,
      onFailure: true,
      onRecovery: true,
      everyFailure: false,
    });
    expect(changed.body.alertRule).toMatchObject({ inARow: 3, latencyMs: 900, latencyOf: "p95", monitorId });
  });

  test("of a monitor or channel of elsewhere is refused", async () => {
    const stranger = await api.make.monitor();

    expect((await newRule({ monitorId: stranger.id })).status).toBe(400);
    expect((await newRule({ channelIds: [crypto.randomUUID()] })).status).toBe(400);
  });

  test("that would say nothing is refused", async () => {
    const nothing = { onFailure: false, onError: false, onMissed: false };

    const { status, body } = await newRule(nothing);

    expect([status, JSON.parse(body).detail]).toEqual([400, expect.stringContaining("watches nothing")]);
  });

  test("is copied to other monitors once, all of them or none", async () => {
    const { body } = await newRule({ name: "Copied" });
    const { id } = body.alertRule;
    const more = [
      await api.make.monitor({ workspaceId, ownerId: api.actor.userId }),
      await api.make.monitor({ workspaceId, ownerId: api.actor.userId }),
    ].map((monitor) => monitor.id);
    const stranger = await api.make.monitor();
    const copy = (monitors: string[]) => api.call("POST", `/alert-rules/${id}/copy`, { monitors });

    const refused = await copy([...more, stranger.id]);
    const made = await copy(more);
    const again = await copy([...more, monitorId]);

    expect(refused.status).toBe(400);
    expect(made.body.alertRules.map((rule: { monitorId: string }) => rule.monitorId)).toEqual(more);
    expect(again.body.alertRules).toEqual([]);
  });
});

describe("the log", () => {
  const logged = async (status: string) => {
    const [row] = await api.database.sql<{ id: string }[]>`
      insert into alert_deliveries (id, workspace_id, kind, alert_id, monitor_id, recipients, message, status)
      values (gen_random_uuid(), ${workspaceId}, 'firing', gen_random_uuid(), ${monitorId}, '{a@example.test}',
              '{"title": "Orders is failing"}', ${status}) returning id`;
    return row?.id ?? "";
  };

  test("is paged, newest first", async () => {
    const ids = [await logged("sent"), await logged("sent"), await logged("sent")];
    const page = async (query: string) =>
      (await api.call("GET", `/alert-deliveries?monitor=${monitorId}&limit=2${query}`)).body;

    const first = await page("");
    const second = await page(`&cursor=${first.meta.nextCursor}`);

    const shown = [...first.alertDeliveries, ...second.alertDeliveries].map(({ id }: { id: string }) => id);
    expect(shown).toEqual(ids.toReversed());
    expect(second.meta.nextCursor).toBeNull();
    expect((await api.call("GET", "/alert-deliveries?cursor=nonsense")).status).toBe(400);
  });

  test("sends a message again as one of its own, unless it is still on its way", async () => {
    const [given, waiting] = [await logged("given_up"), await logged("pending")];

    const resent = await api.call("POST", `/alert-deliveries/${given}/resend`);

    const { id } = resent.body.alertDelivery;
    const [row] = await api.database
      .sql`select status, message, recipients from alert_deliveries where id = ${id}`;
    expect(resent.status).toBe(202);
    expect(row).toMatchObject({
      status: "pending",
      recipients: ["a@example.test"],
      message: { title: "Orders is failing" },
    });
    expect((await api.call("POST", `/alert-deliveries/${waiting}/resend`)).status).toBe(409);
  });
});

describe("a maintenance window", () => {
  const once = { to: new Date(Date.now() + 3_600_000).toISOString() };

  test.each([
    [{ name: "", once }, "name"],
    [{ name: "x" }, "Say when"],
    [{ name: "x", once: { to: "soon" } }, "once.to"],
    [{ name: "x", once, recurring: { cron: "0 2 * * *", durationMinutes: 5 } }, "send one of them"],
    [{ name: "x", recurring: { cron: "*/5 * * * *", durationMinutes: 5 } }, "once an hour at most"],
    [{ name: "x", recurring: { cron: "0 2 * * *", timezone: "Mars/Base", durationMinutes: 5 } }, "Mars/Base"],
    [{ name: "x", once, all: true, tag: "eu" }, "about one thing"],
    [{ name: "x", once, monitors: [] }, "at least one monitor"],
  ])("that makes no sense is refused in a sentence: %j", async (body, words) => {
    const answer = await api.call("POST", "/maintenance-windows", { workspace: workspaceId, ...body });

    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(words);
  });

  test("goes through the whole of its life", async () => {
    const made = await api.call("POST", "/maintenance-windows", {
      workspace: workspaceId,
      name: "Release",
      once,
    });
    const { id } = made.body.maintenanceWindow;
    const act = async (verb: string, body?: unknown) =>
      (await api.call("POST", `/maintenance-windows/${id}/${verb}`, body)).body.maintenanceWindow;

    const extended = await act("extend", { minutes: 60 });
    const ended = await act("end");

    expect(made.body.maintenanceWindow).toMatchObject({ state: "open", all: true, behaviour: "skip" });
    expect(Date.parse(extended.current.to)).toBe(Date.parse(once.to) + 3_600_000);
    expect(ended).toMatchObject({ state: "over", current: null });
    const actions = await api.database.sql<{ action: string }[]>`
      select action from audit_records where subject_id = ${id} order by id`;
    expect(actions.map(({ action }) => action)).toEqual([
      "maintenance.created",
      "maintenance.extended",
      "maintenance.ended",
    ]);
  });
});
