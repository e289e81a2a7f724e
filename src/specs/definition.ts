import type { Database } from "../../db/connect.ts";
import type { ConvertSpec } from "../access/context.ts";
import { AppError } from "../lib/errors.ts";
import { loadFiles, type SpecFile } from "./files-store.ts";
import { badSpec, fileFormatOf, specNotFound } from "./spec.ts";
import type { Spec } from "./store.ts";

const contentTypes: Record<string, string> = { json: "application/json", yaml: "application/yaml" };

/**
 * The definition of a specification as one text, and what that is. Several files become one; a single file is as it was
 * stored. 400 when its text is broken.
 */
export async function loadDefinition(
  database: Database,
  spec: Spec,
  convertSpec: ConvertSpec | undefined,
): Promise<{ text: string; contentType: string }> {
  const files = await loadFiles(database, spec.id);
  const [root] = files;
  if (!root) throw specNotFound();
  const format = fileFormatOf(root.path);
  const contentType = contentTypes[format] ?? "text/plain; charset=utf-8";
  if (files.length === 1 || !(format in contentTypes)) {
    if (format === "json" && !isJson(root.content)) throw broken("its root file is not JSON");
    return { text: root.content, contentType };
  }
  try {
    const { text } = await needed(convertSpec)({ action: "bundle", ...filesOf(files) });
    return { text: text ?? "", contentType };
  } catch (error) {
    throw error instanceof AppError && error.code === "bad_request" ? broken(error.message) : error;
  }
}

/** As the convert process wants them; the root is the first. */
export const filesOf = (files: SpecFile[]): { root: string; files: Record<string, string> } => ({
  root: files[0]?.path ?? "",
  files: Object.fromEntries(files.map(({ path, content }) => [path, content])),
});

export function needed(convertSpec: ConvertSpec | undefined): ConvertSpec {
  if (convertSpec) return convertSpec;
  throw new AppError("unavailable", "This server cannot convert specifications: it has no convert process.");
}

const broken = (why: string): AppError =>
  badSpec(
    `The spec you are trying to fetch has errors, the definition for the same can't be generated: ${why}`,
    "MalformedSpecification",
  );

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
