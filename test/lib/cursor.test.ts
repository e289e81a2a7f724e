import { expect, test } from "bun:test";

import { decodeCursor, encodeCursor } from "../../src/lib/cursor.ts";

const id = "c0ffee00-0000-4000-8000-000000000001";

test("a cursor keeps its microseconds, and is safe in a query", () => {
  const cursor = { at: "2026-05-01T10:00:00.123456Z", id };

  expect(encodeCursor(cursor)).toMatch(/^[\w-]+$/);
  expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
});

test.each(["", "garbage", "2026-05-01T10:00:00.123456Z", `2026-99-01T10:00:00.123456Z ${id}`, `now() ${id}`])(
  "%p is no cursor",
  (text) => {
    expect(decodeCursor(Buffer.from(text).toString("base64url"))).toBeUndefined();
    expect(decodeCursor(text)).toBeUndefined();
  },
);
