import { type Command, Option } from "commander";

import { defaultRunOptions, type RunOptions } from "../../engine/types.ts";
import { parseWholeNumber } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";

export interface CollectionRunOptions {
  environment?: string;
  globals?: string;
  iterationCount?: string;
  iterationData?: string;
  include?: string[];
  envVar?: string[];
  globalVar?: string[];
  reporters: string;
  reporterJsonExport?: string;
  bail?: true | string;
  ignoreRedirects?: true;
  suppressExitCode?: true;
  silent?: true;
  disableUnicode?: true;
  delayRequest?: string;
  timeout?: string;
  timeoutRequest?: string;
  timeoutScript?: string;
  insecure?: true;
  sslExtraCaCerts?: string;
  json?: true;
}

const listed = (value: string, before: string[] = []): string[] => [...before, value];

/** The options of `postman collection run`; those without effect yet are refused instead of ignored. */
export function addRunOptions(command: Command): Command {
  command
    .option("-e, --environment <file>", "environment")
    .option("-g, --globals <file>", "globals")
    .option("-n, --iteration-count <number>", "iterations; default: one, or one for each data row")
    .option("-d, --iteration-data <file>", "JSON list of objects, one for each iteration")
    .option("-i, --include <id or name>", "run only this item; repeat for more, order is kept", listed)
    .option("--env-var <key=value>", "variable of the environment; repeatable", listed)
    .option("--global-var <key=value>", "global variable; repeatable", listed)
    .option("-r, --reporters <names>", "cli, json", "cli")
    .option("--reporter-json-export <file>", "where the JSON report goes")
    .option("--bail [folder|failure]", "stop at the first failure: after its folder, or at once")
    .option("--ignore-redirects", "do not follow redirects")
    .option("-x, --suppress-exit-code", "exit 0 whatever the result")
    .option("--silent", "print nothing")
    .option("--disable-unicode", "plain letters instead of signs")
    .option("--delay-request <ms>", "pause between requests")
    .option("--timeout <ms>", "limit for the whole run; 0 = none")
    .option("--timeout-request <ms>", "limit for one request; 0 = none")
    .option("--timeout-script <ms>", "limit for one script; 0 = none")
    .option("-k, --insecure", "do not verify certificates")
    .option("--ssl-extra-ca-certs <file>", "PEM file of further certificate authorities")
    .option("--json", "print the JSON report and nothing else");
  for (const flags of notYet) command.addOption(new Option(flags).hideHelp());
  return command;
}

const notYet = [
  "--reporter-junit-export <file>",
  "--reporter-html-export <file>",
  "--reporter-json-structure <name>",
  "--integration-id <id>",
  "--working-dir <folder>",
  "--no-insecure-file-read",
  "--ssl-client-cert-list <file>",
  "--ssl-client-cert <file>",
  "--ssl-client-key <file>",
  "--ssl-client-passphrase <text>",
  "--cookie-jar <file>",
  "--export-cookie-jar <file>",
  "--mock <file>",
  "--simulate <file>",
];

/** Throws `usage` for an option of Postman's that does nothing here yet. */
export function refuseWhatIsMissing(command: Command): void {
  for (const flags of notYet) {
    const option = new Option(flags);
    if (command.getOptionValueSource(option.attributeName()) === "cli")
      throw new AppError("usage", `${option.long ?? flags} does not work yet: run without it.`);
  }
}

/** The engine's options. Throws `usage` that names the wrong option. */
export function toRunOptions(options: CollectionRunOptions): RunOptions {
  const iterations = options.iterationCount;
  return {
    ...defaultRunOptions,
    requestDelayMs: ms(options.delayRequest, "--delay-request"),
    runTimeoutMs: ms(options.timeout, "--timeout"),
    requestTimeoutMs: ms(options.timeoutRequest, "--timeout-request"),
    scriptTimeoutMs: ms(options.timeoutScript, "--timeout-script"),
    followRedirects: !options.ignoreRedirects,
    strictSsl: !options.insecure,
    bail: bailOf(options.bail),
    select: options.include ?? [],
    ...(iterations !== undefined && {
      iterationCount: parseWholeNumber(iterations, "--iteration-count", { min: 1, max: 1_000_000 }),
    }),
  };
}

const ms = (text: string | undefined, name: string): number =>
  text === undefined ? 0 : parseWholeNumber(text, name, { min: 0, max: 86_400_000 });

function bailOf(bail: true | string | undefined): RunOptions["bail"] {
  if (bail === undefined) return "off";
  if (bail === true || bail === "failure") return "failure";
  if (bail === "folder") return "folder";
  throw new AppError("usage", `--bail takes folder or failure, not "${bail}".`);
}
