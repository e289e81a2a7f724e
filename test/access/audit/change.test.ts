import { expect, test } from "bun:test";

import {
  asBeforeAndAfter,
  changeOf,
  updateOf,
  withoutSecretValues,
} from "../../../src/access/audit/change.ts";

test("what stayed the same is left out", () => {
  const before = { name: "a", active: true, options: { retries: 1, delay: 2 } };

  expect(changeOf(before, { ...before, name: "b" })).toEqual({
    before: { name: "a" },
    after: { name: "b" },
  });
});

test("what was made has no before, what was deleted no after", () => {
  expect(changeOf(undefined, { name: "a" })).toEqual({ after: { name: "a" } });
  expect(changeOf({ name: "a" }, undefined)).toEqual({ before: { name: "a" } });
});

test("instants read as they do elsewhere, and what is not there is left out", () => {
  const expiresAt = new Date("2026-05-01T10:00:00Z");

  expect(changeOf({ expiresAt: undefined }, { expiresAt })).toEqual({
    before: {},
    after: { expiresAt: "2026-05-01T10:00:00.000Z" },
  });
});

test.each([
  ["password"],
  ["apiKey"],
  ["api_key"],
  ["key"],
  ["accessToken"],
  ["clientSecret"],
  ["passwordHash"],
  ["privateKey"],
])("the value of %s is never stored", (name) => {
  const change = changeOf({ [name]: "old" }, { [name]: "new", inner: { list: [{ [name]: "deep" }] } });

  expect(JSON.stringify(change)).not.toMatch(/old|new|deep/);
  expect(change.after).toEqual({ [name]: "***", inner: { list: [{ [name]: "***" }] } });
});

test("of variables the names stay and the values go", () => {
  const values = [{ key: "base", value: "https://internal", enabled: true }];

  expect(changeOf({ values: [] }, { values }).after).toEqual({
    values: [{ key: "base", value: "***", enabled: true }],
  });
});

test("fields that only sound like secrets stay", () => {
  const after = { keys: ["a"], keyId: "1", tokenCount: 3, hasPassword: true };

  expect(changeOf({}, after).after).toEqual(after);
});

test("long texts and lists are cut, and say so", () => {
  const change = changeOf({}, { text: "x".repeat(2_000), list: Array.from({ length: 80 }, (_, at) => at) });

  expect(change.after?.["text"]).toEndWith("… (2000 characters)");
  expect(change.after?.["list"]).toHaveLength(51);
  expect(JSON.stringify(change).length).toBeLessThan(1_000);
});

test("of an update, only what it speaks of", () => {
  const before = { name: "a", visibility: "all", createdAt: new Date(0) };

  expect(updateOf(before, { name: "b", visibility: "all", note: undefined })).toEqual({
    before: { name: "a" },
    after: { name: "b" },
  });
});

test.each([
  ["runner.deleted", { name: "a" }, { before: { name: "a" } }],
  ["user.created", { email: "a" }, { after: { email: "a" } }],
  ["runner.key_reset", { graceSeconds: 1 }, { after: { graceSeconds: 1 } }],
  [
    "workspace.updated",
    { name: "b", before: { name: "a" } },
    { before: { name: "a" }, after: { name: "b" } },
  ],
  [
    "collection.transferred",
    { name: "c", before: { at: 1 }, after: { at: 2 } },
    { before: { at: 1 }, after: { at: 2 }, name: "c" },
  ],
  ["spec.deleted", { before: { name: "a" } }, { before: { name: "a" } }],
  ["user.password_changed", null, {}],
])("%s with %j reads as before and after", (action, change, read) => {
  expect(asBeforeAndAfter(action, change)).toEqual(read);
});

test("what a feature notes by itself keeps no secret either", () => {
  expect(withoutSecretValues({ name: "a", token: "t", inner: { password: "p" } })).toEqual({
    name: "a",
    token: "***",
    inner: { password: "***" },
  });
});
