import { join } from "node:path";

import type { Command } from "commander";

import type { CollectionDocument, RunInput, RunSummary, Variable } from "../../engine/types.ts";
import { systemClock, type Clock } from "../../lib/clock.ts";
import { readEnvironment } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { readCertificates } from "../../runner/certificates.ts";
import { createEventRedactor, secretsOf } from "../../runner/redact-event.ts";
import { readDocument, readJsonFile, type VariableDocument } from "../client/documents.ts";
import type { CommandContext } from "../registry.ts";
import { openEngine } from "../runner/local-engine.ts";
import { createCliReporter } from "./report-cli.ts";
import { createJsonReporter, writeReport } from "./report-json.ts";
import type { Reporter } from "./report.ts";
import {
  addRunOptions,
  refuseWhatIsMissing,
  toRunOptions,
  type CollectionRunOptions,
} from "./run-options.ts";
import { asciiGlyphs, unicodeGlyphs } from "./step-lines.ts";

export function defineRun(parent: Command, context: CommandContext): void {
  const command = parent
    .command("run <file>")
    .description("run a collection here, without a control plane; exit 0 = all passed");
  addRunOptions(command).action(async (file: string, options: CollectionRunOptions) => {
    refuseWhatIsMissing(command);
    const summary = await runFile(file, options, context);
    if (summary?.outcome !== "passed" && !options.suppressExitCode) process.exitCode = 1;
  });
}

async function runFile(
  file: string,
  options: CollectionRunOptions,
  context: CommandContext,
): Promise<RunSummary | undefined> {
  const input = await readInput(file, options);
  const reporters = createReporters(options, input.collection, { ...context, clock: systemClock });
  const redact = createEventRedactor(secretsOf(input));
  const engine = openEngine({
    places: 1,
    log: context.openLog("stderr"),
    connection: await readConnection(options),
  });
  const cancel = new AbortController();
  const stop = () => (cancel.signal.aborted ? process.exit(1) : cancel.abort());
  process.on("SIGINT", stop);
  try {
    let summary: RunSummary | undefined;
    for await (const event of engine.run(input, { signal: cancel.signal })) {
      const shown = redact(event);
      for (const reporter of reporters) reporter.event(shown);
      if (event.type === "run_finished") summary = event.summary;
    }
    for (const reporter of reporters) await reporter.end();
    return summary;
  } finally {
    process.off("SIGINT", stop);
    await engine.close();
  }
}

async function readInput(file: string, options: CollectionRunOptions): Promise<RunInput> {
  const document = await readDocument(file);
  if (document.kind !== "collection")
    throw new AppError("bad_request", `${file} is not a collection but ${withArticle(document.kind)}.`);
  const environment = await readVariables(options.environment, options.envVar, "--env-var");
  const globals = await readVariables(options.globals, options.globalVar, "--global-var");
  return {
    collection: document.content,
    ...(environment && { environment }),
    ...(globals && { globals }),
    ...(options.iterationData && { data: await readRows(options.iterationData) }),
    options: toRunOptions(options),
  };
}

/** A file of variables with those of the command line on top; undefined when there are none. */
async function readVariables(
  file: string | undefined,
  given: string[] | undefined,
  flag: string,
): Promise<VariableDocument | undefined> {
  if (file === undefined && given === undefined) return undefined;
  const content = file === undefined ? { values: [] } : await readVariableFile(file);
  const added = (given ?? []).map((text) => toVariable(text, flag));
  const isReplaced = ({ key }: Variable) => added.some((variable) => variable.key === key);
  return { ...content, values: [...content.values.filter((variable) => !isReplaced(variable)), ...added] };
}

async function readVariableFile(file: string): Promise<VariableDocument> {
  const document = await readDocument(file);
  if (document.kind !== "collection") return document.content;
  throw new AppError("bad_request", `${file} is a collection, not an environment or globals.`);
}

function toVariable(text: string, flag: string): Variable {
  const at = text.indexOf("=");
  if (at < 1) throw new AppError("usage", `${flag} takes key=value, not "${text}".`);
  return { key: text.slice(0, at), value: text.slice(at + 1), type: "default", enabled: true };
}

async function readRows(file: string): Promise<Record<string, unknown>[]> {
  if (/\.csv$/i.test(file))
    throw new AppError("usage", `${file}: CSV does not work yet; give a JSON list of objects.`);
  const rows = await readJsonFile(file);
  if (Array.isArray(rows) && rows.length > 0 && rows.every(isRow)) return rows;
  throw new AppError("bad_request", `${file} is not a JSON list of objects, one for each iteration.`);
}

const isRow = (row: unknown): row is Record<string, unknown> =>
  typeof row === "object" && row !== null && !Array.isArray(row);

async function readConnection({ sslExtraCaCerts }: CollectionRunOptions) {
  const { httpProxy, httpsProxy, noProxy } = readEnvironment();
  return {
    ...(sslExtraCaCerts && { extraCaCerts: await readCertificates(sslExtraCaCerts) }),
    ...(httpProxy && { httpProxy }),
    ...(httpsProxy && { httpsProxy }),
    ...(noProxy && { noProxy }),
  };
}

function createReporters(
  options: CollectionRunOptions,
  collection: CollectionDocument,
  { print, note, clock }: CommandContext & { clock: Clock },
): Reporter[] {
  const { id, name } = infoOf(collection);
  const json = (write: (report: string) => Promise<void>) =>
    createJsonReporter({ collectionId: id, startedAt: clock.now(), write });
  if (options.json) return [json((report) => Promise.resolve(print(report)))];
  return options.reporters.split(",").map((reporter) => {
    switch (reporter.trim()) {
      case "cli":
        return createCliReporter({
          print: options.silent ? () => {} : print,
          glyphs: options.disableUnicode ? asciiGlyphs : unicodeGlyphs,
        });
      case "json": {
        const path = options.reporterJsonExport ?? defaultReportPath(name, clock.now());
        return json(async (report) => {
          await writeReport(path, report);
          if (!options.silent) note(`JSON report: ${path}`);
        });
      }
      default:
        throw new AppError("usage", `There is no reporter "${reporter.trim()}": use cli, json or both.`);
    }
  });
}

function infoOf(collection: CollectionDocument): { id: string; name: string } {
  // `readDocument` has checked that `info` is an object.
  const info = collection["info"] as Record<string, unknown>;
  return { id: textOf(info["_postman_id"]), name: textOf(info["name"]) || "collection" };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** `postman-cli-reports/<Collection>-2026-01-31-12-00-00.json`, as Postman's own program names it. */
function defaultReportPath(name: string, at: Date): string {
  const stamp = at.toISOString().slice(0, 19).replaceAll(/[T:]/g, "-");
  return join("postman-cli-reports", `${name.replaceAll(/[^\p{L}\p{N}._ -]/gu, "_")}-${stamp}.json`);
}

const withArticle = (kind: string): string => (kind === "environment" ? "an environment" : kind);
