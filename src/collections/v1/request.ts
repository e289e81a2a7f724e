import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { isRecord } from "../../lib/parse.ts";
import type { Element } from "../elements.ts";
import { applyBody, type SentBody, toV1Body } from "./body.ts";
import { parseHeaderLines, textOf, toV1Params, toV2Params } from "./params.ts";
import { rawUrlOf, withQuery, withRaw } from "./url.ts";

/** A header, a parameter or a field of a form. */
export const param = z.looseObject({ key: z.string().nullish(), enabled: z.boolean().nullish() });
export const auth = z.looseObject({ type: z.string() }).nullish();
export const events = z
  .array(
    z.looseObject({
      listen: z.string(),
      script: z
        .looseObject({ exec: z.union([z.array(z.string().nullable()), z.string()]).optional() })
        .optional(),
    }),
  )
  .nullish();
const options = z.record(z.string(), z.unknown()).nullish();

/** What is said of a body, in requests and in the requests of responses. */
export const bodyFields = {
  dataMode: z.enum(["raw", "urlencoded", "formdata", "params", "binary", "graphql"]).nullish(),
  rawModeData: z.string().nullish(),
  dataOptions: options,
};

/** A request in the v1 model; unknown fields are passed over, as Postman does. Absent = stays as it is. */
export const requestSchema = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  description: z.string().nullish(),
  method: z.string().min(1).max(100).nullish(),
  url: z.string().nullish(),
  headerData: z.array(param).nullish(),
  headers: z.union([z.string(), z.array(param)]).nullish(),
  queryParams: z.array(param).nullish(),
  pathVariableData: z.array(param).nullish(),
  ...bodyFields,
  data: z.array(param).nullish(),
  graphqlModeData: z.record(z.string(), z.unknown()).nullish(),
  auth,
  events,
  protocolProfileBehavior: z.record(z.string(), z.unknown()).nullish(),
});
export type RequestFields = z.infer<typeof requestSchema>;

/** A request of v2.1 may be a text: the address of a GET. */
export const requestOf = (item: Element): Record<string, unknown> => {
  const { request } = item;
  return isRecord(request)
    ? request
    : { method: "GET", ...(typeof request === "string" && { url: request }) };
};

/** What an item says, in the v1 model. */
export function requestToV1(item: Element): Record<string, unknown> {
  const request = requestOf(item);
  const url = isRecord(request["url"]) ? request["url"] : withRaw(rawUrlOf(request["url"]), undefined);
  const { dataMode, data, rawModeData, graphqlModeData, dataOptions } = toV1Body(request["body"]);
  return {
    name: item["name"] ?? "",
    description: textOf(request["description"]),
    method: request["method"] ?? "GET",
    url: rawUrlOf(request["url"]),
    headerData: toV1Params(request["header"]),
    queryParams: toV1Params(url["query"]),
    pathVariableData: toV1Params(url["variable"]),
    dataMode,
    data,
    rawModeData,
    graphqlModeData,
    dataOptions,
    auth: request["auth"] ?? null,
    events: item["event"] ?? null,
    protocolProfileBehavior: item["protocolProfileBehavior"] ?? null,
  };
}

/**
 * Puts the fields that were sent into the item. A field that says what the item says already changes nothing, so that
 * what was read can be written back without losing what v1 has no word for.
 */
export function applyRequest(item: Element, fields: RequestFields): void {
  const before = requestToV1(item);
  const changes = (key: keyof RequestFields) =>
    fields[key] !== undefined && !isDeepStrictEqual(fields[key], before[key] ?? null);
  if (changes("name")) item["name"] = fields.name;
  setOrDrop(item, "event", changes("events"), fields.events);
  setOrDrop(
    item,
    "protocolProfileBehavior",
    changes("protocolProfileBehavior"),
    fields.protocolProfileBehavior,
  );
  const request = requestOf(item);
  if (changes("method")) request["method"] = fields.method ?? "GET";
  setOrDrop(request, "description", changes("description"), fields.description);
  setOrDrop(request, "auth", changes("auth"), fields.auth);
  applyUrl(request, fields, changes);
  applyHeaders(request, fields, changes("headerData"));
  applyBody(request, sentBodyOf(fields));
  // One that was a text and has not changed stays a text.
  const isChanged = JSON.stringify(request) !== JSON.stringify(requestOf(item));
  if (isRecord(item["request"]) || isChanged) item["request"] = request;
}

function applyUrl(
  request: Record<string, unknown>,
  { url, queryParams, pathVariableData }: RequestFields,
  changes: (key: keyof RequestFields) => boolean,
): void {
  const isMoved = changes("url");
  if (isMoved) request["url"] = withRaw(url ?? "", request["url"]);
  // An empty list beside an address that has parameters of its own is a client that filled in a default.
  const isFilledIn = isMoved && queryParams?.length === 0 && (url ?? "").includes("?");
  if (changes("queryParams") && !isFilledIn) request["url"] = withQuery(queryParams ?? [], request["url"]);
  if (changes("pathVariableData")) {
    const target = isRecord(request["url"]) ? request["url"] : withRaw(rawUrlOf(request["url"]), undefined);
    request["url"] = { ...target, variable: toV2Params(pathVariableData ?? [], target["variable"]) };
  }
}

/** `headerData`, or `headers` as older clients send it. */
function applyHeaders(
  request: Record<string, unknown>,
  { headerData, headers }: RequestFields,
  isChanged: boolean,
): void {
  if (isChanged) request["header"] = toV2Params(headerData ?? [], request["header"]);
  else if (headerData === undefined && headers !== undefined) {
    request["header"] =
      typeof headers === "string" ? parseHeaderLines(headers) : toV2Params(headers ?? [], request["header"]);
  }
}

export const sentBodyOf = (fields: RequestFields): SentBody => ({
  dataMode: fields.dataMode,
  data: fields.data,
  rawModeData: fields.rawModeData,
  graphqlModeData: fields.graphqlModeData,
  dataOptions: fields.dataOptions,
});

/** `null` takes a field away. */
export function setOrDrop(element: Element, key: string, isChanged: boolean, value: unknown): void {
  if (!isChanged) return;
  if (value === null) delete element[key];
  else element[key] = value;
}
