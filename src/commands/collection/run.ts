import type { Command } from "commander";

import { planCollection } from "../../engine/collection.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Secret } from "../../engine/redact.ts";
import type { RunHooks } from "../../engine/run.ts";
import type { RunInput, RunSummary } from "../../engine/types.ts";
import { systemClock } from "../../lib/clock.ts";
import { readSecrets, type Secrets } from "../../lib/secrets.ts";
import { createDocumentRedactor, createEventRedactor, secretsOf } from "../../runner/redact-event.ts";
import type { CommandContext } from "../context.ts";
import { openEngine } from "../runner/local-engine.ts";
import { openFiles, readConnection } from "./connection.ts";
import { exportLeft, type LeftBehind } from "./export.ts";
import { refuseReportOfFile, reportRun } from "./report-run.ts";
import { createReporters, parseReporters } from "./reporters/create.ts";
import type { Reporter, RunFacts } from "./reporters/reporter.ts";
import { readInput } from "./run-input.ts";
import { addRunOptions, refuseWhatIsMissing, type CollectionRunOptions } from "./run-options.ts";

export function defineRun(parent: Command, context: CommandContext): void {
  const command = parent
    .command("run")
    .argument("<collection>", "file of any format, folder of format v3, or id on the control plane")
    .description("run a collection here, without a control plane; exit 0 = all passed");
  addRunOptions(command).action(async (fileOrId: string, options: CollectionRunOptions) => {
    refuseWhatIsMissing(command);
    const summary = await runCollection(fileOrId, options, context);
    if (summary?.outcome !== "passed" && !options.suppressExitCode) process.exitCode = 1;
  });
}

async function runCollection(
  fileOrId: string,
  options: CollectionRunOptions,
  context: CommandContext,
): Promise<RunSummary | undefined> {
  parseReporters(options.reporters);
  refuseReportOfFile(fileOrId, options);
  const input = await readInput(fileOrId, options, (warning) => {
    if (!options.silent) context.note(`${context.programName}: ${warning}`);
  });
  return runHere({ input, collectionId: fileOrId }, options, context);
}

/**
 * Runs what was read, tells the reporters, writes what is to be exported. `collectionId` is what `--report` is about.
 * Undefined when the run ended without a result.
 */
export async function runHere(
  { input, collectionId }: { input: RunInput; collectionId: string },
  options: CollectionRunOptions,
  context: CommandContext,
): Promise<RunSummary | undefined> {
  const vault = options.secrets === undefined ? undefined : await readSecrets(options.secrets);
  const secrets = [...secretsOf(input), ...[...(vault ?? [])].map(([name, value]) => ({ name, value }))];
  const reporters = createReporters(toFacts(input, secrets), options, context);
  const engine = openEngine({
    places: 1,
    log: context.openLog("stderr"),
    connection: await readConnection(options),
    files: openFiles(options),
  });
  const cancel = new AbortController();
  const stop = () => (cancel.signal.aborted ? process.exit(1) : cancel.abort());
  process.on("SIGINT", stop);
  try {
    const { summary, ...left } = await runAndReport({
      engine,
      input,
      vault,
      secrets,
      reporters,
      signal: cancel.signal,
    });
    for (const reporter of reporters) await reporter.end();
    await exportLeft(input, left, options);
    if (options.report && summary) await reportRun(collectionId, summary, options);
    return summary;
  } finally {
    process.off("SIGINT", stop);
    await engine.close();
  }
}

interface ReportedRun {
  engine: Engine;
  input: RunInput;
  vault: Secrets | undefined;
  /** What is known before the run; it may come to know more. */
  secrets: Secret[];
  reporters: Reporter[];
  signal: AbortSignal;
}

/** Reporters see events without secrets, also those that the run itself comes to know. */
async function runAndReport({
  engine,
  input,
  vault,
  secrets,
  reporters,
  signal,
}: ReportedRun): Promise<LeftBehind & { summary?: RunSummary }> {
  const result: LeftBehind & { summary?: RunSummary } = {};
  const known = [...secrets];
  let redact = createEventRedactor(known);
  const hooks: RunHooks = {
    signal,
    ...(vault && { vault }),
    onSecret: (secret) => {
      known.push(secret);
      redact = createEventRedactor(known);
    },
    onFinished: (variables) => void (result.variables = variables),
    onCookies: (cookies) => void (result.cookies = cookies),
  };
  for await (const event of engine.run(input, hooks)) {
    const shown = redact(event);
    for (const reporter of reporters) reporter.event(shown);
    if (event.type === "run_finished") result.summary = event.summary;
  }
  return result;
}

/** Some reports carry the documents: without the secrets in them. */
function toFacts(input: RunInput, secrets: Secret[]): RunFacts {
  const redact = createDocumentRedactor(secrets);
  const { collection, environment, globals } = redact({
    collection: input.collection,
    environment: input.environment,
    globals: input.globals,
  });
  const { data, options } = input;
  const info = isRecord(collection["info"]) ? collection["info"] : {};
  return {
    collectionId: textOf(info["_postman_id"]) || textOf(info["uid"]),
    collectionName: textOf(info["name"]) || "Collection",
    collection,
    environment,
    globals,
    iterationCount: Math.max(1, options.iterationCount ?? data?.length ?? 1),
    startedAt: systemClock.now(),
    planned: planRequests(input),
  };
}

function planRequests({ collection, options }: RunInput): RunFacts["planned"] {
  try {
    const { items } = planCollection(collection, options.select);
    return new Map(
      items.map(({ id, scripts }, position) => [
        id,
        { position, prerequest: scripts.prerequest.length, test: scripts.test.length },
      ]),
    );
  } catch {
    // A collection that cannot be planned runs nothing; the run itself says why.
    return new Map();
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
