import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";

import { codeOf } from "./http/errors.ts";

/** Longest file that goes into a request, in bytes: a body is sent from memory. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** A file that cannot be read; the message is the one of Postman's runtime. */
export class FileError extends Error {
  override readonly name = "FileError";
}

/**
 * The only way in which a collection reaches files: bodies in `file` mode and file fields of forms. A program that
 * runs documents of others keeps the default, which refuses.
 */
export interface FileSource {
  /** The whole file. `path` as the document has it. Rejects with `FileError`. */
  read(path: string): Promise<Uint8Array>;
}

export const noFiles: FileSource = {
  read: (path) => Promise.reject(new FileError(`"${path}", files are not allowed here`)),
};

export interface FileSourceOptions {
  /** Relative paths start here: `--working-dir`; Postman's default is the current folder. */
  workingDir: string;
  /** Files outside of it may be read, too: Postman's default, switched off by `--no-insecure-file-read`. */
  allowOutside: boolean;
}

export function createFileSource({ workingDir, allowOutside }: FileSourceOptions): FileSource {
  return {
    async read(path) {
      const wanted = resolve(workingDir, path);
      try {
        // Links may lead out: what counts is where the file really is.
        if (!allowOutside && !isInside(await realpath(wanted), await realpath(workingDir)))
          throw new FileError("PPERM: insecure file access outside working directory");
        return await readWhole(wanted, path);
      } catch (error) {
        if (error instanceof FileError) throw error;
        throw new FileError(describe(path, codeOf(error)));
      }
    },
  };
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith("../") && !way.startsWith("..\\") && !isAbsolute(way);
}

async function readWhole(path: string, name: string): Promise<Uint8Array> {
  // A pipe without a writer would keep an ordinary open waiting for ever.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new FileError(`"${name}", is not a file`);
    if (stats.size > MAX_FILE_BYTES) throw new FileError(`"${name}", is larger than ${MAX_FILE_BYTES} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function describe(path: string, code: string | undefined): string {
  if (code === "ENOENT" || code === "ENOTDIR") return `"${path}", no such file`;
  if (code === "EACCES" || code === "EPERM") return `"${path}", read permission denied`;
  return `"${path}", ${code ?? "cannot be read"}`;
}
