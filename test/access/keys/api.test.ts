import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../../src/lib/ids.ts";
import { type TestApi, testApi } from "../../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const as = (key: string) => ({ "x-api-key": key });
const create = (apiKey: Record<string, unknown>, key = api.key) =>
  api.call("POST", "/keys", { apiKey }, as(key));

describe("a key", () => {
  test("is shown once, works, and is listed without its secret", async () => {
    const { status, body } = await create({ name: "deploy", scopes: ["collections:read"] });

    expect([status, body.apiKey.state, body.apiKey.scopes]).toEqual([200, "valid", ["collections:read"]]);
    expect(body.apiKey.key).toStartWith(body.apiKey.prefix);
    expect((await api.call("GET", "/collections", undefined, as(body.apiKey.key))).status).toBe(200);
    const listed = await api.call("GET", "/keys");
    expect(JSON.stringify(listed.body)).not.toContain(body.apiKey.key);
    expect(listed.body.apiKeys.map(({ id }: { id: string }) => id)).toContain(body.apiKey.id);
  });

  test("ends at its expiry, which must lie ahead", async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const made = await create({ name: "short", expiresAt });
    const past = await create({ name: "past", expiresAt: "2020-01-01T00:00:00Z" });

    expect(made.body.apiKey.expiresAt).toBe(expiresAt);
    expect([past.status, past.body.error.details]).toEqual([400, { param: "expiresAt" }]);
  });

  test("is renamed, which the trail remembers", async () => {
    const { body } = await create({ name: "old name" });
    const { id } = body.apiKey;

    const renamed = await api.call("PATCH", `/keys/${id}`, { apiKey: { name: "new name" } });

    expect([renamed.status, renamed.body.apiKey.name]).toEqual([200, "new name"]);
    const [record] = await api.database.sql`
      select change from audit_records where action = 'api_key.renamed' and subject_id = ${id}`;
    expect(record?.["change"]).toEqual({ before: { name: "old name" }, after: { name: "new name" } });
  });

  test("that is revoked is refused from then on, and stays in the list", async () => {
    const { body } = await create({ name: "doomed" });

    const { status, body: revoked } = await api.call("DELETE", `/keys/${body.apiKey.id}`);

    expect([status, revoked.apiKey.state]).toEqual([200, "revoked"]);
    expect((await api.call("GET", "/me", undefined, as(body.apiKey.key))).status).toBe(401);
  });

  test("keeps what it may do: nothing but its name can be changed", async () => {
    const { body } = await create({ name: "narrow", scopes: ["keys:write"] });
    const { id, key } = body.apiKey;

    const widened = await api.call("PATCH", `/keys/${id}`, { apiKey: { name: "x", scopes: null } }, as(key));

    expect(widened.status).toBe(400);
  });

  test.each([[{}], [{ scopes: null }], [{ scopes: ["keys:write", "runs:read"] }]])(
    "that is narrowed to making keys makes none for %j",
    async (wanted) => {
      const { body } = await create({ name: "narrow", scopes: ["keys:write"] });

      const { status } = await create({ name: "wider", ...wanted }, body.apiKey.key);

      expect(status).toBe(403);
    },
  );

  test("that is narrowed makes keys within its own scopes", async () => {
    const { body } = await create({ name: "narrow", scopes: ["keys:write"] });

    expect((await create({ name: "same", scopes: ["keys:write"] }, body.apiKey.key)).status).toBe(200);
  });
});

describe("whose keys", () => {
  test("members see and change their own, admins everybody's", async () => {
    const [member, other] = [await api.newKey({ role: "member" }), await api.newKey({ role: "member" })];
    const own = await api.call("GET", "/keys", undefined, as(member.key));
    const ofOther = await api.call("GET", `/keys?userId=${other.actor.userId}`, undefined, as(member.key));
    const rename = await api.call("PATCH", `/keys/${other.id}`, { apiKey: { name: "x" } }, as(member.key));
    const revoke = await api.call("DELETE", `/keys/${other.id}`, undefined, as(member.key));
    const calls = await api.call("GET", `/keys/${other.id}/calls`, undefined, as(member.key));
    const byAdmin = await api.call("GET", `/keys?userId=${other.actor.userId}`);

    expect(own.body.apiKeys.map(({ id }: { id: string }) => id)).toEqual([member.id]);
    expect([ofOther, rename, revoke, calls].map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(byAdmin.body.apiKeys.map(({ id }: { id: string }) => id)).toEqual([other.id]);
  });

  test("a member makes none for somebody else", async () => {
    const member = await api.newKey({ role: "member" });

    expect((await create({ name: "x", userId: api.actor.userId }, member.key)).status).toBe(403);
  });

  test("pages lead through all of them", async () => {
    const { key, actor } = await api.newKey();
    for (let made = 0; made < 4; made++) await create({ name: `key ${made}` }, key);
    const ids: string[] = [];
    let cursor = "";
    do {
      const path = `/keys?userId=${actor.userId}&limit=2${cursor && `&cursor=${cursor}`}`;
      const { body } = await api.call("GET", path, undefined, as(key));
      ids.push(...body.apiKeys.map(({ id }: { id: string }) => id));
      cursor = body.meta.nextCursor ?? "";
    } while (cursor !== "");

    expect(new Set(ids).size).toBe(5);
    expect(ids).toHaveLength(5);
  });
});

test.each([
  ["POST", "/keys", {}, 400],
  ["POST", "/keys", { apiKey: { name: " " } }, 400],
  ["POST", "/keys", { apiKey: { name: "x", scopes: ["everything:read"] } }, 400],
  ["POST", "/keys", { apiKey: { name: "x", expiresAt: "soon" } }, 400],
  ["PATCH", `/keys/${newId()}`, { apiKey: { name: "x" } }, 404],
  ["PATCH", "/keys/1", { apiKey: { name: "x" } }, 404],
  ["DELETE", `/keys/${newId()}`, undefined, 404],
  ["GET", `/keys/${newId()}/calls`, undefined, 404],
  ["GET", "/keys?limit=1000", undefined, 400],
  ["GET", "/keys?cursor=wrong", undefined, 400],
])("%s %s with %j is %i", async (method, path, body, status) => {
  expect((await api.call(method, path, body)).status).toBe(status);
});
