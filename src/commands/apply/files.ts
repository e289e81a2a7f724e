import type { Dirent } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";

import { isZip } from "../../engine/formats/archive.ts";
import { AppError, toError } from "../../lib/errors.ts";

const MAX_UNPACKED_BYTES = 512 * 1024 * 1024;
const MAX_FILES = 50_000;

/** The texts of a folder or of a zip file, by relative path with forward slashes. Throws one sentence. */
export async function readFiles(path: string): Promise<Map<string, string>> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (found.isDirectory()) return readFolder(path);
  const bytes = await readFile(path);
  if (isZip(bytes)) return unzip(bytes, path);
  throw new AppError("bad_request", `${path} is neither a folder nor a zip file.`);
}

async function readFolder(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const left = [root];
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    const entries: Dirent[] = await readdir(folder, { withFileTypes: true });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const isHidden = entry.name.startsWith(".") && entry.name !== ".resources";
      if (isHidden || entry.name === "node_modules") continue;
      if (entry.isDirectory()) left.push(path);
      else if (entry.isFile())
        files.set(relative(root, path).replaceAll(sep, "/"), await readFile(path, "utf8"));
      if (files.size > MAX_FILES)
        throw new AppError(
          "bad_request",
          `${root} holds more than ${MAX_FILES} files: give a folder of its own.`,
        );
    }
  }
  return files;
}

/** The files of an archive; `name` stands in messages. */
export async function unzip(bytes: Uint8Array, name: string): Promise<Map<string, string>> {
  const { unzipSync } = await import("fflate");
  let total = 0;
  try {
    const entries = unzipSync(bytes, {
      filter: ({ originalSize }) => {
        total += originalSize;
        if (total > MAX_UNPACKED_BYTES)
          throw new AppError("bad_request", `${name} is too large when unpacked.`);
        return true;
      },
    });
    const decoder = new TextDecoder();
    return new Map(
      Object.entries(entries)
        .filter(([path]) => !path.endsWith("/"))
        .map(([path, content]) => [path, decoder.decode(content)]),
    );
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("bad_request", `${name} cannot be unpacked: ${toError(error).message}.`);
  }
}

/** The same files give the same bytes: the time of each entry is the first that a zip file can hold. */
export async function zip(files: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const { zipSync } = await import("fflate");
  const encoder = new TextEncoder();
  const entries = [...files].map(([path, text]) => [path, encoder.encode(text)] as const);
  return zipSync(Object.fromEntries(entries), { level: 6, mtime: "1980-01-01" });
}

/** Writes below a folder that is not there yet, or is empty; `isForced` writes over what is there. */
export async function writeFolder(
  root: string,
  files: ReadonlyMap<string, string>,
  isForced: boolean,
): Promise<void> {
  const present = await readdir(root).catch(() => []);
  if (present.some((name) => !name.startsWith(".")) && !isForced)
    throw new AppError("usage", `${root} is not empty: give another folder, or --force to write into it.`);
  for (const [path, text] of files) {
    const target = resolve(root, path);
    if (!target.startsWith(resolve(root) + sep)) throw new Error(`the path ${path} leads out of the folder`);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

function unreadable(path: string, thrown: unknown): AppError {
  const error = toError(thrown);
  const isMissing = "code" in error && error.code === "ENOENT";
  return new AppError(
    "unavailable",
    `${path} cannot be read: ${isMissing ? "there is no such file or folder" : error.message}.`,
  );
}
