import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { AppError } from "../../lib/errors.ts";
import { isRecord, parseJson } from "../../lib/parse.ts";
import type { Element } from "../elements.ts";
import { applyBody, toV1Body } from "./body.ts";
import { textOf, toV1Params, toV2Params } from "./params.ts";
import { applyRequest, bodyFields, param, requestSchema, requestToV1, setOrDrop } from "./request.ts";
import { rawUrlOf, withRaw } from "./url.ts";

/** A saved response in the v1 model; unknown fields are passed over. Absent = stays as it is. */
export const responseSchema = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  description: z.string().nullish(),
  /** Address, method and body are those of the request that it answered. */
  url: z.string().nullish(),
  method: z.string().min(1).max(100).nullish(),
  ...bodyFields,
  /** Of the answer. */
  headers: z.array(param).nullish(),
  responseCode: z.looseObject({ code: z.number().int().nullish(), name: z.string().nullish() }).nullish(),
  status: z.string().nullish(),
  time: z.union([z.string(), z.number()]).nullish(),
  cookies: z.union([z.string(), z.array(z.unknown())]).nullish(),
  mime: z.string().nullish(),
  text: z.string().nullish(),
  language: z.string().nullish(),
  rawDataType: z.string().nullish(),
  /** The request that it answered in the v1 model, as JSON text. */
  requestObject: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
});
export type ResponseFields = z.infer<typeof responseSchema>;

/** Fields of v1 that stand in the document under their own name, because v2.1 has none for them. */
const ownNames = ["mime", "rawDataType", "cookies", "description"] as const;

const originalOf = (response: Element): Record<string, unknown> =>
  isRecord(response["originalRequest"]) ? response["originalRequest"] : {};

/** What a saved response says, in the v1 model. */
export function responseToV1(response: Element): Record<string, unknown> {
  const original = originalOf(response);
  const { dataMode, rawModeData, dataOptions } = toV1Body(original["body"]);
  const { code, status, responseTime } = response;
  return {
    name: response["name"] ?? "",
    description: textOf(response["description"]),
    url: rawUrlOf(original["url"]),
    method: original["method"] ?? null,
    dataMode,
    rawModeData,
    dataOptions,
    headers: toV1Params(response["header"]),
    responseCode: { code: code ?? null, name: status ?? "" },
    status: status ?? null,
    time: typeof responseTime === "number" ? `${responseTime}` : (responseTime ?? null),
    cookies: response["cookies"] ?? null,
    mime: response["mime"] ?? null,
    text: response["body"] ?? null,
    language: response["_postman_previewlanguage"] ?? null,
    rawDataType: response["rawDataType"] ?? null,
    requestObject: JSON.stringify(requestToV1({ request: original })),
  };
}

/** Puts the fields that were sent into the response; one that says what it says already changes nothing. */
export function applyResponse(response: Element, fields: ResponseFields): void {
  const before = responseToV1(response);
  const changes = (key: keyof ResponseFields) =>
    fields[key] !== undefined && !isDeepStrictEqual(fields[key], before[key] ?? null);
  if (changes("name")) response["name"] = fields.name;
  for (const key of ownNames) setOrDrop(response, key, changes(key), fields[key]);
  setOrDrop(response, "body", changes("text"), fields.text);
  setOrDrop(response, "_postman_previewlanguage", changes("language"), fields.language);
  if (changes("headers")) response["header"] = toV2Params(fields.headers ?? [], response["header"]);
  if (changes("time")) response["responseTime"] = timeOf(fields.time);
  if (changes("status")) response["status"] = fields.status ?? "";
  if (changes("responseCode")) {
    response["code"] = fields.responseCode?.code ?? response["code"];
    response["status"] = fields.responseCode?.name ?? response["status"];
  }
  applyOriginal(response, fields, changes);
}

function timeOf(time: string | number | null | undefined): unknown {
  const ms = typeof time === "string" && time.trim() !== "" ? Number(time) : time;
  return typeof ms === "number" && !Number.isFinite(ms) ? time : ms;
}

function applyOriginal(
  response: Element,
  fields: ResponseFields,
  changes: (key: keyof ResponseFields) => boolean,
): void {
  const holder: Element = { request: originalOf(response) };
  if (changes("requestObject") && fields.requestObject) {
    applyRequest(holder, parseRequestObject(fields.requestObject));
  }
  const original = isRecord(holder["request"]) ? holder["request"] : {};
  // What is said beside the whole request wins; `null` says nothing.
  if (isOther(fields.method, original["method"] ?? null)) original["method"] = fields.method;
  if (isOther(fields.url, rawUrlOf(original["url"])))
    original["url"] = withRaw(fields.url ?? "", original["url"]);
  applyBody(original, {
    dataMode: fields.dataMode,
    rawModeData: fields.rawModeData,
    dataOptions: fields.dataOptions,
  });
  if (Object.keys(original).length > 0) response["originalRequest"] = original;
}

const isOther = (sent: string | null | undefined, now: unknown): boolean =>
  typeof sent === "string" && sent !== now;

function parseRequestObject(sent: string | Record<string, unknown>) {
  const parsed = requestSchema.safeParse(typeof sent === "string" ? parseJson(sent) : sent);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError(
    "bad_request",
    `The request was invalid: requestObject.${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is no request"}`,
    { name: "invalidParamsError", details: { param: "requestObject" } },
  );
}
