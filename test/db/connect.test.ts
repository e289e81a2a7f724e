import { expect, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { join } from "node:path";

import { connect } from "../../db/connect.ts";
import { testDatabase } from "../support/database.ts";
import { temporaryFolder } from "../support/processes.ts";

const SOCKET = ".s.PGSQL.5432";

test("a pool that found no Postgres finds it when it is there", async () => {
  const { sql } = await testDatabase();
  const [row] = await sql<{ database: string; user: string }[]>`
    select current_database() as database, current_user as user`;
  const { database = "", user = "" } = row ?? {};
  const socketDir = temporaryFolder();
  const pool = connect({ target: { socketDir, database, user }, max: 2 });
  const ask = () => pool.sql<{ one: number }[]>`select 1 as one`;

  const early = await Promise.allSettled([ask(), ask(), ask()]);
  await symlink(String(sql.options.path), join(socketDir, SOCKET));

  expect(early.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(await Promise.all([ask(), ask(), ask()])).toMatchObject([[{ one: 1 }], [{ one: 1 }], [{ one: 1 }]]);
  await pool.close();
});
