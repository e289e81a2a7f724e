import { afterAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { externalPostgres } from "../support/external-postgres.ts";
import { startServer } from "../support/installation.ts";
import { runApp, stopEverything } from "../support/processes.ts";
import { newDataDir, onDataDir, statusOf } from "../support/serving.ts";

afterAll(stopEverything);

/** What a start that is refused says: one line, and exit code 1. */
async function refusal(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, output } = await runApp(["serve", ...args], { env });
  expect({ code, lines: output.trim().split("\n").length }).toEqual({ code: 1, lines: 1 });
  return output.trim();
}

describe("app serve refuses, in one sentence,", () => {
  test("a data folder that another server uses", async () => {
    const dataDir = newDataDir();
    const { server, address } = await startServer(onDataDir(dataDir));

    expect(await refusal(onDataDir(dataDir))).toContain(`${dataDir} is in use by another server`);

    expect(await statusOf(`${address}/readyz`)).toBe(200);
    await server.stop();
  });

  test("a data folder that a newer version made", async () => {
    const dataDir = newDataDir();
    mkdirSync(dataDir);
    writeFileSync(
      join(dataDir, "sallyport.json"),
      JSON.stringify({ dataVersion: 99, pgMajor: 18, version: "9.9.9" }),
    );

    expect(await refusal(onDataDir(dataDir))).toContain("was made by version 9.9.9");
  });

  test("a port that is taken, before it makes a database", async () => {
    const taken = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const dataDir = newDataDir();

    const sentence = await refusal(["--port", String(taken.port), "--data-dir", dataDir]);

    expect(sentence).toContain(`Port ${taken.port} on 127.0.0.1 is taken by another program`);
    expect(() => statSync(join(dataDir, "database"))).toThrow();
    await taken.stop(true);
  });

  test("a database that cannot be reached, without repeating its password", async () => {
    const closed = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const { port } = closed;
    closed.stop(true);
    const url = `postgres://app:open-sesame@127.0.0.1:${port}/app?password=open-sesame`;

    const sentence = await refusal([...onDataDir(newDataDir()), "--database-url", url]);

    expect(sentence).toContain(`The database postgres://app:***@127.0.0.1:${port}/app cannot be used`);
    expect(sentence).not.toContain("open-sesame");
  });

  test.each(["nowhere.invalid", "192.0.2.77", "not a host"])(
    "the address %s, which this machine does not have, with those that it has",
    async (host) => {
      const sentence = await refusal([...onDataDir(newDataDir()), "--port", "0", "--host", host]);

      expect(sentence).toContain(`This machine has no address ${host}: give --host one of 127.0.0.1`);
    },
  );

  test("a certificate that is not there", async () => {
    const missing = ["--tls-cert", "/nonexistent/cert.pem", "--tls-key", "/nonexistent/key.pem"];

    expect(await refusal([...onDataDir(newDataDir()), ...missing])).toContain(
      "check --host, --tls-cert and --tls-key",
    );
  });

  test("a secret key that does not fit the database", async () => {
    const postgres = await externalPostgres();
    const args = ["--port", "0", "--database-url", postgres.url, "--data-dir", newDataDir()];
    const newKey = { APP_SECRET_KEY: randomBytes(32).toString("base64") };
    const { server } = await startServer(args, { APP_SECRET_KEY: randomBytes(32).toString("base64") });

    expect(await refusal(args, newKey)).toContain("The secret key does not fit this database");

    await server.stop();
    await postgres.stop();
  });
});
