import { expect, test } from "bun:test";

import { connect } from "../../db/connect.ts";
import { startRelay } from "../support/chaos-relay.ts";
import { testDatabase } from "../support/database.ts";

test("statements on connections whose packets vanish are given up, and the next ones get new connections", async () => {
  const { sql } = await testDatabase();
  const [row] = await sql<{ database: string; user: string }[]>`
    select current_database() as database, current_user as user`;
  const relay = await startRelay({ path: String(sql.options.path) });
  const target = `postgres://${row?.user}@127.0.0.1:${relay.port}/${row?.database}`;
  const database = connect({ target, max: 2, silentMs: 200 });
  const ask = (number: number) => database.sql<{ number: number }[]>`select ${number}::int as number`;
  await Promise.all([ask(1), ask(2)]);

  relay.freeze();
  const answers = Promise.allSettled([ask(3), ask(4), ask(5)]);
  relay.thaw();

  expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(await ask(6)).toMatchObject([{ number: 6 }]);
  await database.close();
  await relay.stop();
});
