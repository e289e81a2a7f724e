import type { Context } from "hono";
import type { z } from "zod";

import { AppError } from "../lib/errors.ts";
import { parseJson } from "../lib/parse.ts";
import type { AppEnv } from "./context.ts";

/**
 * What a form or a body of our own endpoints says, as the schema sees it. A wrong one is 400 as a problem that names the
 * field in words, and in `details.param` for the page that shows the message beside it.
 */
export function parseFields<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.map(String).join(".") ?? "";
  if (issue && issue.code === "invalid_type" && issue.input === undefined) {
    throw wrongField(field, `"${field}" is missing: send it.`);
  }
  const message = issue?.message ?? "is not valid";
  // Messages of our schemas are sentences; those of the library begin with what was expected.
  throw wrongField(field, /[.!?]$/.test(message) ? message : `"${field}" is not valid: ${message}.`);
}

/** The JSON body; nothing at all reads as `{}`. */
export async function readFields<T>(c: Context<AppEnv>, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  return parseFields(schema, text.trim() === "" ? {} : parseJson(text));
}

/** 400 about one field. */
export const wrongField = (field: string, message: string): AppError =>
  new AppError("bad_request", message, { details: { param: field }, problem: {} });

/** 404 as a problem. */
export const missing = (message: string): AppError => new AppError("not_found", message, { problem: {} });

/** 409 as a problem. */
export const conflicting = (message: string): AppError => new AppError("conflict", message, { problem: {} });
