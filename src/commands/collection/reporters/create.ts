import { systemClock } from "../../../lib/clock.ts";
import { readEnvironment } from "../../../lib/config.ts";
import { AppError, unreachable } from "../../../lib/errors.ts";
import type { CommandContext } from "../../context.ts";
import type { CollectionRunOptions } from "../run-options.ts";
import { createCliReporter } from "./cli.ts";
import { defaultReportPath, writeReport } from "./files.ts";
import { toHtmlReport } from "./html.ts";
import { toNewmanReport } from "./json-newman.ts";
import { toJsonReport } from "./json.ts";
import { toJunitReport } from "./junit.ts";
import { omitFrom, type Omissions } from "./omit.ts";
import { asciiGlyphs, createPaint, unicodeGlyphs } from "./paint.ts";
import { createProgress } from "./progress.ts";
import { createFileReporter, type Findings, type Reporter, type RunFacts } from "./reporter.ts";

const reporterNames = ["cli", "json", "junit", "html"] as const;
export type ReporterName = (typeof reporterNames)[number];

/** Throws `usage` for a name that is not one. */
export function parseReporters(text: string): ReporterName[] {
  const names = text.split(",").flatMap((name) => (name.trim() ? [name.trim()] : []));
  return names.map((name) => {
    const known = reporterNames.find((one) => one === name);
    if (known) return known;
    throw new AppError(
      "usage",
      `There is no reporter "${name}": use cli, json, junit, html or several of them.`,
    );
  });
}

/** Reporters in the order in which they are asked for. With `--json` the report is all that is printed. */
export function createReporters(
  facts: RunFacts,
  options: CollectionRunOptions,
  context: CommandContext,
): Reporter[] {
  if (options.json)
    return [
      createFileReporter((findings) => Promise.resolve(context.print(jsonOf(facts, findings, options)))),
    ];
  return parseReporters(options.reporters).flatMap((name) => {
    if (name !== "cli") return [toFile(name, facts, options, context)];
    return options.silent ? [] : [createCliReporter(facts, cliOptions(options, context))];
  });
}

function toFile(
  name: Exclude<ReporterName, "cli">,
  facts: RunFacts,
  options: CollectionRunOptions,
  { note }: CommandContext,
): Reporter {
  const { extension, asked, render } = fileReport(name, facts, options);
  const path = asked ?? defaultReportPath(facts.collectionName, facts.startedAt, extension);
  return createFileReporter(async (findings) => {
    await writeReport(path, render(findings));
    if (!options.silent) note(`${name} report: ${path}`);
  });
}

function fileReport(name: Exclude<ReporterName, "cli">, facts: RunFacts, options: CollectionRunOptions) {
  switch (name) {
    case "json":
      return {
        extension: "json",
        asked: options.reporterJsonExport,
        render: (findings: Findings) => jsonOf(facts, findings, options),
      };
    case "junit":
      return {
        extension: "xml",
        asked: options.reporterJunitExport,
        render: (findings: Findings) => toJunitReport(facts, findings),
      };
    case "html":
      return {
        extension: "html",
        asked: options.reporterHtmlExport,
        render: (findings: Findings) => toHtmlReport(facts, without(findings, htmlOmissions(options))),
      };
    default:
      return unreachable(name);
  }
}

function jsonOf(facts: RunFacts, findings: Findings, options: CollectionRunOptions): string {
  const toReport = options.reporterJsonStructure === "newman" ? toNewmanReport : toJsonReport;
  return JSON.stringify(toReport(facts, without(findings, jsonOmissions(options))), null, 2);
}

const without = (findings: Findings, omissions: Omissions): Findings => ({
  ...findings,
  steps: findings.steps.map((step) => omitFrom(step, omissions)),
});

const jsonOmissions = (options: CollectionRunOptions): Omissions => {
  const all = options.reporterJsonOmitAllHeadersAndBody === true;
  return {
    requestBodies: all || options.reporterJsonOmitRequestBodies === true,
    responseBodies: all || options.reporterJsonOmitResponseBodies === true,
    headers: all || options.reporterJsonOmitHeaders === true,
  };
};

const htmlOmissions = (options: CollectionRunOptions): Omissions => {
  const all = options.reporterHtmlOmitAllHeadersAndBody === true;
  return {
    requestBodies: all || options.reporterHtmlOmitRequestBodies === true,
    responseBodies: all || options.reporterHtmlOmitResponseBodies === true,
    headers: all || options.reporterHtmlOmitHeaders === true,
  };
};

function cliOptions(options: CollectionRunOptions, { print }: CommandContext) {
  const isTerminal = process.stdout.isTTY;
  const isColoured =
    options.color === "on" || (options.color === "auto" && isTerminal && !readEnvironment().noColor);
  return {
    print,
    glyphs: options.disableUnicode ? asciiGlyphs : unicodeGlyphs,
    paint: createPaint(isColoured),
    isVerbose: options.verbose === true,
    noSummary: options.reporterCliNoSummary === true,
    noFailures: options.reporterCliNoFailures === true,
    noAssertions: options.reporterCliNoAssertions === true,
    noSuccessAssertions: options.reporterCliNoSuccessAssertions === true,
    noConsole: options.reporterCliNoConsole === true,
    noBanner: options.reporterCliNoBanner === true,
    timeOfDay: options.reporterCliShowTimestamps
      ? () => systemClock.now().toLocaleTimeString("sv-SE")
      : undefined,
    progress: isTerminal ? createProgress() : undefined,
  };
}
