import { realpath } from "node:fs/promises";

import type { Command } from "commander";

import { AppError } from "../../lib/errors.ts";
import { isCompiled, ownPlatform } from "../../lib/self.ts";
import { isOlder, VERSION } from "../../lib/version.ts";
import { openProgramSource, type ProgramSource } from "../../runner/program-source.ts";
import { checkReplaceable, replaceProgram, sha256Of } from "../../runner/replace-program.ts";
import type { CommandContext } from "../context.ts";
import { type IdentityOptions, readRunnerId, readRunnerKey, readServer } from "./identity.ts";
import { readServerWay } from "./network-options.ts";

interface UpgradeOptions extends IdentityOptions {
  serverProxy?: string;
  sslExtraCaCerts?: string;
  check?: true;
  allowOlder?: true;
  json?: true;
}

/** `runner upgrade`: the control plane's own program takes the place of this one. */
export function defineUpgrade(parent: Command, context: CommandContext): void {
  parent
    .command("upgrade")
    .description("replace this program by the one that the control plane has")
    .option("--id <id>", "id of the runner (also POSTMAN_RUNNER_ID)")
    .option("--key <key>", "its key: better in APP_KEY, POSTMAN_RUNNER_KEY, or - for standard input")
    .option("--server <url>", "address of the control plane")
    .option("--server-proxy <url>", "proxy on the way to the control plane; default: none")
    .option("--ssl-extra-ca-certs <file>", "PEM file of further certificate authorities")
    .option("--check", "only say whether there is another program; exit code 1 when there is")
    .option("--allow-older", "take it even when its version is older")
    .option("--json", "print JSON for programs")
    .action((options: UpgradeOptions) => upgrade(options, context));
}

async function upgrade(options: UpgradeOptions, context: CommandContext): Promise<void> {
  if (!isCompiled()) {
    throw new AppError("usage", "This runs from its sources: there is no program file to replace.");
  }
  const source = openProgramSource({
    runnerId: readRunnerId(options),
    server: readServer(options),
    ...(await readServerWay(options)),
    runnerKey: await readRunnerKey(options),
  });
  try {
    await replaceSelf(source, options, context);
  } finally {
    await source.close();
  }
}

async function replaceSelf(
  source: ProgramSource,
  { check, allowOlder, json }: UpgradeOptions,
  { print }: CommandContext,
): Promise<void> {
  const path = await realpath(process.execPath);
  const { version, programs } = await source.list();
  const offered = programs.find(({ platform }) => platform === ownPlatform);
  if (!offered) throw noProgram(programs.map(({ platform }) => platform));
  const report = (state: string, line: string) =>
    print(json ? JSON.stringify({ state, path, from: VERSION, to: version, sha256: offered.sha256 }) : line);

  if ((await sha256Of(path)) === offered.sha256) {
    return report("current", `${path} is the control plane's own program already (version ${VERSION}).`);
  }
  if (check) {
    process.exitCode = 1;
    return report("available", `The control plane has another program: version ${version}, here ${VERSION}.`);
  }
  if (isOlder(version, VERSION) && !allowOlder) {
    throw new AppError(
      "conflict",
      `The control plane is older (${version}) than this runner (${VERSION}): upgrade the control plane, or repeat with --allow-older.`,
    );
  }
  await checkReplaceable(path);
  const bytes = await source.download(offered.platform);
  await replaceProgram(path, { ...offered, bytes, tryOut: startsHere });
  report(
    "replaced",
    `${path} is version ${version} now; the one before is ${path}.previous. Runners that were started with --restart-on-upgrade finish their runs and make way for it; restart the others, or drain them on the runner's page.`,
  );
}

const noProgram = (platforms: string[]): AppError =>
  new AppError(
    "not_found",
    `The control plane has no program for ${ownPlatform}${platforms.length > 0 ? `, only for ${platforms.join(", ")}` : ""}: put app-${ownPlatform} into its folder of programs, see serve --help.`,
  );

const TRY_OUT_MS = 30_000;

/** A program for another system, or one that needs what is not here, must not take the place of one that works. */
async function startsHere(path: string): Promise<void> {
  const child = Bun.spawn([path, "version"], { stdio: ["ignore", "ignore", "pipe"], timeout: TRY_OUT_MS });
  const exitCode = await child.exited;
  if (exitCode === 0) return;
  throw new AppError(
    "unavailable",
    "The program of the control plane does not start on this machine; nothing is changed.",
  );
}
