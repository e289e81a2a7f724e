import type { z } from "zod";

import { convertText } from "../../engine/formats/convert.ts";
import { FormatError, type PostmanDocument, type VariableDocument } from "../../engine/formats/document.ts";
import { convertV3 } from "../../engine/formats/v3.ts";
import { parseStrictYaml } from "../../engine/formats/yaml.ts";
import { AppError } from "../../lib/errors.ts";
import { describeIssues } from "../../lib/parse.ts";
import {
  alertFolders,
  channelFile,
  ruleFile,
  statusPageFile,
  summaryFile,
  teamChannelsFolder,
  windowFile,
} from "./content-alerts.ts";
import {
  type FolderContent,
  mockFile,
  monitorFile,
  runnerFile,
  type SpecContent,
  specFile,
  type Variable,
  type WorkspaceContent,
  workspaceFile,
} from "./content.ts";

/** Texts by relative path. */
type Files = ReadonlyMap<string, string>;

export const workspaceFileName = "workspace.yaml";

/**
 * What the files of a folder say: `workspace.yaml` at its top, or in folders below it, each a workspace; what belongs to the team.
 * Throws one sentence that names the file that is wrong.
 */
export async function readFolderContent(files: Files): Promise<FolderContent> {
  const roots = [...files.keys()]
    .filter((path) => path === workspaceFileName || path.endsWith(`/${workspaceFileName}`))
    .map((path) => path.slice(0, path.length - workspaceFileName.length))
    .filter((root, _, all) => !all.some((other) => other !== root && root.startsWith(other)))
    .toSorted();
  const workspaces: WorkspaceContent[] = [];
  for (const root of roots) workspaces.push(await readWorkspace(below(files, root), root));
  return {
    workspaces,
    runners: readEach(files, "runners", runnerFile),
    channels: readEach(files, teamChannelsFolder, channelFile),
  };
}

/** The files below a folder, by their paths in it. */
const below = (files: Files, folder: string): Map<string, string> =>
  new Map(
    [...files]
      .filter(([path]) => path.startsWith(folder))
      .map(([path, text]) => [path.slice(folder.length), text]),
  );

const yamlFiles = (files: Files): [string, string][] =>
  [...files].filter(([path]) => /^[^/]+\.ya?ml$/i.test(path)).toSorted(byPath);

const byPath = ([one]: [string, string], [other]: [string, string]): number => (one < other ? -1 : 1);

/** The workspace whose `workspace.yaml` is at the top of the files. `at` is where they lie, for messages. */
export async function readWorkspace(files: Files, at = ""): Promise<WorkspaceContent> {
  const text = files.get(workspaceFileName);
  if (text === undefined) throw wrong(`${at}${workspaceFileName}`, "is missing.");
  const workspace = parseFile(workspaceFile, text, `${at}${workspaceFileName}`);
  const documents = await readDocuments(files, at);
  const globals = documents.filter(({ kind }) => kind === "globals");
  const each = <T>(folder: string, schema: z.ZodType<T>): T[] => readEach(files, folder, schema, at);
  return {
    workspace,
    collections: documents.flatMap(({ kind, name, content, isV3 }) =>
      kind === "collection" ? [{ name, document: content, isV3 }] : [],
    ),
    environments: documents.flatMap((one) =>
      one.kind === "environment"
        ? [{ name: one.name, ...idOf(one.content), values: variablesOf(one.content) }]
        : [],
    ),
    ...(globals.length > 0 && {
      globals: globals.flatMap((one) => (one.kind === "collection" ? [] : variablesOf(one.content))),
    }),
    monitors: each("monitors", monitorFile),
    mocks: each("mocks", mockFile),
    specs: readSpecs(below(files, "specs/"), `${at}specs/`),
    channels: each(alertFolders.channels, channelFile),
    rules: each(alertFolders.rules, ruleFile),
    windows: each(alertFolders.windows, windowFile),
    summaries: each(alertFolders.summaries, summaryFile),
    statusPages: each(alertFolders.statusPages, statusPageFile),
  };
}

/** A file for each element. `at` is where the folder lies, for messages. */
const readEach = <T>(files: Files, folder: string, schema: z.ZodType<T>, at = ""): T[] =>
  yamlFiles(below(files, `${folder}/`)).map(([path, content]) =>
    parseFile(schema, content, `${at}${folder}/${path}`),
  );

const idOf = ({ id }: VariableDocument) => (typeof id === "string" ? { id } : {});

/** What has no name is no variable. */
const variablesOf = ({ values }: VariableDocument): Variable[] =>
  values.flatMap((value) => (typeof value.key === "string" ? [{ ...value, key: value.key }] : []));

type ReadDocument = PostmanDocument & { isV3: boolean };

async function readDocuments(files: Files, at: string): Promise<ReadDocument[]> {
  const documents: ReadDocument[] = [];
  const v3 = new Map<string, string>();
  for (const [path, text] of [...files].toSorted(byPath)) {
    const [, folder] = /^(collections|environments|globals)\//.exec(path) ?? [];
    if (folder === undefined) continue;
    if (/\.ya?ml$/i.test(path)) v3.set(path, text);
    else if (/\.json$/i.test(path)) {
      const converted = await naming(`${at}${path}`, () => convertText(text));
      documents.push(...converted.documents.map((one) => ({ ...one, isV3: false })));
    }
  }
  if (v3.size === 0) return documents;
  const read = await naming(at || "the folder", () => Promise.resolve(convertV3(v3, "workspace")));
  return [...documents, ...read.documents.map((one) => ({ ...one, isV3: true }))];
}

function readSpecs(files: Files, at: string): SpecContent[] {
  const heads = [...files].filter(([path]) => /^[^/]+\/spec\.yaml$/.test(path)).toSorted(byPath);
  return heads.map(([path, text]) => {
    const spec = parseFile(specFile, text, `${at}${path}`);
    const contents = below(files, `${path.slice(0, path.length - "spec.yaml".length)}files/`);
    if (!contents.has(spec.root))
      throw wrong(`${at}${path}`, `names the root file "${spec.root}", which is not there.`);
    return { ...spec, files: Object.fromEntries(contents) };
  });
}

function parseFile<T>(schema: z.ZodType<T>, text: string, path: string): T {
  let value: unknown;
  try {
    value = parseStrictYaml(text);
  } catch (error) {
    throw error instanceof FormatError ? wrong(path, error.message) : error;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw wrong(path, `is not as it should be: ${(describeIssues(parsed.error)[0] ?? "").replace(/\.$/, "")}.`);
}

async function naming<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof FormatError ? wrong(path, error.message) : error;
  }
}

const wrong = (path: string, what: string): AppError => new AppError("bad_request", `${path} ${what}`);
