import { STATUS_CODES } from "node:http";

import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";

import type { AppEnv } from "../access/context.ts";
import { AppError, type ErrorCode, failedQuery, toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { describeIssues, invalid } from "../lib/parse.ts";
import { asUnavailable } from "./database-errors.ts";
import { loggablePath } from "./loggable-path.ts";

const statusOf: Record<ErrorCode, ContentfulStatusCode> = {
  bad_request: 400,
  usage: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  lease_lost: 409,
  length_required: 411,
  too_large: 413,
  unprocessable: 422,
  locked: 423,
  upgrade_required: 426,
  rate_limited: 429,
  not_implemented: 501,
  unavailable: 503,
};

/** `error.name` of the API when the error names none itself. */
const nameOf: Record<ErrorCode, string> = {
  bad_request: "badRequest",
  usage: "badRequest",
  unauthenticated: "AuthenticationError",
  forbidden: "forbiddenError",
  not_found: "instanceNotFoundError",
  conflict: "conflictError",
  lease_lost: "conflictError",
  length_required: "lengthRequiredError",
  too_large: "payloadTooLargeError",
  unprocessable: "unprocessableEntityError",
  locked: "actionLockedError",
  upgrade_required: "upgradeRequiredError",
  rate_limited: "rateLimited",
  not_implemented: "notImplementedError",
  unavailable: "serviceUnavailableError",
};

/** Until a database may be back, in seconds. */
const RETRY_SECONDS = "5";

/** Draws the error page of the browser; given, so that this file knows no markup. */
export type ErrorPage = (
  error: { status: number; message: string; requestId: string },
  c: Context<AppEnv>,
) => string | Promise<string>;

/** The one place where what was thrown becomes a response. Unknown errors are logged, never shown. */
export function answerErrors(log: Log, errorPage: ErrorPage) {
  return async (thrown: Error, c: Context<AppEnv>): Promise<Response> => {
    const requestId = c.get("requestId");
    const unavailable = asUnavailable(thrown);
    const error = unavailable ?? asAppError(thrown);
    if (!error || unavailable) logFailure(log, thrown, c);
    if (unavailable) c.header("Retry-After", RETRY_SECONDS);
    const status = error ? statusOf[error.code] : 500;
    const message = error ? error.message : "An unexpected error occurred; the server's log has the cause.";
    if (c.req.path.startsWith("/runner/")) {
      return c.json({ error: { name: error?.code ?? "internal_error", message } }, status);
    }
    if (error?.body.problem && isForPrograms(c.req.path)) {
      c.header("content-type", "application/problem+json");
      return c.body(JSON.stringify(problemBody(error, status, c.req.path)), status);
    }
    if (isForPrograms(c.req.path)) {
      return c.json(classicBody(error, message), status);
    }
    return c.html(await errorPage({ status, message, requestId }, c), status);
  };
}

const isForPrograms = (path: string) =>
  path === "/api" || /^\/(api|hooks|mock)\/|^\/(mcp|minimal|code|oauth\/(token|register|revoke))$/.test(path);

function classicBody(error: AppError | undefined, message: string) {
  if (!error) return { error: { name: "serverError", message } };
  const { name = nameOf[error.code], details } = error.body;
  return { error: { name, message, ...(details && { details }) } };
}

/** The last word of the type is the title in lower case with hyphens, as in Postman's. */
function problemBody(error: AppError, status: number, path: string) {
  const title = error.body.problem?.title ?? STATUS_CODES[status] ?? "Error";
  const type =
    error.body.problem?.type ??
    `https://api.postman.com/problems/${title.toLowerCase().replaceAll(" ", "-")}`;
  const { details } = error.body;
  const detail = error.body.problem?.detail ?? error.message;
  return { type, title, detail, status, instance: path, ...(details && { details }) };
}

function asAppError(thrown: Error): AppError | undefined {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof z.ZodError) return invalid(describeIssues(thrown));
  if (thrown instanceof HTTPException && thrown.status < 500) {
    const code = codeOfStatus(thrown.status);
    return new AppError(code, thrown.message || "The request was refused.");
  }
  return undefined;
}

function codeOfStatus(status: number): ErrorCode {
  const found = Object.entries(statusOf).find(([, known]) => known === status)?.[0];
  // Object.entries widens the keys of a Record<ErrorCode, …> to string.
  return (found as ErrorCode | undefined) ?? "bad_request";
}

function logFailure(log: Log, thrown: Error, c: Context<AppEnv>): void {
  const error = toError(thrown);
  log.error("request failed", {
    requestId: c.get("requestId"),
    method: c.req.method,
    path: loggablePath(c.req.path),
    error: error.message,
    query: failedQuery(thrown),
    cause: error.cause === undefined ? undefined : toError(error.cause).message,
    stack: error.stack,
  });
}
