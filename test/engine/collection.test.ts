import { expect, test } from "bun:test";

import { CollectionError, planCollection } from "../../src/engine/collection.ts";
import type { CollectionDocument } from "../../src/engine/types.ts";
import { runDocument } from "./support.ts";

const info = { name: "C", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" };
const request = (name: string, more: object = {}) => ({ name, request: "http://h/", ...more });
const plan = (item: unknown, select: string[] = [], more: object = {}) =>
  planCollection({ info, item, ...more }, select);
const names = (item: unknown, select: string[] = []) => plan(item, select).items.map(({ name }) => name);

const tree = [
  request("first"),
  {
    name: "folder",
    id: "folder-id",
    item: [request("a", { id: "a-id" }), { name: "inner", item: [request("b")] }],
  },
  request("last"),
];

test("requests come in the order of the document, depth first", () => {
  expect(names(tree)).toEqual(["first", "a", "b", "last"]);
});

test("each request knows its folders", () => {
  expect(plan(tree).items.map(({ path }) => path)).toEqual([[], ["folder"], ["folder", "inner"], []]);
});

test.each([
  [
    ["last", "first"],
    ["last", "first"],
  ],
  [["folder"], ["a", "b"]],
  [["folder-id"], ["a", "b"]],
  [["a-id"], ["a"]],
  [
    ["inner", "folder"],
    ["b", "a"],
  ],
])("select %j runs %j", (select, expected) => {
  expect(names(tree, select)).toEqual(expected);
});

test("an unknown selection is refused by name", () => {
  expect(() => plan(tree, ["nope"])).toThrow('no request or folder with the name or id "nope"');
});

const auth = (type: string) => ({ type });

test("the nearest auth counts; null and an auth without type inherit; noauth does not", () => {
  const { items } = plan(
    [
      request("collection"),
      { name: "folder", auth: auth("bearer"), item: [request("of folder"), request("null", { auth: null })] },
      { name: "r", request: { url: "http://h/", auth: auth("noauth") } },
    ],
    [],
    { auth: auth("basic") },
  );

  expect(items.map(({ inheritedAuth }) => inheritedAuth?.["type"])).toEqual([
    "basic",
    "bearer",
    "bearer",
    "noauth",
  ]);
});

test("protocolProfileBehavior is merged from outside to inside", () => {
  const { items } = plan(
    [
      {
        name: "f",
        protocolProfileBehavior: { b: 2, c: 2 },
        item: [request("r", { protocolProfileBehavior: { c: 3 } })],
      },
    ],
    [],
    { protocolProfileBehavior: { a: 1, b: 1 } },
  );

  expect(items[0]?.behavior).toEqual({ a: 1, b: 2, c: 3 });
});

const event = (exec: unknown, more: object = {}) => ({ listen: "test", script: { exec }, ...more });

test("scripts gather from collection to request; disabled and empty ones do not count", () => {
  const { items, hasScripts } = plan(
    [
      {
        name: "f",
        event: [event("folder"), event("off", { disabled: true }), event(["", "  "])],
        item: [request("r", { event: [event(["line 1", "line 2"])] })],
      },
    ],
    [],
    { event: [event("collection")] },
  );

  expect(hasScripts).toBe(true);
  expect(items[0]?.scripts.test).toEqual([
    { code: "collection", owner: { kind: "collection", name: "C" } },
    { code: "folder", owner: { kind: "folder", name: "f" } },
    { code: "line 1\nline 2", owner: { kind: "request", name: "r" } },
  ]);
});

const ids = () => plan([request("same"), request("same")]).items.map(({ id }) => id);

test("an item without id has the same id in every run, and twins differ", () => {
  expect(ids()).toEqual(ids());
  expect(new Set(ids()).size).toBe(2);
});

test.each<[string, unknown, string]>([
  ["null", null, "not a JSON object"],
  ["a list", [], "not a JSON object"],
  ["a text", "x", "not a JSON object"],
  ["empty", {}, '"info"'],
  ["v1", { id: "1", name: "Old", order: [], requests: [] }, "v1"],
  ["without item", { info }, '"item"'],
  ["item is an object", { info, item: {} }, '"item"'],
  ["another document", { openapi: "3.1.0", info: { title: "API" } }, '"item"'],
])(
  "a document that is no collection ends the run as collection_invalid: %s",
  async (_name, document, why) => {
    const { summary, events } = await runDocument(document);

    expect(summary).toMatchObject({ outcome: "errored", reason: "collection_invalid" });
    expect(summary.detail).toContain(why);
    expect(events).toHaveLength(1);
  },
);

test.each([1_000, 100_000])("%d nested folders end as collection_invalid, not as a crash", async (depth) => {
  let item: unknown = request("deep");
  for (let level = 0; level < depth; level++) item = { name: `f${level}`, item: [item] };

  const { summary } = await runDocument({ info, item: [item] });

  expect(summary).toMatchObject({ outcome: "errored", reason: "collection_invalid" });
  expect(summary.detail).toContain("200 deep");
});

test("folders that contain themselves end as collection_invalid", () => {
  const folder: { name: string; item: unknown[] } = { name: "f", item: [] };
  folder.item.push(folder);

  expect(() => plan([folder])).toThrow(CollectionError);
});

test("requests with one id and one name all run", () => {
  expect(plan([request("same", { id: "1" }), request("same", { id: "1" })]).items).toHaveLength(2);
});

test("50,000 requests are planned", () => {
  const item = Array.from({ length: 50_000 }, (_unused, index) => request(`r${index}`));

  expect(plan(item).items).toHaveLength(50_000);
});

test("items that are no objects are passed over", () => {
  expect(names([null, 1, "x", [], request("r")])).toEqual(["r"]);
});

test("a collection without requests passes with nothing done", async () => {
  const { summary } = await runDocument({ info, item: [] } satisfies CollectionDocument);

  expect(summary).toMatchObject({ outcome: "passed", requestsTotal: 0 });
});
