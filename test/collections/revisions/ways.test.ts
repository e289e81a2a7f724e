import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { collections } from "../../../db/schema.ts";
import { APPLY_USER_AGENT } from "../../../src/lib/api-client.ts";
import { tasksFinished } from "../../../src/tasks/start.ts";
import { type TestApi, testApi } from "../../support/api.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const shop = () => ({
  info: { name: "Shop", schema },
  item: [{ name: "List", request: { method: "GET", url: "http://a/orders" } }],
});

let api: TestApi;
let workspaceId: string;
let id: string;
let uid: string;
let itemId: string;

beforeAll(async () => {
  api = await testApi();
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId }));
});

beforeEach(async () => {
  const made = await api.call("POST", `/collections?workspace=${workspaceId}`, { collection: shop() });
  ({ id, uid } = made.body.collection);
  itemId = (await document()).item[0].id;
});

const document = async (of = id) => (await api.call("GET", `/collections/${of}`)).body.collection;
const revisions = async (of = id) => (await api.call("GET", `/collections/${of}/revisions`)).body.revisions;
const stored = async (of = id) => {
  const [row] = await api.database.sql`select document from collections where id = ${of}`;
  return row?.["document"];
};
const put = (headers = {}) =>
  api.call(
    "PUT",
    `/collections/${id}`,
    { collection: { ...shop(), info: { name: "Shop II", schema } } },
    { "x-api-key": api.key, ...headers },
  );
const rename = (of: string, name: string) =>
  api.call("PATCH", `/collections/${of}`, { collection: { info: { name } } });
const forkOf = async () =>
  (await api.call("POST", `/collections/fork/${uid}?workspace=${workspaceId}`, { label: "mine" })).body
    .collection;
const merge = (source: string, destination: string) =>
  api.call("POST", "/collections/merge", { source, destination, strategy: "updateSourceWithDestination" });

/** What the newest revision says, after a change of the collection. */
const ways: [way: string, through: string, change: () => Promise<unknown>][] = [
  ["PUT", "api", put],
  ["PUT by apply", "apply", () => put({ "user-agent": APPLY_USER_AGENT })],
  [
    "PUT as a task",
    "api",
    async () => {
      await put({ prefer: "respond-async" });
      await tasksFinished(api.database);
    },
  ],
  ["PATCH", "api", () => rename(id, "Renamed")],
  ["a new folder", "api", () => api.call("POST", `/collections/${id}/folders`, { name: "New" })],
  [
    "another request",
    "api",
    () => api.call("PUT", `/collections/${id}/requests/${itemId}`, { method: "POST" }),
  ],
  [
    "an example",
    "api",
    () => api.call("POST", `/collections/${id}/responses?request=${itemId}`, { name: "Fine" }),
  ],
  ["no more request", "api", () => api.call("DELETE", `/collections/${id}/requests/${itemId}`)],
  [
    "a request that is copied",
    "api",
    () =>
      api.call("POST", "/collection-requests-transfers", {
        ids: [itemId],
        mode: "copy",
        target: { id: uid, model: "collection" },
        location: { id: null, position: "start" },
      }),
  ],
  [
    "a merge",
    "merge",
    async () => {
      const fork = await forkOf();
      await rename(fork.id, "Out of the fork");
      expect((await merge(fork.uid, uid)).status).toBe(200);
    },
  ],
  [
    "a restore",
    "restore",
    async () => {
      await rename(id, "Not for long");
      const before = (await revisions()).length;
      await api.call("POST", `/collections/${id}/revisions/1/restore`, {});
      expect((await revisions()).length).toBe(before + 1);
    },
  ],
];

describe("every way of change", () => {
  test.each(ways)("%s writes one revision, through %s", async (way, through, change) => {
    const before = await stored();

    await change();

    const list = await revisions();
    const expected = way === "a restore" ? 3 : 2;
    expect(list.map((one: { revision: number }) => one.revision)).toEqual(
      Array.from({ length: expected }, (_, index) => expected - index),
    );
    expect(list[0]).toMatchObject({
      through,
      isCurrent: true,
      changedBy: { id: api.actor.userId, name: api.actor.name },
    });
    const first = await api.call("GET", `/collections/${id}/revisions/1`);
    expect(withoutStamps(first.body.collection)).toEqual(withoutStamps(before));
  });

  test("a pull writes one revision of the fork", async () => {
    const fork = await forkOf();
    await rename(id, "Ahead");

    await api.call("PUT", `/collections/${fork.id}/pulls`);

    const list = await revisions(fork.id);
    expect(list.map((one: { through: string }) => one.through)).toEqual(["pull", "api"]);
    expect(list[0].name).toBe("Ahead");
  });

  test("a statement that knows nothing of revisions leaves one, too", async () => {
    await api.database.sql`
      update collections set document = '{"info":{"name":"By hand"},"item":[]}'::json, revision = revision + 1
       where id = ${id}`;

    const first = await api.call("GET", `/collections/${id}/revisions/1`);
    expect(first.body.collection.item[0].name).toBe("List");
  });

  test("a change that fails leaves none", async () => {
    const wrong = { info: { ...shop().info, _postman_id: "0a0a0a0a-0000-4000-8000-000000000000" }, item: [] };

    const { status } = await api.call("PUT", `/collections/${id}`, { collection: wrong });

    expect(status).toBe(400);
    expect(await revisions()).toHaveLength(1);
  });

  test("twenty changes at once leave twenty revisions without a hole", async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => rename(id, `Name ${index}`)));

    const list = await revisions();
    expect(list.map((one: { revision: number }) => one.revision)).toEqual(
      Array.from({ length: 21 }, (_, index) => 21 - index),
    );
    expect(new Set(list.map((one: { name: string }) => one.name)).size).toBe(21);
  });
});

/** Owner and times are not part of the document. */
function withoutStamps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutStamps);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) =>
      ["uid", "createdAt", "updatedAt", "lastUpdatedBy", "fork"].includes(key) ||
      (key === "response" && Array.isArray(field) && field.length === 0)
        ? []
        : [[key, withoutStamps(field)]],
    ),
  );
}

describe("the list", () => {
  test("comes in pages without a gap, and says how many there are", async () => {
    for (let count = 0; count < 4; count++) await rename(id, `Name ${count}`);

    const first = await api.call("GET", `/collections/${id}/revisions?limit=2`);
    const second = await api.call(
      "GET",
      `/collections/${id}/revisions?limit=3&cursor=${first.body.meta.nextCursor}`,
    );

    const numbers = (body: { revisions: { revision: number }[] }) =>
      body.revisions.map((one) => one.revision);
    expect([numbers(first.body), numbers(second.body)]).toEqual([
      [5, 4],
      [3, 2, 1],
    ]);
    expect(first.body.meta.total).toBe(5);
    expect(second.body.meta).toEqual({ total: 5 });
  });

  test.each([["0"], ["7"], ["x"], ["1.5"], ["99999999999"]])("revision %s is 404", async (number) => {
    const got = await api.call("GET", `/collections/${id}/revisions/${number}`);
    const restored = await api.call("POST", `/collections/${id}/revisions/${number}/restore`, {});

    expect([got.status, restored.status]).toEqual([404, 404]);
  });

  test.each([["limit=0"], ["limit=101"], ["cursor=nonsense"]])("?%s is 400", async (query) => {
    expect((await api.call("GET", `/collections/${id}/revisions?${query}`)).status).toBe(400);
  });

  test("whoever may only look cannot restore, and whoever may not look sees nothing", async () => {
    await rename(id, "Changed");
    const member = await api.newKey({ role: "member" });
    const asMember = { "x-api-key": member.key };
    const hidden = await api.make.workspace({ createdBy: api.actor.userId, visibility: "private" });
    const made = await api.call("POST", `/collections?workspace=${hidden.id}`, { collection: shop() });
    const other = made.body.collection.id;

    const secret = await api.call("GET", `/collections/${other}/revisions/1`, undefined, asMember);
    const list = await api.call("GET", `/collections/${other}/revisions`, undefined, asMember);

    expect([secret.status, list.status]).toEqual([403, 403]);
    const back = await api.call("POST", `/collections/${other}/revisions/1/restore`, {}, asMember);
    expect(back.status).toBe(403);
  });

  test("restoring what is current changes nothing; the trail says what was restored", async () => {
    await rename(id, "Changed");

    const same = await api.call("POST", `/collections/${id}/revisions/2/restore`, {});
    const back = await api.call("POST", `/collections/${id}/revisions/1/restore`, { message: "too early" });

    expect([same.body, back.body]).toEqual([
      { revision: 2, restored: 2 },
      { revision: 3, restored: 1 },
    ]);
    expect((await document()).info.name).toBe("Shop");
    const [newest] = await revisions();
    expect(newest).toMatchObject({ revision: 3, through: "restore", message: "too early" });
    const trail = await api.database.sql`
      select change from audit_records where action = 'collection.restored' and subject_id = ${id}`;
    expect(trail).toHaveLength(1);
    expect(trail[0]?.["change"]).toMatchObject({ after: { restored: 1 } });
  });

  test("goes with its collection", async () => {
    await rename(id, "Changed");

    await api.call("DELETE", `/collections/${id}`);

    const left = await api.database.sql`select 1 from collection_revisions where collection_id = ${id}`;
    expect(left).toHaveLength(0);
    expect(await api.database.db.$count(collections)).toBeGreaterThan(0);
  });
});
