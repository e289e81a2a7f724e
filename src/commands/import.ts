import type { Command } from "commander";

import { checkCollection, checkVariables, type Finding } from "../engine/formats/compatibility.ts";
import type { Converters } from "../engine/formats/convert.ts";
import type { PostmanDocument } from "../engine/formats/document.ts";
import { convertOpenApi, type OpenApiOptions } from "../engine/formats/openapi.ts";
import type { ApiClient } from "../lib/api-client.ts";
import { AppError } from "../lib/errors.ts";
import { openApi, withClientOptions, type ClientOptions } from "./client/api.ts";
import { readDocuments } from "./client/documents.ts";
import { resolveId } from "./client/resolve.ts";
import type { CommandContext } from "./context.ts";
import { openApiOptionNames, toOpenApiOptions } from "./import/openapi-options.ts";
import { describeFindings } from "./import/report.ts";
import { ensureWorkspace, upload, type Uploaded } from "./import/upload.ts";
import { importWorkspace, openWorkspaceArchive } from "./import/workspace.ts";

interface ImportOptions extends ClientOptions {
  workspace?: string;
  openapiOption?: string[];
}

interface Imported extends Uploaded {
  file: string;
  /** What will not behave here as in Postman. */
  compatibility: Finding[];
}

interface Result {
  imported: Imported[];
  failed: { file: string; error: string }[];
  /** What a conversion could not keep. */
  warnings: { file: string; warning: string }[];
  /** What was made of archives of whole workspaces. */
  made?: { file: string; kind: string; name: string }[];
}

/** Documents of every format of Postman's; a bad file does not keep the others from being imported. */
export function define(command: Command, context: CommandContext): void {
  withClientOptions(command)
    .argument(
      "<files...>",
      "collections v1, v2.0, v2.1, folders of format v3, environments, globals, data dumps, zip files, OpenAPI",
    )
    .option(
      "--workspace <id or name>",
      "where they go; default: your first workspace, which is made when there is none",
    )
    .option(
      "--openapi-option <name=value>",
      `how OpenAPI becomes a collection: ${openApiOptionNames.join(", ")}; repeatable`,
      listed,
    )
    .action(async (files: string[], options: ImportOptions) => {
      const openApiOptions = toOpenApiOptions(options.openapiOption ?? []);
      const api = await openApi(options);
      const workspace = options.workspace && (await resolveId(api, "workspace", options.workspace));
      const result: Result = { imported: [], failed: [], warnings: [] };
      const say = options.json ? () => {} : context.print;
      for (const file of files)
        await importFile(file, {
          api,
          workspace,
          openApiOptions,
          result,
          say,
          note: noteOf(file, context),
        });
      if (options.json) context.print(JSON.stringify(result));
      if (result.failed.length > 0) process.exitCode = 1;
    });
}

const listed = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

interface ImportContext {
  api: ApiClient;
  workspace: string | undefined;
  openApiOptions: OpenApiOptions;
  result: Result;
  say: (line: string) => void;
  /** Tells about the file on standard error. */
  note: (sentence: string) => void;
}

const noteOf =
  (file: string, { note, programName }: CommandContext) =>
  (sentence: string): void =>
    note(`${programName}: ${sentence.startsWith(file) ? "" : `${file}: `}${sentence}`);

async function importFile(file: string, context: ImportContext): Promise<void> {
  const { result, note, openApiOptions } = context;
  const archive = await unlessRefused(file, context, () => openWorkspaceArchive(file));
  if (archive) return importArchive(file, archive, context);
  const converters: Converters = { openApi: (document) => convertOpenApi(document, openApiOptions) };
  const found = await unlessRefused(file, context, () => readDocuments(file, converters));
  if (!found) return;
  for (const warning of found.warnings) {
    result.warnings.push({ file, warning });
    note(warning);
  }
  for (const document of found.documents)
    await unlessRefused(file, context, () => importDocument(file, document, context));
}

/** What `export workspace` wrote: more than documents. */
async function importArchive(
  file: string,
  files: ReadonlyMap<string, string>,
  context: ImportContext,
): Promise<void> {
  const { api, workspace, result, say, note } = context;
  const steps = await unlessRefused(file, context, () => importWorkspace(api, files, workspace, { note }));
  for (const { kind, name } of steps ?? []) {
    (result.made ??= []).push({ file, kind, name });
    say(`${file}: ${kind} "${name}" imported`);
  }
}

async function importDocument(
  file: string,
  document: PostmanDocument,
  { api, workspace, result, say }: ImportContext,
): Promise<void> {
  const made = workspace === undefined ? await ensureWorkspace(api) : undefined;
  if (made !== undefined) say(`Workspace "${made}" is made: there was none.`);
  const uploaded = await upload(api, document, workspace);
  const compatibility =
    document.kind === "collection" ? checkCollection(document.content) : checkVariables(document.content);
  result.imported.push({ file, ...uploaded, compatibility });
  say(`${file}: ${describe(uploaded)}`);
  for (const line of describeFindings(compatibility)) say(`  ${line}`);
}

const describe = ({ kind, name, uid }: Uploaded): string =>
  kind === "globals" ? `globals imported into workspace ${uid}` : `${kind} "${name}" imported as ${uid}`;

/** Undefined when the file or a document in it was refused, which is told. */
async function unlessRefused<T>(
  file: string,
  { result, note }: ImportContext,
  act: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AppError) || endsAll(error)) throw error;
    result.failed.push({ file, error: error.message });
    note(error.message);
    return undefined;
  }
}

/** No other file could do better. */
const endsAll = ({ code }: AppError): boolean => code === "unauthenticated";
