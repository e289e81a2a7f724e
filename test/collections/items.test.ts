import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { auditRecords } from "../../db/schema.ts";
import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await api.make.workspace({ createdBy: api.actor.userId });
});

// Documents of any shape are taken apart here.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>;

async function stored(item: unknown[]): Promise<{ id: string; document: () => Promise<Json> }> {
  const sent = { collection: { info: { name: "Shop", schema }, item } };
  const { body } = await api.call("POST", "/collections", sent);
  const { id } = body.collection;
  return { id, document: async () => (await api.call("GET", `/collections/${id}`)).body.collection };
}

const folder = (id: string, item: unknown[] = []) => ({ id, name: `folder ${id.slice(0, 4)}`, item });
const request = (id: string) => ({ id, name: "r", request: { method: "GET", url: "http://127.0.0.1:1/" } });

describe("folders", () => {
  test("are made at the root and in folders, and found in the v1 model", async () => {
    const { id, document } = await stored([]);

    const outer = await api.call("POST", `/collections/${id}/folders`, { name: "Outer" });
    const inner = await api.call("POST", `/collections/${id}/folders`, {
      name: "Inner",
      folder: outer.body.data.id,
    });
    const found = await api.call("GET", `/collections/${id}/folders/${inner.body.data.id}`);

    expect(outer.status).toBe(200);
    expect(outer.body).toMatchObject({
      data: { name: "Outer", folder: null, order: [], folders_order: [], owner: String(api.actor.userId) },
      meta: { model: "folder", action: "import" },
      revision: 2,
    });
    expect(outer.body.model_id).toBe(outer.body.data.id);
    expect(found.body.data).toMatchObject({ name: "Inner", folder: outer.body.data.id, collection: id });
    expect(found.body.meta).toMatchObject({ model: "folder", action: "find" });
    expect(await document()).toMatchObject({
      item: [{ name: "Outer", item: [{ name: "Inner", item: [] }] }],
    });
  });

  test("keep what v1 does not name when they are changed", async () => {
    const one = { ...folder(newId()), "x-team": "search", protocolProfileBehavior: { strictSSL: false } };
    const { id, document } = await stored([one]);

    await api.call("PUT", `/collections/${id}/folders/${one.id}`, { name: "Renamed", description: "Why" });

    const [changed] = (await document())["item"];
    expect(changed).toMatchObject({ ...one, name: "Renamed", description: "Why" });
  });

  test("are deleted with what is in them", async () => {
    const inner = request(newId());
    const outer = folder(newId(), [inner]);
    const { id, document } = await stored([outer]);

    const deleted = await api.call("DELETE", `/collections/${id}/folders/${outer.id}`);

    expect(deleted.body).toMatchObject({
      data: { id: outer.id, owner: String(api.actor.userId) },
      meta: { action: "destroy" },
    });
    expect((await document())["item"]).toEqual([]);
    expect((await api.call("GET", `/collections/${id}/requests/${inner.id}`)).status).toBe(404);
  });

  test("show ids, uids and contents as they are asked for", async () => {
    const leaf = request(newId());
    const outer = folder(newId(), [leaf, folder(newId())]);
    const { id } = await stored([outer]);
    const path = `/collections/${id}/folders/${outer.id}`;

    const [plain, ids, uid, populate] = await Promise.all([
      api.call("GET", path),
      api.call("GET", `${path}?ids=true`),
      api.call("GET", `${path}?uid=true`),
      api.call("GET", `${path}?populate=true`),
    ]);

    expect(plain?.body.data.requests).toEqual([leaf.id]);
    expect(ids?.body.data).not.toHaveProperty("name");
    expect(ids?.body.data.order).toEqual([leaf.id]);
    expect(uid?.body.data.id).toBe(toUid(api.actor.userId, outer.id));
    expect(uid?.body.data.order).toEqual([toUid(api.actor.userId, leaf.id)]);
    expect(populate?.body.data.requests[0]).toMatchObject({ id: leaf.id, method: "GET", folder: outer.id });
  });
});

describe("who may, and what is wrong", () => {
  test("readers of a workspace read and change nothing; strangers see nothing", async () => {
    const { id } = await api.make.collection({
      workspaceId: (await api.make.workspace({ visibility: "public" })).id,
    });
    const hidden = await api.make.collection({
      workspaceId: (await api.make.workspace({ visibility: "private" })).id,
    });
    const { key } = await api.newKey({ role: "member" });
    const as = { "x-api-key": key };

    expect((await api.call("GET", `/collections/${id}`, undefined, as)).status).toBe(200);
    expect((await api.call("POST", `/collections/${id}/folders`, { name: "x" }, as)).status).toBe(403);
    expect((await api.call("DELETE", `/collections/${id}`, undefined, as)).status).toBe(403);
    expect((await api.call("GET", `/collections/${hidden.id}`, undefined, as)).status).toBe(403);
    const { body } = await api.call("GET", "/collections", undefined, as);
    const listed = body.collections.map((one: Json) => one["id"]);
    expect([listed.includes(id), listed.includes(hidden.id)]).toEqual([true, false]);
  });

  test.each(["folders", "requests", "responses"])(
    "an unknown id among %s is 404 in Postman's words",
    async (path) => {
      const { id } = await stored([]);
      const unknown = newId();

      for (const method of ["GET", "PUT", "DELETE"]) {
        const { status, body } = await api.call(
          method,
          `/collections/${id}/${path}/${unknown}`,
          method === "PUT" ? { name: "x" } : undefined,
        );
        const model = path.slice(0, -1);
        expect([status, body]).toEqual([
          404,
          {
            error: {
              name: "instanceNotFoundError",
              message: `We could not find the ${model} you are looking for`,
              details: { model, owner: String(api.actor.userId), model_id: unknown },
            },
          },
        ]);
      }
    },
  );

  test.each([
    ["requests", { method: 5 }, "method"],
    ["requests", { headerData: [null] }, "headerData.0"],
    ["requests", { dataMode: "carrier pigeon" }, "dataMode"],
    ["folders", { name: {} }, "name"],
  ])("a wrong field of %s is 400 that names it", async (path, body, field) => {
    const { id } = await stored([]);

    const answer = await api.call("POST", `/collections/${id}/${path}`, body);

    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(field);
  });

  test("a collection does not grow beyond what can be sent whole", async () => {
    const { id, document } = await stored([]);
    const large = { description: "x".repeat(11 * 1024 * 1024) };

    const first = await api.call("POST", `/collections/${id}/requests`, large);
    const second = await api.call("POST", `/collections/${id}/requests`, large);

    expect([first.status, second.status]).toEqual([200, 413]);
    expect(second.body.error.message).toContain("larger than 20 MB");
    expect((await document())["item"]).toHaveLength(1);
  });

  test("each change is in the audit trail without values", async () => {
    const { id } = await stored([]);
    const { body } = await api.call("POST", `/collections/${id}/requests`, {
      name: "a",
      url: "http://secret",
    });

    await api.call("PUT", `/collections/${id}/requests/${body.data.id}`, { url: "http://secret/2" });

    const rows = await api.database.db
      .select()
      .from(auditRecords)
      .where(eq(auditRecords.subjectId, body.data.id))
      .orderBy(auditRecords.id);
    expect(rows.map((row) => row.action)).toEqual(["request.created", "request.updated"]);
    expect(rows[1]?.change).toMatchObject({ collectionId: id, fields: ["url"] });
    expect(rows[1]?.workspaceId).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(rows)).not.toContain("secret");
  });

  test("changes at the same time are all kept", async () => {
    const { id, document } = await stored([]);

    await Promise.all(
      Array.from({ length: 10 }, (_, n) => api.call("POST", `/collections/${id}/folders`, { name: `f${n}` })),
    );

    expect((await document())["item"]).toHaveLength(10);
  });
});
