import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import type { Element } from "../elements.ts";
import { toV1Params, toV2Params } from "./params.ts";
import { textOf } from "./params.ts";
import { auth, events, setOrDrop } from "./request.ts";

/** A folder in the v1 model. Absent = stays as it is. */
export const folderSchema = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  description: z.string().nullish(),
  /** The folder that a new one goes into. */
  folder: z.string().nullish(),
  auth,
  events,
  variables: z.array(z.record(z.string(), z.unknown())).nullish(),
  protocolProfileBehavior: z.record(z.string(), z.unknown()).nullish(),
});
export type FolderFields = z.infer<typeof folderSchema>;

/** What a folder says itself, in the v1 model. */
export const folderToV1 = (folder: Element): Record<string, unknown> => ({
  name: folder["name"] ?? "",
  description: textOf(folder["description"]),
  auth: folder["auth"] ?? null,
  events: folder["event"] ?? null,
  variables: folder["variable"] === undefined ? null : toV1Params(folder["variable"]),
  protocolProfileBehavior: folder["protocolProfileBehavior"] ?? null,
});

/** Puts the fields that were sent into the folder; one that says what it says already changes nothing. */
export function applyFolder(folder: Element, fields: FolderFields): void {
  const before = folderToV1(folder);
  const changes = (key: keyof FolderFields) =>
    fields[key] !== undefined && !isDeepStrictEqual(fields[key], before[key] ?? null);
  if (changes("name")) folder["name"] = fields.name;
  setOrDrop(folder, "description", changes("description"), fields.description);
  setOrDrop(folder, "auth", changes("auth"), fields.auth);
  setOrDrop(folder, "event", changes("events"), fields.events);
  setOrDrop(
    folder,
    "protocolProfileBehavior",
    changes("protocolProfileBehavior"),
    fields.protocolProfileBehavior,
  );
  const variables = fields.variables && toV2Params(fields.variables, folder["variable"]);
  setOrDrop(folder, "variable", changes("variables"), variables);
}
