import { afterAll, afterEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connect } from "../../db/connect.ts";
import { type EmbeddedPostgres, findRunningPostgres, startEmbeddedPostgres } from "../../db/embedded.ts";
import { AppError } from "../../src/lib/errors.ts";
import { silentLog } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";

const base = mkdtempSync(join(tmpdir(), "sallyport-embedded-"));
// As most folders are: another user may walk through.
chmodSync(base, 0o711);
const running = new Set<EmbeddedPostgres>();

afterEach(async () => {
  await Promise.all([...running].map((postgres) => postgres.stop()));
  running.clear();
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog, settings: { fsync: "off" } });
  running.add(postgres);
  return postgres;
}

async function stop(postgres: EmbeddedPostgres): Promise<void> {
  running.delete(postgres);
  await postgres.stop();
}

/** Runs statements on a connection that is closed again. */
async function ask<T extends object>(postgres: EmbeddedPostgres, statement: string): Promise<T[]> {
  const database = connect({ target: postgres.target, max: 1 });
  try {
    return await database.sql.unsafe<T[]>(statement);
  } finally {
    await database.close();
  }
}

/** Processes that work in the cluster of a data folder. */
function processesOf(dataDir: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === join(dataDir, "database");
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe("embedded Postgres", () => {
  test("keeps its data from one start to the next and leaves no process behind", async () => {
    const dataDir = join(base, "restart");
    const first = await start(dataDir);
    await ask(first, "create table kept as select 7 as value");
    await stop(first);
    expect(processesOf(dataDir)).toEqual([]);

    const second = await start(dataDir);

    expect(await ask(second, "select value from kept")).toEqual([{ value: 7 }]);
  });

  test("listens on a private socket only", async () => {
    const dataDir = join(base, "private");
    const postgres = await start(dataDir);

    const [settings] = await ask<{ tcp: string }>(
      postgres,
      "select current_setting('listen_addresses') as tcp",
    );

    expect(settings?.tcp).toBe("");
    expect(statSync(postgres.target.socketDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, "database")).mode & 0o777).toBe(0o700);
  });

  test("compares and stores text as UTF-8, whatever the machine's language is", async () => {
    const postgres = await start(join(base, "locale"));

    const rows = await ask(
      postgres,
      "select current_setting('server_encoding') as encoding, upper('äß') as upper, datlocale from pg_database where datname = current_database()",
    );

    expect(rows).toEqual([{ encoding: "UTF8", upper: "Äß", datlocale: "C.UTF-8" }]);
  });

  test("is started again when it is killed, on the same socket and with its data", async () => {
    const postgres = await start(join(base, "killed"));
    await ask(postgres, "create table kept as select 7 as value");
    const killed = postgres.pid();

    process.kill(killed, "SIGKILL");

    await eventually(() => postgres.pid() !== killed);
    expect(await ask(postgres, "select value from kept")).toEqual([{ value: 7 }]);
  });

  test("a pool that was open when it was killed works again by itself", async () => {
    const postgres = await start(join(base, "pool"));
    const database = connect({ target: postgres.target, max: 2 });
    await database.sql`select 1`;

    process.kill(postgres.pid(), "SIGKILL");

    const answer = () => database.sql`select 1 as one`.catch(() => undefined);
    await eventually(async () => (await answer())?.[0]?.["one"] === 1);
    await database.close();
  });

  test("can be stopped while it is being started again", async () => {
    const dataDir = join(base, "stopped");
    const postgres = await start(dataDir);

    process.kill(postgres.pid(), "SIGKILL");
    await stop(postgres);

    await eventually(() => processesOf(dataDir).length === 0);
  });

  test("is found by other programs of the machine while it runs, and only then", async () => {
    const dataDir = join(base, "found");
    const postgres = await start(dataDir);

    expect(findRunningPostgres(dataDir)).toEqual(postgres.target);
    await stop(postgres);
    expect(findRunningPostgres(dataDir)).toBeUndefined();
  });

  test("works in a folder whose path is longer than a socket's may be", async () => {
    const dataDir = join(base, "long".repeat(25));
    const postgres = await start(dataDir);

    expect(postgres.target.socketDir).not.toStartWith(dataDir);
    expect(await ask(postgres, "select 1 as one")).toEqual([{ one: 1 }]);
    await stop(postgres);
    expect(() => statSync(postgres.target.socketDir)).toThrow();
  });

  test("takes the same folder for its socket again after it was killed with the server", async () => {
    const dataDir = join(base, "again".repeat(20));
    const first = await start(dataDir);
    const { socketDir } = first.target;
    await stop(first);
    // As a killed server leaves it: nobody removed the folder.
    mkdirSync(socketDir, { mode: 0o700 });
    const { uid } = statSync(join(dataDir, "database"));
    chownSync(socketDir, uid, uid);

    const second = await start(dataDir);

    expect(second.target.socketDir).toBe(socketDir);
  });

  test("does not use a folder for its socket that somebody else made", async () => {
    const dataDir = join(base, "other".repeat(20));
    const first = await start(dataDir);
    await stop(first);
    symlinkSync(base, first.target.socketDir);

    const second = await start(dataDir);

    expect(second.target.socketDir).not.toBe(first.target.socketDir);
    expect(await ask(second, "select 1 as one")).toEqual([{ one: 1 }]);
    unlinkSync(first.target.socketDir);
  });

  test.skipIf(process.getuid?.() !== 0)("works for root in a folder that only root may enter", async () => {
    const closed = join(base, "closed");
    mkdirSync(closed, { mode: 0o700 });

    const postgres = await start(join(closed, "data"));

    expect(await ask(postgres, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test.skipIf(process.getuid?.() !== 0)("opens a folder of root no further than Postgres needs", async () => {
    const open = join(base, "open");
    mkdirSync(open);
    chmodSync(open, 0o755);

    await Promise.all([start(open), start(join(base, "new"))]);

    expect(statSync(open).mode & 0o777).toBe(0o755);
    expect(statSync(join(base, "new")).mode & 0o777).toBe(0o701);
  });

  test("refuses a data folder that cannot be one, in one sentence", async () => {
    const error = await start("/proc/none").catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(AppError);
    expect(String(error)).toContain("The data folder /proc/none cannot be made");
  });
});
