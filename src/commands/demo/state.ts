import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { AppError } from "../../lib/errors.ts";
import { newToken } from "../../lib/ids.ts";

/** What a second start must know again; secrets, so the file is readable by its owner only. */
const demoState = z.object({
  email: z.string(),
  password: z.string(),
  bookshopPassword: z.string(),
  apiKey: z.string().optional(),
  runner: z.object({ id: z.string(), key: z.string() }).optional(),
});
export type DemoState = z.infer<typeof demoState>;

const FILE = "demo.json";
const PASSWORD_BYTES = 8;

/** Reads the state in `dataDir`, or makes the first one with fresh random passwords. Throws when it is damaged. */
export async function loadState(dataDir: string): Promise<DemoState> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new AppError(
      "unavailable",
      `The data dir ${dataDir} cannot be made: choose another with --data-dir.`,
      {
        cause: error,
      },
    );
  });
  const path = join(dataDir, FILE);
  const file = Bun.file(path);
  if (!(await file.exists())) return firstState(dataDir);
  const read = demoState.safeParse(await file.json().catch(() => undefined));
  if (read.success) return read.data;
  throw new AppError("unavailable", `${path} is damaged: restore it, or start with another --data-dir.`);
}

async function firstState(dataDir: string): Promise<DemoState> {
  const state = {
    email: "admin@example.com",
    password: randomBytes(PASSWORD_BYTES).toString("hex"),
    bookshopPassword: newToken(),
  };
  await saveState(dataDir, state);
  return state;
}

/** Replaces the file in one step, so that a crash leaves the old one or the new one. */
export async function saveState(dataDir: string, state: DemoState): Promise<void> {
  const path = join(dataDir, FILE);
  // The mode counts only when the file is made.
  await rm(`${path}.new`, { force: true });
  await writeFile(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
