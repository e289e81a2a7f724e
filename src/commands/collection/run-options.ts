import { type Command, Option } from "commander";

import { defaultRunOptions, type RunOptions } from "../../engine/types.ts";
import { parseWholeNumber } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";

/** As commander gives them. */
export interface CollectionRunOptions {
  environment?: string;
  globals?: string;
  iterationCount?: string;
  iterationData?: string;
  include?: string[];
  folder?: string[];
  envVar?: string[];
  globalVar?: string[];
  reporters: string;
  reporterJsonExport?: string;
  reporterJunitExport?: string;
  reporterHtmlExport?: string;
  reporterJsonStructure?: string;
  reporterJsonOmitRequestBodies?: true;
  reporterJsonOmitResponseBodies?: true;
  reporterJsonOmitHeaders?: true;
  reporterJsonOmitAllHeadersAndBody?: true;
  reporterHtmlOmitRequestBodies?: true;
  reporterHtmlOmitResponseBodies?: true;
  reporterHtmlOmitHeaders?: true;
  reporterHtmlOmitAllHeadersAndBody?: true;
  reporterCliNoSummary?: true;
  reporterCliNoFailures?: true;
  reporterCliNoAssertions?: true;
  reporterCliNoSuccessAssertions?: true;
  reporterCliNoConsole?: true;
  reporterCliNoBanner?: true;
  reporterCliShowTimestamps?: true;
  exportEnvironment?: string;
  exportGlobals?: string;
  exportCollection?: string;
  bail?: true | string;
  ignoreRedirects?: true;
  suppressExitCode?: true;
  silent?: true;
  verbose?: true;
  color: string;
  disableUnicode?: true;
  delayRequest?: string;
  timeout?: string;
  timeoutRequest?: string;
  timeoutScript?: string;
  insecure?: true;
  workingDir?: string;
  insecureFileRead: boolean;
  sslClientCertList?: string;
  sslClientCert?: string;
  sslClientKey?: string;
  sslClientPassphrase?: string;
  sslExtraCaCerts?: string;
  secrets?: string;
  cookieJar?: string;
  exportCookieJar?: string;
  server?: string;
  apiKey?: string;
  postmanApiKey?: string;
  json?: true;
  report?: true;
}

const listed = (value: string, before: string[] = []): string[] => [...before, value];

/** The options of `postman collection run` and newman's; those that make no sense here are refused, not ignored. */
export function addRunOptions(command: Command): Command {
  addInputOptions(command);
  addReportOptions(command);
  addBehaviourOptions(command);
  for (const [flags] of refused) command.addOption(new Option(flags).hideHelp());
  return command;
}

const addInputOptions = (command: Command): Command =>
  command
    .option("-e, --environment <file or id>", "environment")
    .option("-g, --globals <file or id>", "globals; the id is that of a workspace")
    .option("-n, --iteration-count <number>", "iterations; default: one, or one for each data row")
    .option("-d, --iteration-data <file>", "CSV, or a JSON list of objects; one row for each iteration")
    .option(
      "-i, --include <id or name>",
      "run only this request or folder; repeat for more, order is kept",
      listed,
    )
    .option("--folder <id or name>", "the same, as newman calls it", listed)
    .option("--env-var <key=value>", "variable of the environment; repeatable", listed)
    .option("--global-var <key=value>", "global variable; repeatable", listed)
    .option(
      "--secrets <file or folder>",
      "values of {{vault:name}} and pm.vault.get: JSON, lines of NAME=value, or a folder of files",
    )
    .option("--server <url>", "control plane that ids are looked up in; default: where you are logged in")
    .option("--api-key <key>", "API key for it; default: the one you logged in with")
    .addOption(new Option("--postman-api-key <key>", "the same as --api-key").hideHelp());

const addReportOptions = (command: Command): Command =>
  command
    .option("-r, --reporters <names>", "cli, json, junit, html, with commas between them", "cli")
    .option("--reporter-json-export <file>", "where the JSON report goes; default: postman-cli-reports/…")
    .option("--reporter-junit-export <file>", "where the JUnit report goes")
    .option("--reporter-html-export <file>", "where the HTML report goes")
    .option("--reporter-json-structure <name>", "newman: the JSON report as newman writes it")
    .option("--reporter-json-omitRequestBodies", "leave request bodies out of the JSON report")
    .option("--reporter-json-omitResponseBodies", "leave response bodies out")
    .option("--reporter-json-omitHeaders", "leave headers out")
    .option("--reporter-json-omitAllHeadersAndBody", "leave all three out")
    .option("--reporter-html-omitRequestBodies", "leave request bodies out of the HTML report")
    .option("--reporter-html-omitResponseBodies", "leave response bodies out")
    .option("--reporter-html-omitHeaders", "leave headers out")
    .option("--reporter-html-omitAllHeadersAndBody", "leave all three out")
    .option("--reporter-cli-no-summary", "print no summary")
    .option("--reporter-cli-no-failures", "print no list of failures")
    .option("--reporter-cli-no-assertions", "print no assertions")
    .option("--reporter-cli-no-success-assertions", "print failed assertions only")
    .option("--reporter-cli-no-console", "print nothing of what scripts log")
    .option("--reporter-cli-no-banner", "do not print the name of the collection")
    .option("--reporter-cli-show-timestamps", "print the time of day of each request")
    .option("--export-environment <file>", "write the environment as it is at the end")
    .option("--export-globals <file>", "write the globals as they are at the end")
    .option(
      "--export-collection <file>",
      "write the collection as v2.1, with its variables as they are at the end",
    )
    .option(
      "--report",
      "tell the control plane of the result: it is listed among the CI runs of its workspace",
    )
    .option("--json", "print the JSON report and nothing else")
    .option("--silent", "print nothing")
    .option("--verbose", "print headers, bodies and the phases of each request")
    .addOption(new Option("--color <when>", "auto, on or off").default("auto").choices(["auto", "on", "off"]))
    .option("--disable-unicode", "plain letters instead of signs");

const addBehaviourOptions = (command: Command): Command =>
  command
    .option("--bail [folder|failure]", "stop at the first failure: after its folder, or at once")
    .option("--ignore-redirects", "do not follow redirects")
    .option("-x, --suppress-exit-code", "exit 0 whatever the result")
    .option("--delay-request <ms>", "pause between requests")
    .option("--timeout <ms>", "limit for the whole run; 0 = none")
    .option("--timeout-request <ms>", "limit for one request; 0 = none")
    .option("--timeout-script <ms>", "limit for one script; 0 = none")
    .option("--working-dir <folder>", "where files to send lie; default: the current folder")
    .option("--no-insecure-file-read", "send no files from outside of the working directory")
    .option("-k, --insecure", "do not verify certificates")
    .option(
      "--ssl-client-cert-list <file>",
      "JSON list of client certificates and the addresses they are for",
    )
    .option("--ssl-client-cert <file>", "client certificate, PEM")
    .option("--ssl-client-key <file>", "its private key, PEM")
    .option("--ssl-client-passphrase <text>", "passphrase of the key")
    .option("--ssl-extra-ca-certs <file>", "PEM file of further certificate authorities")
    .option("--cookie-jar <file>", "cookies to begin with, as --export-cookie-jar writes them")
    .option("--export-cookie-jar <file>", "write the cookies at the end");

/** Options of Postman's that have no meaning here, each with what to do instead. */
const refused: [flags: string, instead: string][] = [
  ["--integration-id <id>", "results are not sent to Postman, so there is no integration: run without it"],
  ["--mock <file>", "local mocks cannot be started with a run: use a mock server of the control plane"],
  ["--simulate <file>", "simulations cannot be started with a run: use a mock server of the control plane"],
];

/** Throws `usage` for an option that does nothing here. */
export function refuseWhatIsMissing(command: Command): void {
  for (const [flags, instead] of refused) {
    const option = new Option(flags);
    if (command.getOptionValueSource(option.attributeName()) === "cli")
      throw new AppError("usage", `${option.long ?? flags} does not work here: ${instead}.`);
  }
}

/** The engine's options. Throws `usage` that names the wrong option. */
export function toRunOptions(options: CollectionRunOptions): RunOptions {
  const iterations = options.iterationCount;
  checkStructure(options.reporterJsonStructure);
  return {
    ...defaultRunOptions,
    requestDelayMs: ms(options.delayRequest, "--delay-request"),
    runTimeoutMs: ms(options.timeout, "--timeout"),
    requestTimeoutMs: ms(options.timeoutRequest, "--timeout-request"),
    scriptTimeoutMs: ms(options.timeoutScript, "--timeout-script"),
    followRedirects: !options.ignoreRedirects,
    strictSsl: !options.insecure,
    bail: bailOf(options.bail),
    select: [...(options.include ?? []), ...(options.folder ?? [])],
    maxKeptBodyBytes: keptBodyBytes(options),
    ...(iterations !== undefined && {
      iterationCount: parseWholeNumber(iterations, "--iteration-count", { min: 1, max: 1_000_000 }),
    }),
  };
}

const MAX_REPORTED_BODY_BYTES = 1024 * 1024;

/** Bodies are kept only for who shows them. */
function keptBodyBytes({ reporters, json, verbose }: CollectionRunOptions): number {
  if (json || /json|html/.test(reporters)) return MAX_REPORTED_BODY_BYTES;
  return verbose ? 16 * 1024 : 0;
}

function checkStructure(structure: string | undefined): void {
  if (structure === undefined || structure === "newman") return;
  throw new AppError("usage", `--reporter-json-structure takes newman, not "${structure}".`);
}

const ms = (text: string | undefined, name: string): number =>
  text === undefined ? 0 : parseWholeNumber(text, name, { min: 0, max: 86_400_000 });

function bailOf(bail: true | string | undefined): RunOptions["bail"] {
  if (bail === undefined) return "off";
  if (bail === true || bail === "failure") return "failure";
  if (bail === "folder") return "folder";
  throw new AppError("usage", `--bail takes folder or failure, not "${bail}".`);
}
