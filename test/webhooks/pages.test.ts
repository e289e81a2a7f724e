import { expect, setDefaultTimeout, test } from "bun:test";

import { startSession } from "../support/form-session.ts";

setDefaultTimeout(120_000);

const urlIn = (html: string) => /http:\/\/127\.0\.0\.1:4600(\/hooks\/[\w-]+)/.exec(html)?.[1] ?? "";

test("a webhook is made on its page, its URL shown once, replaced and revoked", async () => {
  const { app, get, make, post, user, workspace } = await startSession();
  const collection = await make.collection({ workspaceId: workspace.id, ownerId: user.id });
  await get("/webhooks");

  const made = await post("/webhooks", { name: "On deploy", collection: collection.id });
  const first = urlIn(made.html);
  const called = await app.request(first, { method: "POST" });
  const list = await get("/webhooks");
  const id = /webhooks\/([\w-]+)\/token/.exec(list.html)?.[1] ?? "";
  const second = urlIn((await post(`/webhooks/${id}/token`)).html);
  const old = await app.request(first, { method: "POST" });
  const renewed = await app.request(second, { method: "POST" });
  const gone = await post(`/webhooks/${id}/delete`);

  expect(made.headers.get("cache-control")).toBe("no-store");
  expect(urlIn(list.html)).toBe("");
  expect([called.status, old.status, renewed.status, gone.status]).toEqual([202, 404, 202, 303]);
  expect((await app.request(second, { method: "POST" })).status).toBe(404);
  expect((await get("/webhooks")).html).toContain("No webhooks yet");
});

test("what is wrong with the form is said beside it", async () => {
  const { get, make, post, user, workspace } = await startSession();
  const collection = await make.collection({ workspaceId: workspace.id, ownerId: user.id });
  const environment = await make.environment();
  await get("/webhooks");

  const nameless = await post("/webhooks", { collection: collection.id });
  const elsewhere = await post("/webhooks", {
    name: "x",
    collection: collection.id,
    environment: environment.id,
  });

  expect([nameless.status, elsewhere.status]).toEqual([400, 400]);
  expect(nameless.html).toContain("Say what calls it.");
  expect(elsewhere.html).toContain("The environment does not exist in this workspace");
});
