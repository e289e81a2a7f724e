import { AppError, toError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import type { RunnerStatus } from "./runner.ts";

export interface MetricsServer {
  port: number;
  stop: () => Promise<void>;
}

/** A runner that has not heard from its control plane for so long is not ready, in ms. */
const SILENT_MS = 90_000;

/** Serves `/health/live`, `/health/ready` and `/metrics` on all addresses. Throws one sentence when the port is taken. */
export function startMetricsServer(options: {
  port: number;
  status: () => Promise<RunnerStatus>;
}): MetricsServer {
  try {
    const server = Bun.serve({
      port: options.port,
      routes: {
        "/health/live": () => Response.json({ status: "live" }),
        "/health/ready": async () => readiness(await options.status()),
        "/metrics": async () => new Response(toOpenMetrics(await options.status()), { headers: openMetrics }),
      },
      fetch: () => new Response("Not found\n", { status: 404 }),
    });
    return { port: server.port ?? options.port, stop: () => server.stop(true) };
  } catch (error) {
    throw new AppError(
      "unavailable",
      `The metrics server cannot use port ${options.port} (${toError(error).message}); give another one with --metrics-port.`,
      { cause: error },
    );
  }
}

const openMetrics = { "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8" };

function readiness({ registered, stopping, lastAnswerAgeMs }: RunnerStatus): Response {
  const isHeard = lastAnswerAgeMs !== undefined && lastAnswerAgeMs < SILENT_MS;
  const isReady = registered && !stopping && isHeard;
  return Response.json({ status: isReady ? "ready" : "not ready" }, { status: isReady ? 200 : 503 });
}

function toOpenMetrics(status: RunnerStatus): string {
  const finished = Object.entries(status.finished)
    .map(([outcome, count]) => `sallyport_runner_runs_total{outcome="${outcome}"} ${count}\n`)
    .join("");
  return [
    `# TYPE sallyport_runner info\nsallyport_runner_info{version="${VERSION}"} 1\n`,
    gauge("sallyport_runner_runs_executing", "Runs that the engine works on.", status.executing),
    gauge("sallyport_runner_runs_held", "Runs executing, or waiting to be delivered.", status.held),
    "# TYPE sallyport_runner_runs counter\n# HELP sallyport_runner_runs Runs that ended, by outcome.\n",
    finished,
    gauge("sallyport_runner_spool_bytes", "Results on disk that are not delivered.", status.spoolBytes),
    status.lastAnswerAgeMs === undefined
      ? ""
      : gauge(
          "sallyport_runner_last_answer_age_seconds",
          "Time since the control plane answered.",
          status.lastAnswerAgeMs / 1000,
        ),
    gauge("process_resident_memory_bytes", "Memory of this process.", process.memoryUsage.rss()),
    "# EOF\n",
  ].join("");
}

const gauge = (name: string, help: string, value: number): string =>
  `# TYPE ${name} gauge\n# HELP ${name} ${help}\n${name} ${value}\n`;
