import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Database } from "../../db/connect.ts";
import { parseSecretKey, type StorageConfig } from "../lib/config.ts";
import { AppError } from "../lib/errors.ts";
import { createSecretBox, type SecretBox } from "../lib/seal.ts";

const CHECK_KEY = "secret_key_check";
const CHECK_TEXT = "sallyport";

/**
 * The box of this installation: its key comes from the environment, or from a file in the data folder that the first
 * start makes. Throws `unavailable` when the database was written with another key.
 */
export async function openSecretBox(database: Database, config: StorageConfig): Promise<SecretBox> {
  const secretBox = createSecretBox(config.secretKey ?? readOrMakeKey(config.dataDir));
  const check = JSON.stringify({ sealed: secretBox.seal(CHECK_TEXT) });
  // The first server decides; whoever comes later compares. Two statements: one that lost the race against a server that
  // starts at the same time would not see that server's row in its own snapshot.
  await database.sql`
    insert into settings (key, value) values (${CHECK_KEY}, ${check}::jsonb) on conflict (key) do nothing`;
  const [row] = await database.sql<{ value: { sealed: string } }[]>`
    select value from settings where key = ${CHECK_KEY}`;
  if (row && opens(secretBox, row.value.sealed)) return secretBox;
  throw new AppError(
    "unavailable",
    `The secret key does not fit this database: give the key of the first server in APP_SECRET_KEY, or its secret.key file in the data folder ${config.dataDir}.`,
  );
}

function opens(secretBox: SecretBox, sealed: string): boolean {
  try {
    return secretBox.open(sealed) === CHECK_TEXT;
  } catch {
    return false;
  }
}

function readOrMakeKey(dataDir: string): Uint8Array {
  const path = join(dataDir, "secret.key");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) makeKey(path);
  try {
    return parseSecretKey(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `The secret key in ${path} is damaged: restore the file from a backup.`,
      {
        cause,
      },
    );
  }
}

/** Of servers that start at once one makes the key: the link fails when the file is there, and no one sees half of it. */
function makeKey(path: string): void {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft);
  }
}
