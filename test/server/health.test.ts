import { describe, expect, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import type { Deps } from "../../src/access/context.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createSecretBox } from "../../src/lib/seal.ts";
import { healthRoutes } from "../../src/server/health.ts";
import { formatMetrics } from "../../src/server/metrics.ts";
import { silentLog, testDatabase } from "../support/database.ts";
import { createMake } from "../support/make.ts";

const depsOf = (database: Database, stopping = new AbortController().signal): Deps => ({
  database,
  clock: systemClock,
  log: silentLog,
  secretBox: createSecretBox(new Uint8Array(32)),
  publicUrl: "http://localhost",
  stopping,
});

describe("readiness", () => {
  test("is given with a migrated database", async () => {
    const routes = healthRoutes(depsOf(await testDatabase()));

    const response = await routes.request("/readyz");

    expect(response.status).toBe(200);
  });

  test("is refused while the database is not migrated", async () => {
    const database = await testDatabase();
    await database.sql`delete from migrations`;

    const response = await healthRoutes(depsOf(database)).request("/readyz");

    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: "unavailable", reason: "database is not migrated" });
  });

  test("is refused without a database, but the process is alive", async () => {
    const database = await testDatabase();
    await database.close();
    const routes = healthRoutes(depsOf(database));

    expect((await routes.request("/readyz")).status).toBe(503);
    expect((await routes.request("/healthz")).status).toBe(200);
  });

  test("is refused as soon as the server stops, so that a load balancer looks elsewhere", async () => {
    const routes = healthRoutes(depsOf(await testDatabase(), AbortSignal.abort()));

    expect(await (await routes.request("/readyz")).json()).toEqual({
      status: "unavailable",
      reason: "stopping",
    });
  });
});

describe("metrics", () => {
  test("count runs, monitors and runners by state", async () => {
    const database = await testDatabase();
    const make = createMake(database);
    await make.run();
    await make.run({ status: "finished", outcome: "passed" });
    await make.runner({ lastPingedAt: new Date() });
    await make.runner();

    const text = await (await healthRoutes(depsOf(database)).request("/metrics")).text();

    expect(text).toContain('sallyport_runs_open{status="queued"} 1\n');
    expect(text).toContain('sallyport_runs_open{status="leased"} 0\n');
    expect(text).toContain('sallyport_runs_finished{outcome="passed"} 1\n');
    expect(text).toContain('sallyport_monitors{state="active"} 2\n');
    expect(text).toContain('sallyport_runners{health="healthy"} 1\n');
    expect(text).toContain('sallyport_runners{health="unknown"} 1\n');
  });

  test("say that the database is away instead of failing", async () => {
    const database = await testDatabase();
    await database.close();

    const response = await healthRoutes(depsOf(database)).request("/metrics");

    expect(response.status).toBe(200);
    expect(await response.text()).toContain("sallyport_database_up 0\n");
  });

  test("are OpenMetrics: type and help first, escaped labels, an end mark", () => {
    const text = formatMetrics([
      { name: "x", help: "Help.", type: "gauge", samples: [{ value: 1.5, labels: { a: 'say "hi"\\\n' } }] },
      { name: "b", help: "Build.", type: "info", samples: [{ value: 1 }] },
    ]);

    expect(text).toBe(
      '# TYPE x gauge\n# HELP x Help.\nx{a="say \\"hi\\"\\\\\\n"} 1.5\n# TYPE b info\n# HELP b Build.\nb_info 1\n# EOF\n',
    );
  });
});
