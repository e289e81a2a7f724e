import { expect, test } from "bun:test";

import { testDatabase } from "../support/database.ts";

test("a fresh database has every table", async () => {
  const { sql } = await testDatabase();
  const t = performance.now();
  await testDatabase();
  process.stderr.write(`clone ${performance.now() - t}\n`);

  const tables = await sql`select table_name from information_schema.tables where table_schema = 'public'`;

  expect(tables.length).toBeGreaterThan(15);
});
