import type { ScriptProcesses } from "../engine/sandbox/protocol.ts";
import { AppError, toError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import type { RunnerStatus } from "./runner.ts";
import { type Tally, waitBounds } from "./tally.ts";
import { ownCpuSeconds } from "./usage.ts";

export interface MetricsServer {
  port: number;
  stop: () => Promise<void>;
}

export interface MetricsOptions {
  port: number;
  status: () => Promise<RunnerStatus>;
  /** Requests that were kept from leaving; absent = nothing could keep one. */
  egressDenials?: () => number;
  scriptProcesses?: () => ScriptProcesses;
}

/** A runner that has not heard from its control plane for so long is not ready, in ms. */
const SILENT_MS = 90_000;

/** Serves `/health/live`, `/health/ready` and `/metrics` on all addresses. Throws one sentence when the port is taken. */
export function startMetricsServer(options: MetricsOptions): MetricsServer {
  const metrics = async () => new Response(await collect(options), { headers: openMetrics });
  try {
    const server = Bun.serve({
      port: options.port,
      // Bun's own error page shows source code.
      development: false,
      routes: {
        "/health/live": () => Response.json({ status: "live" }),
        "/health/ready": async () => readiness(await options.status()),
        "/metrics": metrics,
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

function readiness(status: RunnerStatus): Response {
  const reason = whyNotReady(status);
  return reason === undefined
    ? Response.json({ status: "ready" })
    : Response.json({ status: "not ready", reason }, { status: 503 });
}

function whyNotReady({ registered, tested, stopping, lastAnswerAgeMs }: RunnerStatus): string | undefined {
  if (stopping) return "it is draining";
  if (!registered) return "it is not registered";
  if (!tested) return "its self-test has not passed";
  const isHeard = lastAnswerAgeMs !== undefined && lastAnswerAgeMs < SILENT_MS;
  return isHeard ? undefined : "the control plane does not answer";
}

/** OpenMetrics 1.0 text. */
async function collect({ status, egressDenials, scriptProcesses }: MetricsOptions): Promise<string> {
  const now = await status();
  const { tally } = now;
  const scripts = scriptProcesses?.();
  return [
    `# TYPE sallyport_runner info\nsallyport_runner_info{version="${VERSION}"} 1\n`,
    gauge("sallyport_runner_ready", "Whether it takes runs.", whyNotReady(now) === undefined ? 1 : 0),
    gauge("sallyport_runner_self_test_passed", "Whether the boot self-test has passed.", now.tested ? 1 : 0),
    gauge("sallyport_runner_runs_executing", "Runs that the engine works on.", now.executing),
    gauge("sallyport_runner_runs_held", "Runs executing, or waiting to be delivered.", now.held),
    counter("sallyport_runner_runs", "Runs that ended, by outcome.", byOutcome(now.finished)),
    counter("sallyport_runner_steps", "Steps that were executed, by outcome.", byOutcome(tally.steps)),
    queueWait(tally),
    counter("sallyport_runner_lease_renewals", "Leases of runs that were renewed.", {
      "": tally.leasesRenewed,
    }),
    counter("sallyport_runner_leases_lost", "Leases of runs that were lost.", { "": tally.leasesLost }),
    gauge("sallyport_runner_spool_bytes", "Results on disk that are not delivered.", now.spoolBytes),
    counter("sallyport_runner_egress_denials", "Requests that policy kept from leaving.", {
      "": egressDenials?.() ?? 0,
    }),
    ...(scripts
      ? [
          counter("sallyport_runner_script_process_restarts", "Script processes that had to be replaced.", {
            "": scripts.restarts,
          }),
          gauge("sallyport_runner_script_processes", "Script processes that live.", scripts.live),
          gauge("sallyport_runner_script_resident_memory_bytes", "Their memory.", scripts.residentBytes),
          counter("sallyport_runner_script_cpu_seconds", "Processor time of all there were.", {
            "": scripts.cpuSeconds,
          }),
        ]
      : []),
    ...(now.lastAnswerAgeMs === undefined
      ? []
      : [
          gauge(
            "sallyport_runner_last_answer_age_seconds",
            "Time since the control plane answered.",
            now.lastAnswerAgeMs / 1000,
          ),
        ]),
    counter("process_cpu_seconds", "Processor time of this process.", { "": ownCpuSeconds() }),
    gauge("process_resident_memory_bytes", "Memory of this process.", process.memoryUsage.rss()),
    "# EOF\n",
  ].join("");
}

const gauge = (name: string, help: string, value: number): string =>
  `# TYPE ${name} gauge\n# HELP ${name} ${help}\n${name} ${value}\n`;

/** `values` by the text of their labels. */
const counter = (name: string, help: string, values: Record<string, number>): string =>
  `# TYPE ${name} counter\n# HELP ${name} ${help}\n${Object.entries(values)
    .map(([labels, value]) => `${name}_total${labels} ${value}\n`)
    .join("")}`;

const byOutcome = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([outcome, count]) => [`{outcome="${outcome}"}`, count]));

function queueWait({ queueWait: { counts, sumSeconds } }: Tally): string {
  const name = "sallyport_runner_queue_wait_seconds";
  const bounds = [...waitBounds.map(String), "+Inf"];
  let below = 0;
  const buckets = bounds.map((bound, index) => {
    below += counts[index] ?? 0;
    return `${name}_bucket{le="${bound}"} ${below}\n`;
  });
  const help = "How long runs had waited in the queue when they were taken.";
  return `# TYPE ${name} histogram\n# HELP ${name} ${help}\n${buckets.join("")}${name}_sum ${sumSeconds}\n${name}_count ${below}\n`;
}
