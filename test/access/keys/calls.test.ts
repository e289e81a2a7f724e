import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { removeOldCalls } from "../../../src/access/keys/calls-store.ts";
import { type CallLog, startCallLog, withoutSecrets } from "../../../src/access/keys/calls.ts";
import { createLimiter } from "../../../src/access/limits/limiter.ts";
import { parseLimits } from "../../../src/access/limits/limits.ts";
import { newId } from "../../../src/lib/ids.ts";
import { type TestApi, testApi } from "../../support/api.ts";
import { silentLog, testDatabase } from "../../support/database.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;
let calls: CallLog;
beforeAll(async () => {
  const database = await testDatabase();
  calls = startCallLog({ database, log: silentLog });
  const limiter = createLimiter({ database, log: silentLog }, parseLimits("off,user=50/60s"));
  api = await testApi({ database }, { calls, limiter });
});

/** What is listed of a key, newest first. */
const listed = async (keyId: string, query = "") => {
  await calls.flush();
  return await api.call("GET", `/keys/${keyId}/calls${query}`);
};

const decisions = async (keyId: string) =>
  (await listed(keyId)).body.calls.map((one: Record<string, unknown>) =>
    ["method", "path", "decision", "rule", "status"].map((name) => one[name]).join(" "),
  );

describe("every call of a key is recorded", () => {
  test("who, what, where from, and that it was allowed", async () => {
    const { id, key } = await api.newKey();
    const workspace = await api.make.workspace();
    const headers = { "x-api-key": key, "user-agent": "curl/8" };
    const env = { requestIP: () => ({ address: "192.0.2.7" }) };
    await api.app.request(`/api/workspaces/${workspace.id}?x=1`, { headers }, env);

    const { body } = await listed(id);

    expect(body.calls).toEqual([
      {
        id: expect.any(Number),
        timestamp: expect.stringMatching(/^20.*Z$/),
        method: "GET",
        route: "/workspaces/{id}",
        path: `/workspaces/${workspace.id}?x=1`,
        ip: "192.0.2.7",
        userAgent: "curl/8",
        decision: "allowed",
        rule: null,
        status: 200,
      },
    ]);
    expect(Math.abs(Date.parse(body.calls[0].timestamp) - Date.now())).toBeLessThan(60_000);
  });

  test("what failed for another reason was allowed", async () => {
    const { id, key } = await api.newKey();
    await api.call("GET", `/collections/${newId()}`, undefined, { "x-api-key": key });
    await api.call("GET", "/nothing", undefined, { "x-api-key": key });

    const { body } = await listed(id);

    expect(
      body.calls.map(({ route, decision, status }: Record<string, unknown>) => [route, decision, status]),
    ).toEqual([
      [null, "allowed", 404],
      ["/collections/{id}", "allowed", 404],
    ]);
  });

  test("denied because a scope lacks, because of a role, because of a limit", async () => {
    const narrow = await api.newKey({ scopes: ["collections:read"] });
    const member = await api.newKey({ role: "member" });
    const busy = await api.newKey();
    await api.call("POST", "/collections", {}, { "x-api-key": narrow.key });
    await api.call("POST", "/runners", { runner: { name: "x" } }, { "x-api-key": member.key });
    for (let call = 0; call < 51; call++) await api.call("GET", "/me", undefined, { "x-api-key": busy.key });

    expect(await decisions(narrow.id)).toEqual(["POST /collections denied scope:collections:write 403"]);
    expect(await decisions(member.id)).toEqual(["POST /runners denied role 403"]);
    expect((await decisions(busy.id))[0]).toBe("GET /me denied limit:user 429");
  });

  test.each([
    ["revoked", "update api_keys set revoked_at = now() where id = $"],
    ["expired", "update api_keys set expires_at = now() where id = $"],
    [
      "owner_left",
      "update users set deactivated_at = now() where id = (select user_id from api_keys where id = $)",
    ],
  ])("denied because the key is %s", async (rule, change) => {
    const { id, key } = await api.newKey({ role: "member" });
    await api.database.sql.unsafe(change.replace("$", `'${id}'`));

    await api.call("GET", "/me", undefined, { "x-api-key": key });

    expect(await decisions(id)).toEqual([`GET /me denied ${rule} 401`]);
  });

  test("a key that nobody knows is not in the record, and only admins see those calls", async () => {
    const wrong = `PMAK-${"a".repeat(24)}-${"b".repeat(34)}`;
    await api.call("GET", `/me?apikey=${wrong}`, undefined, {});
    await api.call("GET", "/me", undefined, {});
    const member = await api.newKey({ role: "member" });

    const { body } = await listed("unknown", "?decision=denied&limit=2");
    const refused = await api.call("GET", "/keys/unknown/calls", undefined, { "x-api-key": member.key });

    expect(body.calls.map(({ path, rule }: Record<string, unknown>) => [path, rule])).toEqual([
      ["/me", "no_key"],
      ["/me?apikey=***", "unknown_key"],
    ]);
    expect(refused.status).toBe(403);
    const stored = await api.database.sql`select * from api_key_calls`;
    expect(JSON.stringify(stored)).not.toContain("a".repeat(24));
  });

  test("pages lead through all of them, newest first", async () => {
    const { id, key } = await api.newKey();
    for (let call = 0; call < 5; call++) {
      await api.call("GET", `/me?n=${call}`, undefined, { "x-api-key": key });
    }
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await listed(id, `?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.calls.map(({ path }: { path: string }) => path));
      cursor = body.meta.nextCursor ?? "";
    } while (cursor !== "");

    expect(seen).toEqual(["/me?n=4", "/me?n=3", "/me?n=2", "/me?n=1", "/me?n=0"]);
  });
});

const call = (keyId: string, path = "/me") => ({
  keyId,
  userId: null,
  method: "GET",
  route: null,
  path,
  address: "",
  userAgent: "",
  rule: null,
  status: 200,
});

const countOf = async (keyId: string) =>
  Number((await api.database.sql`select count(*) from api_key_calls where key_id = ${keyId}`)[0]?.["count"]);

describe("the record", () => {
  test("is written by itself within a second, in batches", async () => {
    const database = api.database;
    const log = startCallLog({ database, log: silentLog });
    const keyId = newId();
    for (let made = 0; made < 2_500; made++) log.record(call(keyId));
    const atOnce = await countOf(keyId);
    await log.stop();

    expect(atOnce).toBe(0);
    expect(await countOf(keyId)).toBe(2_500);
  });

  test("waits for a database that is away, and is bounded", async () => {
    const database = await testDatabase();
    const complaints: unknown[] = [];
    const noting = { ...silentLog, error: (...said: unknown[]) => void complaints.push(said) };
    const log = startCallLog({ database, log: noting });
    const keyId = newId();
    await database.sql`alter table api_key_calls rename to away`;
    for (let made = 0; made < 20_005; made++) log.record(call(keyId));
    await log.flush();
    await database.sql`alter table away rename to api_key_calls`;
    await log.stop();

    const [row] = await database.sql`select count(*)::int as count from api_key_calls`;
    expect(row?.["count"]).toBe(20_000);
    expect(JSON.stringify(complaints)).toContain('{"calls":5}');
  });

  test("holds what a hostile client sends", async () => {
    const keyId = newId();
    const log = startCallLog({ database: api.database, log: silentLog });
    log.record({ ...call(keyId, `/x\u0000\uD800${"y".repeat(5_000)}`) });
    await log.stop();

    expect(await countOf(keyId)).toBe(1);
  });

  test("is forgotten after its time", async () => {
    const [old, fresh] = [newId(), newId()];
    const log = startCallLog({ database: api.database, log: silentLog });
    log.record(call(old));
    log.record(call(fresh));
    await log.stop();
    await api.database.sql`update api_key_calls set at = now() - interval '31 days' where key_id = ${old}`;

    await removeOldCalls(api.database, 30 * 86_400);

    expect([await countOf(old), await countOf(fresh)]).toEqual([0, 1]);
  });
});

test.each([
  ["/me?apikey=secret&x=1", "/me?apikey=***&x=1"],
  ["/collections/1?access_key=secret", "/collections/1?access_key=***"],
  ["/x?token=a=b&Password=c", "/x?token=***&Password=***"],
  ["/x?q=PMAK-1234-5678", "/x?q=***"],
  ["/x?", "/x"],
  ["/x", "/x"],
])("of %s it keeps %s", (path, kept) => {
  expect(withoutSecrets(path)).toBe(kept);
});
