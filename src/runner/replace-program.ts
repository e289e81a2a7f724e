import { chmod, link, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { AppError, toError } from "../lib/errors.ts";

export interface NewProgram {
  bytes: AsyncIterable<Uint8Array>;
  sizeBytes: number;
  /** Hex. */
  sha256: string;
  /** Starts the new file before it takes the place of the old one; throws when it is of no use here. */
  tryOut: (path: string) => Promise<void>;
}

/** SHA-256 of a file, hex. */
export async function sha256Of(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}

/**
 * Replaces a program by another: written beside it, checked, tried out, and then renamed over it, so that at no time there is
 * half a file under its name. The old one stays as `<path>.previous`. Throws one sentence, with everything as it was.
 */
export async function replaceProgram(path: string, program: NewProgram): Promise<void> {
  const unfinished = `${path}.${process.pid}.new`;
  const { mode } = await stat(path);
  try {
    await write(unfinished, program).catch((error: unknown) => {
      throw error instanceof AppError ? error : notWritable(path, error);
    });
    await chmod(unfinished, mode | 0o500);
    await program.tryOut(unfinished);
    await keepPrevious(path);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Throws when the file at `path` cannot be replaced by this user; before anything is fetched for it. */
export async function checkReplaceable(path: string): Promise<void> {
  const probe = `${path}.${process.pid}.probe`;
  try {
    await (await open(probe, "wx", 0o600)).close();
  } catch (error) {
    throw notWritable(path, error);
  }
  await rm(probe, { force: true });
}

const notWritable = (path: string, error: unknown): AppError =>
  new AppError(
    "unavailable",
    `${path} cannot be replaced: this user cannot write to ${dirname(path)} (${codeOf(error)}). Run the command as one who can, or replace the file in the image or package that it comes from.`,
    { cause: error },
  );

const codeOf = (thrown: unknown): string => {
  const error = toError(thrown);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
};

async function write(path: string, { bytes, sizeBytes, sha256 }: NewProgram): Promise<void> {
  const hasher = new Bun.CryptoHasher("sha256");
  const file = await open(path, "wx", 0o600);
  let written = 0;
  try {
    const chunks = bytes[Symbol.asyncIterator]();
    for (let next = await nextOf(chunks); !next.done; next = await nextOf(chunks)) {
      written += next.value.byteLength;
      if (written > sizeBytes) throw damaged();
      hasher.update(next.value);
      await file.writeFile(next.value);
    }
    if (written !== sizeBytes || hasher.digest("hex") !== sha256) throw damaged();
    await file.sync();
  } finally {
    await file.close();
  }
}

const nextOf = (chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> =>
  chunks.next().catch((error: unknown) => {
    throw new AppError(
      "unavailable",
      `The program did not arrive whole (${codeOf(error)}); nothing is changed.`,
      {
        cause: error,
      },
    );
  });

const damaged = (): AppError =>
  new AppError(
    "unavailable",
    "The program that arrived is not the one that was announced: its SHA-256 differs. Nothing is changed; try again.",
  );

/** A second name for the old file, to go back to. Where that is not possible there is none. */
async function keepPrevious(path: string): Promise<void> {
  const previous = `${path}.previous`;
  await rm(previous, { force: true });
  if (process.platform === "win32") await rename(path, previous);
  else await link(path, previous).catch(() => undefined);
}
