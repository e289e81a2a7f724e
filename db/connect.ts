import { join } from "node:path";

import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";

import * as schema from "./schema.ts";
import { createLocalSockets, createWatchedSockets } from "./watched-socket.ts";

export interface Database {
  /**
   * For statements written as SQL. Instants come and go as Date. JSON goes in as text:
   * `${JSON.stringify(value)}::jsonb`, and comes out parsed.
   */
  sql: postgres.Sql;
  /** For plain reads and writes, and for transactions that mix both (`tx.execute(sql\`…\`)`). Same pool. */
  db: PostgresJsDatabase<typeof schema>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** `postgres://…`; or the folder of a Unix socket with user and database. */
  target: string | { socketDir: string; user: string; database: string };
  /** Connections in the pool. */
  max?: number;
  /** A connection that is not used for so long is closed, in seconds; default: never. */
  idleSeconds?: number;
  onNotice?: (message: string) => void;
  /** A connection to a URL that leaves a statement without an answer for so long is given up, in ms; default: never. */
  silentMs?: number | undefined;
}

/** Opens a pool; connects on first use. */
export function connect({ target, max = 10, idleSeconds, onNotice, silentMs }: ConnectOptions): Database {
  const options: postgres.Options<Record<string, never>> = {
    max,
    connect_timeout: 10,
    ...(idleSeconds !== undefined && { idle_timeout: idleSeconds }),
    // A database that was away for a moment is found again soon; the driver's own pauses grow to 20 s.
    backoff: (retries: number) => Math.min(2 ** retries / 100, 1),
    connection: { application_name: applicationName },
    onnotice: (notice) => onNotice?.(String(notice["message"])),
  };
  const sql =
    typeof target === "string"
      ? // The driver's types do not know its option `socket`.
        postgres(
          target,
          silentMs === undefined ? options : withSockets(options, createWatchedSockets(silentMs)),
        )
      : // The port is part of the socket's name; without it the driver takes one from PGPORT.
        postgres({
          ...withSockets(options, createLocalSockets(join(target.socketDir, ".s.PGSQL.5432"))),
          host: target.socketDir,
          port: 5432,
          user: target.user,
          database: target.database,
        });
  const { parsers, serializers } = sql.options;
  const dateParsers = [1082, 1114, 1184].map((oid) => [oid, parsers[oid]] as const);
  const dateSerializers = [1082, 1114, 1184].map((oid) => [oid, serializers[oid]] as const);
  const db = drizzle(sql, { schema });
  // drizzle turns the date parsers and serializers of the shared client off; its own timestamp columns work with both.
  for (const [oid, parser] of dateParsers) {
    if (parser) parsers[oid] = parser;
  }
  for (const [oid, serializer] of dateSerializers) {
    if (serializer) serializers[oid] = serializer;
  }
  return { sql, db, close: () => sql.end({ timeout: 5 }) };
}

/**
 * The driver gathers what it writes for a moment. When a connection ends in that moment, the driver takes the moment for
 * still open, and the next connection's first message would never leave. One of a kilobyte leaves at once, always;
 * Postgres keeps the first 63 bytes of the name.
 */
const applicationName = "sallyport".padEnd(1024);

const withSockets = <T extends object>(
  options: T,
  socket: ReturnType<typeof createWatchedSockets> | ReturnType<typeof createLocalSockets>,
) => ({
  ...options,
  socket,
});
