import { apiOf, setUpMonitor, startInstallation, startRunner } from "../support/installation.ts";
import { descendantsOf, stopEverything } from "../support/processes.ts";
import { twoRequests } from "./collection.ts";
import { quantile } from "./measure.ts";
import { costOf } from "./process-cost.ts";

const RUNS = 100;
/** Runs before the runner counts as warm: by then its code has been compiled. */
const WARM_AFTER = 400;

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

    const measure = async (label: string) => {
      const pids = [runnerProcess.pid, ...descendantsOf(runnerProcess.pid)];
      const cpuBefore = costOf(pids).cpuMs;
      const latencies: number[] = [];
      for (let run = 0; run < RUNS; run++) latencies.push(await runOnce());
      const cpuPerRun = (costOf(pids).cpuMs - cpuBefore) / RUNS;
      print(
        `  ${label}: p50 ${quantile(latencies, 0.5).toFixed(1)} ms   p99 ${quantile(latencies, 0.99).toFixed(1)} ms   CPU of the runner and its script process ${cpuPerRun.toFixed(1)} ms a run of two requests`,
      );
    };
    print(`monitor run → first request on the wire, ${RUNS} runs, one at a time`);
    await runOnce();
    await measure("after the start");
    for (let run = RUNS + 1; run < WARM_AFTER; run++) await runOnce();
    await measure(`after ${WARM_AFTER} runs`);
  } finally {
    await stopEverything();
    await target.stop(true);
  }
}

const twentyItems = Array.from({ length: 20 }, (_, id) => ({ id, price: id }));
