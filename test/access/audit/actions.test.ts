import { expect, test } from "bun:test";
import { join } from "node:path";

import { displayNameOf, isActionName, listActions } from "../../../src/access/audit/actions.ts";
import { readSources } from "../../support/architecture.ts";

const root = join(import.meta.dir, "../../..");

test("every action that stands in the code is listed before it was ever recorded", () => {
  const text = readSources(root, ["src"])
    .map((source) => source.text)
    .join("\n");
  const written = [...text.matchAll(/\baction: "([a-z_]+\.[a-z_]+)"/g)].map(([, name]) => name);
  const listed = new Set(listActions([]).map(({ name }) => name));

  expect(written.length).toBeGreaterThan(20);
  expect([...new Set(written)].filter((name) => name !== undefined && !listed.has(name))).toEqual([]);
});

test("what was recorded is listed once", () => {
  const names = listActions(["collection.created", "teapot.boiled"]).map(({ name }) => name);

  expect(names.filter((name) => name === "collection.created")).toHaveLength(1);
  expect(names).toContain("teapot.boiled");
});

test.each([
  ["api_key.created", "API key: created"],
  ["workspace.roles_changed", "Workspace: roles changed"],
  ["runner.key_reset", "Runner: key reset"],
])("%s reads %s", (action, name) => {
  expect(displayNameOf(action)).toBe(name);
  expect(isActionName(action)).toBe(true);
});
