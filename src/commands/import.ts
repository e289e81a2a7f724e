import type { Command } from "commander";
import { z } from "zod";

import type { ApiClient } from "../lib/api-client.ts";
import { AppError } from "../lib/errors.ts";
import { openApi, withClientOptions, type ClientOptions } from "./client/api.ts";
import { readDocument } from "./client/documents.ts";
import { resolveId } from "./client/resolve.ts";
import type { CommandContext } from "./registry.ts";

interface ImportOptions extends ClientOptions {
  workspace?: string;
}

interface Imported {
  file: string;
  kind: "collection" | "environment";
  id: string;
  uid: string;
  name: string;
}

const created = z.looseObject({ id: z.string(), uid: z.string(), name: z.string() });

/** Collections and environments from files; a bad file does not keep the others from being imported. */
export function define(command: Command, { print, note, programName }: CommandContext): void {
  withClientOptions(command)
    .argument("<files...>", "collections v2.x and environments")
    .option("--workspace <id or name>", "where they go; default: the first workspace")
    .action(async (files: string[], options: ImportOptions) => {
      const api = await openApi(options);
      const query = options.workspace
        ? `?workspace=${await resolveId(api, "workspace", options.workspace)}`
        : "";
      const imported: Imported[] = [];
      const failed: { file: string; error: string }[] = [];
      for (const file of files) {
        try {
          const one = await importFile(api, file, query);
          imported.push(one);
          if (!options.json) print(`${file}: ${one.kind} "${one.name}" imported as ${one.uid}`);
        } catch (error) {
          if (!(error instanceof AppError) || endsAll(error)) throw error;
          failed.push({ file, error: error.message });
          note(`${programName}: ${error.message.startsWith(file) ? "" : `${file}: `}${error.message}`);
        }
      }
      if (options.json) print(JSON.stringify({ imported, failed }));
      if (failed.length > 0) process.exitCode = 1;
    });
}

/** No other file could do better. */
const endsAll = ({ code }: AppError): boolean => code === "unauthenticated";

async function importFile(api: ApiClient, file: string, query: string): Promise<Imported> {
  const document = await readDocument(file);
  if (document.kind === "globals")
    throw new AppError("bad_request", `${file} holds globals, which cannot be imported yet.`);
  const { kind, content } = document;
  const answer = z.object({ [kind]: created });
  const body = await api.post(`/${kind}s${query}`, { [kind]: content }, answer);
  const { id, uid, name } = created.parse(body[kind]);
  return { file, kind, id, uid, name };
}
