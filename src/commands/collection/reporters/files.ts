import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { AppError, toError } from "../../../lib/errors.ts";

/** Writes a report and the folders around it. Throws one sentence that names the file. */
export const writeReport = (path: string, text: string): Promise<void> => write(path, text, 0o666);

/** The same for what holds secrets: only the user may read a file that is new. */
export const writePrivate = (path: string, text: string): Promise<void> => write(path, text, 0o600);

async function write(path: string, text: string, mode: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${text}\n`, { mode });
  } catch (error) {
    throw new AppError("unavailable", `${path} cannot be written: ${toError(error).message}.`);
  }
}

/** `postman-cli-reports/<Collection>-2026-01-31-12-00-00.json`, as Postman's own program names it. */
export function defaultReportPath(name: string, at: Date, extension: string): string {
  const stamp = at.toISOString().slice(0, 19).replaceAll(/[T:]/g, "-");
  const safeName = name.replaceAll(/[^\p{L}\p{N}._ -]/gu, "_").slice(0, 100);
  return join("postman-cli-reports", `${safeName}-${stamp}.${extension}`);
}
