import { expect, test } from "bun:test";

import { shapeOf } from "../../src/engine/shape.ts";

const shape = (value: unknown) => shapeOf(Buffer.from(JSON.stringify(value)));

test("a shape names fields and kinds, sorted, each once, and never a value", () => {
  const found = shape({
    total: 2,
    books: [
      { title: "Dune", sold: true, author: null },
      { title: "Emma", author: { born: 1775 } },
    ],
  });

  expect(found?.paths).toEqual([
    "$.books: array",
    "$.books[].author.born: number",
    "$.books[].author: null",
    "$.books[].author: object",
    "$.books[].sold: boolean",
    "$.books[].title: string",
    "$.books[]: object",
    "$.total: number",
    "$: object",
  ]);
});

test("answers with other values, another order or more entries have the same hash; another kind has another", () => {
  const before = shape({ id: 1, books: [{ title: "Dune" }] });
  const after = shape({ books: [{ title: "Emma" }, { title: "It" }], id: 2 });
  const other = shape({ id: "1", books: [{ title: "Dune" }] });

  expect(after?.hash).toBe(before?.hash ?? "");
  expect(other?.hash).not.toBe(before?.hash ?? "");
});

test("names that are values are not told: a map has the same shape when its entries change", () => {
  const before = shape({ "ann@example.test": 1, "2026-11-22": 2, "550e8400-e29b-41d4-a716-446655440000": 3 });
  const after = shape({ "42": 7 });

  expect(before?.paths).toEqual(["$.*: number", "$: object"]);
  expect(after?.hash).toBe(before?.hash ?? "");
});

test("names that would be taken for paths are quoted", () => {
  expect(shape({ "a.b": { "": [] } })?.paths).toEqual([
    "$: object",
    '$["a.b"]: object',
    '$["a.b"][""]: array',
  ]);
});

test.each([
  ["an empty body", ""],
  ["a page", "<html></html>"],
  ["a broken document", '{"a":'],
  ["a single value", "42"],
  ["more than is read", `[${"1,".repeat(150_000)}1]`],
])("%s has no shape", (_what, body) => {
  expect(shapeOf(Buffer.from(body))).toBeUndefined();
});

test("what is deep or wide is cut, and says so", () => {
  const deep = shapeOf(Buffer.from(`${"[".repeat(100_000)}${"]".repeat(100_000)}`));
  const wide = shape(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, index])));

  expect(deep).toMatchObject({ truncated: true });
  expect(deep?.paths.length).toBeLessThan(20);
  expect(wide).toMatchObject({ truncated: true });
  expect(wide?.paths).toHaveLength(200);
});

test("a list of many is read by its beginning, and that is no cut", () => {
  expect(shape(Array.from({ length: 10_000 }, () => ({ a: 1 })))).toEqual(shape([{ a: 1 }]));
});
