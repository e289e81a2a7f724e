import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let api: TestApi;
let workspace: string;
beforeAll(async () => {
  api = await testApi();
  workspace = (await api.make.workspace({ createdBy: api.actor.userId })).id;
});

const shop = (name = "Shop") => ({
  info: { name, schema },
  item: [
    {
      name: "folder",
      item: [
        { name: "r", request: { method: "GET", url: "http://127.0.0.1:1/" }, response: [{ name: "ok" }] },
      ],
    },
  ],
});

const stored = async (): Promise<{ id: string; uid: string }> =>
  (await api.call("POST", "/collections", { collection: shop() })).body.collection;

const later = () => ({ "x-api-key": api.key, prefer: "respond-async" });

describe("PUT with Prefer: respond-async", () => {
  test("answers a task at once, keeps a second one out meanwhile, and tells how it ended", async () => {
    const { id } = await stored();
    const held = await api.database.sql.reserve();
    await held`begin`;
    await held`select 1 from collections where id = ${id} for update`;

    const first = await api.call("PUT", `/collections/${id}`, { collection: shop("New") }, later());
    const taskPath = `/collection-updates-tasks/${first.body.task.id}`;
    const meanwhile = await api.call("GET", taskPath);
    const second = await api.call("PUT", `/collections/${id}`, { collection: shop("Other") }, later());
    const third = await api.call("PUT", `/collections/${id}`, { collection: shop("Other") });
    await held`commit`;
    held.release();

    expect([first.status, first.body.task.status]).toEqual([202, "in-progress"]);
    expect(meanwhile.body).toEqual({ id: first.body.task.id, status: "in-progress" });
    for (const answer of [second, third]) {
      expect([answer.status, answer.headers.get("content-type")]).toEqual([409, "application/problem+json"]);
      expect(answer.body).toContain("Deep update operation is already in progress for this collection.");
    }
    await eventually(async () => (await api.call("GET", taskPath)).body.status === "successful");
    expect((await api.call("GET", `/collections/${id}`)).body.collection.info.name).toBe("New");
    expect((await api.call("PUT", `/collections/${id}`, { collection: shop() })).status).toBe(200);
  });

  test("says what is wrong with a document at once, and later why it was refused", async () => {
    const { id } = await stored();
    const other = { ...shop(), info: { ...shop().info, _postman_id: newId() } };

    const broken = await api.call("PUT", `/collections/${id}`, { collection: { info: {} } }, later());
    const foreign = await api.call("PUT", `/collections/${id}`, { collection: other }, later());

    expect(broken.status).toBe(400);
    const path = `/collection-updates-tasks/${foreign.body.task.id}`;
    const ended = await eventually(async () => {
      const { body } = await api.call("GET", path);
      return body.status !== "in-progress" && body;
    });
    expect(ended).toMatchObject({ status: "failed" });
    expect(ended.reason).toContain("does not match the collection ID");
  });
});

describe("a duplicate", () => {
  test("has the same contents, other ids and a name with the suffix", async () => {
    const original = await stored();
    const body = { workspace, suffix: "Two" };

    const started = await api.call("POST", `/collections/${original.uid}/duplicates`, body);
    const path = `/collection-duplicate-tasks/${started.body.task.id}`;
    const ended = await eventually(async () => {
      const { task } = (await api.call("GET", path)).body;
      return task.status !== "processing" && task;
    });

    expect(started.body.task).toEqual({ id: expect.any(String), status: "processing" });
    expect(ended).toMatchObject({ status: "completed" });
    const [before, after] = [
      (await api.call("GET", `/collections/${original.id}`)).body.collection,
      (await api.call("GET", `/collections/${ended.collection}`)).body.collection,
    ];
    expect(after.info).toMatchObject({ name: "Shop Two", schema });
    expect(after.item[0]).toMatchObject({
      name: "folder",
      item: [{ name: "r", response: [{ name: "ok" }] }],
    });
    const idsOf = (text: unknown) =>
      [...JSON.stringify(text).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id);
    expect(idsOf(after.item)).toHaveLength(3);
    expect(idsOf(after.item).filter((id) => idsOf(before.item).includes(id))).toEqual([]);
  });

  test("needs a workspace, and the right to change it", async () => {
    const { id } = await stored();
    const { key } = await api.newKey({ role: "member" });
    const foreign = await api.make.workspace({ visibility: "private" });

    const [none, forbidden] = [
      await api.call("POST", `/collections/${id}/duplicates`, {}),
      await api.call(
        "POST",
        `/collections/${id}/duplicates`,
        { workspace: foreign.id },
        { "x-api-key": key },
      ),
    ];

    expect(none.status).toBe(400);
    expect(none.body.error.message).toContain("workspace");
    expect(forbidden.status).toBe(403);
  });
});

describe("a task that is not there", () => {
  test.each([
    ["/collection-updates-tasks/nonsense", 400],
    [`/collection-updates-tasks/${newId()}`, 404],
    ["/collection-duplicate-tasks/nonsense", 400],
    [`/collection-duplicate-tasks/${newId()}`, 404],
  ])("%s is %i as a problem", async (path, status) => {
    const answer = await api.call("GET", path);

    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
  });
});
