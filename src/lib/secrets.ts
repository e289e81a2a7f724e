import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { AppError, toError } from "./errors.ts";
import { isRecord } from "./parse.ts";

/** Secrets by name. */
export type Secrets = ReadonlyMap<string, string>;

/** More than this is not a file of secrets but a mistake. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Reads `--secrets`: a JSON object of texts, lines of `NAME=value`, or a folder with one file for each secret, as
 * Kubernetes mounts them. Throws one sentence that names the place and never shows a value.
 */
export async function readSecrets(path: string): Promise<Secrets> {
  const found = await stat(path).catch((error: unknown) => {
    throw unusable(path, reasonOf(error));
  });
  if (found.isDirectory()) return readFolder(path);
  const text = await readSecretFile(path);
  return text.trimStart().startsWith("{") ? parseJsonSecrets(text, path) : parseLines(text, path);
}

/** Kubernetes keeps versions in folders, and links from the names to the files in the newest. */
async function readFolder(folder: string): Promise<Secrets> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw unusable(folder, reasonOf(error));
  });
  const secrets = new Map<string, string>();
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    if (!(await isFile(path))) continue;
    secrets.set(name, (await readSecretFile(path)).replace(/\r?\n$/, ""));
  }
  if (secrets.size === 0) throw unusable(folder, "the folder holds no files");
  return secrets;
}

/** A link that leads nowhere counts, so that reading it says so. */
const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => true,
  );

async function readSecretFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unusable(path, reasonOf(error));
  });
  if (bytes.byteLength > MAX_FILE_BYTES) throw unusable(path, `it is larger than ${MAX_FILE_BYTES} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unusable(path, "it is not text in UTF-8");
  }
}

function parseJsonSecrets(text: string, path: string): Secrets {
  const values = Object.entries(parseObject(text, path));
  return new Map(
    values.map(([name, value]) => {
      if (typeof value === "string") return [name, value];
      if (typeof value === "number" || typeof value === "boolean") return [name, String(value)];
      throw unusable(path, `the value of "${name}" is not a text`);
    }),
  );
}

function parseObject(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // The words of the parser quote the text that it could not read, which may be a secret.
  }
  throw unusable(path, "it begins like a JSON object but is none");
}

function parseLines(text: string, path: string): Secrets {
  const secrets = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, value] = /^\s*(?:export\s+)?([^\s=]+)\s*=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw unusable(path, `line ${index + 1} is not NAME=value`);
    secrets.set(name, unquote(value.trim()));
  }
  if (secrets.size === 0) throw unusable(path, "it holds no secret");
  return secrets;
}

const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t" };

/** In double quotes `\n`, `\"` and the like are escapes; in single quotes, and without any, all stays as it is. */
function unquote(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/s.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === "'" ? inner : inner.replaceAll(/\\(.)/g, (_, char: string) => escapes[char] ?? char);
}

function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "this user is not allowed to read it";
  return error.message;
}

const unusable = (path: string, why: string): AppError =>
  new AppError(
    "unavailable",
    `The secrets in ${path} cannot be used (${why}); --secrets takes a JSON object of texts, lines of NAME=value, or a folder with one file for each secret.`,
  );
