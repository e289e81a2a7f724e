import type { CookieJarDocument, FinalVariables, RunInput, Variable } from "../../engine/types.ts";
import { systemClock } from "../../lib/clock.ts";
import { newId } from "../../lib/ids.ts";
import { VERSION } from "../../lib/version.ts";
import { writePrivate } from "./reporters/files.ts";
import type { CollectionRunOptions } from "./run-options.ts";

export interface LeftBehind {
  variables?: FinalVariables;
  cookies?: CookieJarDocument;
}

/** Writes what the run left behind, in the files in which Postman exports it. */
export async function exportLeft(
  { collection, environment, globals }: RunInput,
  { variables, cookies }: LeftBehind,
  options: CollectionRunOptions,
): Promise<void> {
  const { exportEnvironment, exportGlobals, exportCollection, exportCookieJar } = options;
  if (exportCookieJar && cookies) await writePrivate(exportCookieJar, json(cookies));
  if (!variables) return;
  if (exportEnvironment)
    await writePrivate(exportEnvironment, toExport("environment", environment, variables.environment));
  if (exportGlobals) await writePrivate(exportGlobals, toExport("globals", globals, variables.globals));
  if (exportCollection)
    await writePrivate(exportCollection, json({ ...collection, variable: variables.collection }));
}

function toExport(scope: string, source: object | undefined, values: Variable[]): string {
  return json({
    id: newId(),
    name: scope,
    ...source,
    values,
    _postman_variable_scope: scope,
    _postman_exported_at: systemClock.now().toISOString(),
    _postman_exported_using: `Sallyport/${VERSION}`,
  });
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);
