import { isZip } from "../../engine/formats/archive.ts";
import type { ApiClient } from "../../lib/api-client.ts";
import { runSteps } from "../apply.ts";
import { unzip } from "../apply/files.ts";
import { hasWork, type Step } from "../apply/plan.ts";
import { planImport } from "../apply/planner.ts";
import { readWorkspace, workspaceFileName } from "../apply/read.ts";
import type { CommandContext } from "../context.ts";

/** The files of an archive that `export workspace` wrote; undefined for any other file. */
export async function openWorkspaceArchive(path: string): Promise<Map<string, string> | undefined> {
  const file = Bun.file(path);
  if (!/\.zip$/i.test(path) || !(await file.exists())) return undefined;
  const bytes = await file.bytes();
  if (!isZip(bytes)) return undefined;
  const files = await unzip(bytes, path);
  return files.has(workspaceFileName) ? files : undefined;
}

/** Makes everything in the archive anew, in a workspace of its own or in the given one. What was made, in its order. */
export async function importWorkspace(
  api: ApiClient,
  files: ReadonlyMap<string, string>,
  workspaceId: string | undefined,
  context: Pick<CommandContext, "note">,
): Promise<Step[]> {
  const steps = await planImport(api, await readWorkspace(files), workspaceId, context.note);
  if (hasWork(steps)) await runSteps(steps, context);
  return steps.filter(({ run }) => run !== undefined);
}
