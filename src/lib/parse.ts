import type { z } from "zod";

import { AppError, type ErrorBody, toError } from "./errors.ts";

/** Deeper JSON than this is an attack or a mistake, and would overflow the stack of whoever walks it recursively. */
const MAX_DEPTH = 200;
/** More lines help nobody. */
const MAX_ISSUES = 20;

/** Each problem as `path.to.field: message`, the form in which document errors list their details. */
export const describeIssues = (error: z.ZodError, root = ""): string[] =>
  error.issues.slice(0, MAX_ISSUES).map((issue) => {
    const path = [root, ...issue.path.map(String)].filter((part) => part !== "").join(".");
    return `${path}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
  });

/** The value as the schema sees it; 400 that names every wrong field otherwise. `root` is what the fields hang below. */
export function parseOrThrow<T>(
  schema: z.ZodType<T>,
  value: unknown,
  root = "",
  body: Pick<ErrorBody, "name"> = {},
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(describeIssues(parsed.error, root), body.name);
}

/** 400 whose message names the first problem and whose details list all of them. */
export const invalid = (details: string[], name = "malformedRequestError"): AppError =>
  new AppError("bad_request", `The request is not valid: ${details[0] ?? "unknown problem"}`, {
    name,
    details,
  });

/** Parses the text of a request; 400 with one sentence for what is not JSON or nests too deep. */
export function parseJson(text: string): unknown {
  if (isNestedDeeperThan(text, MAX_DEPTH)) {
    throw new AppError("bad_request", `The request body nests more than ${MAX_DEPTH} levels deep.`, {
      name: "malformedRequestError",
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("bad_request", `The request body is not valid JSON (${toError(error).message}).`, {
      name: "malformedRequestError",
    });
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPENING: ReadonlySet<number> = new Set([91, 123]);
const CLOSING: ReadonlySet<number> = new Set([93, 125]);

/** Counts brackets outside of strings in the text: no stack to overflow, and no walk over a large document. */
export function isNestedDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isInString) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) isInString = true;
    else if (OPENING.has(code)) {
      if (++depth > limit) return true;
    } else if (CLOSING.has(code)) depth--;
  }
  return false;
}

/** True for `{…}`, not for lists and null. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
