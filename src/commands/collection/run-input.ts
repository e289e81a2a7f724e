import { z } from "zod";

import { convertValue } from "../../engine/formats/convert.ts";
import type { VariableDocument } from "../../engine/formats/document.ts";
import { isCookieJar } from "../../engine/http/cookies.ts";
import type { CollectionDocument, CookieJarDocument, RunInput, Variable } from "../../engine/types.ts";
import { AppError } from "../../lib/errors.ts";
import { bareId } from "../../lib/ids.ts";
import { openApi } from "../client/api.ts";
import { isThere, readCollection, readJson, readDataRows, readVariables } from "../client/documents.ts";
import { toRunOptions, type CollectionRunOptions } from "./run-options.ts";

/** Reads all that a run needs, from files or through the API. `warn` is told what a conversion could not keep. */
export async function readInput(
  fileOrId: string,
  options: CollectionRunOptions,
  warn: (sentence: string) => void,
): Promise<RunInput> {
  const runOptions = toRunOptions(options);
  const collection = await findCollection(fileOrId, options, warn);
  const environment = withGiven(
    options.environment === undefined ? undefined : await findEnvironment(options.environment, options),
    options.envVar,
    "--env-var",
  );
  const globals = withGiven(
    options.globals === undefined ? undefined : await findGlobals(options.globals, options),
    options.globalVar,
    "--global-var",
  );
  return {
    collection,
    ...(environment && { environment }),
    ...(globals && { globals }),
    ...(options.iterationData && { data: await readDataRows(options.iterationData) }),
    ...(options.cookieJar && { cookieJar: await readCookieJar(options.cookieJar) }),
    options: runOptions,
  };
}

async function readCookieJar(path: string): Promise<CookieJarDocument> {
  const jar = await readJson(path);
  if (isCookieJar(jar)) return jar;
  throw new AppError("bad_request", `${path} is not a cookie jar as --export-cookie-jar writes it.`);
}

async function findCollection(
  fileOrId: string,
  options: CollectionRunOptions,
  warn: (sentence: string) => void,
): Promise<CollectionDocument> {
  const id = await idUnlessFile(fileOrId);
  if (id !== undefined) {
    const { collection } = await fetchFromApi(`/collections/${id}`, wrapped("collection"), options);
    // Only collections of the API's own format come back.
    return collection as CollectionDocument;
  }
  const { document, warnings } = await readCollection(fileOrId);
  for (const warning of warnings) warn(warning);
  return document.content;
}

export async function findEnvironment(
  fileOrId: string,
  options: CollectionRunOptions,
): Promise<VariableDocument> {
  const id = await idUnlessFile(fileOrId);
  if (id === undefined) return readVariables(fileOrId);
  return toVariables(await fetchFromApi(`/environments/${id}`, wrapped("environment"), options), fileOrId);
}

/** What an answer of the API with an `environment` holds. */
export async function toVariables(body: unknown, id: string): Promise<VariableDocument> {
  const { documents } = await convertValue(body);
  const [document] = documents;
  if (document && document.kind !== "collection") return document.content;
  throw new AppError("unavailable", `The control plane answered something else than the environment ${id}.`);
}

export async function findGlobals(
  fileOrId: string,
  options: CollectionRunOptions,
): Promise<VariableDocument> {
  const id = await idUnlessFile(fileOrId);
  if (id === undefined) return readVariables(fileOrId);
  const { values } = await fetchFromApi(`/workspaces/${id}/global-variables`, globalValues, options);
  // Checked above; JSON has no undefined, so that absent members are absent.
  return { values: values as Variable[] };
}

const globalValues = z.object({
  values: z.array(
    z.looseObject({
      key: z.string(),
      value: z.unknown(),
      type: z.string().optional(),
      enabled: z.boolean().optional(),
    }),
  ),
});

/** A file of that name comes first: ids are not names that people give to files. */
async function idUnlessFile(fileOrId: string): Promise<string | undefined> {
  const id = bareId(fileOrId);
  return id !== undefined && !(await isThere(fileOrId)) ? id : undefined;
}

const wrapped = (kind: "collection" | "environment") => z.looseObject({ [kind]: z.looseObject({}) });

async function fetchFromApi<T>(
  path: string,
  answer: z.ZodType<T>,
  options: CollectionRunOptions,
): Promise<T> {
  const { server, sslExtraCaCerts, apiKey = options.postmanApiKey } = options;
  const api = await openApi({
    ...(server && { server }),
    ...(apiKey && { apiKey }),
    ...(sslExtraCaCerts && { sslExtraCaCerts }),
  });
  return api.get(path, answer);
}

/** Variables of the command line replace those of the file; undefined when there are none. */
export function withGiven(
  content: VariableDocument | undefined,
  given: string[] | undefined,
  flag: string,
): VariableDocument | undefined {
  if (content === undefined && given === undefined) return undefined;
  const added = (given ?? []).map((text) => toVariable(text, flag));
  const isReplaced = ({ key }: Variable) => added.some((variable) => variable.key === key);
  const kept = content?.values.filter((variable) => !isReplaced(variable)) ?? [];
  return { ...content, values: [...kept, ...added] };
}

function toVariable(text: string, flag: string): Variable {
  const at = text.indexOf("=");
  if (at < 1) throw new AppError("usage", `${flag} takes key=value, not "${text}".`);
  return { key: text.slice(0, at), value: text.slice(at + 1), type: "default", enabled: true };
}
