import { connect, createServer, type Socket } from "node:net";

import type { Database } from "../../db/connect.ts";
import { testDatabase } from "./database.ts";

export interface ExternalPostgres {
  /** `postgres://…` over TCP, as for a Postgres elsewhere. */
  url: string;
  /** The same database, for what a test prepares in it and reads from it. */
  database: Database;
  stop(): Promise<void>;
}

/** A migrated database that is reached over TCP; the Postgres of the tests itself listens on its Unix socket only. */
export async function externalPostgres(): Promise<ExternalPostgres> {
  const database = await testDatabase();
  const { sql } = database;
  const [row] = await sql<{ database: string; user: string }[]>`
    select current_database() as database, current_user as user`;
  if (row === undefined) throw new Error("the database does not say its name");
  const sockets = new Set<Socket>();
  const path = String(sql.options.path);
  const server = createServer((client) => {
    const postgres = connect(path);
    for (const [from, to] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    url: `postgres://${row.user}@127.0.0.1:${address.port}/${row.database}`,
    database,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
