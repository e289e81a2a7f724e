import { Hono } from "hono";

import { pendingMigrations } from "../../db/migrate.ts";
import type { AppEnv, Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { collectMetrics, metricsContentType } from "./metrics.ts";

/** A database that takes longer than this does not serve people either. */
const READY_TIMEOUT_MS = 2_000;

/** For orchestrators and Prometheus; open to everybody who reaches the port, so they name no customer data. */
export function healthRoutes(deps: Deps): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  let isMigrated = false;

  app.get("/healthz", (c) => c.json({ status: "alive" }));

  app.get("/readyz", async (c) => {
    const reason = await whyNotReady();
    return reason === undefined
      ? c.json({ status: "ready" })
      : c.json({ status: "unavailable", reason }, 503, { "Retry-After": "1" });
  });

  app.get("/metrics", async (c) =>
    c.body(await collectMetrics(deps), 200, { "Content-Type": metricsContentType }),
  );

  async function whyNotReady(): Promise<string | undefined> {
    if (deps.stopping.aborted) return "stopping";
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve("database does not answer"), READY_TIMEOUT_MS);
    try {
      return await Promise.race([checkDatabase(), late.promise]);
    } catch (error) {
      deps.log.warn("not ready", { error: toError(error).message });
      return "database cannot be reached";
    } finally {
      clearTimeout(timer);
    }
  }

  async function checkDatabase(): Promise<string | undefined> {
    if (isMigrated) {
      await deps.database.sql`select 1`;
      return undefined;
    }
    isMigrated = (await pendingMigrations(deps.database)).length === 0;
    return isMigrated ? undefined : "database is not migrated";
  }

  return app;
}
