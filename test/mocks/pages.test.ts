import { expect, setDefaultTimeout, test } from "bun:test";

import { mocks } from "../../db/schema.ts";
import { newId } from "../../src/lib/ids.ts";
import { defaultMockConfig } from "../../src/mocks/mock.ts";
import { eventually } from "../support/eventually.ts";
import { startSession } from "../support/form-session.ts";
import { collectionOf } from "./support.ts";

setDefaultTimeout(120_000);

test("a mock is made on its page, called, looked at, made private and deleted", async () => {
  const { app, get, make, post, user, workspace } = await startSession();
  const collection = await make.collection({
    workspaceId: workspace.id,
    ownerId: user.id,
    name: "Shop",
    document: collectionOf([{ name: "All <books>", body: "[]" }]),
  });
  await get("/mocks");

  const made = await post("/mocks", { collection: collection.id, name: "Shop mock" });
  const path = made.location ?? "";
  const id = path.split("/").at(-1) ?? "";
  await app.request(`/mock/${id}/books?q=<script>`);
  await eventually(async () => (await get(path)).html.includes("All &lt;books&gt;"));
  const page = await get(path);
  await post(`${path}/unpublish`);
  const closed = await app.request(`/mock/${id}/books`);
  await post(`${path}/delete`);

  expect([made.status, page.status, closed.status]).toEqual([303, 200, 401]);
  expect(page.html).toContain(`/mock/${id}`);
  expect(page.html).not.toContain("<script>");
  expect((await get(path)).status).toBe(404);
  expect((await get("/mocks")).html).toContain("No mocks yet");
});

test("what is wrong with the form is said beside it", async () => {
  const { get, make, post, user, workspace } = await startSession();
  const collection = await make.collection({ workspaceId: workspace.id, ownerId: user.id });
  const environment = await make.environment();
  await get("/mocks");

  const answer = await post("/mocks", { collection: collection.id, environment: environment.id });

  expect(answer.status).toBe(400);
  expect(answer.html).toContain("The environment does not exist in this workspace");
});

test("a mock of a workspace that the person may not see is neither listed nor opened", async () => {
  const { database, get, make } = await startSession("member");
  const hidden = await make.workspace({ visibility: "private" });
  const collection = await make.collection({ workspaceId: hidden.id, name: "Hidden shop" });
  const [mock] = await database.db
    .insert(mocks)
    .values({
      id: newId(),
      workspaceId: hidden.id,
      ownerId: hidden.createdBy,
      name: "Hidden mock",
      collectionId: collection.id,
      config: defaultMockConfig,
    })
    .returning();

  const list = await get("/mocks");
  const one = await get(`/mocks/${mock?.id}`);

  expect(list.html).not.toContain("Hidden");
  expect([list.status, one.status]).toEqual([200, 403]);
});
