import { beforeAll, expect, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import { systemActor } from "../../src/access/audit/audit.ts";
import {
  countStandings,
  type Grouping,
  listGroups,
  listMonitorsOverview,
} from "../../src/results/overview/store.ts";
import { testDatabase } from "../support/database.ts";
import { createMake } from "../support/make.ts";

let database: Database;
let make: ReturnType<typeof createMake>;
beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
});

test("the overview lists failing monitors first, then by name, and counts all", async () => {
  const { id: workspaceId, createdBy: ownerId } = await make.workspace();
  const named = (name: string, row: object = {}) => make.monitor({ workspaceId, ownerId, name, ...row });
  await named("B passing", { state: "passed" });
  await named("A passing", { state: "passed" });
  await named("Z failing", { state: "failed" });
  await named("Y error", { state: "errored" });
  await named("Paused", { state: "failed", active: false });
  await named("New");

  const { rows, hasMore } = await listMonitorsOverview(database, systemActor, { workspaceId });
  const counts = await countStandings(database, systemActor, { workspaceId });

  expect(rows.map((row) => [row.name, row.standing])).toEqual([
    ["Z failing", "failing"],
    ["Y error", "error"],
    ["A passing", "passing"],
    ["B passing", "passing"],
    ["New", "none"],
    ["Paused", "paused"],
  ]);
  expect(counts).toEqual({ passing: 2, failing: 1, error: 1, aborted: 0, paused: 1, none: 1 });
  expect(hasMore).toBe(false);
});

test("the overview filters by name and standing, page by page", async () => {
  const { id: workspaceId, createdBy: ownerId } = await make.workspace();
  for (const name of ["Shop one", "Shop two", "100% other"]) {
    await make.monitor({ workspaceId, ownerId, name, state: "passed" });
  }
  const names = async (request: object) =>
    (await listMonitorsOverview(database, systemActor, { workspaceId, ...request })).rows.map(
      (row) => row.name,
    );

  expect(await names({ search: "SHOP" })).toEqual(["Shop one", "Shop two"]);
  expect(await names({ search: "%" })).toEqual(["100% other"]);
  expect(await names({ standings: ["failing"] })).toEqual([]);
  expect(await names({ limit: 1, offset: 1 })).toEqual(["Shop one"]);
});

/** A workspace with monitors in folders and with tags. */
async function ordered() {
  const { id: workspaceId, createdBy: ownerId } = await make.workspace({ name: "Shop" });
  const named = (name: string, row: object = {}) =>
    make.monitor({ workspaceId, ownerId, name, state: "passed", ...row });
  await named("Basket", { folder: "checkout/eu", tags: ["eu", "slow"] });
  await named("Payment", { folder: "checkout/eu", tags: ["eu"], state: "failed" });
  await named("Refund", { folder: "checkout" });
  await named("Search", { folder: "catalog", tags: ["slow"] });
  await named("Home");
  const groups = async (by: Grouping, request: object = {}) => {
    const page = { by, limit: 10, offset: 0, rows: 5, workspaceId, ...request };
    return (await listGroups(database, systemActor, page)).groups;
  };
  return { workspaceId, groups };
}

const inShort = (groups: Awaited<ReturnType<typeof listGroups>>["groups"]) =>
  groups.map(({ name, rows }) => [name, rows.map((row) => row.name)]);

test("folders: the one with a failing monitor first, then by name; those in none last", async () => {
  const { groups } = await ordered();

  expect(inShort(await groups("folder"))).toEqual([
    ["checkout/eu", ["Payment", "Basket"]],
    ["catalog", ["Search"]],
    ["checkout", ["Refund"]],
    ["", ["Home"]],
  ]);
});

test("a monitor with two tags is in both groups", async () => {
  const { groups } = await ordered();

  expect(inShort(await groups("tag"))).toEqual([
    ["eu", ["Payment", "Basket"]],
    ["slow", ["Basket", "Search"]],
    ["", ["Home", "Refund"]],
  ]);
});

test("a group counts all that it has and shows the first", async () => {
  const { workspaceId, groups } = await ordered();

  const [workspace] = await groups("workspace", { rows: 2 });

  expect(workspace).toMatchObject({ key: workspaceId, name: "Shop", counts: { passing: 4, failing: 1 } });
  expect(workspace?.rows.map((row) => row.name)).toEqual(["Payment", "Basket"]);
});

test("groups come page by page, and hold what the search finds", async () => {
  const { groups } = await ordered();

  expect(inShort(await groups("folder", { limit: 1, offset: 1 }))).toEqual([["catalog", ["Search"]]]);
  expect(inShort(await groups("folder", { search: "basket" }))).toEqual([["checkout/eu", ["Basket"]]]);
  expect(inShort(await groups("folder", { search: "slow" }))).toEqual([
    ["catalog", ["Search"]],
    ["checkout/eu", ["Basket"]],
  ]);
});

test.each([
  [{ folder: "checkout" }, ["Payment", "Basket", "Refund"]],
  [{ folder: "check" }, []],
  [{ folder: "" }, ["Home"]],
  [{ tag: "slow" }, ["Basket", "Search"]],
  [{ tag: "" }, ["Home", "Refund"]],
  [{ tag: "eu", folder: "checkout", search: "pay" }, ["Payment"]],
])("in view with %o: %j", async (place, names) => {
  const { workspaceId } = await ordered();

  const { rows } = await listMonitorsOverview(database, systemActor, { workspaceId, ...place });
  const counts = await countStandings(database, systemActor, { workspaceId, ...place });

  expect(rows.map((row) => row.name)).toEqual(names);
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(names.length);
});
