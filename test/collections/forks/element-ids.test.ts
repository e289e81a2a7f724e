import { expect, test } from "bun:test";

import { toForkIds, toSourceIds } from "../../../src/collections/forks/element-ids.ts";
import { elementsOf } from "../../../src/collections/forks/elements.ts";
import { differs, mergeDocuments } from "../../../src/collections/forks/merge.ts";

interface Item {
  id: string;
  name: string;
  item?: Item[];
  response?: Item[];
}

const document = (item: Item[]): Record<string, unknown> => ({ info: { name: "Bookshop" }, item });
const shop = () =>
  document([
    { id: "f", name: "Orders", item: [{ id: "a", name: "List", response: [{ id: "a1", name: "OK" }] }] },
    { id: "b", name: "Health", response: [] },
  ]);
const idsOf = (value: Record<string, unknown>): string[] =>
  [...elementsOf(value, "test").keys()].filter((id) => id !== "");

test("a fork has other ids, and there and back is the same", () => {
  const forked = toForkIds(shop());

  expect(idsOf(forked.document).some((id) => idsOf(shop()).includes(id))).toBeFalse();
  expect(toSourceIds(forked.document, forked.elementIds, new Set(idsOf(shop()))).document).toEqual(shop());
  expect(toForkIds(shop(), forked.elementIds)).toEqual(forked);
});

test("what the fork has added gets an id that it keeps", () => {
  const forked = toForkIds(shop());
  (forked.document["item"] as Item[]).push({ id: "mine", name: "New" });

  const translated = toSourceIds(forked.document, forked.elementIds, new Set(idsOf(shop())));
  const again = toSourceIds(forked.document, translated.elementIds, new Set(idsOf(shop())));

  const added = (translated.document["item"] as Item[]).at(-1);
  expect(added?.name).toBe("New");
  expect(added?.id).not.toBe("mine");
  expect(again.document).toEqual(translated.document);
});

test("a fork that was overwritten with the source's own document is the source", () => {
  const forked = toForkIds(shop());

  const translated = toSourceIds(shop(), forked.elementIds, new Set(idsOf(shop())));

  expect(translated.document).toEqual(shop());
  expect(differs(shop(), translated.document)).toBeFalse();
});

test("both, the element and its copy out of the source, stay two", () => {
  const forked = toForkIds(shop());
  (forked.document["item"] as Item[]).push({ id: "b", name: "Health once more" });

  const { document: translated } = toSourceIds(forked.document, forked.elementIds, new Set(idsOf(shop())));

  expect(idsOf(translated)).toHaveLength(5);
});

test("whatever both sides do, after a merge with a preference they are the same but for their ids", () => {
  let seed = 5;
  const random = (limit: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return Math.floor((seed / 0x7fffffff) * limit);
  };
  let made = 0;
  const edit = (value: Record<string, unknown>) => {
    const folders: Item[][] = [];
    const walk = (items: Item[]) => {
      folders.push(items);
      for (const { item } of items) if (item) walk(item);
    };
    walk(value["item"] as Item[]);
    const list = folders[random(folders.length)] ?? [];
    const at = random(list.length + 1);
    const kind = random(4);
    if (kind === 0)
      list.splice(at, 0, { id: `new-${++made}`, name: `New ${made}`, ...(random(2) === 0 && { item: [] }) });
    else if (kind === 1) list.splice(at, 1);
    else if (kind === 2) list.reverse();
    else if (list[at]) list[at].name = `Renamed ${++made}`;
  };
  let source = shop();
  let base = shop();
  let fork = toForkIds(source);

  for (let round = 0; round < 500; round++) {
    for (let count = random(4); count > 0; count--) edit(source);
    for (let count = random(4); count > 0; count--) edit(fork.document);
    const known = new Set([...idsOf(base), ...idsOf(source)]);
    const translated = toSourceIds(fork.document, fork.elementIds, known);
    const merged = mergeDocuments(
      { base, destination: source, source: translated.document },
      random(2) === 0 ? "source" : "destination",
    );
    fork = toForkIds(merged.document, translated.elementIds);
    [source, base] = [merged.document, structuredClone(merged.document)];

    const back = toSourceIds(fork.document, fork.elementIds, new Set(idsOf(source)));
    expect(back.document).toEqual(source);
  }
});
