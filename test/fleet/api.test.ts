import { beforeAll, expect, test } from "bun:test";

import { instanceOf } from "../runs/harness.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const create = async (runner: Record<string, unknown> = {}) => {
  const { body } = await api.call("POST", "/runners", { runner: { name: "Cellar", ...runner } });
  return body.runner as { id: string; key: string; startCommand: string };
};

test("a new runner comes with its key and the command that starts it, once", async () => {
  const created = await create({ description: "In the cellar" });

  expect(created.key).toMatch(/^sprk_/);
  expect(created).toMatchObject({
    name: "Cellar",
    description: "In the cellar",
    visibility: "all",
    health: "Unknown",
    lastPingAt: null,
  });
  expect(created.startCommand).toBe(
    `app runner start --server http://127.0.0.1:4600 --id ${created.id} --key ${created.key}`,
  );
  const read = await api.call("GET", `/runners/${created.id}`);
  expect(JSON.stringify(read.body)).not.toContain(created.key);
});

test("the stored key is not the key", async () => {
  const { id, key } = await create();

  const [row] = await api.database.sql`select * from runners where id = ${id}`;

  expect(JSON.stringify(row)).not.toContain(key);
});

test("an instance makes its runner healthy and is listed with the facts that it sent", async () => {
  const runner = await create();
  const instance = instanceOf(api.app, runner);
  await instance.register();
  await instance.beat([], { usage: { cpuShare: 0.5, memoryBytes: 1e9 } });

  const { body } = await api.call("GET", `/runners/${runner.id}`);
  const instances = await api.call("GET", `/runners/${runner.id}/instances`);

  expect(body.runner).toMatchObject({ health: "Healthy", instances: 1 });
  expect(instances.body).toEqual({
    meta: {
      model: "runnerInstance",
      action: "find",
      url: `/runners/${runner.id}/instances`,
      nextCursor: null,
    },
    data: [
      expect.objectContaining({
        id: instance.id,
        hostname: "host",
        cliVersion: "0.1.0",
        osType: "linux",
        runnerId: runner.id,
        cpuShare: 0.5,
        memoryBytes: 1e9,
        lastPingedAt: expect.stringMatching(/Z$/),
      }),
    ],
  });
});

test("a runner that was not heard of for two minutes is unhealthy", async () => {
  const runner = await api.make.runner();
  await api.database
    .sql`update runners set last_pinged_at = now() - interval '2 minutes' where id = ${runner.id}`;

  const { body } = await api.call("GET", `/runners/${runner.id}`);

  expect(body.runner.health).toBe("Unhealthy");
});

test("instances come page by page", async () => {
  const runner = await create();
  for (let count = 0; count < 3; count++) await instanceOf(api.app, runner).register();

  const first = await api.call("GET", `/runners/${runner.id}/instances?limit=2`);
  const rest = await api.call(
    "GET",
    `/runners/${runner.id}/instances?limit=2&cursor=${first.body.meta.nextCursor}`,
  );

  const ids = [...first.body.data, ...rest.body.data].map((row: { id: string }) => row.id);
  expect(new Set(ids).size).toBe(3);
  expect(rest.body.meta.nextCursor).toBeNull();
});

test("a limit above 25 is refused", async () => {
  const { id } = await create();

  const answer = await api.call("GET", `/runners/${id}/instances?limit=26`);

  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toBe("Query param limit cannot exceed 25.");
});

test("metrics count what waits for the runner, its own runs and those of anybody that it sees", async () => {
  const monitor = await api.make.monitor();
  const runner = await create({ visibility: "selected", workspaces: [monitor.workspaceId] });
  await api.make.run({ monitorId: monitor.id, runnerId: runner.id });
  await api.make.run({ monitorId: monitor.id });
  await api.make.run();
  await api.database
    .sql`update runs set queued_at = now() - interval '7 seconds' where runner_id = ${runner.id}`;

  const { body } = await api.call("GET", `/runners/${runner.id}/metrics`);

  expect(body).toEqual({ lastPingAt: null, oldestQueuedRunAgeSeconds: expect.any(Number), queueDepth: 2 });
  expect(body.oldestQueuedRunAgeSeconds).toBeGreaterThanOrEqual(7);
});

test("a change keeps what is not sent", async () => {
  const { id } = await create({ description: "kept" });

  const { body } = await api.call("PUT", `/runners/${id}`, { runner: { name: "Attic" } });

  expect(body.runner).toMatchObject({ name: "Attic", description: "kept", visibility: "all" });
});

test("a reset key works at once and the old one no longer does", async () => {
  const runner = await create();
  await instanceOf(api.app, runner).register();

  const { body } = await api.call("POST", `/runners/${runner.id}/reset-key`);

  expect((await instanceOf(api.app, body.runner).register()).status).toBe(200);
  await eventually(async () => (await instanceOf(api.app, runner).register()).status === 401);
});

test("a deleted runner is gone, and its key with it", async () => {
  const runner = await create();
  await instanceOf(api.app, runner).register();

  const deleted = await api.call("DELETE", `/runners/${runner.id}`);

  expect(deleted.body).toEqual({ runner: { id: runner.id, name: "Cellar" } });
  expect((await api.call("GET", `/runners/${runner.id}`)).status).toBe(404);
  await eventually(async () => (await instanceOf(api.app, runner).register()).status === 401);
});

test("every change is in the audit trail, without the key", async () => {
  const runner = await create();
  await api.call("PUT", `/runners/${runner.id}`, { runner: { name: "Attic" } });
  await api.call("POST", `/runners/${runner.id}/reset-key`);
  await api.call("DELETE", `/runners/${runner.id}`);

  const rows = await api.database.sql`
    select action, actor_id, change from audit_records where subject_id = ${runner.id} order by id`;

  expect(rows.map((row) => row["action"])).toEqual([
    "runner.created",
    "runner.updated",
    "runner.key_reset",
    "runner.deleted",
  ]);
  expect(rows[0]?.["actor_id"]).toBe(api.actor.userId);
  expect(JSON.stringify(rows)).not.toContain(runner.key);
});

test.each([
  ["POST", "/runners"],
  ["PUT", "/runners/ID"],
  ["DELETE", "/runners/ID"],
  ["POST", "/runners/ID/reset-key"],
  ["DELETE", "/runners/ID/previous-key"],
  ["POST", "/runners/ID/drain"],
  ["POST", "/runners/ID/instances/ID/drain"],
])("%s %s: no key is 401, a member 403", async (method, path) => {
  const { id } = await create();
  const member = await api.newKey({ role: "member" });
  const runner = { name: "Attic" };

  const without = await api.call(method, path.replaceAll("ID", id), { runner }, {});
  const asMember = await api.call(method, path.replaceAll("ID", id), { runner }, { "x-api-key": member.key });

  expect([without.status, asMember.status]).toEqual([401, 403]);
  expect(asMember.body.error.name).toBe("forbiddenError");
});

test("members see runners, because they pick one for their monitors", async () => {
  const { id } = await create();
  const member = await api.newKey({ role: "member" });

  const answer = await api.call("GET", "/runners", undefined, { "x-api-key": member.key });

  expect(answer.body.runners.map((runner: { id: string }) => runner.id)).toContain(id);
});

test("a workspace that does not exist is refused by name", async () => {
  const unknown = crypto.randomUUID();
  const runner = { name: "Cellar", visibility: "selected", workspaces: [unknown] };

  const answer = await api.call("POST", "/runners", { runner });

  expect(answer.status).toBe(400);
  expect(answer.body.error.message).toContain(unknown);
});
