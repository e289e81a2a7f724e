import { beforeAll, describe, expect, test } from "bun:test";

import { type TestApi, testApi } from "../support/api.ts";

let api: TestApi;
let path: string;
let workspaceId: string;

const config = {
  kind: "webhook",
  url: "https://chat.example.test/hook/s3cret",
  secret: "s1gn",
  headers: { "X-Team": "shop" },
};

beforeAll(async () => {
  api = await testApi();
  const workspace = { name: "W", type: "private" };
  workspaceId = (await api.call("POST", "/workspaces", { workspace })).body.workspace.id;
  const { body } = await api.call("POST", "/alert-channels", {
    workspace: workspaceId,
    name: "Room",
    config,
  });
  path = `/alert-channels/${body.alertChannel.id}/config`;
});

const change = async (part: Record<string, unknown>, dryRun = false) =>
  (await api.call("PATCH", path, { config: { kind: "webhook", ...part }, dryRun })).body.config?.changed;

describe("a configuration", () => {
  test("names its parts and not what is in them", async () => {
    const { body } = await api.call("GET", path);

    expect(body).toEqual({ config: { kind: "webhook", parts: ["url", "secret", "headers.X-Team"] } });
  });

  test("tells what would change, and what is absent stays", async () => {
    const dry = await change({ secret: "other" }, true);
    const same = await change({ url: config.url, headers: { "X-Team": "shop" } });
    const changed = await change({ secret: "other" });
    const again = await change({ ...config, secret: "other" });
    const removed = await change({ secret: null });
    const { body } = await api.call("GET", path);
    const logs = (await api.call("GET", "/audit/logs")).body;

    expect([dry, same, changed, again, removed]).toEqual([["secret"], [], ["secret"], [], ["secret"]]);
    expect(body.config.parts).toEqual(["url", "headers.X-Team"]);
    expect(JSON.stringify(logs)).not.toMatch(/s3cret|s1gn|other/);
  });

  test("sends what is stored to no other server unless it is given again", async () => {
    const key = "routing-key";
    const { body } = await api.call("POST", "/alert-channels", {
      name: "On call",
      config: { kind: "pagerduty", routingKey: key },
    });
    const pager = `/alert-channels/${body.alertChannel.id}/config`;
    const move = (part: Record<string, unknown>) =>
      api.call("PATCH", pager, { config: { kind: "pagerduty", url: "https://thief.example.test", ...part } });

    const refused = await move({});
    const hook = await api.call("PATCH", path, {
      config: { kind: "webhook", url: "https://thief.example.test/hook", secret: null },
    });
    const given = await move({ routingKey: key });
    const moved = await change({ url: "https://chat.example.test/hook/rotated" }, true);

    expect([refused.status, JSON.parse(refused.body).detail]).toEqual([
      400,
      'The address becomes another one, so what is sent there must be given again: send "config.routingKey", or null to take it away.',
    ]);
    expect([hook.status, JSON.parse(hook.body).detail]).toEqual([
      400,
      expect.stringContaining('send "config.headers"'),
    ]);
    expect([given.body.config.changed, moved]).toEqual([["url"], ["url"]]);
  });

  test("of another kind begins anew", async () => {
    const refused = await api.call("PATCH", path, { config: { kind: "pagerduty" }, dryRun: true });
    const changed = await change({ kind: "slack", url: config.url }, true);

    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body).detail).toBe('"config.routingKey" is missing: send it.');
    expect(changed).toEqual(["kind", "headers"]);
  });

  test("is told to viewers and changed by editors", async () => {
    const stranger = await api.newKey({ role: "member" });
    const viewer = await api.newKey({ role: "member" });
    await api.call(
      "PATCH",
      `/workspaces/${workspaceId}/roles`,
      { roles: [{ op: "add", path: "/user", value: [{ id: String(viewer.actor.userId), role: "1" }] }] },
      { "x-api-key": api.key, "content-type": "application/json-patch+json" },
    );
    const same = { config: { kind: "webhook" }, dryRun: true };

    const answers = await Promise.all([
      api.call("GET", path, undefined, { "x-api-key": stranger.key }),
      api.call("GET", path, undefined, { "x-api-key": viewer.key }),
      api.call("PATCH", path, same, { "x-api-key": viewer.key }),
      api.call("PATCH", path, same),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([403, 200, 403, 200]);
  });
});
