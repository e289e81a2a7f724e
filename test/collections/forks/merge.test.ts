import { describe, expect, test } from "bun:test";

import { elementsOf } from "../../../src/collections/forks/elements.ts";
import { differs, mergeDocuments } from "../../../src/collections/forks/merge.ts";

interface Item {
  id: string;
  name: string;
  item?: Item[];
  request?: Record<string, unknown>;
  response?: Record<string, unknown>[];
  [key: string]: unknown;
}

const request = (id: string, more: Partial<Item> = {}): Item => ({
  id,
  name: `Request ${id}`,
  request: { method: "GET", url: { raw: `http://a/${id}`, host: ["a"], path: [id] }, header: [] },
  response: [{ id: `${id}-response`, name: "OK", code: 200, body: "[]" }],
  ...more,
});
const folder = (id: string, item: Item[], more: Partial<Item> = {}): Item => ({
  id,
  name: `Folder ${id}`,
  item,
  ...more,
});

const collection = (item: Item[], more: Record<string, unknown> = {}): Record<string, unknown> => ({
  info: { name: "Bookshop", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item,
  ...more,
});

const base = () => collection([folder("f", [request("a"), request("b")]), request("c")]);

/** Ids as they nest: `f(a(a-response) b) c`, without saved responses. */
const outline = (document: Record<string, unknown>): string => {
  const line = (items: Item[]): string =>
    items.map(({ id, item }) => (item ? `${id}(${line(item)})` : id)).join(" ");
  return line(document["item"] as Item[]);
};

const find = (document: Record<string, unknown>, id: string): Item | undefined => {
  const { fields } = elementsOf(document, "answer").get(id) ?? {};
  return fields as Item | undefined;
};

const merge = (
  destination: Record<string, unknown>,
  source: Record<string, unknown>,
  prefer?: "source" | "destination",
) => mergeDocuments({ base: base(), destination, source }, prefer);

describe("what one side alone changed is taken over", () => {
  const changed = [
    ["a new request", collection([folder("f", [request("a"), request("new"), request("b")]), request("c")])],
    ["a request less", collection([folder("f", [request("a")]), request("c")])],
    ["a folder less", collection([request("c")])],
    ["another order", collection([request("c"), folder("f", [request("b"), request("a")])])],
    ["a request in another folder", collection([folder("f", [request("a"), request("b"), request("c")])])],
    [
      "a new folder around a request",
      collection([folder("f", [request("b")]), folder("g", [request("a")]), request("c")]),
    ],
    ["another name of the collection", { ...base(), info: { ...(base()["info"] as object), name: "Shop" } }],
    [
      "another address",
      collection([
        folder("f", [request("a", { request: { method: "POST", url: "http://b" } }), request("b")]),
        request("c"),
      ]),
    ],
    [
      "a response more",
      collection([folder("f", [request("a", { response: [] }), request("b")]), request("c")]),
    ],
    ["variables", { ...base(), variable: [{ key: "a", value: "1" }] }],
    ["an empty folder", collection([folder("f", []), request("a"), request("b"), request("c")])],
    ["keys that nobody knows", { ...base(), "x-own": { deep: [1, { a: null }] } }],
    [
      "keys with a meaning in JavaScript",
      { ...base(), ...(JSON.parse('{"__proto__": {"a": 1}, "constructor": "x"}') as object) },
    ],
  ] as const;

  test.each(changed)("%s", (_name, document) => {
    const fromSource = merge(base(), structuredClone(document));
    const inDestination = merge(structuredClone(document), base());

    expect(fromSource).toEqual({ document, conflicts: [] });
    expect(inDestination).toEqual({ document, conflicts: [] });
    expect(differs(base(), document)).toBeTrue();
  });

  test("nothing at all", () => {
    expect(merge(base(), base())).toEqual({ document: base(), conflicts: [] });
    expect(differs(base(), base())).toBeFalse();
  });

  test("who and when is no change", () => {
    const stamped = collection([
      folder("f", [request("a", { uid: "7-a", createdAt: "x" }), request("b")]),
      request("c"),
    ]);

    expect(differs(base(), stamped)).toBeFalse();
    expect(merge(stamped, base()).conflicts).toEqual([]);
  });
});

describe("what both sides changed is joined", () => {
  test("in different requests, in different fields of one, and at different places", () => {
    const destination = collection([
      folder("f", [request("a", { name: "Renamed" }), request("b"), request("mine")]),
      request("c"),
    ]);
    const source = collection([
      folder("f", [request("theirs"), request("a", { description: "Why" }), request("b")]),
    ]);

    const { document, conflicts } = merge(destination, source);

    expect(conflicts).toEqual([]);
    expect(outline(document)).toBe("f(theirs a b mine)");
    expect(find(document, "a")).toMatchObject({ name: "Renamed", description: "Why" });
  });

  test("method here, headers there", () => {
    const change = (more: Record<string, unknown>) =>
      collection([
        folder("f", [request("a", { request: { ...request("a").request, ...more } }), request("b")]),
        request("c"),
      ]);

    const { document, conflicts } = merge(change({ method: "PUT" }), change({ header: [{ key: "X" }] }));

    expect(conflicts).toEqual([]);
    expect(find(document, "a")?.request).toEqual({
      ...request("a").request,
      method: "PUT",
      header: [{ key: "X" }],
    });
  });

  test("the test script here, the pre-request script there; each its variable", () => {
    const script = (listen: string) => ({ listen, script: { exec: [listen] } });

    const { document, conflicts } = merge(
      { ...base(), event: [script("test")], variable: [{ key: "a", value: "1" }] },
      { ...base(), event: [script("prerequest")], variable: [{ key: "b", value: "2" }] },
    );

    expect(conflicts).toEqual([]);
    expect(document).toMatchObject({
      event: [script("test"), script("prerequest")],
      variable: [
        { key: "a", value: "1" },
        { key: "b", value: "2" },
      ],
    });
  });

  test("the same change on both sides is one change", () => {
    const same = () => collection([folder("f", [request("a", { name: "Renamed" })]), request("c")]);

    expect(merge(same(), same())).toEqual({ document: same(), conflicts: [] });
  });
});

describe("what cannot be joined is told, and one side can be preferred", () => {
  test("a name", () => {
    const named = (name: string) =>
      collection([folder("f", [request("a", { name }), request("b")]), request("c")]);

    const { conflicts } = merge(named("Mine"), named("Theirs"));

    expect(conflicts).toEqual([{ id: "a", name: "Mine", field: "name", reason: "changed on both sides" }]);
    expect(find(merge(named("Mine"), named("Theirs"), "source").document, "a")?.name).toBe("Theirs");
    expect(find(merge(named("Mine"), named("Theirs"), "destination").document, "a")?.name).toBe("Mine");
  });

  test("an address is one value", () => {
    const at = (url: unknown) =>
      collection([
        folder("f", [request("a", { request: { ...request("a").request, url } }), request("b")]),
        request("c"),
      ]);

    expect(merge(at({ raw: "http://x" }), at({ raw: "http://y" })).conflicts).toMatchObject([
      { field: "request.url" },
    ]);
  });

  test("changed here, deleted there", () => {
    const changed = collection([folder("f", [request("a", { name: "Mine" }), request("b")]), request("c")]);
    const deleted = collection([folder("f", [request("b")]), request("c")]);

    expect(merge(changed, deleted).conflicts).toMatchObject([
      { id: "a", reason: "deleted on one side, changed on the other" },
    ]);
    expect(outline(merge(changed, deleted, "source").document)).toBe("f(b) c");
    expect(outline(merge(changed, deleted, "destination").document)).toBe("f(a b) c");
    expect(outline(merge(deleted, changed, "source").document)).toBe("f(a b) c");
  });

  test("a request into a folder that the other side deleted", () => {
    const added = collection([folder("f", [request("a"), request("b"), request("new")]), request("c")]);
    const deleted = collection([request("c")]);

    expect(merge(added, deleted).conflicts).toMatchObject([
      { id: "f", reason: "deleted on one side, changed on the other" },
    ]);
    expect(outline(merge(added, deleted, "destination").document)).toBe("f(new) c");
    expect(outline(merge(added, deleted, "source").document)).toBe("c");
  });

  test("a request moved into a folder that the other side deleted stays where it was", () => {
    const moved = collection([folder("f", [request("a"), request("b"), request("c")])]);
    const deleted = collection([request("c")]);

    expect(outline(merge(moved, deleted, "source").document)).toBe("c");
    expect(outline(merge(moved, deleted, "destination").document)).toBe("f(c)");
  });

  test("to different folders", () => {
    const here = collection([folder("f", [request("b")]), folder("g", [request("a")]), request("c")]);
    const there = collection([folder("f", [request("b")]), folder("h", [request("a")]), request("c")]);

    expect(merge(here, there).conflicts).toMatchObject([{ id: "a", reason: "moved to different places" }]);
    expect(outline(merge(here, there, "source").document)).toContain("h(a)");
    expect(outline(merge(here, there, "destination").document)).toContain("g(a)");
  });

  test("into each other", () => {
    const apart = collection([folder("x", []), folder("y", [])]);
    const destination = collection([folder("x", [folder("y", [])])]);
    const source = collection([folder("y", [folder("x", [])])]);
    const merged = (prefer?: "source" | "destination") =>
      mergeDocuments({ base: apart, destination, source }, prefer);

    expect(merged().conflicts).toMatchObject([{ reason: "moved to different places" }]);
    expect(outline(merged("destination").document)).toBe("x(y())");
    expect(outline(merged("source").document)).toBe("y(x())");
  });

  test("different orders", () => {
    const ordered = (...ids: string[]) => collection(ids.map((id) => request(id)));
    const merged = (prefer?: "source" | "destination") =>
      mergeDocuments(
        { base: ordered("a", "b", "c"), destination: ordered("c", "a", "b"), source: ordered("b", "a", "c") },
        prefer,
      );

    expect(merged().conflicts).toEqual([
      { name: "Bookshop", field: "order of item", reason: "changed on both sides" },
    ]);
    expect(outline(merged("source").document)).toBe("b a c");
  });
});

test.each([
  ["twice", collection([request("a"), request("a")])],
  ["not at all", collection([{ name: "No id", request: {} } as unknown as Item])],
])("an id that is there %s is refused instead of guessed", (_name, document) => {
  expect(() => merge(base(), document)).toThrow("cannot be compared by the ids of its elements");
});

test("whatever both sides do, with a preference there is an answer in which every element hangs once", () => {
  let seed = 20261122;
  const random = (limit: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return Math.floor((seed / 0x7fffffff) * limit);
  };
  const shuffled = (): Record<string, unknown> => {
    const items = ["p", "q", "r", "s", "t", "u"]
      .filter(() => random(5) > 0)
      .map((id) => folder(id, [], { name: `${id}${random(2)}` }));
    const placed: Item[] = [];
    const root: Item[] = [];
    for (const item of items.toSorted(() => random(3) - 1)) {
      const parent = random(3) === 0 ? undefined : placed[random(placed.length)];
      (parent?.item ?? root).push(item);
      placed.push(item);
    }
    return collection(root);
  };

  for (let round = 0; round < 2_000; round++) {
    const versions = { base: shuffled(), destination: shuffled(), source: shuffled() };
    for (const prefer of ["source", "destination", undefined] as const) {
      const { document } = mergeDocuments(versions, prefer);
      const ids = outline(document).match(/\w/g) ?? [];
      expect(ids.length).toBe(new Set(ids).size);
      expect(elementsOf(document, "answer").size).toBe(ids.length + 1);
    }
    const { conflicts, document } = mergeDocuments({ ...versions, destination: versions.base });
    expect([conflicts, outline(document)]).toEqual([[], outline(versions.source)]);
  }
});
