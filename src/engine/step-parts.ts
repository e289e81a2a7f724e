import type { PlannedItem } from "./collection.ts";
import type { HttpResponse, HttpResult } from "./http/client.ts";
import type { HttpError } from "./http/errors.ts";
import { getHeader, isHeader } from "./http/headers.ts";
import type { Seen } from "./http/seen.ts";
import { asObject, asObjects, asText, isObject, type JsonObject } from "./json.ts";
import type { BuiltRequest } from "./request.ts";
import type { ScriptHttpRequest } from "./sandbox/protocol.ts";
import { shapeOf } from "./shape.ts";
import { keepBody } from "./text.ts";
import type { HeaderList, Step, StepError, StepRequest, StepResponse } from "./types.ts";
import { resolveDeep, type Resolve } from "./variables.ts";

/** What the run's end interrupted is not the API's fault, whatever it looked like at that moment. */
export function markAborted(step: Step): void {
  step.errors = step.errors.filter(({ code }) => code !== "ECONNABORTED");
  step.errors.push({
    kind: "request",
    phase: "request",
    name: "Aborted",
    message: "the run was stopped before this request was complete",
  });
}

/** Errors of one step that say that something was not sent; the console tells of all. */
const MAX_DENIALS = 20;

/** A script can catch the error, but a run that was kept from sending something cannot tell how the API is. */
export function addDenial({ errors }: Step, denial: StepError): void {
  const isKnown = errors.some(({ phase, message }) => phase === denial.phase && message === denial.message);
  if (!isKnown && errors.length < MAX_DENIALS) errors.push(denial);
}

/** What a request that a script ran asserted, printed and was denied belongs to the step of the script. */
export function takeOver(step: Step, nested: Step, phase: StepError["phase"]): void {
  step.assertions.push(...nested.assertions);
  step.console.push(...nested.console);
  for (const error of nested.errors) if (error.kind === "egress_denied") addDenial(step, { ...error, phase });
}

export const toStepError = ({ kind, name, message, code }: HttpError): StepError => ({
  kind,
  phase: "request",
  name,
  message,
  ...(code === undefined ? {} : { code }),
});

/** What went over the wire, and what was seen of the other side. */
export function noteResult(step: Step, result: HttpResult, maxKeptBytes: number): void {
  const { addresses, certificate } = result.seen;
  step.redirects = result.redirects;
  step.request = toStepRequest(result.sent, maxKeptBytes);
  if (addresses) step.addresses = addresses;
  if ("error" in result) {
    if (certificate) step.certificate = certificate;
    return;
  }
  step.timings = result.timings;
  step.response = toStepResponse(result.response, result.seen, maxKeptBytes);
}

const REQUEST_LINE_BYTES = "  HTTP/1.1\r\n\r\n".length;

function toStepRequest(
  { method, url, headers, body }: HttpResult["sent"],
  maxKeptBytes: number,
): StepRequest {
  const headBytes = headers.reduce(
    (bytes, [name, value]) => bytes + name.length + value.length + 4,
    method.length + url.path.length + REQUEST_LINE_BYTES,
  );
  return {
    method,
    url: url.href,
    headers,
    ...(body ? { body: keepBody(body, headers, maxKeptBytes) } : {}),
    wireBytes: headBytes + (body?.length ?? 0),
  };
}

function toStepResponse(
  response: HttpResponse,
  { remoteAddress, certificate }: Seen,
  maxKeptBytes: number,
): StepResponse {
  const { code, status, headers, body, wireBytes, httpVersion } = response;
  const mediaType = mediaTypeOf(headers);
  const shape = shapeOf(body);
  return {
    code,
    status,
    headers,
    body: keepBody(body, headers, maxKeptBytes),
    wireBytes,
    httpVersion,
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(certificate && { certificate }),
    ...(shape && { shape }),
    ...(mediaType && { mediaType }),
  };
}

const MAX_MEDIA_TYPE_CHARS = 100;

const mediaTypeOf = (headers: HeaderList): string | undefined =>
  getHeader(headers, "content-type")?.split(";", 1)[0]?.trim().toLowerCase().slice(0, MAX_MEDIA_TYPE_CHARS);

/** What a script only took away is sent all the same, as in Postman: an empty one has to take its place. */
export const withUnchanged = (
  request: ScriptHttpRequest,
  { body, auth }: ScriptHttpRequest,
): ScriptHttpRequest => ({ ...(body && { body }), ...(auth && { auth }), ...request });

/** A script may have changed the request's own `auth`; without one the nearest folder's counts. */
export const authOf = ({ auth }: ScriptHttpRequest, { folderAuth }: PlannedItem): JsonObject | undefined =>
  isObject(auth) && typeof auth["type"] === "string" && auth["type"] !== "" ? auth : folderAuth;

/** The request as tests see it: the one before any redirect, variables resolved, with the headers of the program. */
export function toSentRequest(
  auth: JsonObject | undefined,
  { http, url, resolved }: BuiltRequest,
  result: HttpResult,
  resolve: Resolve,
): ScriptHttpRequest {
  const { header, body } = resolved;
  return {
    method: http.method,
    url,
    header: withSystemHeaders(header, result, body),
    ...(body && { body: http.body ? sentBody(body, http.body) : body }),
    ...(auth && { auth: asObject(resolveDeep(auth, resolve)) }),
  };
}

/** Raw texts are shown as sent, without comments, and each file as a field of its own. */
function sentBody(body: JsonObject, bytes: Uint8Array): JsonObject {
  const { mode, raw, formdata, file } = body;
  if (mode === "raw" && typeof raw === "string") return { ...body, raw: Buffer.from(bytes).toString("utf8") };
  if (mode === "formdata") return { ...body, formdata: asObjects(formdata).flatMap(eachFile) };
  if (mode !== "file") return body;
  const { content: _, ...shown } = asObject(file);
  return { ...body, file: shown };
}

const eachFile = (field: JsonObject): JsonObject[] =>
  Array.isArray(field["src"]) && field["src"].length > 0
    ? field["src"].map((src: unknown) => ({ ...field, src }))
    : [field];

/** What the user wrote stays where it stands, what is disabled or sent in one line with another included. */
function withSystemHeaders(
  own: ScriptHttpRequest["header"],
  { sentFirst, ...outcome }: HttpResult,
  body: JsonObject | undefined,
): ScriptHttpRequest["header"] {
  const isForm = body !== undefined && typesOfItsOwn.has(asText(body["mode"]) ?? "");
  const all = [...own];
  for (const [key, value] of sentFirst.headers) {
    const lowerKey = key.toLowerCase();
    const isOwn = all.some((header) => header.disabled !== true && isHeader(header.key, lowerKey));
    // The HTTP library of Postman adds these two, and its tests do not see them.
    if (lowerKey === "content-type" && isForm && !isOwn) continue;
    if (lowerKey === "content-length" && (body === undefined || "error" in outcome)) continue;
    const at = overwritten.has(lowerKey) ? all.findIndex((header) => isHeader(header.key, lowerKey)) : -1;
    if (at !== -1) all[at] = { key, value, system: true };
    else if (!isOwn) all.push({ key, value, system: true });
  }
  return all;
}

const typesOfItsOwn = new Set(["urlencoded", "formdata", "file"]);
const overwritten = new Set(["cookie", "content-length"]);
