import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { z } from "zod";

import { readEnvironment } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";

const credentials = z.object({ server: z.string(), apiKey: z.string() });
export type Credentials = z.infer<typeof credentials>;

/** `credentials.json` in the user's configuration folder. */
export function credentialsPath(): string {
  const { configHome } = readEnvironment();
  if (configHome) return join(configHome, "sallyport", "credentials.json");
  throw new AppError("unavailable", "There is no folder for the login: set HOME or XDG_CONFIG_HOME.");
}

/** What `login` stored; undefined when nobody is logged in. */
export async function readCredentials(): Promise<Credentials | undefined> {
  const path = credentialsPath();
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = credentials.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new AppError("unavailable", `The file ${path} is damaged: log in again.`);
}

/** Only the user may read the file; it appears whole or not at all. */
export async function writeCredentials(content: Credentials): Promise<string> {
  const path = credentialsPath();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: "w" });
  await rename(temporary, path);
  return path;
}

/** False when there was nothing to delete. */
export async function deleteCredentials(): Promise<boolean> {
  const path = credentialsPath();
  const isThere = await Bun.file(path).exists();
  await rm(path, { force: true });
  return isThere;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
