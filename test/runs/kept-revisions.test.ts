import { beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import { dropOldRevisions } from "../../src/runs/kept-revisions.ts";
import { testDatabase } from "../support/database.ts";
import { createMake } from "../support/make.ts";

setDefaultTimeout(120_000);

let database: Database;
let make: ReturnType<typeof createMake>;
let collectionId: string;
let environmentId: string;

beforeAll(async () => {
  database = await testDatabase();
  make = createMake(database);
});

beforeEach(async () => {
  ({ id: collectionId } = await make.collection());
  ({ id: environmentId } = await make.environment());
});

/** As that many changes would: revisions 1 to `count` are kept, the next is current. */
async function change(count: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    await database.sql`update collections set revision = revision + 1 where id = ${collectionId}`;
    await database.sql`update environments set revision = revision + 1 where id = ${environmentId}`;
  }
}

const bounds = { newest: 5, bytes: 1e9, fewest: 2, hardFactor: 4, batch: 500 };
const kept = async (table: "collection_revisions" | "environment_revisions" = "collection_revisions") => {
  const { sql } = database;
  const rows =
    table === "collection_revisions"
      ? await sql`select revision from collection_revisions where collection_id = ${collectionId} order by 1`
      : await sql`select revision from environment_revisions where environment_id = ${environmentId} order by 1`;
  return rows.map((row) => Number(row["revision"]));
};

test("the newest are kept, older ones go", async () => {
  await change(8);

  await dropOldRevisions(database, bounds);

  expect(await kept()).toEqual([4, 5, 6, 7, 8]);
  expect(await kept("environment_revisions")).toEqual([4, 5, 6, 7, 8]);
});

test("what a run used that is still there is kept", async () => {
  const monitor = await make.monitor({ collectionId, environmentId });
  await change(1);
  const run = await make.run({ monitorId: monitor.id, collectionRevision: 2, environmentRevision: 1 });
  await change(8);

  await dropOldRevisions(database, bounds);
  const before = await kept();
  await database.sql`delete from runs where id = ${run.id}`;
  await dropOldRevisions(database, bounds);

  expect(before).toEqual([2, 5, 6, 7, 8, 9]);
  expect(await kept()).toEqual([5, 6, 7, 8, 9]);
});

test("runs keep no more than a hard limit", async () => {
  const monitor = await make.monitor({ collectionId });
  for (let revision = 1; revision <= 25; revision++) {
    await make.run({ monitorId: monitor.id, collectionRevision: revision });
    await change(1);
  }

  await dropOldRevisions(database, bounds);

  expect(await kept()).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
});

test("large documents have fewer, and never none", async () => {
  await change(8);

  await dropOldRevisions(database, { ...bounds, bytes: 1 });

  expect(await kept()).toEqual([7, 8]);
});

test("two servers at once do not stand in each other's way", async () => {
  await change(12);

  await Promise.all([dropOldRevisions(database, bounds), dropOldRevisions(database, bounds)]);

  expect(await kept()).toEqual([8, 9, 10, 11, 12]);
});
