import { availableParallelism, hostname } from "node:os";
import { resolve } from "node:path";

import type { Command } from "commander";

import { systemClock } from "../../lib/clock.ts";
import { parseHttpUrl, parseWholeNumber, readEnvironment, type Environment } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { isUuid } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import { VERSION } from "../../lib/version.ts";
import { createAuthorizationGate } from "../../runner/authorization.ts";
import { readCertificates } from "../../runner/certificates.ts";
import { createControlPlane } from "../../runner/client.ts";
import { startMetricsServer } from "../../runner/metrics.ts";
import { startRunner, type RunningRunner } from "../../runner/runner.ts";
import type { CommandContext } from "../context.ts";
import { askSecret } from "./ask-key.ts";
import { openEngine } from "./local-engine.ts";

interface StartOptions {
  id?: string;
  key?: string;
  server?: string;
  proxy?: string;
  egressProxy?: true;
  egressProxyAuthzUrl?: string;
  sslExtraCaCerts?: string;
  metrics?: true;
  metricsPort: string;
  concurrency: string;
  dataDir: string;
}

export function defineStart(parent: Command, context: CommandContext): void {
  parent
    .command("start")
    .description("execute runs here until it is stopped")
    .option("--id <id>", "id of the runner (also POSTMAN_RUNNER_ID)")
    .option(
      "--key <key>",
      "its key, which other users of this machine can list: better in APP_KEY, POSTMAN_RUNNER_KEY, or - for standard input; asked for on a terminal",
    )
    .option("--server <url>", "address of the control plane")
    .option("--proxy <url>", "proxy for the requests of collections")
    .option("--egress-proxy", "ask an authorization service about every request")
    .option("--egress-proxy-authz-url <url>", "address of that service (also POSTMAN_RUNNER_AUTHZ_URL)")
    .option("--ssl-extra-ca-certs <file>", "PEM file of further certificate authorities")
    .option("--metrics", "serve /health/live, /health/ready and /metrics")
    .option("--metrics-port <port>", "port for them", "9090")
    .option("--concurrency <runs>", "most runs at a time", String(availableParallelism()))
    .option("--data-dir <folder>", "where results wait until they are delivered", "./sallyport-runner")
    .action((options: StartOptions) => start(options, context));
}

async function start(options: StartOptions, { openLog }: CommandContext): Promise<void> {
  const settings = await readSettings(options);
  const log = withIdentity(openLog("stdout"), settings.runnerId);
  log.info("Starting runner", { server: settings.server, concurrency: settings.concurrency });

  const gate = settings.authorizationUrl
    ? createAuthorizationGate({ ...settings.tls, baseUrl: settings.authorizationUrl, log })
    : undefined;
  const engine = openEngine({
    places: settings.concurrency,
    log,
    connection: settings.connection,
    ...(gate && { gate }),
  });
  const controlPlane = createControlPlane({ ...settings, ...settings.tls });
  const runner = startRunner(
    { ...settings, hostname: hostname(), osType: process.platform },
    { controlPlane, engine, clock: systemClock, log },
  );
  const stopListening = stopOnSignals(runner, log);
  try {
    const metrics =
      settings.metricsPort === undefined
        ? undefined
        : startMetricsServer({ port: settings.metricsPort, status: () => runner.status() });
    await runner.finished;
    await metrics?.stop();
    log.info("Runner stopped");
  } finally {
    stopListening();
    // Without effect after a normal end; a metrics server that does not start leaves the runner at work.
    runner.cancel();
    await runner.finished.catch(() => undefined);
    await Promise.all([engine.close(), controlPlane.close(), gate?.close()]);
  }
}

async function readSettings(options: StartOptions) {
  const environment = readEnvironment();
  const runnerId = options.id ?? environment.postmanRunnerId;
  if (!runnerId) throw missing("The runner id is missing", "--id or POSTMAN_RUNNER_ID");
  if (!isUuid(runnerId))
    throw new AppError("usage", `The runner id "${runnerId}" is not an id; copy the start command again.`);
  if (!options.server) throw missing("The address of the control plane is missing", "--server or APP_SERVER");
  const server = parseHttpUrl(options.server, "--server");
  const outbound = readOutbound(options, environment);
  const extraCaCerts = options.sslExtraCaCerts ? await readCertificates(options.sslExtraCaCerts) : undefined;
  const tls = extraCaCerts ? { extraCaCerts } : {};
  const noProxy = environment.noProxy ?? "";
  return {
    runnerId: runnerId.toLowerCase(),
    runnerKey: await readKey(options.key ?? environment.postmanRunnerKey),
    server,
    tls,
    authorizationUrl: outbound.authorizationUrl,
    connection: { ...tls, ...outbound.proxies, noProxy },
    proxies: isLoopback(server) ? {} : { ...outbound.ofSystem, no: noProxy },
    concurrency: parseWholeNumber(options.concurrency, "--concurrency", { min: 1, max: 1000 }),
    dataDir: resolve(options.dataDir),
    metricsPort: options.metrics
      ? parseWholeNumber(options.metricsPort, "--metrics-port", { min: 0, max: 65_535 })
      : undefined,
  };
}

interface Outbound {
  /** `HTTP_PROXY` and `HTTPS_PROXY`: for the control plane, and for collections unless said otherwise. */
  ofSystem: { http?: string; https?: string };
  proxies: { httpProxy?: string; httpsProxy?: string };
  authorizationUrl: string | undefined;
}

/** How requests of collections leave: directly, through a proxy, or past the authorization service. */
function readOutbound(options: StartOptions, environment: Environment): Outbound {
  const http = proxyUrl(environment.httpProxy, "HTTP_PROXY");
  const https = proxyUrl(environment.httpsProxy, "HTTPS_PROXY");
  const ofSystem = { ...(http && { http }), ...(https && { https }) };
  if (options.egressProxy && options.proxy)
    throw new AppError(
      "usage",
      "Cannot use both --egress-proxy and --proxy: one is the built-in proxy, the other an external one.",
    );
  if (options.egressProxy) {
    const url = options.egressProxyAuthzUrl ?? environment.postmanRunnerAuthzUrl;
    if (!url)
      throw new AppError(
        "usage",
        "--egress-proxy needs the address of the authorization service: give it with --egress-proxy-authz-url or POSTMAN_RUNNER_AUTHZ_URL.",
      );
    return { ofSystem, proxies: {}, authorizationUrl: parseHttpUrl(url, "--egress-proxy-authz-url") };
  }
  const given = proxyUrl(options.proxy, "--proxy");
  const httpProxy = given ?? http;
  const httpsProxy = given ?? https;
  return {
    ofSystem,
    proxies: { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }) },
    authorizationUrl: undefined,
  };
}

/** A control plane on this very machine is not behind a proxy, whatever the environment says. */
const isLoopback = (server: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(server).hostname);

/** Also `proxy.example:3128`, as other programs take it. */
function proxyUrl(text: string | undefined, name: string): string | undefined {
  if (!text) return undefined;
  return parseHttpUrl(text.includes("://") ? text : `http://${text}`, name);
}

async function readKey(given: string | undefined): Promise<string> {
  if (given !== undefined && given !== "-") return given;
  const key = process.stdin.isTTY
    ? await askSecret("Enter runner key: ")
    : given && (await Bun.stdin.text()).trim();
  if (key) return key;
  throw missing(
    "The runner key is missing",
    "--key, APP_KEY or POSTMAN_RUNNER_KEY, or to standard input of --key -",
  );
}

const missing = (what: string, ways: string): AppError =>
  new AppError("usage", `${what}: give it with ${ways}.`);

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
