import type { Command } from "commander";

import type { Finding } from "../runner/doctor/finding.ts";
import type { CommandContext } from "./context.ts";
import { addNetworkOptions, type NetworkOptions } from "./runner/network-options.ts";

export interface DoctorCommandOptions extends NetworkOptions {
  id?: string;
  key?: string;
  dataDir?: string;
  databaseUrl?: string;
  target?: string[];
  json?: true;
}

/** Looks at what a control plane, or a runner, needs here, changes nothing, and fails when something is wrong. */
export function define(command: Command, context: CommandContext): void {
  const common = command
    .option("--data-dir <folder>", "data folder of the control plane, or of the runner")
    .option("--database-url <url>", "Postgres of the control plane (also DATABASE_URL)")
    .option("--server <url>", "examine a runner's way to this control plane, instead of a control plane")
    .option("--id <id>", "id of the runner (also POSTMAN_RUNNER_ID)")
    .option("--key <key>", "its key, to be tried: better in APP_KEY or POSTMAN_RUNNER_KEY")
    .option("--target <url>", "an address that runs will go to; repeatable", collect);
  addNetworkOptions(common)
    .option("--json", "print the findings as JSON")
    .action(async (options: DoctorCommandOptions) => {
      const findings = await examine(options, context);
      if (options.json) context.print(JSON.stringify(findings));
      else for (const finding of findings) printFinding(finding, context);
      if (findings.some(({ isFine }) => !isFine)) process.exitCode = 1;
    });
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** Each loads what it needs: a runner's machine has no database, and a control plane's runs no collections. */
async function examine(options: DoctorCommandOptions, context: CommandContext): Promise<Finding[]> {
  if (options.server === undefined) {
    const { examineControlPlane } = await import("./doctor/control-plane.ts");
    return examineControlPlane(options, context);
  }
  const { examineHere } = await import("./doctor/runner.ts");
  return examineHere({ ...options, server: options.server }, context);
}

function printFinding({ check, isFine, detail, advice }: Finding, { print }: CommandContext): void {
  print(`${isFine ? "ok  " : "FAIL"}  ${check.padEnd(14)}  ${detail}`);
  if (advice !== undefined) print(`${" ".repeat(22)}→ ${advice}`);
}
