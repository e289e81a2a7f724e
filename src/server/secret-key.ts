import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
  // The first server decides; whoever comes later compares.
  const [row] = await database.sql<{ value: { sealed: string } }[]>`
    with first as (
      insert into settings (key, value)
      values (${CHECK_KEY}, ${JSON.stringify({ sealed: secretBox.seal(CHECK_TEXT) })}::jsonb)
      on conflict (key) do nothing
      returning value
    )
    select value from first union all select value from settings where key = ${CHECK_KEY}`;
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
  try {
    // Fails when the file is there, so of two servers that start at once one makes the key.
    writeFileSync(path, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
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
