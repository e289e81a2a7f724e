import { afterAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";

import { eventually } from "../support/eventually.ts";
import { externalPostgres } from "../support/external-postgres.ts";
import { startServer } from "../support/installation.ts";
import { descendantsOf, runApp, stopEverything } from "../support/processes.ts";
import { newDataDir, onDataDir, statusOf } from "../support/serving.ts";

afterAll(stopEverything);

describe("app serve on an external Postgres", () => {
  test("needs no data folder when the secret key is given", async () => {
    const postgres = await externalPostgres();
    const dataDir = newDataDir();
    const env = { APP_SECRET_KEY: randomBytes(32).toString("hex"), DATABASE_URL: postgres.url };

    const { server, address } = await startServer(onDataDir(dataDir), env);

    expect(await statusOf(`${address}/readyz`)).toBe(200);
    expect(descendantsOf(server.pid)).toEqual([]);
    expect(await server.stop()).toBe(0);
    expect(() => statSync(dataDir)).toThrow();
    await postgres.stop();
  });

  test("is alive but not ready without its database, and stops all the same", async () => {
    const postgres = await externalPostgres();
    const { server, address } = await startServer([
      ...onDataDir(newDataDir()),
      "--database-url",
      postgres.url,
    ]);

    await postgres.stop();

    await eventually(async () => (await statusOf(`${address}/readyz`)) === 503);
    expect(await statusOf(`${address}/healthz`)).toBe(200);
    expect(await server.stop()).toBe(0);
  });
});

describe("commands beside the server", () => {
  test("work while it runs and while it does not, and leave nothing running", async () => {
    const dataDir = newDataDir();
    const { server } = await startServer(onDataDir(dataDir));
    const create = (name: string) =>
      runApp(["key", "create", "--data-dir", dataDir, "--name", name, "--json"]);

    const beside = await create("beside");
    await server.stop();
    const alone = await create("alone");
    const { output } = await runApp(["key", "list", "--data-dir", dataDir]);

    expect([beside.code, alone.code]).toEqual([0, 0]);
    expect(beside.output).toMatch(/"key":"PMAK-/);
    expect(output).toMatch(/beside[^]*alone/);
    expect(output).not.toMatch(/PMAK-[0-9a-f]{24}/);
    const again = await startServer(onDataDir(dataDir));
    await again.server.stop();
  });

  test("doctor finds a database that cannot be used and fails", async () => {
    const url = "postgres://127.0.0.1:1/none";

    const { code, output } = await runApp(["doctor", "--database-url", url]);

    expect(code).toBe(1);
    expect(output).toMatch(/FAIL {2}database/);
  });
});
