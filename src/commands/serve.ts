import type { Command } from "commander";

import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { startCallRetention } from "../access/keys/calls-retention.ts";
import { type CallLog, startCallLog } from "../access/keys/calls.ts";
import { createLimiter, type Limiter } from "../access/limits/limiter.ts";
import { type Limits, parseLimits } from "../access/limits/limits.ts";
import { startAlerts } from "../alerts/start.ts";
import { startSummaries } from "../alerts/summaries-loop.ts";
import { startSearchIndexing } from "../catalog/search-index.ts";
import { fetchDocument } from "../engine/formats/fetch-document.ts";
import { startFleetSampling } from "../fleet/history.ts";
import { createPrograms, type Programs } from "../fleet/programs.ts";
import { systemClock } from "../lib/clock.ts";
import {
  DEFAULT_CALL_RETENTION,
  DEFAULT_DATA_DIR,
  DEFAULT_LEASE,
  parseServeOptions,
  type ServeConfig,
  type ServeOptions,
} from "../lib/config.ts";
import type { Log } from "../lib/log.ts";
import { ownPlatform, runningFile, selfCommand } from "../lib/self.ts";
import { loadRunChanges } from "../results/changes/load.ts";
import { startStatistics } from "../results/statistics/count.ts";
import { readCertificates } from "../runner/certificates.ts";
import { startRevisionRetention } from "../runs/kept-revisions.ts";
import { startRetention } from "../runs/retention.ts";
import { startSweeper } from "../runs/sweep.ts";
import { startMaintenancePlanner } from "../schedules/maintenance/planner.ts";
import { startScheduler } from "../schedules/tick.ts";
import { createApp } from "../server/app.ts";
import { createConverters } from "../server/convert.ts";
import { admitFirstAdmin } from "../server/first-admin.ts";
import { aborted, createLifecycle, type Lifecycle, stopOnSignals } from "../server/lifecycle.ts";
import { isWildcard, listen, type Listener } from "../server/listen.ts";
import { LOCAL_RUNNER_STOP_MS, startLocalRunner } from "../server/local-runner.ts";
import { migrateBeside, openDatabase, takeDataFolder } from "../server/open-database.ts";
import { openSecretBox } from "../server/secret-key.ts";
import { startStatusIncidents } from "../status/auto-incidents.ts";
import { startTaskSweeper } from "../tasks/sweep.ts";
import type { CommandContext } from "./context.ts";

export function define(command: Command, context: CommandContext): void {
  command
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <port>", "port to listen on; 0 takes a free one", "4600")
    .option("--data-dir <folder>", "where everything is kept", DEFAULT_DATA_DIR)
    .option("--database-url <url>", "Postgres to use instead of the embedded one (also DATABASE_URL)")
    .option("--public-url <url>", "how people and runners reach this server")
    .option("--tls-cert <file>", "certificate chain, PEM")
    .option("--tls-key <file>", "key of the certificate, PEM")
    .option("--with-runner", "run a runner beside the server")
    .option(
      "--lease <duration>",
      "how long a runner may be silent before its runs are lost, 5s to 10m; the same on all servers of a database",
      DEFAULT_LEASE,
    )
    .option(
      "--rate-limit <limits>",
      "limits of the API that differ from Postman's, such as user=600/60s,monitors=off,month=50000, or off for none; the same on all servers of a database",
    )
    .option(
      "--call-retention <duration>",
      "how long calls of API keys are kept, such as 90d",
      DEFAULT_CALL_RETENTION,
    )
    .option(
      "--programs-dir <folder>",
      "programs for runner upgrade on other platforms, named app-linux-arm64 and so on; default: programs in the data folder",
    )
    .option("--smtp-url <url>", "mail server for alerts, such as smtp://user:password@mail.example:587")
    .option("--smtp-from <address>", "who mail of alerts is from")
    .option("--ssl-extra-ca-certs <file>", "certificates that chat and mail servers are trusted by, PEM")
    .addHelpText(
      "after",
      `
The first start without a user makes the admin of APP_ADMIN_EMAIL and APP_ADMIN_PASSWORD, or prints a link.
APP_SECRET_KEY (32 bytes, base64 or hex) encrypts secrets; without it a key is kept in the data folder.`,
    )
    .action((options: ServeOptions) => serve(parseServeOptions(options), context));
}

/** The control plane, from the lock on its data to the last request. */
async function serve(config: ServeConfig, { openLog, print }: CommandContext): Promise<void> {
  const log = openLog("stderr");
  const lifecycle = createLifecycle(log);
  const asked = stopOnSignals(log);
  const stopping = new AbortController();
  try {
    const limits = parseLimits(config.rateLimit);
    takeDataFolder(config, lifecycle);
    const listener = listen(config);
    const database = await openDatabase(config, { log, lifecycle });
    const counting = startCounting({ database, log }, limits, lifecycle);
    // Requests that may still finish need the database, so the port closes before it.
    lifecycle.onStop("http", () => stopHttp(listener, stopping, log), HTTP_GRACE_MS * 2);
    await migrateBeside(config, database);

    const deps: Deps = {
      database,
      clock: systemClock,
      log,
      secretBox: await openSecretBox(database, config),
      publicUrl: config.publicUrl ?? listener.url,
      leaseSeconds: config.leaseSeconds,
      stopping: stopping.signal,
    };
    const setupToken = await admitFirstAdmin(database, config.admin);
    const converters = createConverters({ command: [...selfCommand(), "convert-process"] });
    listener.serve(
      createApp(deps, {
        ...converters,
        ...counting,
        fetchDocument,
        programs: programsOf(config, log),
        mail: config.smtp && { server: `${config.smtp.host}:${config.smtp.port}`, from: config.smtp.from },
      }).fetch,
    );
    const extraCaCerts = await extraCertificates(config);
    startLoops(deps, config, { lifecycle, listener, extraCaCerts });

    if (isWildcard(config.host) && config.publicUrl === undefined) {
      log.warn("no --public-url: links and start commands of runners work on this machine only");
    }
    print(`ready ${deps.publicUrl}`);
    if (setupToken) print(`create the first user: ${deps.publicUrl}/setup?token=${setupToken}`);
    await aborted(asked);
  } finally {
    await lifecycle.stopAll();
    if (asked.aborted) log.info("stopped");
  }
}

/** Its own file for runners of its own platform, and what the operator has put beside it. */
function programsOf({ programsDir }: ServeConfig, log: Log): Programs {
  const file = runningFile();
  return createPrograms({ folder: programsDir, ...(file && { own: { file, platform: ownPlatform } }) }, log);
}

/** Stopped after the port is closed: the last requests are counted and recorded, too. */
function startCounting(
  deps: { database: Database; log: Log },
  limits: Limits,
  lifecycle: Lifecycle,
): { limiter: Limiter; calls: CallLog } {
  const limiter = createLimiter(deps, limits);
  lifecycle.onStop("limits", () => limiter.stop());
  const calls = startCallLog(deps);
  lifecycle.onStop("calls of API keys", () => calls.stop());
  return { limiter, calls };
}

const HTTP_GRACE_MS = 10_000;
/** A message that is being sent has ten seconds, and its end is to be noted: else it would be sent again. */
const ALERTS_STOP_MS = 15_000;

const extraCertificates = ({ extraCaCertsFile: file }: ServeConfig): Promise<string[]> | undefined =>
  file === undefined ? undefined : readCertificates(file);

/** What is different since the last pass, as an alert tells it. */
const changesOf = (deps: Deps) => async (runId: string) =>
  (await loadRunChanges(deps, runId))?.changes.map(({ sentence }) => sentence) ?? [];

/** Waiting claims answer at once, requests under way may finish. */
async function stopHttp(listener: Listener, stopping: AbortController, log: Log): Promise<void> {
  stopping.abort();
  const isFinished = await listener.stop(HTTP_GRACE_MS);
  if (!isFinished) log.warn("requests were cut off", { graceMs: HTTP_GRACE_MS });
}

/** Stopped in the opposite order, and before the port closes: the runner still reports what it finished. */
function startLoops(
  deps: Deps,
  { dataDir, tls, withRunner, callRetentionSeconds, smtp, proxies }: ServeConfig,
  {
    lifecycle,
    listener,
    extraCaCerts,
  }: { lifecycle: Lifecycle; listener: Listener; extraCaCerts: string[] | undefined },
): void {
  const sweeper = startSweeper(deps);
  lifecycle.onStop("sweeper", () => sweeper.stop());
  const taskSweeper = startTaskSweeper(deps);
  lifecycle.onStop("tasks", () => taskSweeper.stop());
  const retention = startCallRetention(deps, callRetentionSeconds);
  lifecycle.onStop("retention", () => retention.stop());
  const runRetention = startRetention(deps);
  lifecycle.onStop("retention of runs", () => runRetention.stop());
  const revisionRetention = startRevisionRetention(deps);
  lifecycle.onStop("retention of revisions", () => revisionRetention.stop());
  const indexing = startSearchIndexing(deps);
  lifecycle.onStop("search", () => indexing.stop());
  const statistics = startStatistics(deps);
  lifecycle.onStop("statistics", () => statistics.stop());
  const planner = startMaintenancePlanner(deps);
  lifecycle.onStop("maintenance", () => planner.stop());
  const sampling = startFleetSampling(deps);
  lifecycle.onStop("fleet", () => sampling.stop());
  const incidents = startStatusIncidents(deps);
  lifecycle.onStop("status pages", () => incidents.stop());
  const summaries = startSummaries(deps);
  lifecycle.onStop("summaries", () => summaries.stop());
  const alerts = startAlerts(deps, { smtp, ...proxies, extraCaCerts, changesOf: changesOf(deps) });
  lifecycle.onStop("alerts", () => alerts.stop(), ALERTS_STOP_MS);
  const scheduler = startScheduler(deps);
  lifecycle.onStop("scheduler", () => scheduler.stop());
  if (!withRunner) return;
  // A certificate is good for the public name only.
  const serverUrl = tls ? deps.publicUrl : listener.url;
  const runner = startLocalRunner(deps, { dataDir, serverUrl, certFile: tls?.certFile });
  lifecycle.onStop("local runner", () => runner.stop(), LOCAL_RUNNER_STOP_MS);
}
