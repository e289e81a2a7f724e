import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await api.make.workspace({ createdBy: api.actor.userId });
});

interface Item {
  id: string;
  name: string;
  item?: Item[];
  response?: { id: string; name: string }[];
}

const request = (name: string, responses: string[] = []): Item => ({
  id: newId(),
  name,
  response: responses.map((response) => ({ id: newId(), name: response })),
});
const folder = (name: string, item: Item[] = []): Item => ({ id: newId(), name, item });

async function stored(item: Item[]): Promise<{ id: string; uid: string; shape: () => Promise<unknown> }> {
  const sent = { collection: { info: { name: "Shop", schema }, item } };
  const { id, uid } = (await api.call("POST", "/collections", sent)).body.collection;
  const shape = async () => shapeOf((await api.call("GET", `/collections/${id}`)).body.collection.item);
  return { id, uid, shape };
}

/** Names only: `["a", ["folder", ["b"]]]`. */
const shapeOf = (items: Item[]): unknown =>
  items.map(({ name, item, response }) => {
    if (item) return [name, shapeOf(item)];
    return response && response.length > 0 ? `${name}:${response.map((one) => one.name).join("+")}` : name;
  });

const move = (kind: string, body: object) =>
  api.call("POST", `/collection-${kind}s-transfers`, {
    mode: "move",
    location: { position: "end" },
    ...body,
  });

describe("within a collection", () => {
  test.each([
    ["start", undefined, ["b", "a", "c"]],
    ["end", undefined, ["a", "c", "b"]],
    ["before", "a", ["b", "a", "c"]],
    ["after", "c", ["a", "c", "b"]],
  ] as const)("a request moves to the %s of %s", async (position, beside, expected) => {
    const items = [request("a"), request("b"), request("c")];
    const { id, shape } = await stored(items);
    const locationId = items.find((item) => item.name === beside)?.id ?? null;

    const { status, body } = await move("request", {
      ids: [items[1]?.id],
      target: { id, model: "collection" },
      location: { id: locationId, model: "request", position },
    });

    expect([status, body]).toEqual([200, { ids: [toUid(api.actor.userId, items[1]?.id ?? "")] }]);
    expect(await shape()).toEqual([...expected]);
  });

  test("a folder moves with what is in it, and never into itself", async () => {
    const inner = folder("inner", [request("r")]);
    const outer = folder("outer", [inner]);
    const other = folder("other");
    const { shape } = await stored([outer, other]);

    const moved = await move("folder", { ids: [inner.id], target: { id: other.id, model: "folder" } });
    const loop = await move("folder", { ids: [other.id], target: { id: inner.id, model: "folder" } });

    expect(moved.status).toBe(200);
    expect(await shape()).toEqual([
      ["outer", []],
      ["other", [["inner", ["r"]]]],
    ]);
    expect([loop.status, loop.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
  });

  test("a response moves to another request", async () => {
    const [one, two] = [request("one", ["ok", "bad"]), request("two")];
    const { shape } = await stored([one, two]);

    const moved = await move("response", {
      ids: [one.response?.[1]?.id],
      target: { id: two.id, model: "request" },
    });

    expect(moved.status).toBe(200);
    expect(await shape()).toEqual(["one:ok", "two:bad"]);
  });
});

describe("between collections", () => {
  test("a move takes it out of one and puts it into the other, keeping ids", async () => {
    const moving = folder("moving", [request("r", ["ok"])]);
    const source = await stored([moving, request("stays")]);
    const target = await stored([request("there")]);

    const { body } = await move("folder", {
      ids: [toUid(api.actor.userId, moving.id)],
      target: { id: target.uid, model: "collection" },
      location: { id: null, model: null, position: "start" },
    });

    expect(body.ids).toEqual([toUid(api.actor.userId, moving.id)]);
    expect(await source.shape()).toEqual(["stays"]);
    expect(await target.shape()).toEqual([["moving", ["r:ok"]], "there"]);
  });

  test("a copy leaves the original and has ids of its own", async () => {
    const original = request("r", ["ok"]);
    const source = await stored([original]);
    const target = await stored([]);

    const { body } = await move("request", {
      mode: "copy",
      ids: [original.id],
      target: { id: target.id, model: "collection" },
    });

    expect(body.ids).toHaveLength(1);
    expect(body.ids[0]).not.toContain(original.id);
    expect([await source.shape(), await target.shape()]).toEqual([["r:ok"], ["r:ok"]]);
  });

  test("nothing moves unless one may change both", async () => {
    const hidden = await api.make.workspace({ visibility: "public" });
    const moving = request("r");
    const sent = { collection: { info: { name: "Read only", schema }, item: [moving] } };
    const made = await api.call("POST", `/collections?workspace=${hidden.id}`, sent);
    const target = await stored([]);
    const { key } = await api.newKey({ role: "member" });

    const { status } = await api.call(
      "POST",
      "/collection-requests-transfers",
      {
        ids: [moving.id],
        mode: "move",
        target: { id: target.id, model: "collection" },
        location: { position: "end" },
      },
      { "x-api-key": key },
    );

    expect(status).toBe(403);
    const { body } = await api.call("GET", `/collections/${made.body.collection.id}`);
    expect(body.collection.item).toHaveLength(1);
    expect(await target.shape()).toEqual([]);
  });
});

describe("what cannot be done", () => {
  test.each([
    ["no ids", { ids: [] }, 400],
    ["an unknown id", { ids: [newId()] }, 404],
    ["an unknown target", { target: { id: newId(), model: "folder" } }, 404],
    ["a target of the wrong kind", { target: { id: newId(), model: "request" } }, 400],
    ["a place beside nothing", { location: { position: "before" } }, 400],
    ["a place beside what is elsewhere", { location: { position: "after", id: newId() } }, 400],
    ["an unknown mode", { mode: "steal" }, 400],
  ])("%s changes nothing", async (_, wrong, status) => {
    const [one, two] = [request("one"), request("two")];
    const { id, shape } = await stored([one, two]);

    const answer = await move("request", { ids: [one.id], target: { id, model: "collection" }, ...wrong });

    expect(answer.status).toBe(status);
    expect(await shape()).toEqual(["one", "two"]);
  });
});
