import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

async function keyed(): Promise<{ id: string; token: string; keyId: string }> {
  const { id } = await api.make.collection();
  const { body } = await api.call("POST", "/collection-access-keys", { collectionId: id });
  return { id, token: body.data.token, keyId: body.data.id };
}

const open = (path: string) => api.call("GET", path, undefined, {});

describe("an access key", () => {
  test("reads its collection without any other key, and nothing else", async () => {
    const { id, token } = await keyed();
    const other = await keyed();

    const own = await open(`/collections/${id}?access_key=${token}`);

    expect(token).toStartWith("PMAT-");
    expect(own.status).toBe(200);
    expect(own.body.collection.info._postman_id ?? id).toBe(id);
    for (const path of [
      `/collections/${other.id}?access_key=${token}`,
      `/collections?access_key=${token}`,
      `/collections/${id}/folders/${newId()}?access_key=${token}`,
      `/collections/${id}?access_key=PMAT-WRONG`,
      `/collections/${id}`,
    ]) {
      expect((await open(path)).status).toBe(401);
    }
    const deleted = await api.call("DELETE", `/collections/${id}?access_key=${token}`, undefined, {});
    expect(deleted.status).toBe(401);
  });

  test("ends with its life, and is prolonged by its use", async () => {
    const { id, token, keyId } = await keyed();
    const { sql } = api.database;
    await sql`update collection_access_keys set expires_at = now() + interval '1 day' where id = ${keyId}`;

    expect((await open(`/collections/${id}?access_key=${token}`)).status).toBe(200);
    const [used] = await sql`select expires_at > now() + interval '59 days' as prolonged, last_used_at
      from collection_access_keys where id = ${keyId}`;
    await sql`update collection_access_keys set expires_at = now() where id = ${keyId}`;

    expect(used).toMatchObject({ prolonged: true, last_used_at: expect.any(Date) });
    expect((await open(`/collections/${id}?access_key=${token}`)).status).toBe(401);
  });

  test("has the rights of who made it: when they are gone, so is it", async () => {
    const member = await api.newKey({ role: "member" });
    const workspace = await api.make.workspace({ visibility: "team" });
    const { id } = await api.make.collection({ workspaceId: workspace.id });
    const as = { "x-api-key": member.key };
    const { body } = await api.call("POST", "/collection-access-keys", { collectionId: id }, as);
    const path = `/collections/${id}?access_key=${body.data.token}`;
    expect((await open(path)).status).toBe(200);

    await api.database.sql`update workspaces set visibility = 'private' where id = ${workspace.id}`;

    expect((await open(path)).status).toBe(403);
  });
});

describe("the list of access keys", () => {
  test("shows one's own without their token, page by page", async () => {
    const { id, token } = await keyed();
    await api.call("POST", "/collection-access-keys", { collectionId: id });
    const member = await api.newKey({ role: "member" });

    const first = await api.call("GET", `/collection-access-keys?collectionId=${id}&limit=1`);
    const second = await api.call(
      "GET",
      `/collection-access-keys?collectionId=${id}&limit=1&cursor=${first.body.meta.nextCursor}`,
    );
    const others = await api.call("GET", `/collection-access-keys?collectionId=${id}`, undefined, {
      "x-api-key": member.key,
    });

    expect(first.body.data[0]).toMatchObject({
      status: "ACTIVE",
      userId: api.actor.userId,
      token: expect.stringContaining(token.slice(-4)),
    });
    expect(JSON.stringify(first.body)).not.toContain(token);
    expect(second.body.data).toHaveLength(1);
    expect(second.body.data[0].id).not.toBe(first.body.data[0].id);
    expect(second.body.meta).toEqual({ nextCursor: null });
    expect(others.body.data).toEqual([]);
  });

  test("deleting ends a key; only its maker and admins may", async () => {
    const { id, token, keyId } = await keyed();
    const member = await api.newKey({ role: "member" });
    const path = `/collection-access-keys/${keyId}`;

    const foreign = await api.call("DELETE", path, undefined, { "x-api-key": member.key });
    const own = await api.call("DELETE", path);

    expect([foreign.status, own.status]).toEqual([403, 204]);
    expect((await open(`/collections/${id}?access_key=${token}`)).status).toBe(401);
    expect((await api.call("DELETE", path)).status).toBe(404);
  });

  test("readers make none", async () => {
    const member = await api.newKey({ role: "member" });
    const workspace = await api.make.workspace({ visibility: "public" });
    const { id } = await api.make.collection({ workspaceId: workspace.id });

    const { status } = await api.call(
      "POST",
      "/collection-access-keys",
      { collectionId: id },
      { "x-api-key": member.key },
    );

    expect(status).toBe(403);
  });
});
