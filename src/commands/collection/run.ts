import type { Command } from "commander";

import { planCollection } from "../../engine/collection.ts";
import type { FinalVariables, RunInput, RunSummary } from "../../engine/types.ts";
import { systemClock } from "../../lib/clock.ts";
import { createEventRedactor, secretsOf } from "../../runner/redact-event.ts";
import type { CommandContext } from "../registry.ts";
import { openEngine } from "../runner/local-engine.ts";
import { openFiles, readConnection, refuseMissingConnection } from "./connection.ts";
import { exportVariables } from "./export.ts";
import { createReporters, parseReporters } from "./reporters/create.ts";
import type { RunFacts } from "./reporters/reporter.ts";
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
  refuseMissingConnection(options);
  const input = await readInput(fileOrId, options, (warning) => {
    if (!options.silent) context.note(`${context.programName}: ${warning}`);
  });
  const reporters = createReporters(toFacts(input), options, context);
  const redact = createEventRedactor(secretsOf(input));
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
    let summary: RunSummary | undefined;
    let variables: FinalVariables | undefined;
    const onFinished = (final: FinalVariables) => void (variables = final);
    for await (const event of engine.run(input, { signal: cancel.signal, onFinished })) {
      const shown = redact(event);
      for (const reporter of reporters) reporter.event(shown);
      if (event.type === "run_finished") summary = event.summary;
    }
    for (const reporter of reporters) await reporter.end();
    if (variables) await exportVariables(input, variables, options);
    return summary;
  } finally {
    process.off("SIGINT", stop);
    await engine.close();
  }
}

function toFacts(input: RunInput): RunFacts {
  const { collection, environment, globals, data, options } = input;
  const info = isRecord(collection["info"]) ? collection["info"] : {};
  return {
    collectionId: textOf(info["_postman_id"]) || textOf(info["uid"]),
    collectionName: textOf(info["name"]) || "Collection",
    collection,
    environment,
    globals,
    iterationCount: Math.max(1, options.iterationCount ?? data?.length ?? 1),
    startedAt: systemClock.now(),
    scriptsOf: countScripts(input),
  };
}

/** Scripts of each request, those of its folders and the collection included. */
function countScripts({ collection, options }: RunInput): RunFacts["scriptsOf"] {
  const none = { prerequest: 0, test: 0 };
  try {
    const counts = new Map(
      planCollection(collection, options.select).items.map(({ id, scripts }) => [
        id,
        { prerequest: scripts.prerequest.length, test: scripts.test.length },
      ]),
    );
    return (itemId) => counts.get(itemId) ?? none;
  } catch {
    // A collection that cannot be planned runs nothing; the run itself says why.
    return () => none;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
