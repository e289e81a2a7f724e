import type { Context } from "hono";
import type { z } from "zod";

import type { AppEnv } from "../access/context.ts";
import { type AppError, problem } from "../lib/errors.ts";
import { parseJson } from "../lib/parse.ts";

/** Requests of Postman's newer endpoints: what is wrong is told in a problem body, in the words of its validator. */

export const badRequest = (detail: string): AppError => problem("bad_request", detail);
export const notFound = (detail = "The requested resource was not found."): AppError =>
  problem("not_found", detail);

/** The query as the schema sees it; 400 that names the parameter otherwise. */
export function readQuery<T>(c: Context<AppEnv>, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(c.req.query());
  if (parsed.success) return parsed.data;
  throw badRequest(`querystring/${sentence(parsed.error)}`);
}

/** The JSON body as the schema sees it; 400 that names the field otherwise. No body at all reads as `{}`. */
export async function readBody<T>(c: Context<AppEnv>, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  const parsed = schema.safeParse(text.trim() === "" ? {} : parseJson(text), { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.map(String).join("/") ?? "";
  if (issue && isMissing(issue)) {
    const place = ["body", ...issue.path.slice(0, -1).map(String)].join("/");
    throw badRequest(`${place} must have required property '${String(issue.path.at(-1))}'`);
  }
  if (issue?.code === "invalid_value") {
    throw badRequest(`/${path} must be equal to one of the allowed values: ${issue.values.join(", ")}`);
  }
  throw badRequest(`body/${sentence(parsed.error)}`);
}

/** JSON holds no undefined: what came without an input was not there. */
const isMissing = (issue: z.core.$ZodIssue): boolean =>
  (issue.code === "invalid_type" || issue.code === "invalid_value") &&
  issue.path.length > 0 &&
  issue.input === undefined;

function sentence({ issues: [issue] }: z.ZodError): string {
  const message = issue?.message ?? "is not valid";
  return `${issue?.path.map(String).join("/") ?? ""} ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
