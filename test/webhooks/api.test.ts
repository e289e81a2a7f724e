import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { auditRecords } from "../../db/schema.ts";
import { createLimiter } from "../../src/access/limits/limiter.ts";
import { noLimits } from "../../src/access/limits/limits.ts";
import { newId, toUid } from "../../src/lib/ids.ts";
import { createApp } from "../../src/server/app.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

/** A collection in a workspace that only the caller sees. */
async function newCollection() {
  const { id: workspaceId } = await api.make.workspace({
    createdBy: api.actor.userId,
    visibility: "private",
  });
  return api.make.collection({ workspaceId, ownerId: api.actor.userId });
}

async function newWebhook() {
  const collection = await newCollection();
  const { body } = await api.call("POST", `/webhooks?workspace=${collection.workspaceId}`, {
    webhook: { name: "On deploy", collection: toUid(collection.ownerId, collection.id) },
  });
  return {
    ...(body.webhook as { id: string; uid: string; webhookUrl: string; monitor: string }),
    from: collection,
  };
}

describe("a webhook in the API", () => {
  test("is created in Postman's words, together with a monitor of its name", async () => {
    const { from, ...webhook } = await newWebhook();

    const monitor = await api.call("GET", `/monitors/${webhook.monitor}`);

    expect(webhook).toMatchObject({
      name: "On deploy",
      collection: toUid(from.ownerId, from.id),
      uid: toUid(api.actor.userId, webhook.id),
    });
    expect(webhook.webhookUrl).toMatch(/^http:\/\/127\.0\.0\.1:4600\/hooks\/[\w-]{43}$/);
    expect(monitor.body.monitor).toMatchObject({ name: "On deploy", active: true });
    expect(monitor.body.monitor).not.toHaveProperty("schedule");
  });

  test("never shows its URL again", async () => {
    const { from, id, webhookUrl } = await newWebhook();

    const one = await api.call("GET", `/webhooks/${id}`);
    const list = await api.call("GET", `/webhooks?workspace=${from.workspaceId}`);

    expect(list.body.webhooks).toEqual([one.body.webhook]);
    expect(one.body.webhook.lastCalledAt).toBeNull();
    expect(JSON.stringify([one.body, list.body])).not.toContain(webhookUrl.split("/").at(-1));
  });

  test.each([
    ["no collection", { name: "x" }, "paramMissingError", { param: ["collection"] }],
    ["nothing", {}, "paramMissingError", { param: ["name", "collection"] }],
    [
      "an unknown collection",
      { name: "x", collection: newId() },
      "invalidParamsError",
      { param: "collection" },
    ],
  ])("is 400 with %s", async (_, webhook, name, details) => {
    const { workspaceId } = await newCollection();

    const { status, body } = await api.call("POST", `/webhooks?workspace=${workspaceId}`, { webhook });

    expect([status, body.error.name, body.error.details]).toEqual([400, name, details]);
  });

  test("leaves no monitor behind when it cannot be made", async () => {
    const collection = await newCollection();
    const environment = await api.make.environment();

    const { status } = await api.call("POST", "/webhooks", {
      webhook: { name: "Half", collection: collection.id, environment: environment.id },
    });

    expect(status).toBe(400);
    const { body } = await api.call("GET", `/monitors?workspace=${collection.workspaceId}`);
    expect(body.monitors).toEqual([]);
  });

  test("is seen and changed only by those who have the role in its workspace", async () => {
    const { id, from } = await newWebhook();
    const { key } = await api.newKey({ role: "member" });
    const as = async (method: string, path: string, body?: unknown) =>
      (await api.call(method, path, body, { "x-api-key": key })).status;

    expect(await as("GET", `/webhooks/${id}`)).toBe(403);
    expect(await as("DELETE", `/webhooks/${id}`)).toBe(403);
    expect(await as("POST", `/webhooks/${id}/token`)).toBe(403);
    expect(await as("POST", "/webhooks", { webhook: { name: "x", collection: from.id } })).toBe(403);
    const { body } = await api.call("GET", "/webhooks", undefined, { "x-api-key": key });
    expect(body.webhooks).toEqual([]);
  });

  test("leaves an audit record of each change, without its token", async () => {
    const { id, webhookUrl } = await newWebhook();
    await api.call("POST", `/webhooks/${id}/token`);
    await api.call("DELETE", `/webhooks/${id}`);

    const records = await api.database.db.select().from(auditRecords).where(eq(auditRecords.subjectId, id));

    expect(records.map(({ action }) => action).toSorted()).toEqual([
      "webhook.created",
      "webhook.deleted",
      "webhook.token_renewed",
    ]);
    expect(JSON.stringify(records)).not.toContain(webhookUrl.split("/").at(-1));
  });

  test("goes with its monitor", async () => {
    const { id, monitor } = await newWebhook();

    await api.call("DELETE", `/monitors/${monitor}`);

    expect((await api.call("GET", `/webhooks/${id}`)).status).toBe(404);
  });
});

test("more calls of a webhook than the limit are refused, each webhook on its own", async () => {
  const limiter = createLimiter(api.deps, { ...noLimits, user: { allowed: 1, windowSeconds: 60 } });
  const app = createApp(api.deps, { limiter });
  const [one, other] = [await newWebhook(), await newWebhook()];
  const call = (url: string) => app.request(new URL(url).pathname, { method: "POST" });

  const answers = [await call(one.webhookUrl), await call(one.webhookUrl), await call(other.webhookUrl)];
  await limiter.stop();

  expect(answers.map(({ status }) => status)).toEqual([202, 429, 202]);
  expect(answers[1]?.headers.get("retry-after")).toMatch(/^\d+$/);
});
