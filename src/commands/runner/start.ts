import { availableParallelism, hostname } from "node:os";
import { resolve } from "node:path";

import type { Command } from "commander";

import { MIN_SECRET_CHARS } from "../../engine/redact.ts";
import { systemClock } from "../../lib/clock.ts";
import { parseWholeNumber, readEnvironment } from "../../lib/config.ts";
import type { Log } from "../../lib/log.ts";
import { readSecrets, type Secrets } from "../../lib/secrets.ts";
import { isCompiled } from "../../lib/self.ts";
import { maskCredentials } from "../../lib/url-credentials.ts";
import { VERSION } from "../../lib/version.ts";
import { createAuthorizationService } from "../../runner/authorization.ts";
import { createControlPlane } from "../../runner/client.ts";
import { countDenials } from "../../runner/denials.ts";
import { createEgressGate } from "../../runner/egress.ts";
import { startMetricsServer } from "../../runner/metrics.ts";
import { startRunner, type RunningRunner } from "../../runner/runner.ts";
import { createSelfTest } from "../../runner/self-test.ts";
import type { CommandContext } from "../context.ts";
import { type IdentityOptions, readRunnerId, readRunnerKey, readServer } from "./identity.ts";
import { openEngine } from "./local-engine.ts";
import { addNetworkOptions, logNetwork, readNetwork, type NetworkOptions } from "./network-options.ts";
import { watchProgram } from "./watch-program.ts";

interface StartOptions extends NetworkOptions, IdentityOptions {
  secrets?: string;
  restartOnUpgrade?: true;
  metrics?: true;
  metricsPort: string;
  concurrency: string;
  dataDir: string;
}

export function defineStart(parent: Command, context: CommandContext): void {
  const command = parent
    .command("start")
    .description("execute runs here until it is stopped")
    .option("--id <id>", "id of the runner (also POSTMAN_RUNNER_ID)")
    .option(
      "--key <key>",
      "its key, which other users of this machine can list: better in APP_KEY, POSTMAN_RUNNER_KEY, or - for standard input; asked for on a terminal",
    )
    .option("--server <url>", "address of the control plane");
  addNetworkOptions(command)
    .option(
      "--secrets <file or folder>",
      "values of {{vault:name}} and pm.vault.get, which stay here: JSON, lines of NAME=value, or a folder of files",
    )
    .option(
      "--restart-on-upgrade",
      "finish its runs and end when its program file was replaced, for whatever starts it again",
    )
    .option("--metrics", "serve /health/live, /health/ready and /metrics")
    .option("--metrics-port <port>", "port for them", "9090")
    .option("--concurrency <runs>", "most runs at a time", String(availableParallelism()))
    .option("--data-dir <folder>", "where results wait until they are delivered", "./sallyport-runner")
    .action((options: StartOptions) => start(options, context));
}

async function start(options: StartOptions, { openLog }: CommandContext): Promise<void> {
  const settings = await readSettings(options);
  const log = withIdentity(openLog("stdout"), settings.runnerId);
  log.info("Starting runner", {
    server: maskCredentials(settings.server),
    concurrency: settings.concurrency,
  });
  logNetwork(settings.network, log);
  for (const why of settings.warnings) log.warn("Check the settings", { why });

  const { rules, authorizationUrl, connection, serverProxy } = settings.network;
  const authorization = authorizationUrl
    ? createAuthorizationService({ ...settings.tls, baseUrl: authorizationUrl })
    : undefined;
  const { gate, denials } = countDenials(
    createEgressGate({ rules, log, ...(authorization && { authorization }) }),
  );
  const engine = openEngine({ places: settings.concurrency, log, connection, gate });
  const controlPlane = createControlPlane({
    ...settings,
    ...settings.tls,
    ...(serverProxy !== undefined && { proxy: serverProxy }),
  });
  const runner = startRunner(
    { ...settings, hostname: hostname(), osType: process.platform },
    {
      controlPlane,
      engine,
      clock: systemClock,
      log,
      selfTest: createSelfTest(engine),
      scriptProcesses: () => engine.scriptProcesses(),
      ...(settings.vault && { vault: settings.vault }),
    },
  );
  const stopListening = stopOnSignals(runner, log);
  const over = new AbortController();
  if (options.restartOnUpgrade && isCompiled()) void drainWhenReplaced(runner, log, over.signal);
  try {
    const metrics =
      settings.metricsPort === undefined
        ? undefined
        : startMetricsServer({
            port: settings.metricsPort,
            status: () => runner.status(),
            egressDenials: denials,
            scriptProcesses: () => engine.scriptProcesses(),
          });
    await runner.finished;
    await metrics?.stop();
    log.info("Runner stopped");
  } finally {
    stopListening();
    over.abort();
    // Without effect after a normal end; a metrics server that does not start leaves the runner at work.
    runner.cancel();
    await runner.finished.catch(() => undefined);
    await Promise.all([engine.close(), controlPlane.close(), authorization?.close()]);
  }
}

async function readSettings(options: StartOptions) {
  const environment = readEnvironment();
  const runnerId = readRunnerId(options, environment);
  const server = readServer(options);
  const network = await readNetwork(options, environment);
  const vault = options.secrets === undefined ? undefined : await readSecrets(options.secrets);
  return {
    runnerId,
    runnerKey: await readRunnerKey(options, environment),
    server,
    network,
    tls: network.extraCaCerts ? { extraCaCerts: network.extraCaCerts } : {},
    vault,
    warnings: [...network.warnings, ...warnAboutSecrets(vault)],
    concurrency: parseWholeNumber(options.concurrency, "--concurrency", { min: 1, max: 1000 }),
    dataDir: resolve(options.dataDir),
    metricsPort: options.metrics
      ? parseWholeNumber(options.metricsPort, "--metrics-port", { min: 0, max: 65_535 })
      : undefined,
  };
}

/** Results are not searched for short values: replacing every `42` would destroy them. */
function warnAboutSecrets(vault: Secrets | undefined): string[] {
  const short = [...(vault ?? [])].filter(([, value]) => value.trim().length < MIN_SECRET_CHARS);
  return short.map(
    ([name]) =>
      `the secret ${name} has fewer than ${MIN_SECRET_CHARS} characters and would be shown in results`,
  );
}

/** Never rejects: a program that cannot be looked at was not replaced. */
async function drainWhenReplaced(runner: RunningRunner, log: Log, signal: AbortSignal): Promise<void> {
  if (!(await watchProgram(process.execPath, systemClock, signal))) return;
  log.info("The program was replaced; runs under way are finished before it ends");
  runner.drain();
}

/** The first signal drains, the second cancels, the third ends the process where it stands. */
function stopOnSignals(runner: RunningRunner, log: Log): () => void {
  let received = 0;
  const stop = (signal: NodeJS.Signals) => {
    received += 1;
    if (received === 1) {
      log.info("Graceful shutdown initiated", { signal });
      runner.drain();
      return;
    }
    if (received > 2) process.exit(1);
    log.warn("Runs under way are cancelled", { signal });
    runner.cancel();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

/** Programs that collect logs want to know who speaks; a person at a terminal knows. */
function withIdentity(log: Log, runnerId: string): Log {
  if (process.stdout.isTTY) return log;
  return log.with({
    "service.name": "sallyport-runner",
    "service.version": VERSION,
    "process.pid": process.pid,
    "host.name": hostname(),
    "host.arch": process.arch,
    "host.platform": process.platform,
    runnerId,
  });
}
