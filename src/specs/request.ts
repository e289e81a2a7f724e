import type { Context } from "hono";
import type { z } from "zod";

import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { type Cursor, decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { AppError, problem } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { describeIssues, parseJson } from "../lib/parse.ts";
import { badSpec, specNotFound, specTypes } from "./spec.ts";
import { findSpec, type Spec } from "./store.ts";

/** The body as the schema sees it; 400 as a problem, in Postman's words where it has some. */
export async function readBody<T>(c: Context<AppEnv>, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  const value = asProblem(() => parseJson(text.trim() === "" ? "{}" : text));
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw toProblem(parsed.error, value);
}

function toProblem(error: z.ZodError, value: unknown): AppError {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  const isMissing = path !== "" && !path.includes(".") && !Object.hasOwn(Object(value), path);
  if (isMissing && path === "files") return badSpec("Required body parameter files is missing");
  if (isMissing && path === "content")
    return badSpec("The body parameter content is missing from the request.", "invalidParamError");
  if (isMissing) return badSpec(`Missing parameter: '${path}'`, "invalidParamError");
  if (path === "type")
    return badSpec(
      `Required property \`type\` is invalid. Should be one of: ${specTypes.join(", ")}`,
      "InvalidParamsError",
    );
  return badSpec(describeIssues(error)[0] ?? "The request is not valid.", "invalidParamsError");
}

/** Errors of these endpoints are problems, whatever form the shared checks give theirs. */
function asProblem<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof AppError ? problem(error.code, error.message) : error;
  }
}

/** 403 as a problem unless the actor may do that in the workspace. */
export async function requireRole(
  { database }: Pick<Deps, "database">,
  actor: Actor,
  workspaceId: string,
  needed: WorkspaceRole,
): Promise<void> {
  try {
    await requireWorkspaceRole(database, actor, workspaceId, needed);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "forbidden") throw error;
    throw problem("forbidden", error.message, { type: "problem:forbidden", title: "Forbidden" });
  }
}

/** The specification of the path: 404 for what is not there, 403 without the right. */
export async function getSpec(
  deps: Pick<Deps, "database">,
  actor: Actor,
  id: string,
  needed: WorkspaceRole,
): Promise<Spec> {
  const spec = isUuid(id) ? await findSpec(deps.database, id) : undefined;
  if (!spec) throw specNotFound();
  await requireRole(deps, actor, spec.workspaceId, needed);
  return spec;
}

const PAGE = { default: 10, max: 100 };

/** `limit` and `cursor` of the query; 400 for what is neither. */
export function readPage(c: Context<AppEnv>): { limit: number; after: Cursor | undefined } {
  const text = c.req.query("limit");
  const limit = text === undefined ? PAGE.default : /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > PAGE.max)
    throw badSpec(
      `Query param limit must be a whole number between 1 and ${PAGE.max}.`,
      "invalidParamsError",
    );
  const cursor = c.req.query("cursor");
  const after = cursor ? decodeCursor(cursor) : undefined;
  if (cursor && !after) throw badSpec("Invalid cursor query parameter passed.", "invalidParamsError");
  return { limit, after };
}

export const nextCursor = (next: Cursor | undefined): { nextCursor: string | null } => ({
  nextCursor: next ? encodeCursor(next) : null,
});
