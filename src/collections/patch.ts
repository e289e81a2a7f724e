import { z } from "zod";

import { badQuery, paramMissing } from "../access/request.ts";
import { AppError } from "../lib/errors.ts";
import { isRecord } from "../lib/parse.ts";
import type { CollectionDocument } from "./collection.ts";
import { textOf } from "./v1/params.ts";

const script = z.strictObject({
  id: z.string().optional(),
  type: z.string().optional(),
  exec: z.array(z.string().nullable()).optional(),
});
const variable = z.looseObject({
  key: z.string(),
  value: z.union([z.string(), z.boolean(), z.number(), z.null()]).optional(),
  disabled: z.boolean().optional(),
});
const event = z.strictObject({
  id: z.string().optional(),
  listen: z.enum(["test", "prerequest"]),
  script: script.optional(),
});

/** What `PATCH /collections/ID` may change; the spellings of Postman's document and of its client. */
export const patchSchema = z.object({
  collection: z.strictObject({
    info: z
      .strictObject({ name: z.string().min(1).optional(), description: z.string().nullish() })
      .optional(),
    variable: z.array(variable).optional(),
    variables: z.array(variable).optional(),
    auth: z.looseObject({ type: z.string() }).nullish(),
    events: z.array(event).optional(),
    event: z.array(event).optional(),
  }),
});
export type CollectionPatch = z.infer<typeof patchSchema>["collection"];

/** Judges the object that was sent; everything wrong is 400 in Postman's words. */
export function parsePatch(sent: Record<string, unknown>): CollectionPatch {
  if (Object.keys(sent).length === 0) {
    throw new AppError("bad_request", "'info' key is mandatory when 'collection' is empty.", {
      name: "paramMissingError",
      details: { param: "info" },
    });
  }
  const parsed = patchSchema.shape.collection.safeParse(sent);
  if (!parsed.success) throw describe(parsed.error);
  const patch = parsed.data;
  if (patch.info?.name?.includes("\0"))
    throw badQuery("Invalid parameters: ('name') for key: 'collection.info'");
  if (patch.auth) checkAuth(patch.auth);
  return patch;
}

function describe(error: z.ZodError): AppError {
  const [issue] = error.issues;
  if (!issue) return paramMissing("collection");
  const at = ["collection", ...issue.path.filter((part) => typeof part === "string")];
  if (issue.code === "unrecognized_keys") {
    return badQuery(`Invalid parameters: (${quoted(issue.keys)}) for key: '${at.join(".")}'`);
  }
  const field = String(at.at(-1));
  const isMissing = issue.code === "invalid_type" && issue.message.includes("received undefined");
  const what = isMissing ? "Parameters required" : "Invalid parameters";
  return badQuery(`${what}: (${quoted([field])}) for key: '${at.slice(0, -1).join(".")}': ${issue.message}`);
}

const quoted = (names: string[]): string => names.map((name) => `'${name}'`).join(", ");

/** Every type of authentication but `noauth` has its parameters under its own name. */
function checkAuth(auth: { [key: string]: unknown; type: string }): void {
  const { type } = auth;
  if (type === "noauth" || Array.isArray(auth[type]) || isRecord(auth[type])) return;
  throw new AppError(
    "bad_request",
    `The key '${type}' must be present in 'collection.auth' when 'type' is '${type}'.`,
    { name: "paramMissingError", details: { param: type } },
  );
}

/** Puts what was sent into the document; names of what it changed, for the audit trail. */
export function applyPatch(document: CollectionDocument, patch: CollectionPatch): string[] {
  // Judged by parseCollection when it came.
  const info = document["info"] as Record<string, unknown>;
  const { name, description } = patch.info ?? {};
  if (name !== undefined) info["name"] = name;
  if (description !== undefined && description !== textOf(info["description"])) {
    if (description === null) delete info["description"];
    else info["description"] = description;
  }
  const lists = { variable: patch.variable ?? patch.variables, event: patch.events ?? patch.event };
  for (const [key, list] of Object.entries(lists)) if (list) document[key] = list;
  if (patch.auth !== undefined) document["auth"] = patch.auth;
  return Object.keys(patch);
}
