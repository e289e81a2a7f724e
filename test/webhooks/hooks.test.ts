import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";

import { createEngine } from "../../src/engine/engine.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createControlPlane } from "../../src/runner/client.ts";
import { startRunner } from "../../src/runner/runner.ts";
import { testHost } from "../engine/sandbox/support.ts";
import { silentLog } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { newDataDir } from "../support/runner-at-work.ts";
import { type ServedApi, servedApi } from "../support/served-api.ts";

setDefaultTimeout(120_000);

let api: ServedApi;
let target: ReturnType<typeof startTarget>;
let stopRunner: () => Promise<void>;

interface Seen {
  query: string;
  body: string;
}

/** An API under test that notes what it is sent. */
function startTarget() {
  const seen: Seen[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      seen.push({ query: new URL(request.url).search, body: await request.text() });
      return new Response("ok");
    },
  });
  return { seen, url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}

/** Sends on what the run was started with: by name, and all of it as scripts see it. */
const forwarding = (url: string) => ({
  info: {
    name: "Forward",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  item: [
    {
      name: "Forward",
      event: [
        {
          listen: "prerequest",
          script: { exec: ["pm.variables.set('all', JSON.stringify(pm.iterationData.toObject()));"] },
        },
        {
          listen: "test",
          script: { exec: ["pm.test('once', () => pm.expect(pm.info.iterationCount).to.equal(1));"] },
        },
      ],
      request: {
        method: "POST",
        url: `${url}/forward?branch={{branch}}`,
        body: { mode: "raw", raw: "{{all}}" },
      },
    },
  ],
});

beforeAll(async () => {
  api = await servedApi();
  target = startTarget();
  const { id: runnerId, key: runnerKey } = await api.make.runner();
  const controlPlane = createControlPlane({ server: api.url, runnerId, runnerKey });
  const dataDir = await newDataDir();
  const engine = createEngine({ scripts: testHost() });
  const runner = startRunner(
    { runnerId, dataDir, concurrency: 2, hostname: "host", osType: "linux", deliverMs: 1_000 },
    { controlPlane, engine, clock: systemClock, log: silentLog },
  );
  stopRunner = async () => {
    runner.cancel();
    await runner.finished.catch(() => undefined);
    await controlPlane.close();
    await engine.close();
    await rm(dataDir, { recursive: true, force: true });
  };
});
afterAll(async () => {
  await stopRunner();
  await target.stop();
  await api.stop();
});

async function newWebhook() {
  const { id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId });
  const { body: stored } = await api.call("POST", `/collections?workspace=${workspaceId}`, {
    collection: forwarding(target.url),
  });
  const { body } = await api.call("POST", `/webhooks?workspace=${workspaceId}`, {
    webhook: { name: "On deploy", collection: stored.collection.uid },
  });
  const { pathname } = new URL(body.webhook.webhookUrl);
  return { id: body.webhook.id as string, url: api.url + pathname, monitor: body.webhook.monitor as string };
}

/** Calls a webhook and waits for what its run sends to the target. */
async function forwarded(url: string, init?: RequestInit): Promise<{ query: string; row: Row }> {
  const before = target.seen.length;
  const response = await fetch(url, init);
  expect(response.status).toBe(202);
  await eventually(() => target.seen.length > before);
  const { query = "", body = "{}" } = target.seen[before] ?? {};
  return { query, row: JSON.parse(body) as Row };
}
interface Row {
  [name: string]: unknown;
  webhook: { method: string; headers: Record<string, string>; query: unknown; body: unknown };
}

describe("a call of a webhook", () => {
  test("starts an execution whose run sees body and query, and answers with its id", async () => {
    const webhook = await newWebhook();

    const { query, row } = await forwarded(`${webhook.url}?branch=main&who=query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ who: "body", deep: { list: [1, null] } }),
    });

    expect(query).toBe("?branch=main");
    expect(row).toMatchObject({ branch: "main", who: "body", deep: { list: [1, null] } });
    expect(row.webhook).toMatchObject({
      method: "POST",
      query: { branch: "main", who: "query" },
      body: { who: "body", deep: { list: [1, null] } },
    });
  });

  test.each(["GET", "PUT", "PATCH", "DELETE"])("may have the method %s, and no body", async (method) => {
    const webhook = await newWebhook();

    const { row } = await forwarded(`${webhook.url}?branch=x`, { method });

    expect(row.webhook).toMatchObject({ method, body: null });
  });

  test("may have a form or a text as its body", async () => {
    const webhook = await newWebhook();

    const form = await forwarded(webhook.url, { method: "POST", body: new URLSearchParams({ branch: "f" }) });
    const text = await forwarded(webhook.url, { method: "POST", body: "just words" });

    expect(form.query).toBe("?branch=f");
    expect(text.row.webhook.body).toBe("just words");
  });

  test("hands on no header that carries a secret", async () => {
    const webhook = await newWebhook();
    const headers = {
      authorization: "Bearer s3cr3t",
      cookie: "a=s3cr3t",
      "x-api-key": "s3cr3t",
      "x-gitlab-token": "s3cr3t",
      "x-event": "push",
    };

    const { row } = await forwarded(webhook.url, { method: "POST", headers });

    expect(row.webhook.headers).toMatchObject({ "x-event": "push" });
    expect(JSON.stringify(row)).not.toContain("s3cr3t");
  });

  test("is an execution of its monitor that a webhook started", async () => {
    const webhook = await newWebhook();
    const answer = await fetch(webhook.url, { method: "POST" });
    const { execution } = (await answer.json()) as { execution: { id: string; monitor: string } };

    const [row] = await api.database.sql`
      select trigger, triggered_by, monitor_id from executions where id = ${execution.id}`;

    expect(row).toEqual({ trigger: "webhook", triggered_by: null, monitor_id: execution.monitor });
    expect(webhook.monitor).toEndWith(execution.monitor);
  });

  test("keeps its body sealed at rest", async () => {
    const webhook = await newWebhook();
    const answer = await fetch(webhook.url, { method: "POST", body: '{"password":"s3cr3t"}' });
    const { execution } = (await answer.json()) as { execution: { id: string } };

    const [row] = await api.database.sql`
      select sealed from execution_inputs where execution_id = ${execution.id}`;

    expect(row?.["sealed"]).toBeString();
    expect(Buffer.from(String(row?.["sealed"]), "base64").toString("latin1")).not.toContain("s3cr3t");
  });

  test("with a body above 1 MB is refused, and nothing is started", async () => {
    const webhook = await newWebhook();

    const response = await fetch(webhook.url, { method: "POST", body: "x".repeat(1024 * 1024 + 1) });

    expect(response.status).toBe(413);
    const [row] = await api.database.sql`
      select count(*)::int as count from executions e join webhooks w on w.monitor_id = e.monitor_id
       where w.id = ${webhook.id}`;
    expect(row?.["count"]).toBe(0);
  });

  test("that a browser only asks about starts nothing", async () => {
    const webhook = await newWebhook();

    const response = await fetch(webhook.url, {
      method: "OPTIONS",
      headers: { "access-control-request-method": "POST", origin: "http://elsewhere.test" },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("the token of a webhook", () => {
  test.each(["", "wrong", "a".repeat(5000)])("opens nothing when it is wrong: %#", async (token) => {
    const response = await fetch(`${api.url}/hooks/${token}`, { method: "POST" });

    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toContain("application/json");
  });

  test("is replaced by another, and the old URL is dead", async () => {
    const webhook = await newWebhook();

    const { body } = await api.call("POST", `/webhooks/${webhook.id}/token`);

    expect((await fetch(webhook.url, { method: "POST" })).status).toBe(404);
    const renewed = api.url + new URL(body.webhook.webhookUrl).pathname;
    expect((await fetch(renewed, { method: "POST" })).status).toBe(202);
  });

  test("dies with its webhook; the monitor stays", async () => {
    const webhook = await newWebhook();

    expect((await api.call("DELETE", `/webhooks/${webhook.id}`)).status).toBe(200);

    expect((await fetch(webhook.url)).status).toBe(404);
    expect((await api.call("GET", `/monitors/${webhook.monitor}`)).status).toBe(200);
  });

  test("is stored as a hash and written into no log", async () => {
    const lines: string[] = [];
    const log = { ...silentLog, info: (_: string, facts?: object) => void lines.push(JSON.stringify(facts)) };
    const { createApp } = await import("../../src/server/app.ts");
    const app = createApp({ ...api.deps, log });
    const webhook = await newWebhook();
    const token = webhook.url.split("/").at(-1) ?? "";

    await app.request(`/hooks/${token}`, { method: "POST" });

    const [row] = await api.database.sql`select token_hash from webhooks where id = ${webhook.id}`;
    expect(row?.["token_hash"]).toMatch(/^[0-9a-f]{64}$/);
    expect(lines.join("\n")).toContain("/hooks/…");
    expect(lines.join("\n")).not.toContain(token);
  });
});
