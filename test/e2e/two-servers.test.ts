import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { externalPostgres } from "../support/external-postgres.ts";
import { apiOf, setUpMonitor, startRunner, startServer, admin } from "../support/installation.ts";
import { runApp, stopEverything, temporaryFolder } from "../support/processes.ts";
import { collectionOf, startTarget } from "../support/target.ts";

interface Executions {
  executions: { id: string; state: string; trigger: string; slot?: { slotAt: string; status: string } }[];
}

/** A schedule's next minute, and a little for the run. */
const NEXT_SLOT_MS = 75_000;

setDefaultTimeout(120_000);
afterAll(stopEverything);

test(
  "two servers on one database fire a slot once, and a runner of one does the work of the other",
  async () => {
    const target = startTarget();
    const postgres = await externalPostgres();
    const env = { APP_SECRET_KEY: randomBytes(32).toString("base64") };
    const args = () => [
      "--port",
      "0",
      "--database-url",
      postgres.url,
      "--data-dir",
      join(temporaryFolder(), "data"),
    ];
    const first = await startServer(args(), env);
    const second = await startServer(args(), env);
    const created = await runApp(
      ["key", "create", "--database-url", postgres.url, "--email", admin.email, "--json"],
      { env },
    );
    const [apiKey = ""] = /PMAK-[0-9a-f-]+/.exec(created.output) ?? [];
    const callFirst = apiOf(first.address, apiKey);
    const callSecond = apiOf(second.address, apiKey);
    const { monitorId, runner } = await setUpMonitor(
      { call: callFirst },
      {
        collection: collectionOf(target.url, ["/once"]),
        monitor: { schedule: { cron: "* * * * *", timezone: "UTC" } },
      },
    );
    startRunner(second.address, runner);

    const { run } = await callFirst<{ run: { info: { status: string } } }>(
      "POST",
      `/monitors/${monitorId}/run`,
    );
    const scheduled = await eventually(
      async () => {
        const { executions } = await callSecond<Executions>("GET", `/monitors/${monitorId}/executions`);
        const found = executions.filter(
          ({ trigger, state }) => trigger === "scheduled" && state === "success",
        );
        return found.length > 0 ? found : undefined;
      },
      { timeoutMs: NEXT_SLOT_MS, everyMs: 250 },
    );
    await Promise.all([first.server.stop(), second.server.stop()]);
    await postgres.stop();
    await target.stop();

    expect(run.info.status).toBe("success");
    expect(scheduled).toHaveLength(1);
    expect(scheduled[0]?.slot?.status).toBe("ran");
    expect(target.arrived).toEqual(["/once", "/once"]);
  },
  NEXT_SLOT_MS + 30_000,
);
