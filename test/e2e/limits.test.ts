import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { externalPostgres } from "../support/external-postgres.ts";
import { admin, apiOf, startServer } from "../support/installation.ts";
import { runApp, stopEverything, temporaryFolder } from "../support/processes.ts";

// Two servers start, on a machine that may be busy.
setDefaultTimeout(120_000);
afterAll(stopEverything);

test("two servers on one database keep one limit, and what each of them decided is on record", async () => {
  const postgres = await externalPostgres();
  // A window that outlasts the test, wherever it is slow.
  const env = {
    APP_SECRET_KEY: randomBytes(32).toString("base64"),
    APP_RATE_LIMIT: "workspaces=10/1h,monitors=off",
  };
  const start = () => {
    const dataDir = join(temporaryFolder(), "data");
    return startServer(["--port", "0", "--database-url", postgres.url, "--data-dir", dataDir], env);
  };
  const [first, second] = [await start(), await start()];
  const where = ["--database-url", postgres.url];
  const created = await runApp(["key", "create", ...where, "--email", admin.email, "--json"], { env });
  const { id, key } = JSON.parse(/\{.*\}/.exec(created.output)?.[0] ?? "{}");
  const ask = (address: string, path: string) =>
    fetch(`${address}/api${path}`, { headers: { "x-api-key": key } });

  const statuses: number[] = [];
  for (let call = 0; call < 14; call++) {
    const { address } = call % 2 === 0 ? first : second;
    statuses.push((await ask(address, "/workspaces")).status);
  }
  const unlimited = await Promise.all(Array.from({ length: 15 }, () => ask(first.address, "/monitors")));
  await first.server.stop();
  const { calls } = await apiOf(second.address, key)<{ calls: Record<string, unknown>[] }>(
    "GET",
    `/keys/${id}/calls?decision=denied`,
  );
  await second.server.stop();
  const after = await runApp(["key", "calls", id, ...where, "--json"], { env });
  await postgres.stop();

  expect(statuses).toEqual([...Array<number>(10).fill(200), ...Array<number>(4).fill(429)]);
  expect(unlimited.every(({ status }) => status === 200)).toBe(true);
  // Those of the first at least: the second writes half a second later.
  expect(calls.length).toBeWithin(2, 5);
  expect(calls[0]).toMatchObject({ rule: "limit:workspaces", status: 429, ip: "127.0.0.1" });
  expect(JSON.parse(/\[.*\]/.exec(after.output)?.[0] ?? "[]")).toHaveLength(30);
});
