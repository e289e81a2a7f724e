import { SESSION_COOKIE } from "../access/session.ts";
import { answerHeaders } from "./answer-headers.ts";
import type { Example } from "./example.ts";
import type { LoadedMock } from "./loaded-mock.ts";
import { type Choice, chooseExample } from "./match.ts";
import { parseRequestPath, type RequestPath } from "./path.ts";
import type { MockCallRequest } from "./request.ts";
import { renderTemplate, staticText, type TemplateContext, TemplateTooLarge } from "./template.ts";

/** What a call gets, before any delay. */
export interface Answer {
  /** Of the example, or why there was none. */
  name: string;
  type: "success" | "error";
  status: number;
  headers: Headers;
  bytes: Uint8Array<ArrayBuffer>;
  /** The body for the log. */
  text(): string;
}

/** The answer of a mock to a call; an error in Postman's form when no example fits. */
export function answerCall(mock: LoadedMock, request: MockCallRequest): Answer {
  const path = parseRequestPath(request.path);
  const choice = mock.serverResponse
    ? { example: mock.serverResponse, captures: new Map<string, string>() }
    : choose(mock, request, path);
  if ("none" in choice) return refuse("No matching requests", 404, "mockRequestNotFoundError", choice.none);
  try {
    return fill(mock, choice.example, contextOf(request, path, choice.captures));
  } catch (error) {
    if (!(error instanceof TemplateTooLarge)) throw error;
    const message = "The example grows beyond 16 MB when its variables are put in.";
    return refuse(choice.example.name, 500, "mockAnswerTooLargeError", message);
  }
}

function choose(mock: LoadedMock, request: MockCallRequest, path: RequestPath): Choice {
  const matched = { path, query: request.query, headers: request.headers, body: request.body.canonical };
  const ofMethod = (method: string) => chooseExample(mock.examples.get(method) ?? [], matched, mock.config);
  const choice = ofMethod(request.method);
  // A HEAD is the GET without its body, when nobody saved one.
  return "none" in choice && request.method === "HEAD" ? ofMethod("GET") : choice;
}

const contextOf = (
  { query, headers, body }: MockCallRequest,
  path: RequestPath,
  captures: ReadonlyMap<string, string>,
): TemplateContext => ({ captures, body, query, segments: path.segments, headers });

function fill(mock: LoadedMock, example: Example, context: TemplateContext): Answer {
  const { name, statusCode, bytes } = example;
  const wanted = example.headers.map(
    (header) => [header.name, renderTemplate(header.value, context)] as const,
  );
  const headers = answerHeaders(wanted, { path: `/mock/${mock.id}`, reserved: SESSION_COOKIE });
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  const rendered = bytes ? undefined : renderTemplate(example.body, context);
  const sent = bytes ?? new TextEncoder().encode(rendered);
  if (sent.length > 0 && !headers.has("content-type")) headers.set("content-type", example.contentType);
  return {
    name,
    type: "success",
    status: statusCode,
    headers,
    bytes: sent,
    text: () => rendered ?? staticText(example.body) ?? "",
  };
}

function refuse(label: string, status: number, name: string, message: string): Answer {
  const text = JSON.stringify({ error: { name, header: label, message } });
  return {
    name: label,
    type: "error",
    status,
    headers: new Headers({ "content-type": "application/json" }),
    bytes: new TextEncoder().encode(text),
    text: () => text,
  };
}
