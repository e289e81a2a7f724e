import { readFileSync } from "node:fs";

import { apiOf, setUpMonitor, startInstallation, startRunner } from "../support/installation.ts";
import { descendantsOf, stopEverything } from "../support/processes.ts";
import { twoRequests } from "./collection.ts";
import { quantile } from "./measure.ts";

const WARM_UP = 10;
const RUNS = 100;
/** Linux counts in ticks of 10 ms. */
const MS_PER_TICK = 10;

/**
 * Time from the call that starts a run to its first request on the wire, and the runner's CPU for one run, through a
 * real control plane and a real runner.
 */
export async function measureStartToWire(print: (line: string) => void): Promise<void> {
  let arrivedMs: number | undefined;
  const target = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      arrivedMs ??= performance.now();
      return Response.json(request.url.endsWith("/login") ? { token: "t" } : { items: twentyItems });
    },
  });
  try {
    const installation = await startInstallation();
    const { monitorId, runner } = await setUpMonitor(installation, {
      collection: twoRequests(`http://127.0.0.1:${target.port}`),
    });
    const runnerProcess = startRunner(installation.address, runner);
    const call = apiOf(installation.address, installation.apiKey);
    const runOnce = async () => {
      arrivedMs = undefined;
      const startedMs = performance.now();
      const { run } = await call<{ run: { info: { status: string } } }>(
        "POST",
        `/monitors/${monitorId}/run?async=false`,
      );
      if (arrivedMs === undefined || run.info.status !== "success")
        throw new Error(`a run did not pass: ${JSON.stringify(run)}`);
      return arrivedMs - startedMs;
    };

    for (let run = 0; run < WARM_UP; run++) await runOnce();
    const cpuBefore = cpuMsOf(runnerProcess.pid);
    const latencies: number[] = [];
    for (let run = 0; run < RUNS; run++) latencies.push(await runOnce());
    const cpuPerRun = (cpuMsOf(runnerProcess.pid) - cpuBefore) / RUNS;

    print(`monitor run → first request on the wire, ${RUNS} runs, one at a time`);
    print(`  p50 ${quantile(latencies, 0.5).toFixed(1)} ms   p99 ${quantile(latencies, 0.99).toFixed(1)} ms`);
    print(`  CPU of the runner and its script processes: ${cpuPerRun.toFixed(1)} ms a run of two requests`);
  } finally {
    await stopEverything();
    await target.stop(true);
  }
}

const twentyItems = Array.from({ length: 20 }, (_, id) => ({ id, price: id }));

/** User and system time so far of a process and its descendants; Linux only. */
function cpuMsOf(pid: number): number {
  return [pid, ...descendantsOf(pid)].reduce((sum, each) => {
    const fields = readFileSync(`/proc/${each}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  }, 0);
}
