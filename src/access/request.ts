import type { Context } from "hono";
import type { z } from "zod";

import { AppError } from "../lib/errors.ts";
import { isRecord, parseJson, parseOrThrow } from "../lib/parse.ts";
import type { AppEnv } from "./context.ts";

/** The object that Postman's bodies wrap everything in, e.g. `{"collection": {…}}`; 400 when it is missing. */
export async function readWrapped(c: Context<AppEnv>, key: string): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  const body = text.trim() === "" ? {} : parseJson(text);
  const wrapped = isRecord(body) ? body[key] : undefined;
  if (isRecord(wrapped)) return wrapped;
  const isBare = wrapped === undefined && isRecord(body) && Object.keys(body).length > 0;
  const hint = isBare ? `; send {"${key}": {…}}` : "";
  throw new AppError("bad_request", `'${key}' object missing in the request${hint}`, {
    name: "malformedRequestError",
  });
}

/** 400 in the words of Postman for parameters that are not there. */
export const paramMissing = (...params: string[]): AppError =>
  new AppError("bad_request", "Parameter is missing in the request.", {
    name: "paramMissingError",
    details: { param: params },
  });

/** 400 in the words of Postman, with what is wrong and what to send. */
export const invalidParam = (param: string, why: string): AppError =>
  new AppError("bad_request", `The request had invalid parameters: ${why}`, {
    name: "invalidParamsError",
    details: { param },
  });

/** 400 for a query parameter. */
export const badQuery = (message: string, name = "badRequest"): AppError =>
  new AppError("bad_request", message, { name });

export const badCursor = (): AppError => badQuery("Invalid cursor query parameter passed.");

/** The query as the schema sees it; 400 that names every wrong parameter. */
export const readQuery = <T>(c: Context<AppEnv>, schema: z.ZodType<T>): T =>
  parseOrThrow(schema, c.req.query(), "query", { name: "badRequest" });

/** A whole number of a query, between `min` and `max`; 400 with `message` otherwise, undefined when it was not sent. */
export function queryInteger(
  c: Context<AppEnv>,
  name: string,
  range: { min: number; max: number; message?: string; errorName?: string },
): number | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return value;
  const message =
    range.message ?? `Query param ${name} must be a whole number between ${range.min} and ${range.max}.`;
  throw badQuery(message, range.errorName);
}
