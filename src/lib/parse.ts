import type { z } from "zod";

import { AppError, type ErrorBody } from "./errors.ts";

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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : "it nests too deep";
    throw new AppError("bad_request", `The request body is not valid JSON (${why}).`, {
      name: "malformedRequestError",
    });
  }
  if (isDeeperThan(value, MAX_DEPTH)) {
    throw new AppError("bad_request", `The request body nests more than ${MAX_DEPTH} levels deep.`, {
      name: "malformedRequestError",
    });
  }
  return value;
}

/** Walks with a list of its own instead of the call stack. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((entry) =>
      typeof entry === "object" && entry !== null ? Object.values(entry).filter(isObject) : [],
    );
  }
  return false;
}

const isObject = (value: unknown) => typeof value === "object" && value !== null;

/** True for `{…}`, not for lists and null. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && !Array.isArray(value);
