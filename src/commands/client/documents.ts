import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";

import type { Converters } from "../../engine/formats/convert.ts";
import { parseDataRows } from "../../engine/formats/data-rows.ts";
import {
  FormatError,
  type Converted,
  type PostmanDocument,
  type VariableDocument,
} from "../../engine/formats/document.ts";
import { convertFile } from "../../engine/formats/file.ts";
import { convertV3 } from "../../engine/formats/v3.ts";
import { AppError, toError } from "../../lib/errors.ts";

/** Everything in a file or a v3 folder. Throws one sentence that names the file. */
export async function readDocuments(path: string, converters?: Converters): Promise<Converted> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return naming(path, async () => {
    const name = basename(resolve(path));
    if (found.isDirectory()) return convertV3(await readFolder(path), name);
    return convertFile(await readBytes(path), name, converters);
  });
}

/** The one collection in a file or a v3 folder, with the warnings of its conversion. */
export async function readCollection(
  path: string,
): Promise<{ document: PostmanDocument & { kind: "collection" }; warnings: string[] }> {
  const { documents, warnings } = await readDocuments(path);
  const [document, another] = documents.filter((one) => one.kind === "collection");
  if (document && !another) return { document, warnings };
  const [first] = documents;
  if (document) throw new AppError("bad_request", `${path} holds several collections: give one of them.`);
  throw new AppError("bad_request", `${path} is not a collection but ${described(first?.kind)}.`);
}

/** The one environment or globals in a file. */
export async function readVariables(path: string): Promise<VariableDocument> {
  const { documents } = await readDocuments(path);
  const found = documents.flatMap((one) => (one.kind === "collection" ? [] : [one]));
  const [only, another] = found;
  if (only && !another) return only.content;
  throw new AppError(
    "bad_request",
    only
      ? `${path} holds several environments: give a file with one of them.`
      : `${path} is a collection, not an environment or globals.`,
  );
}

/** Rows of a CSV or JSON file, one for each iteration. */
export async function readDataRows(path: string): Promise<Record<string, unknown>[]> {
  const bytes = await readBytes(path);
  return naming(path, () => Promise.resolve(parseDataRows(new TextDecoder().decode(bytes))));
}

/** What a JSON file holds. Throws one sentence that names it. */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await readBytes(path);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new AppError("bad_request", `${path} is not JSON: ${toError(error).message}.`);
  }
}

/** The bytes of a file. Throws one sentence that names it. */
export async function readBytes(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

/** The YAML files of a folder by relative path. What begins with a dot is not looked into, `.resources` excepted. */
async function readFolder(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const left = [""];
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    const path = join(root, folder);
    const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    for (const { name, isDirectory, isFile } of entries.map(toEntry)) {
      const isHidden = (name.startsWith(".") && name !== ".resources") || name === "node_modules";
      if (isDirectory && !isHidden) left.push(`${folder}${name}/`);
      if (isFile && /\.ya?ml$/i.test(name))
        files.set(`${folder}${name}`, new TextDecoder().decode(await readBytes(join(path, name))));
    }
  }
  return files;
}

const toEntry = (entry: Dirent) => ({
  name: entry.name,
  isDirectory: entry.isDirectory(),
  isFile: entry.isFile(),
});

async function naming<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof FormatError ? new AppError("bad_request", `${path} ${error.message}`) : error;
  }
}

const unreadable = (path: string, error: unknown): AppError =>
  new AppError("unavailable", `${path} cannot be read: ${reasonOf(error)}.`);

function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "this user is not allowed to";
  return error.message;
}

const described = (kind: string | undefined): string =>
  kind === "environment" ? "an environment" : (kind ?? "nothing that is known");

/** Whether there is a file or folder of that name. */
export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
