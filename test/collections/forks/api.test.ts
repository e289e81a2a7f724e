import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../../src/lib/ids.ts";
import { tasksFinished } from "../../../src/tasks/start.ts";
import { type TestApi, testApi } from "../../support/api.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const bookshop = () => ({
  info: { name: "Bookshop", schema },
  item: [
    { name: "Orders", item: [{ name: "List", request: { method: "GET", url: "http://a/orders" } }] },
    { name: "Health", request: { method: "GET", url: "http://a/health" } },
  ],
});

interface Item {
  id: string;
  name: string;
  uid?: string;
  item?: Item[];
}

let api: TestApi;
let home: string;
let elsewhere: string;
let source: { id: string; uid: string };
let fork: { id: string; uid: string };

const get = async (id: string) => (await api.call("GET", `/collections/${id}`)).body.collection;
const names = async (id: string): Promise<string> => {
  const line = (items: Item[]): string =>
    items.map(({ name, item }) => (item ? `${name}(${line(item)})` : name)).join(" ");
  return line((await get(id)).item);
};
/** Puts what `change` makes of the document. */
const change = async (id: string, edit: (collection: { item: Item[]; info: { name: string } }) => void) => {
  const collection = await get(id);
  edit(collection);
  const { status } = await api.call("PUT", `/collections/${id}`, { collection });
  expect(status).toBe(200);
};
const rename = (from: string, to: string) => (collection: { item: Item[] }) => {
  const found = collection.item
    .flatMap((item) => [item, ...(item.item ?? [])])
    .find(({ name }) => name === from);
  if (found) found.name = to;
};
const createFork = async (label = "my fork") =>
  (await api.call("POST", `/collections/fork/${source.uid}?workspace=${elsewhere}`, { label })).body
    .collection;
const isAhead = async (): Promise<boolean> => {
  const { body } = await api.call("GET", `/collections/${fork.id}/source-status`);
  return body.collection[fork.uid].isSourceAhead;
};

beforeAll(async () => {
  api = await testApi();
  ({ id: home } = await api.make.workspace({ createdBy: api.actor.userId, visibility: "private" }));
  ({ id: elsewhere } = await api.make.workspace({ createdBy: api.actor.userId, visibility: "team" }));
});

beforeEach(async () => {
  const created = await api.call("POST", `/collections?workspace=${home}`, { collection: bookshop() });
  source = created.body.collection;
  fork = await createFork();
});

describe("a fork", () => {
  test("is a copy with ids of its own that says where it came from, alone and in lists", async () => {
    const mark = { label: "my fork", createdAt: expect.any(String), from: source.uid };

    expect(fork).toEqual({
      id: expect.any(String),
      name: "Bookshop",
      fork: mark,
      uid: `${api.actor.userId}-${fork.id}`,
    } as object as typeof fork);
    const [original, copy] = [await get(source.id), await get(fork.id)];
    expect(copy.info.fork).toEqual(mark);
    expect(original.info.fork).toBeUndefined();
    expect(await names(fork.id)).toBe(await names(source.id));
    expect(copy.item[0].id).not.toBe(original.item[0].id);
    const listed = await api.call("GET", `/collections?workspace=${elsewhere}`);
    expect(listed.body.collections.find(({ id }: { id: string }) => id === fork.id).fork).toEqual(mark);
    expect(
      (await api.call("GET", `/collections/${fork.id}?model=minimal`)).body.collection.info.fork,
    ).toEqual(mark);
  });

  test("is in the lists of its source and of whoever made it, page by page", async () => {
    const second = await createFork("second");

    const first = await api.call("GET", `/collections/${source.id}/forks?limit=1`);
    const rest = await api.call(
      "GET",
      `/collections/${source.id}/forks?limit=1&cursor=${first.body.meta.nextCursor}`,
    );

    expect(first.body).toEqual({
      data: [
        { forkName: "second", forkId: second.uid, createdAt: expect.any(String), createdBy: api.actor.name },
      ],
      meta: { total: 2, nextCursor: expect.any(String) },
    });
    expect(rest.body.data).toMatchObject([{ forkName: "my fork", forkId: fork.uid }]);
    expect(rest.body.meta.nextCursor).toBeNull();
    const ascending = await api.call("GET", `/collections/${source.id}/forks?direction=asc`);
    expect(ascending.body.data[0].forkId).toBe(fork.uid);
    const mine = await api.call("GET", "/collections/collection-forks?limit=2");
    expect(mine.body.data.map(({ forkId }: { forkId: string }) => forkId)).toEqual([second.uid, fork.uid]);
    expect(mine.body.data[0].sourceId).toBe(source.uid);
    expect(mine.body.meta).toMatchObject({ inaccessibleFork: 0, total: expect.any(Number) });
  });

  test("lives on without its source, and cannot be pulled any more", async () => {
    await api.call("DELETE", `/collections/${source.id}`);

    expect((await get(fork.id)).info.fork.from).toBe(source.uid);
    expect((await api.call("PUT", `/collections/${fork.id}/pulls`)).status).toBe(404);
    expect((await api.call("GET", `/collections/${fork.id}/source-status`)).status).toBe(404);
  });

  test("what is no fork says so in Postman's words", async () => {
    const pulled = await api.call("PUT", `/collections/${source.id}/pulls`);
    const status = await api.call("GET", `/collections/${source.id}/source-status`);
    const forks = await api.call("GET", `/collections/${fork.id}/forks`);

    expect(pulled.body.error).toEqual({
      name: "badRequest",
      message: "The collection Id is not a forked collection.",
    });
    expect(status.body.error.message).toBe("The collection is not a forked collection.");
    expect(forks.body.error).toEqual({ name: "badRequest", message: "This collection id has no forks." });
    expect([pulled.status, status.status, forks.status]).toEqual([400, 400, 400]);
  });
});

describe("a pull", () => {
  test("brings what changed in the source, keeps what changed in the fork", async () => {
    await change(source.id, rename("List", "List all"));
    await change(fork.id, rename("Health", "Alive"));
    expect(await isAhead()).toBeTrue();

    const { status, body } = await api.call("PUT", `/collections/${fork.id}/pulls`);

    expect([status, body]).toEqual([200, { collection: { destinationId: fork.uid, sourceId: source.uid } }]);
    expect(await names(fork.id)).toBe("Orders(List all) Alive");
    expect(await names(source.id)).toBe("Orders(List all) Health");
    expect(await isAhead()).toBeFalse();
  });

  test("with conflicts is 409 with the list of them, and nothing changes", async () => {
    await change(source.id, rename("List", "Theirs"));
    await change(fork.id, rename("List", "Mine"));

    const { status, headers, body } = await api.call("PUT", `/collections/${fork.id}/pulls`);

    expect(status).toBe(409);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.parse(body)).toMatchObject({
      title: "Conflict",
      details: { conflicts: [{ name: "Mine", field: "name", reason: "changed on both sides" }] },
    });
    expect(await names(fork.id)).toBe("Orders(Mine) Health");
  });

  test.each([
    ["source", "Orders(Theirs) Health"],
    ["destination", "Orders(Mine) Health"],
  ])("with conflicts left to the %s succeeds", async (prefer, expected) => {
    await change(source.id, rename("List", "Theirs"));
    await change(fork.id, rename("List", "Mine"));

    expect((await api.call("PUT", `/collections/${fork.id}/pulls?prefer=${prefer}`)).status).toBe(200);
    expect(await names(fork.id)).toBe(expected);
    expect((await api.call("PUT", `/collections/${fork.id}/pulls`)).status).toBe(200);
    expect(await names(fork.id)).toBe(expected);
  });

  test("of nothing makes no revision", async () => {
    const revision = async () =>
      (await api.database.sql`select revision from collections where id = ${fork.id}`)[0]?.[
        "revision"
      ] as number;
    const before = await revision();

    await api.call("PUT", `/collections/${fork.id}/pulls`);

    expect(await revision()).toBe(before);
  });
});

describe("a merge", () => {
  const merge = (strategy?: string) =>
    api.call("POST", "/collections/merge", {
      source: fork.uid,
      destination: source.uid,
      ...(strategy && { strategy }),
    });

  test("brings what changed in the fork into its source, and by default the rest into the fork", async () => {
    await change(fork.id, ({ item }) =>
      item.push({ name: "New", request: { method: "GET" } } as unknown as Item),
    );
    await change(source.id, rename("Health", "Alive"));
    const before = await get(source.id);

    const { status, body } = await merge();

    expect([status, body]).toEqual([200, { collection: { id: source.id, uid: source.uid } }]);
    expect(await names(source.id)).toBe("Orders(List) Alive New");
    expect(await names(fork.id)).toBe("Orders(List) Alive New");
    const after = await get(source.id);
    expect(after.item[0].id).toBe(before.item[0].id);
    expect(after.info._postman_id).toBe(source.id);
    expect((await get(fork.id)).info._postman_id).toBe(fork.id);
    expect(await isAhead()).toBeFalse();
  });

  test("again and again knows what is new, deleted and moved since the last time", async () => {
    await change(fork.id, ({ item }) =>
      item.push({ name: "New", request: { method: "GET" } } as unknown as Item),
    );
    await merge();
    await change(source.id, rename("New", "Newer"));
    await change(fork.id, (collection) => collection.item.shift());
    await merge();

    expect(await names(source.id)).toBe("Health Newer");
    expect(await names(fork.id)).toBe("Health Newer");
  });

  test("with deleteSource deletes the fork", async () => {
    await change(fork.id, rename("Health", "Alive"));

    expect((await merge("deleteSource")).status).toBe(200);

    expect(await names(source.id)).toBe("Orders(List) Alive");
    expect((await api.call("GET", `/collections/${fork.id}`)).status).toBe(404);
  });

  test("between strangers is 400, of what is not there 404", async () => {
    const stranger = await api.call("POST", `/collections?workspace=${home}`, { collection: bookshop() });
    const strange = await api.call("POST", "/collections/merge", {
      source: fork.uid,
      destination: stranger.body.collection.uid,
    });
    const unknown = await api.call("POST", "/collections/merge", {
      source: newId(),
      destination: source.uid,
    });

    expect([strange.status, JSON.parse(strange.body).detail]).toEqual([400, "Fork relation not found"]);
    expect([unknown.status, unknown.body.error.name]).toEqual([404, "instanceNotFoundError"]);
  });

  test("and a pull at the same time come one after the other", async () => {
    await change(source.id, rename("List", "List all"));
    await change(fork.id, rename("Health", "Alive"));

    const answers = await Promise.all([merge(), api.call("PUT", `/collections/${fork.id}/pulls`), merge()]);

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await names(source.id)).toBe("Orders(List all) Alive");
    expect(await names(fork.id)).toBe("Orders(List all) Alive");
  });

  test("is in the audit trail of both", async () => {
    await change(fork.id, rename("Health", "Alive"));
    await merge();

    const actions = await api.database
      .sql`select action from audit_records where subject_id in (${source.id}, ${fork.id}) order by id`;
    expect(actions.map((row) => row["action"])).toEqual([
      "collection.created",
      "collection.created",
      "collection.forked",
      "collection.updated",
      "collection.merged",
    ]);
  });
});

describe("a merge that is not waited for", () => {
  const start = (strategy: string, from = fork.uid, to = source.uid) =>
    api.call("PUT", "/collection-merges", { source: from, destination: to, strategy });
  const ended = async (task: string) => {
    await tasksFinished(api.database);
    return (await api.call("GET", `/collection-merges-tasks/${encodeURIComponent(task)}`)).body;
  };

  test("with the strategy default leaves the fork as it is; what only the source has can be pulled later", async () => {
    await change(fork.id, rename("List", "List all"));
    await change(source.id, rename("Health", "Alive"));

    const { body } = await start("default");

    expect(body.task).toEqual({
      id: expect.stringMatching(/^pm~vc:merge-workflow~\d+-[\da-f-]{36}$/),
      status: "in-progress",
    });
    expect(await ended(body.task.id)).toEqual({ id: body.task.id, status: "successful" });
    expect(await names(source.id)).toBe("Orders(List all) Alive");
    expect(await names(fork.id)).toBe("Orders(List all) Health");
    expect(await isAhead()).toBeTrue();
    await api.call("PUT", `/collections/${fork.id}/pulls`);
    expect(await names(fork.id)).toBe("Orders(List all) Alive");
  });

  test("pulls when the fork is the destination", async () => {
    await change(source.id, rename("Health", "Alive"));

    const { body } = await start("default", source.uid, fork.uid);

    expect(await ended(body.task.id)).toMatchObject({ status: "successful" });
    expect(await names(fork.id)).toBe("Orders(List) Alive");
  });

  test("fails with a conflict, and says which", async () => {
    await change(source.id, rename("List", "Theirs"));
    await change(fork.id, rename("List", "Mine"));

    const { body } = await start("default");

    expect(await ended(body.task.id)).toMatchObject({
      status: "failed",
      details: { error: { message: expect.stringContaining("1 conflict (") } },
    });
  });

  test("never deletes the source of a fork", async () => {
    const { body } = await start("deleteSource", source.uid, fork.uid);

    expect(await ended(body.task.id)).toMatchObject({ status: "failed" });
    expect((await api.call("GET", `/collections/${source.id}`)).status).toBe(200);
  });

  test("of an unknown id is 404", async () => {
    const { status, body } = await api.call("GET", `/collection-merges-tasks/${newId()}`);

    expect([status, JSON.parse(body).title]).toEqual([404, "Task not found"]);
  });
});

describe("rights", () => {
  test("a viewer of the source may fork it, pull into the fork, and not merge; a stranger sees nothing", async () => {
    const viewer = await api.newKey({ role: "member" });
    const stranger = await api.newKey({ role: "member" });
    await api.database
      .sql`insert into workspace_members (workspace_id, user_id, role) values (${home}, ${viewer.actor.userId}, 'viewer')`;
    const as = (key: string) => (method: string, path: string, body?: unknown) =>
      api.call(method, path, body, { "x-api-key": key });
    const forkPath = `/collections/fork/${source.id}?workspace=${elsewhere}`;

    const made = await as(viewer.key)("POST", forkPath, { label: "theirs" });
    const { uid } = made.body.collection;

    expect(made.status).toBe(200);
    expect((await as(viewer.key)("PUT", `/collections/${uid}/pulls`)).status).toBe(200);
    expect(
      (await as(viewer.key)("POST", "/collections/merge", { source: uid, destination: source.uid })).status,
    ).toBe(403);
    expect(
      (
        await as(viewer.key)("PUT", "/collection-merges", {
          source: uid,
          destination: source.uid,
          strategy: "default",
        })
      ).status,
    ).toBe(403);
    expect((await as(stranger.key)("POST", forkPath, { label: "x" })).status).toBe(403);
    expect((await as(stranger.key)("GET", `/collections/${source.id}/forks`)).status).toBe(403);
    expect((await as(stranger.key)("GET", `/collections/${uid}/source-status`)).status).toBe(403);
    expect((await as(stranger.key)("PUT", `/collections/${uid}/pulls`)).status).toBe(403);
  });

  test.each([
    ["POST", "/collections/fork/{source}?workspace={elsewhere}", {}],
    ["POST", "/collections/fork/{source}", { label: "a" }],
    ["POST", "/collections/merge", { source: "a" }],
    ["PUT", "/collection-merges", { source: "a", destination: "b" }],
    ["GET", "/collections/{source}/forks?limit=0", undefined],
    ["GET", "/collections/{source}/forks?cursor=nonsense", undefined],
    ["PUT", "/collections/{fork}/pulls?prefer=me", undefined],
  ])("%s %s with a body or query that is wrong is 400", async (method, path, body) => {
    const filled = path
      .replace("{source}", source.id)
      .replace("{fork}", fork.id)
      .replace("{elsewhere}", elsewhere);

    expect((await api.call(method, filled, body)).status).toBe(400);
  });
});
