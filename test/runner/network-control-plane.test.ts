import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startServer } from "../engine/support.ts";
import { eventually } from "../support/eventually.ts";
import { startForwardProxy } from "../support/forward-proxy.ts";
import { startProgram } from "../support/program.ts";
import { before, request } from "../support/runner-program.ts";
import { servedApi } from "../support/served-api.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

test("a monitor's run goes out through one proxy, comes back through another, and says what policy blocked", async () => {
  const api = await servedApi();
  const folder = await mkdtemp(join(tmpdir(), "network-control-plane-"));
  await using target = await startServer();
  await using forServer = await startForwardProxy({ credentials: "runner:server-proxy-password" });
  await using forRequests = await startForwardProxy({ names: { "api.internal": "127.0.0.1" } });
  await api.call("POST", "/workspaces", { workspace: { name: "Team", type: "team" } });
  const { runner } = (await api.call("POST", "/runners", { runner: { name: "closed" } })).body;
  const { collection } = (
    await api.call("POST", "/collections", {
      collection: {
        info: { name: "c", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
        item: [
          request(`http://api.internal:${target.port}/fine`),
          request(
            `http://api.internal:${target.port}/scripted`,
            before(`pm.sendRequest("http://db.internal/", () => {});`),
          ),
        ],
      },
    })
  ).body;
  const { monitor } = (
    await api.call("POST", "/monitors", {
      monitor: { name: "m", collection: collection.uid, distribution: [{ runner: runner.id }] },
    })
  ).body;
  const program = startProgram(
    ["runner", "start", "--server", api.url, "--id", runner.id, "--data-dir", folder].concat(
      ["--server-proxy", forServer.url.replace("://", "://runner:server-proxy-password@")],
      ["--proxy", forRequests.url, "--deny", "db.internal"],
    ),
    { POSTMAN_RUNNER_KEY: runner.key },
  );

  const { run } = (await api.call("POST", `/monitors/${monitor.id}/run?async=true`)).body;
  const runs = async () =>
    (await api.call("GET", `/monitors/${monitor.id}/executions/${run.info.jobId}/runs`)).body.runs;
  const [{ id }] = await runs();
  const shown = async () => (await api.call("GET", `/runs/${id}`)).body.run;
  await eventually(async () => (await shown()).state === "error");

  const found = JSON.stringify([await shown(), (await api.call("GET", `/runs/${id}/events`)).body]);
  program.kill("SIGKILL");
  await program.exited;
  await Promise.all([api.stop(), rm(folder, { recursive: true, force: true })]);
  expect(target.requests.map(({ url }) => url)).toEqual(["/fine", "/scripted"]);
  expect(forRequests.asked).toHaveLength(2);
  expect(new Set(forServer.asked)).toEqual(new Set([`POST ${new URL(api.url).host}`]));
  expect(found).toContain("egress_denied");
  expect(found).toContain("blocked by policy: db.internal is denied by --deny db.internal");
});
