import { z } from "zod";

import { AppError, problem } from "../lib/errors.ts";

/** Kinds of specifications, in Postman's words, with the endings that their files may have. */
const extensions = {
  "OPENAPI:2.0": ["json", "yaml", "yml"],
  "OPENAPI:3.0": ["json", "yaml", "yml"],
  "OPENAPI:3.1": ["json", "yaml", "yml"],
  "ASYNCAPI:2.0": ["json", "yaml", "yml"],
  "ASYNCAPI:3.0": ["json", "yaml", "yml"],
  "PROTOBUF:2": ["proto"],
  "PROTOBUF:3": ["proto"],
  GRAPHQL: ["graphql", "gql"],
  "SMITHY:2.0": ["smithy"],
} as const satisfies Record<string, readonly string[]>;

export type SpecType = keyof typeof extensions;
export const specTypes = Object.keys(extensions) as [SpecType, ...SpecType[]];

export const MAX_FILE_BYTES = 10 * 1024 * 1024;
const MAX_FILES = 500;
const MAX_PATH_CHARS = 512;

export const isSpecType = (text: string): text is SpecType => Object.hasOwn(extensions, text);

export const isOpenApiType = (type: string): boolean => type.startsWith("OPENAPI:");

/** `json`, `yaml`, `proto`, `graphql` or `smithy`, by the name of the root file. */
export function fileFormatOf(path: string): string {
  const extension = extensionOf(path);
  return { yml: "yaml", gql: "graphql" }[extension] ?? extension;
}

const extensionOf = (path: string): string => /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";

/** The last part of a path. */
export const fileNameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const name = z.string().trim().min(1).max(255);
const filePath = z.string();
const content = z.string();
const fileType = z.enum(["DEFAULT", "ROOT"]);

export const newSpec = z.object({
  name,
  type: z.enum(specTypes),
  files: z
    .array(z.object({ path: filePath, content, type: fileType.optional() }))
    .min(1)
    .max(MAX_FILES),
});
export const specChange = z.object({ name });
export const newSpecFile = z.object({ path: filePath, content });
export const specFileChange = z.object({
  name: z.string().optional(),
  type: fileType.optional(),
  content: content.optional(),
});
export const newVersionTag = z.object({ name });

export interface FileInput {
  path: string;
  content: string;
  type: "ROOT" | "DEFAULT";
}

/** Names, sizes and the one root of a new specification; without a root named, the first file is it. */
export function checkFiles(type: SpecType, files: z.infer<typeof newSpec>["files"]): FileInput[] {
  const roots = files.filter((file) => file.type === "ROOT");
  if (roots.length > 1) throw badSpec("Multi-file specifications can only have one root file.");
  const root = roots[0] ?? files[0];
  const paths = new Set<string>();
  return files.map((file) => {
    checkPath(type, file.path);
    checkContent(file.content);
    if (paths.has(file.path)) throw badSpec(`The file "${file.path}" is given twice.`);
    paths.add(file.path);
    return { path: file.path, content: file.content, type: file === root ? "ROOT" : "DEFAULT" };
  });
}

/** 400 for a path that leads out of the specification, or whose ending does not go with its type. */
export function checkPath(type: SpecType, path: string): void {
  const parts = path.split("/");
  const isSound =
    path.length <= MAX_PATH_CHARS &&
    parts.every((part) => part.trim() !== "" && part !== "." && part !== "..") &&
    // oxlint-disable-next-line no-control-regex -- they are what is refused
    !/[\\\u0000-\u001f]/.test(path);
  if (!isSound) throw badSpec("The path parameter /filePath is invalid.");
  const allowed: readonly string[] = extensions[type];
  if (!allowed.includes(extensionOf(path)))
    throw badSpec(`Invalid file extension: files of ${type} end in ${allowed.join(", ")}.`);
}

export function checkContent(text: string): void {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) throw badSpec("File size exceeded the limit of 10 MB");
  if (text.includes("\0")) throw badSpec("The content of a file must not hold a NUL character.");
}

/** 400 in the form of these endpoints. */
export const badSpec = (detail: string, type = "problem:bad-request"): AppError =>
  problem("bad_request", detail, { type, title: "Bad Request" });

export const specNotFound = (
  detail = "The specification you are trying to access does not exist.",
): AppError => problem("not_found", detail, { type: "instanceNotFoundError", title: "Not Found" });

const recognizers: [type: SpecType, extension: RegExp, content: RegExp][] = [
  ["PROTOBUF:2", /^proto$|^$/, /^\s*syntax\s*=\s*["']proto2["']/m],
  ["PROTOBUF:3", /^proto$|^$/, /^\s*(syntax\s*=\s*["']proto3["']|message\s+\w+|service\s+\w+)/m],
  [
    "GRAPHQL",
    /^(graphql|gql)$|^$/,
    /^\s*(type|schema|interface|enum|scalar|input|extend|directive)\b[^:]*\{/m,
  ],
  ["SMITHY:2.0", /^smithy$|^$/, /^\s*(\$version|namespace\s)/m],
  ["OPENAPI:2.0", /^(json|ya?ml)$|^$/, /["']?swagger["']?\s*:\s*["']?2/],
  ["OPENAPI:3.0", /^(json|ya?ml)$|^$/, /["']?openapi["']?\s*:\s*["']?3\.0/],
  ["OPENAPI:3.1", /^(json|ya?ml)$|^$/, /["']?openapi["']?\s*:\s*["']?3\.[12]/],
  ["ASYNCAPI:2.0", /^(json|ya?ml)$|^$/, /["']?asyncapi["']?\s*:\s*["']?2/],
  ["ASYNCAPI:3.0", /^(json|ya?ml)$|^$/, /["']?asyncapi["']?\s*:\s*["']?3/],
];

/** What a file is, by its name and its text; a pasted text has no name. 400 for what is no specification. */
export function recognize({ name, content }: { name: string; content: string }): {
  name: string;
  type: SpecType;
  path: string;
  content: string;
} {
  const extension = extensionOf(name);
  const start = content.slice(0, 200_000);
  const [type] = recognizers.find(([, ending, text]) => ending.test(extension) && text.test(start)) ?? [];
  if (type === undefined)
    throw new AppError(
      "bad_request",
      "This is no specification that is known: OpenAPI, AsyncAPI, Protobuf, GraphQL or Smithy.",
    );
  const isJson = content.trimStart().startsWith("{");
  const [first] = extensions[type];
  const ending = first === "json" && !isJson ? "yaml" : first;
  const title = /(?:^|[{,])\s*["']?title["']?\s*:\s*["']?([^"'\n,}]+)/m.exec(start)?.[1]?.trim();
  return {
    name: title || fileNameOf(name).replace(/\.[^.]+$/, "") || "Specification",
    type,
    path: name === "" ? `index.${ending}` : fileNameOf(name),
    content,
  };
}
