import { describe, expect, test } from "bun:test";

import { array, assert, boolean, constantFrom, nat, property, record, uniqueArray } from "fast-check";

import type { CollectionDocument } from "../../../src/collections/collection.ts";
import { diffDocuments, longestRise } from "../../../src/collections/revisions/diff.ts";
import { diffLines, foldLines } from "../../../src/lib/line-diff.ts";

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const request = (id: string, more: object = {}) => ({
  id,
  name: `Request ${id}`,
  request: { method: "GET", url: { raw: "http://a/b?c=1" } },
  ...more,
});
const folder = (id: string, item: unknown[]) => ({ id, name: `Folder ${id}`, item });
const byText = (one: unknown, other: unknown): number =>
  JSON.stringify(one).localeCompare(JSON.stringify(other));
const collection = (item: unknown[], more: object = {}): CollectionDocument => ({
  info: { name: "Shop", schema },
  item,
  ...more,
});
const summary = (before: CollectionDocument, after: CollectionDocument) =>
  diffDocuments(before, after).map(({ kind, id, status, isMoved, fields }) => [
    kind,
    id,
    status,
    isMoved,
    fields.map(({ label }) => label),
  ]);

describe("what differs between two documents", () => {
  test("is nothing when only ids of the collection, owners and times differ", () => {
    const before = collection([request("a")]);
    const after = collection([{ ...request("a"), uid: "1-a", updatedAt: "2026-01-01", createdAt: "x" }]);

    expect(diffDocuments(before, after)).toEqual([]);
  });

  test("is told by element: added, removed, changed, moved", () => {
    const before = collection([request("a"), request("b"), folder("f", [request("c")]), request("gone")]);
    const after = collection([
      request("b", { name: "Better" }),
      request("a"),
      folder("f", []),
      request("c"),
      request("new"),
    ]);

    expect(summary(before, after).toSorted(byText)).toEqual(
      [
        ["request", "b", "changed", true, ["Name"]],
        ["request", "c", "moved", true, []],
        ["request", "new", "added", false, ["Name", "Method", "URL"]],
        ["request", "gone", "removed", false, ["Name", "Method", "URL"]],
      ].toSorted(byText),
    );
  });

  test("names the fields that people know", () => {
    const event = (exec: string[]) => [{ listen: "test", script: { exec } }];
    const before = collection([request("a", { event: event(["one", "two"]) })]);
    const after = collection(
      [
        request("a", {
          event: event(["one", "three"]),
          request: {
            method: "POST",
            url: { raw: "http://a/b?c=2" },
            header: [{ key: "Accept", value: "*/*" }],
            body: { mode: "raw", raw: "{}" },
          },
        }),
      ],
      { variable: [{ key: "base", value: "http://a" }] },
    );

    const [whole, one] = diffDocuments(before, after);

    expect(whole).toMatchObject({ kind: "collection", name: "Shop", fields: [{ label: "Variables" }] });
    expect(one?.fields.map(({ label }) => label)).toEqual([
      "Method",
      "URL",
      "Headers",
      "Body mode",
      "Body",
      "Test script",
    ]);
    expect(one?.fields.at(-1)).toEqual({ label: "Test script", before: "one\ntwo", after: "one\nthree" });
  });

  test("shows that a hidden value differs, and not the value", () => {
    const auth = (token: string) => ({ type: "bearer", bearer: [{ key: "token", value: token }] });
    const [change] = diffDocuments(
      collection([], { auth: auth("first-token") }),
      collection([], { auth: auth("other-token") }),
    );

    expect(change?.fields).toEqual([
      {
        label: "Authorization",
        before: "type: bearer\ntoken: ••••••••",
        after: "type: bearer\ntoken: ••••••••",
      },
    ]);
  });

  test("does not lose elements whose ids come twice", () => {
    const before = collection([request("a"), request("a")]);
    const after = collection([request("a"), request("a", { name: "Second" })]);

    expect(summary(before, after)).toEqual([["request", "a", "changed", false, ["Name"]]]);
  });
});

/** Documents of few ids, so that two of them share some. */
const someDocument = uniqueArray(
  record({
    id: constantFrom("a", "b", "c", "d", "e", "f"),
    name: constantFrom("One", "Two"),
    script: constantFrom("", "x", "x\ny"),
    inFolder: boolean(),
  }),
  { selector: ({ id }) => id, maxLength: 6 },
).map((parts) => {
  const made = parts.map(({ id, name, script, inFolder }) => ({
    inFolder,
    item: request(id, { name, event: [{ listen: "test", script: { exec: script.split("\n") } }] }),
  }));
  const inside = made.filter((one) => one.inFolder).map(({ item }) => item);
  const outside = made.filter((one) => !one.inFolder).map(({ item }) => item);
  return collection([...outside, folder("folder", inside)]);
});

/** Undoes and redoes by what the difference says: fields, what came, what went. */
const contentOf = (document: CollectionDocument) =>
  new Map(
    diffDocuments(collection([]), document).map(({ id, kind, fields }) => [
      `${kind} ${id}`,
      new Map(fields.map(({ label, after }) => [label, after])),
    ]),
  );

describe("for any two documents", () => {
  test("nothing differs exactly when they are equal", () => {
    assert(
      property(someDocument, someDocument, (before, after) => {
        const isEqual = JSON.stringify(before) === JSON.stringify(after);
        expect(diffDocuments(before, after).length === 0).toBe(isEqual);
      }),
      { numRuns: 300 },
    );
  });

  test("the way there and the way back say the same the other way round", () => {
    assert(
      property(someDocument, someDocument, (before, after) => {
        const opposite = { added: "removed", removed: "added", changed: "changed", moved: "moved" } as const;
        const there = diffDocuments(before, after)
          .filter(({ status, isMoved }) => status !== "moved" && !isMoved)
          .map(({ id, status, fields }) => JSON.stringify([id, opposite[status], fields.length]));
        const back = diffDocuments(after, before).map(({ id, status, fields }) =>
          JSON.stringify([id, status, fields.length]),
        );
        for (const change of there) expect(back).toContain(change);
      }),
      { numRuns: 300 },
    );
  });

  test("one with the changes done is the other", () => {
    assert(
      property(someDocument, someDocument, (before, after) => {
        const content = contentOf(before);
        for (const { id, kind, status, fields } of diffDocuments(before, after)) {
          const key = `${kind} ${id}`;
          if (status === "removed") content.delete(key);
          else {
            const known = content.get(key) ?? new Map<string, string>();
            for (const field of fields) {
              expect(known.get(field.label) ?? "").toBe(field.before);
              known.set(field.label, field.after);
            }
            content.set(key, known);
          }
        }
        const withoutEmpty = (map: typeof content) =>
          [...map]
            .map(
              ([key, fields]) =>
                [key, [...fields].filter(([, text]) => text !== "").toSorted(byText)] as const,
            )
            .filter(([, fields]) => fields.length > 0)
            .toSorted(byText);
        expect(withoutEmpty(content)).toEqual(withoutEmpty(contentOf(after)));
      }),
      { numRuns: 300 },
    );
  });

  test("what kept its order is the longest part that could", () => {
    assert(
      property(uniqueArray(nat(20), { maxLength: 8 }), (numbers) => {
        const rise = [...longestRise(numbers)].toSorted((one, other) => one - other);
        const values = rise.map((index) => numbers[index] ?? 0);
        expect(values).toEqual(values.toSorted((one, other) => one - other));
        expect(rise.length).toBe(lengthOfLongestRise(numbers));
      }),
    );
  });
});

/** By trying everything. */
function lengthOfLongestRise([first, ...rest]: number[], above = -1): number {
  if (first === undefined) return 0;
  const without = lengthOfLongestRise(rest, above);
  return first > above ? Math.max(without, 1 + lengthOfLongestRise(rest, first)) : without;
}

describe("lines", () => {
  const text = array(constantFrom("a", "b", "", "  c"), { maxLength: 12 }).map((lines) => lines.join("\n"));
  const joined = (lines: ReturnType<typeof diffLines>, kinds: string[]) =>
    lines
      .filter(({ kind }) => kinds.includes(kind))
      .map((line) => line.text)
      .join("\n");

  test("that stayed or went are the old text, those that stayed or came the new one", () => {
    assert(
      property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        expect(joined(lines, ["same", "removed"])).toBe(before);
        expect(joined(lines, ["same", "added"])).toBe(after);
      }),
      { numRuns: 500 },
    );
  });

  test("far from any change are folded, and counted", () => {
    const before = Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n");

    const folded = foldLines(diffLines(before, before.replace("line 15", "other")));

    expect(folded[0]).toEqual({ kind: "gap", text: "", count: 12 });
    expect(folded.filter(({ kind }) => kind !== "gap")).toHaveLength(8);
    expect(folded.at(-1)).toEqual({ kind: "gap", text: "", count: 11 });
  });

  test("of texts that have nothing in common are soon told apart", () => {
    const long = (word: string) => Array.from({ length: 20_000 }, (_, index) => `${word}${index}`).join("\n");
    const started = performance.now();

    const lines = diffLines(long("a"), long("b"));

    expect(lines).toHaveLength(40_000);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
