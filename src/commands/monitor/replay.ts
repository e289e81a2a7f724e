import type { Command } from "commander";
import { z } from "zod";

import type { RunInput, RunOptions, RunSummary } from "../../engine/types.ts";
import type { ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import { bareId } from "../../lib/ids.ts";
import { openApi } from "../client/api.ts";
import { readDataRows } from "../client/documents.ts";
import { parseReporters } from "../collection/reporters/create.ts";
import { forTerminal } from "../collection/reporters/format.ts";
import { findEnvironment, findGlobals, toVariables, withGiven } from "../collection/run-input.ts";
import {
  addRunOptions,
  type CollectionRunOptions,
  refuseWhatIsMissing,
  toRunOptions,
} from "../collection/run-options.ts";
import { runHere } from "../collection/run.ts";
import type { CommandContext } from "../context.ts";
import { missingSecrets } from "./replay-secrets.ts";

const document = z.looseObject({ id: z.string(), name: z.string(), revision: z.number().nullable() });
const monitorOptions = z.looseObject({
  requestTimeout: z.number().nullable(),
  requestDelay: z.number(),
  runTimeout: z.number(),
  scriptTimeout: z.number(),
  followRedirects: z.boolean(),
  strictSSL: z.boolean(),
});
const material = z.looseObject({
  runId: z.string(),
  monitor: z.looseObject({ name: z.string() }),
  workspace: z.string(),
  outcome: z.string().nullable(),
  detail: z.string().nullable(),
  collection: document,
  environment: document.nullable(),
  options: monitorOptions,
  globalsChanged: z.boolean(),
  hasInput: z.boolean(),
});
type Material = z.infer<typeof material>;

/** `monitor replay`: a run of a monitor once more, on this machine, with the documents as they were. */
export function defineReplay(parent: Command, context: CommandContext): void {
  const command = parent
    .command("replay")
    .argument("<run id>", "a run of a monitor, such as its page shows")
    .description("run here what a run of a monitor ran; options as of collection run; exit 0 = all passed");
  addRunOptions(command).action(async (runId: string, options: CollectionRunOptions) => {
    refuseWhatIsMissing(command);
    parseReporters(options.reporters);
    const summary = await replay(runId, options, context);
    if (summary?.outcome !== "passed" && !options.suppressExitCode) process.exitCode = 1;
  });
}

async function replay(
  runId: string,
  options: CollectionRunOptions,
  context: CommandContext,
): Promise<RunSummary | undefined> {
  const id = bareId(runId);
  if (id === undefined) throw new AppError("usage", `"${runId}" is no id of a run; its page shows it.`);
  const note = (sentence: string) => {
    if (!options.silent) context.note(forTerminal(`${context.programName}: ${sentence}`));
  };
  const api = await openApi(clientOptions(options));
  const { replay: found } = await api.get(`/runs/${id}/replay`, z.looseObject({ replay: material }));
  const input = await readInput(api, found, options, note);
  for (const sentence of await missingSecrets(input, options.secrets)) note(sentence);
  const summary = await runHere({ input, collectionId: found.collection.id }, options, context);
  if (summary) note(comparison(found, summary));
  return summary;
}

const clientOptions = ({ server, sslExtraCaCerts, apiKey, postmanApiKey }: CollectionRunOptions) => {
  const key = apiKey ?? postmanApiKey;
  return {
    ...(server && { server }),
    ...(key && { apiKey: key }),
    ...(sslExtraCaCerts && { sslExtraCaCerts }),
  };
};

/** What was given on the command line takes the place of what the run had. */
async function readInput(
  api: ApiClient,
  found: Material,
  options: CollectionRunOptions,
  note: (sentence: string) => void,
): Promise<RunInput> {
  const collection = await readAsItWas(api, "collection", found.collection, note);
  const environment = options.environment
    ? await findEnvironment(options.environment, options)
    : found.environment &&
      (await toVariables(
        { environment: await readAsItWas(api, "environment", found.environment, note) },
        found.environment.id,
      ));
  const globals = await findGlobals(options.globals ?? found.workspace, options);
  if (found.globalsChanged && !options.globals)
    note("The globals of the workspace were changed since the run; they are used as they are now.");
  if (found.hasInput && !options.iterationData)
    note(
      "The run may have been started with a data row, which is not given out: give it with --iteration-data.",
    );
  const allGlobals = withGiven(globals, options.globalVar, "--global-var");
  const variables = withGiven(environment ?? undefined, options.envVar, "--env-var");
  return {
    collection,
    ...(variables && { environment: variables }),
    ...(allGlobals && { globals: allGlobals }),
    ...(options.iterationData && { data: await readDataRows(options.iterationData) }),
    options: withMonitorOptions(found.options, options),
  };
}

/** A document at the revision of the run; as it is now, and a note, when that one is not kept. */
async function readAsItWas(
  api: ApiClient,
  kind: "collection" | "environment",
  { id, name, revision }: z.infer<typeof document>,
  note: (sentence: string) => void,
): Promise<Record<string, unknown>> {
  const answer = z.looseObject({ [kind]: z.looseObject({}) });
  const path = `/${kind}s/${id}`;
  try {
    if (revision !== null) return toDocument(await api.get(`${path}/revisions/${revision}`, answer), kind);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
  const which = revision === null ? "" : ` (${revision})`;
  note(`The revision of ${kind} "${name}" that the run used${which} is not kept: it is used as it is now.`);
  return toDocument(await api.get(path, answer), kind);
}

// Only objects come through the schema.
const toDocument = (body: Record<string, unknown>, kind: string) => body[kind] as Record<string, unknown>;

function withMonitorOptions(
  monitor: z.infer<typeof monitorOptions>,
  options: CollectionRunOptions,
): RunOptions {
  const asked = toRunOptions(options);
  return {
    ...asked,
    ...(options.timeoutRequest === undefined && { requestTimeoutMs: monitor.requestTimeout ?? 0 }),
    ...(options.delayRequest === undefined && { requestDelayMs: monitor.requestDelay }),
    ...(options.timeout === undefined && { runTimeoutMs: monitor.runTimeout }),
    ...(options.timeoutScript === undefined && { scriptTimeoutMs: monitor.scriptTimeout }),
    followRedirects: asked.followRedirects && monitor.followRedirects,
    strictSsl: asked.strictSsl && monitor.strictSSL,
  };
}

function comparison({ monitor, outcome, detail }: Material, here: RunSummary): string {
  if (outcome === null) return `The run of "${monitor.name}" has not ended; here it ${here.outcome}.`;
  const why = detail ? ` (${detail})` : "";
  return outcome === here.outcome
    ? `The run of "${monitor.name}" ${outcome} as well${why}.`
    : `The run of "${monitor.name}" ${outcome}${why}; here it ${here.outcome}.`;
}
