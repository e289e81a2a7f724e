import type { Command } from "commander";

import type { ApiClient } from "../lib/api-client.ts";
import { APPLY_USER_AGENT } from "../lib/api-client.ts";
import { AppError } from "../lib/errors.ts";
import { confirm } from "./apply/confirm.ts";
import { readFiles } from "./apply/files.ts";
import { describePlan, hasWork, type Step } from "./apply/plan.ts";
import { planFolder } from "./apply/planner.ts";
import { readFolderContent } from "./apply/read.ts";
import { openApi, withClientOptions, type ClientOptions } from "./client/api.ts";
import type { CommandContext } from "./context.ts";

interface ApplyOptions extends ClientOptions {
  file: string;
  prune?: true;
  dryRun?: true;
  yes?: true;
}

/** Makes the control plane as a folder of files says; docs/apply.md has the files. */
export function define(command: Command, context: CommandContext): void {
  withClientOptions(command)
    .requiredOption("-f, --file <folder>", "folder, or zip file, with workspace.yaml in it or below it")
    .option("--prune", "delete what the files do not name, in the workspaces that they name")
    .option("--dry-run", "show the plan and change nothing")
    .option("-y, --yes", "do not ask")
    .action(async (options: ApplyOptions) => {
      const folder = await readFolderContent(await readFiles(options.file));
      if (folder.workspaces.length + folder.runners.length + folder.channels.length === 0)
        throw new AppError(
          "bad_request",
          `${options.file} holds neither a workspace.yaml nor runners: see docs/apply.md for the files.`,
        );
      await applyFolder(await openApi(options, { userAgent: APPLY_USER_AGENT }), folder, options, context);
    });
}

async function applyFolder(
  api: ApiClient,
  folder: Awaited<ReturnType<typeof readFolderContent>>,
  options: ApplyOptions,
  context: CommandContext,
): Promise<void> {
  const told: string[] = [];
  const tell = (line: string) => void (options.json ? told.push(line) : context.print(line));
  const steps = await planFolder(api, folder, { prune: options.prune === true, tell });
  if (!options.json) for (const line of describePlan(steps)) context.print(line);
  const isApplied = hasWork(steps) && !options.dryRun;
  if (isApplied) {
    await confirm("Apply this plan?", options, context);
    await runSteps(steps, context);
    if (!options.json) context.print("Done.");
  }
  if (options.json)
    context.print(JSON.stringify({ applied: isApplied, steps: steps.map(toJson), notes: told }));
}

/** In their order; what fails is named, and what was done before stays done. */
export async function runSteps(steps: Step[], { note }: Pick<CommandContext, "note">): Promise<void> {
  let done = 0;
  for (const { kind, name, action, run } of steps) {
    if (!run) continue;
    try {
      await run();
      done += 1;
    } catch (error) {
      note(`${done} steps were done; ${action} of ${kind} "${name}" failed. Apply again to go on.`);
      throw error;
    }
  }
}

const toJson = ({ run: _run, ...step }: Step) => step;
