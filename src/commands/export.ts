import { writeFile } from "node:fs/promises";

import { type Command, Option } from "commander";
import { z } from "zod";

import { writeAs } from "../engine/formats/spec-job.ts";
import { toOpenApi } from "../engine/formats/to-openapi.ts";
import { writeV3, writeV3Variables } from "../engine/formats/v3-write.ts";
import { convertV20, isV20 } from "../engine/formats/v20.ts";
import type { ApiClient } from "../lib/api-client.ts";
import { AppError, toError } from "../lib/errors.ts";
import { withoutStamps } from "./apply/compare.ts";
import { fetchWorkspace, toContent } from "./apply/fetch.ts";
import { writeFolder, zip } from "./apply/files.ts";
import { writeWorkspace } from "./apply/write.ts";
import { openApi, withClientOptions, type ClientOptions } from "./client/api.ts";
import { resolveId } from "./client/resolve.ts";
import type { CommandContext } from "./context.ts";

interface ExportOptions extends ClientOptions {
  output?: string;
  workspace?: string;
  withSecrets?: true;
  force?: true;
}

const collectionFormats = ["v2.1", "v3", "openapi", "openapi-yaml"] as const;
type Format = (typeof collectionFormats)[number];

const document = z.record(z.string(), z.unknown());
const variables = z.looseObject({ name: z.string(), values: z.array(document) });

/** `export collection|environment|globals|workspace`, through the API. */
export function define(parent: Command, context: CommandContext): void {
  const command = (usage: string, description: string) =>
    withClientOptions(parent.command(usage).description(description)).option(
      "--force",
      "write into a folder that is not empty",
    );

  command("collection <collection>", "write a collection")
    .option("-o, --output <path>", "file, or folder for v3; default: standard output")
    .option("-w, --workspace <id or name>", "where a name is looked for")
    .addOption(
      new Option("--format <format>", "one file v2.1, a folder v3, or OpenAPI 3.0")
        .choices(collectionFormats)
        .default("v2.1"),
    )
    .action(async (idOrName: string, options: ExportOptions & { format: Format }) => {
      const api = await openApi(options);
      const id = await resolveId(api, "collection", idOrName, await workspaceQuery(api, options));
      const { collection } = await api.get(`/collections/${id}`, z.object({ collection: document }));
      await writeCollection(withoutStamps(collection), options, context);
    });

  command("environment <environment>", "write an environment")
    .option("-o, --output <file>", "default: standard output")
    .option("-w, --workspace <id or name>", "where a name is looked for")
    .addOption(variableFormat())
    .option("--with-secrets", "with the values of secrets, in clear")
    .action(async (idOrName: string, options: ExportOptions & { format: "v2.1" | "v3" }) => {
      const api = await openApi(options);
      const id = await resolveId(api, "environment", idOrName, await workspaceQuery(api, options));
      const answer = await api.get(`/environments/${id}`, z.object({ environment: variables }));
      await writeVariables("environment", { ...answer.environment, id }, options, context);
    });

  command("globals", "write the globals of a workspace")
    .option("-o, --output <file>", "default: standard output")
    .requiredOption("-w, --workspace <id or name>", "whose globals")
    .addOption(variableFormat())
    .option("--with-secrets", "with the values of secrets, in clear")
    .action(async (options: ExportOptions & { workspace: string; format: "v2.1" | "v3" }) => {
      const api = await openApi(options);
      const id = await resolveId(api, "workspace", options.workspace);
      const { values } = await api.get(
        `/workspaces/${id}/global-variables`,
        z.object({ values: z.array(document) }),
      );
      await writeVariables("globals", { name: "Globals", values }, options, context);
    });

  command(
    "workspace <workspace>",
    "write everything in a workspace: collections, environments, monitors, mocks, specs, alerts, status pages",
  )
    .requiredOption("-o, --output <path>", "a zip file, which import reads, or a folder, which apply reads")
    .addOption(
      new Option("--format <format>", "of collections; default: v2.1 in a zip file, v3 in a folder").choices([
        "v2.1",
        "v3",
      ]),
    )
    .option("--with-secrets", "with the values of secrets, in clear")
    .action(async (idOrName: string, options: ExportOptions & { output: string; format?: "v2.1" | "v3" }) => {
      const api = await openApi(options);
      const id = await resolveId(api, "workspace", idOrName);
      await exportWorkspace(api, id, options, context);
    });
}

const variableFormat = () =>
  new Option("--format <format>", "JSON as of v2.1, or YAML as of v3")
    .choices(["v2.1", "v3"])
    .default("v2.1");

async function workspaceQuery(api: ApiClient, { workspace }: ExportOptions): Promise<string> {
  return workspace ? `?workspace=${await resolveId(api, "workspace", workspace)}` : "";
}

async function writeCollection(
  collection: Record<string, unknown>,
  { format, output, force, json }: ExportOptions & { format: Format },
  context: CommandContext,
): Promise<void> {
  const v21 = isV20(collection) ? convertV20(collection) : collection;
  if (format === "v2.1") return writeText(toJson(collection), output, context, json);
  if (format === "v3") {
    if (!output)
      throw new AppError("usage", "A collection of format v3 is a folder: give one with --output.");
    const { files, warnings } = writeV3(v21);
    await writeFolder(output, files, force === true);
    return report({ output, files: files.size, warnings }, json, context);
  }
  const { document: openApiDocument, warnings } = toOpenApi(v21, "3.0");
  for (const warning of warnings) context.note(`${context.programName}: ${warning}`);
  return writeText(
    await writeAs(format === "openapi" ? "json" : "yaml", openApiDocument),
    output,
    context,
    json,
  );
}

async function writeVariables(
  kind: "environment" | "globals",
  { id, name, values }: { id?: string; name: string; values: Record<string, unknown>[] },
  { format, output, withSecrets, json }: ExportOptions & { format: "v2.1" | "v3" },
  context: CommandContext,
): Promise<void> {
  const shown = withSecrets
    ? values
    : values.map((one) => (one["type"] === "secret" ? { ...one, value: "" } : one));
  const text =
    format === "v3"
      ? writeV3Variables(kind, name, shown)
      : toJson({ ...(id && { id }), name, values: shown, _postman_variable_scope: kind });
  await writeText(text, output, context, json);
}

async function exportWorkspace(
  api: ApiClient,
  id: string,
  options: ExportOptions & { output: string; format?: "v2.1" | "v3" },
  context: CommandContext,
): Promise<void> {
  const { output, withSecrets, force, json } = options;
  const isZip = /\.zip$/i.test(output);
  const content = toContent(await fetchWorkspace(api, id), { withSecrets: withSecrets === true });
  const { files, warnings } = writeWorkspace(content, options.format ?? (isZip ? "v2.1" : "v3"));
  if (isZip) await writePrivately(output, await zip(files));
  else await writeFolder(output, files, force === true);
  report({ output, files: files.size, warnings }, json, context);
}

function report(
  result: { output: string; files: number; warnings: string[] },
  isJson: true | undefined,
  { print, note, programName }: CommandContext,
): void {
  if (isJson) return print(JSON.stringify(result));
  for (const warning of result.warnings) note(`${programName}: ${warning}`);
  print(`${result.files} files are written to ${result.output}.`);
}

/** To standard output where nothing else goes, so that it can be piped. */
async function writeText(
  text: string,
  output: string | undefined,
  { print }: CommandContext,
  isJson: true | undefined,
): Promise<void> {
  if (output === undefined || output === "-") return print(text.trimEnd());
  await writePrivately(output, text);
  print(isJson ? JSON.stringify({ output }) : `${output} is written.`);
}

/** What is exported may hold credentials: only the user may read it. */
async function writePrivately(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content, { mode: 0o600 }).catch((error: unknown) => {
    throw new AppError("unavailable", `${path} cannot be written: ${toError(error).message}.`);
  });
}

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
