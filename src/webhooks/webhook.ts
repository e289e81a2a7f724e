import { z } from "zod";

import { invalidParam, paramMissing } from "../access/request.ts";
import { bareId } from "../lib/ids.ts";
import { isNestedDeeperThan, isRecord } from "../lib/parse.ts";

const name = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .refine((text) => !text.includes("\0"), "must not hold a NUL character");

/** The `webhook` object of a body. */
export const webhookFields = z.looseObject({
  name: name.optional(),
  collection: z.string().optional(),
  environment: z.string().nullish(),
});
export const webhookBody = z.looseObject({ webhook: webhookFields });

/** Ids without their owners. */
export interface NewWebhook {
  name: string;
  collectionId: string;
  environmentId: string | undefined;
}

/** Throws 400 in Postman's words for what is missing. */
export function readNewWebhook(sent: z.infer<typeof webhookFields>): NewWebhook {
  const missing = (["name", "collection"] as const).filter((field) => sent[field] === undefined);
  if (sent.name === undefined || sent.collection === undefined) throw paramMissing(...missing);
  return {
    name: sent.name,
    collectionId: idOf(sent.collection, "collection"),
    environmentId: sent.environment ? idOf(sent.environment, "environment") : undefined,
  };
}

function idOf(idOrUid: string, param: string): string {
  const id = bareId(idOrUid);
  if (id === undefined) throw invalidParam(param, `${param} must be an id or a uid`);
  return id;
}

/** A call of a webhook as it came. */
export interface WebhookCall {
  method: string;
  headers: Iterable<[string, string]>;
  query: Iterable<[string, string]>;
  contentType: string;
  body: string;
}

const secretName = /authorization|cookie|token|secret|password|api-?key/i;
const MAX_DEPTH = 200;

/**
 * The data row that a run sees: the parameters of the query and the members of the body by their names (the body wins),
 * and all of it under `webhook`, without headers that carry secrets.
 */
export function dataRowOf(call: WebhookCall): Record<string, unknown> {
  const query = Object.fromEntries(call.query);
  const body = parsedBody(call);
  const headers = Object.fromEntries([...call.headers].filter(([header]) => !secretName.test(header)));
  const members = isRecord(body) ? body : {};
  return { ...query, ...members, webhook: { method: call.method, headers, query, body } };
}

/** JSON or a form where the body is one, whatever its type says; else the text, null when there is none. */
function parsedBody({ body, contentType }: WebhookCall): unknown {
  if (body === "") return null;
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    const fields = Object.fromEntries(new URLSearchParams(body));
    // As curl labels everything that it is told to send.
    return /^\s*[{[]/.test(body) ? (parsedJson(body) ?? fields) : fields;
  }
  return parsedJson(body) ?? body;
}

function parsedJson(text: string): unknown {
  if (isNestedDeeperThan(text, MAX_DEPTH)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
