import { randomInt } from "node:crypto";

import { BodyError } from "./body-error.ts";
import { typeOfFile } from "./file-types.ts";
import { FileError, type FileSource } from "./files.ts";
import { toText, type JsonObject } from "./json.ts";
import type { Resolve } from "./variables.ts";

interface FormOptions {
  resolve: Resolve;
  files: FileSource;
  /** The Content-Type that the user set by hand. */
  contentType: string | undefined;
}

export interface EncodedForm {
  bytes: Uint8Array;
  contentType: string;
}

/** `multipart/form-data` with the disposition and types that Postman gives its parts. Throws `BodyError`. */
export async function encodeForm(params: JsonObject[], options: FormOptions): Promise<EncodedForm> {
  const own = ownBoundary(options.contentType);
  const boundary = own ?? `--------------------------${randomDigits()}`;
  const pieces: (string | Uint8Array)[] = [];
  for (const param of params)
    for (const part of await partsOf(param, options)) {
      pieces.push(`--${boundary}\r\n${headOf(part)}\r\n`, part.content, "\r\n");
    }
  pieces.push(`--${boundary}--\r\n`);
  return {
    bytes: Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece))),
    contentType:
      own === undefined
        ? `multipart/form-data; boundary=${boundary}`
        : (options.contentType ?? `multipart/form-data; boundary=${boundary}`),
  };
}

/** A boundary that the user chose is kept, if it cannot break out of the line that it stands in. */
function ownBoundary(contentType = ""): string | undefined {
  const [, quotedText, bare] =
    /^multipart\/form-data;.*boundary=(?:"([^"\r\n]+)"|([^;\r\n]+))/.exec(contentType) ?? [];
  return quotedText ?? bare;
}

const randomDigits = (): string =>
  Array.from({ length: 4 }, () => String(randomInt(1_000_000)).padStart(6, "0")).join("");

interface Part {
  name: string;
  filename: string | undefined;
  type: string | undefined;
  content: string | Uint8Array;
}

async function partsOf(param: JsonObject, options: FormOptions): Promise<Part[]> {
  const { resolve, files } = options;
  const name = resolve(toText(param["key"] ?? ""));
  const filename = typeof param["fileName"] === "string" ? baseName(resolve(param["fileName"])) : undefined;
  const ownType = resolve(toText(param["contentType"] ?? ""));
  const type = ownType !== "" ? ownType : filename === undefined ? undefined : typeOfFile(filename);
  if (param["type"] !== "file") return [{ name, filename, type, content: textOf(param["value"], resolve) }];
  const sources = sourcesOf(param["src"], resolve);
  if (sources.length === 0) return [partWithoutSource(param, { name, filename, type }, resolve)];
  const parts: Part[] = [];
  for (const source of sources) {
    const content = await readFile(source, files, `Form param \`${name}\`, file load error`);
    const sourceType = ownType !== "" ? ownType : (typeOfFile(source) ?? octets);
    parts.push({ name, filename: filename ?? baseName(source), type: sourceType, content });
  }
  return parts;
}

/** A file that was put into the document itself, or none that was chosen. */
function partWithoutSource(
  { src, value }: JsonObject,
  { name, filename, type }: Omit<Part, "content">,
  resolve: Resolve,
): Part {
  if (typeof value === "string" && value !== "" && !Array.isArray(src))
    return { name, filename, type: type ?? octets, content: Buffer.from(resolve(value), "base64") };
  return { name, filename: filename ?? "", type, content: "" };
}

const octets = "application/octet-stream";

const textOf = (value: unknown, resolve: Resolve): string =>
  typeof value === "string"
    ? resolve(value)
    : value === undefined || value === null
      ? ""
      : resolve(JSON.stringify(value));

const sourcesOf = (src: unknown, resolve: Resolve): string[] =>
  (Array.isArray(src) ? src : [src])
    .filter((source): source is string => typeof source === "string" && source !== "")
    .map(resolve);

/** Reads one file of a body; `what` begins the message when it cannot be read. */
export async function readFile(source: string, files: FileSource, what: string): Promise<Uint8Array> {
  try {
    return await files.read(source);
  } catch (error) {
    if (error instanceof FileError) throw new BodyError(`${what}: ${error.message}`);
    throw error;
  }
}

function headOf({ name, filename, type }: Part): string {
  const disposition = [
    `form-data; name="${quoted(name)}"`,
    ...(filename === undefined ? [] : [`filename="${quoted(filename)}"`]),
    ...(filename !== undefined && beyondLatin1.test(filename) ? [`filename*=${extended(filename)}`] : []),
  ];
  const typeLine = type === undefined ? "" : `Content-Type: ${oneLine(type)}\r\n`;
  return `Content-Disposition: ${disposition.join("; ")}\r\n${typeLine}`;
}

// eslint-disable-next-line no-control-regex
const beyondLatin1 = /[^\t\u0020-\u007e\u0080-\u00ff]/;

/** RFC 8187. */
const extended = (text: string): string =>
  `UTF-8''${encodeURIComponent(text.toWellFormed())
    .replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
    .replace(/%(?:7C|60|5E)/g, decodeURIComponent)}`;

const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, " ");

const quoted = (name: string): string =>
  name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
