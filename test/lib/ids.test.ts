import { expect, test } from "bun:test";

import {
  bareId,
  equalInConstantTime,
  hashSecret,
  newApiKey,
  newRunnerKey,
  toUid,
} from "../../src/lib/ids.ts";

const id = "c0ffee00-0000-4000-8000-000000000001";

test.each([
  [id, id],
  [toUid(1000001, id), id],
  [id.toUpperCase(), id],
  ["12345678-0000-4000-8000-000000000001", "12345678-0000-4000-8000-000000000001"],
  ["7-12345678-0000-4000-8000-000000000001", "12345678-0000-4000-8000-000000000001"],
  ["1000001-not-a-uuid", undefined],
  ["", undefined],
  [`${id}0`, undefined],
])("the bare id of %p is %p", (given, expected) => {
  expect(bareId(given)).toBe(expected);
});

test("an API key has the form that Postman's clients and secret scanners know", () => {
  expect(newApiKey()).toMatch(/^PMAK-[0-9a-f]{24}-[0-9a-f]{34}$/);
  expect(newApiKey()).not.toBe(newApiKey());
});

test("a runner key carries 256 random bits", () => {
  expect(newRunnerKey()).toMatch(/^sprk_[\w-]{43}$/);
});

test("a stored secret is not the secret", () => {
  expect(hashSecret("a")).toMatch(/^[0-9a-f]{64}$/);
  expect(hashSecret("a")).not.toBe(hashSecret("b"));
});

test("comparison works for texts of different length", () => {
  expect(equalInConstantTime("key", "key")).toBe(true);
  expect(equalInConstantTime("key", "longer key")).toBe(false);
});
