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
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Counts brackets outside of strings in the text: no stack to overflow, and no walk over a large document. */
export function isNestedDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > limit) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return false;
}

/** Where the string that begins at `start` ends; the end of the text for one that does not. Most of a document is strings. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    // An even number of backslashes escape each other.
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}

/** True for `{…}`, not for lists and null. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
