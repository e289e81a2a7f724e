import type { HttpResponse, HttpResult } from "./http/client.ts";
import type { HttpError } from "./http/errors.ts";
import { asObject, type JsonObject } from "./json.ts";
import type { BuiltRequest } from "./request.ts";
import type { ScriptHttpRequest } from "./sandbox/protocol.ts";
import { keepBody } from "./text.ts";
import type { Step, StepError, StepRequest, StepResponse } from "./types.ts";

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

const REQUEST_LINE_BYTES = "  HTTP/1.1\r\n\r\n".length;

export function toStepRequest(
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

export const toStepResponse = (response: HttpResponse, maxKeptBytes: number): StepResponse => ({
  code: response.code,
  status: response.status,
  headers: response.headers,
  body: keepBody(response.body, response.headers, maxKeptBytes),
  wireBytes: response.wireBytes,
  httpVersion: response.httpVersion,
  ...(response.remoteAddress === undefined ? {} : { remoteAddress: response.remoteAddress }),
});

/** The request as tests see it: variables resolved, headers as sent. */
export function toSentRequest(
  request: ScriptHttpRequest,
  built: BuiltRequest,
  result: HttpResult,
): ScriptHttpRequest {
  const { method, headers } = result.sent;
  return {
    ...request,
    method: result.redirects.length === 0 ? method : built.http.method,
    url: built.url,
    header: headers.map(([key, value]) => ({ key, value })),
    ...(built.http.body && request.body ? { body: sentBody(request.body, built.http.body) } : {}),
  };
}

/** Raw bodies are shown as sent; the parts of forms stay readable as parts. */
const sentBody = (body: JsonObject, bytes: Uint8Array): JsonObject =>
  body["mode"] === "raw" ? { ...asObject(body), raw: Buffer.from(bytes).toString("utf8") } : body;
