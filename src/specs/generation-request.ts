import type { Context } from "hono";
import { z } from "zod";

import type { AppEnv } from "../access/context.ts";
import type { WorkspaceRole } from "../access/workspace-rights.ts";
import { type CollectionHead, findCollectionHead } from "../collections/store.ts";
import { AppError, problem } from "../lib/errors.ts";
import { bareId } from "../lib/ids.ts";
import { isTaskPending, type Task } from "../tasks/store.ts";
import type { GenerateDeps } from "./generate.ts";
import { findLink, type Link } from "./links-store.ts";
import { requireRole } from "./request.ts";
import { badSpec, isOpenApiType } from "./spec.ts";

export const pageQuery = z.object({ limit: z.string().optional(), cursor: z.string().optional() });
export const taskAnswer = z.object({ taskId: z.string(), url: z.string() });

export function started(c: Context<AppEnv>, task: Task): Response {
  return c.json({ taskId: task.id, url: `/${task.elementType}s/${task.elementId}/tasks/${task.id}` }, 202);
}

export function requireElement(asked: string, wanted: "collection" | "spec"): void {
  if (asked === wanted) return;
  throw badSpec(`Only "${wanted}" can be generated here, not "${asked}".`, "invalidParamsError");
}

export function requireOpenApi(type: string): void {
  if (isOpenApiType(type)) return;
  throw badSpec(`Collections go with OpenAPI 2.0, 3.0 and 3.1; this specification is ${type}.`);
}

/** A query parameter that is no id is 400, a path that is none 404. */
export async function getCollection(
  c: Context<AppEnv>,
  deps: GenerateDeps,
  asked: string | undefined,
  needed: WorkspaceRole,
  parameter?: string,
): Promise<CollectionHead> {
  const id = asked === undefined ? undefined : bareId(asked);
  if (parameter && !asked) throw badSpec(`Missing parameter: '${parameter}'`, "invalidParamError");
  if (parameter && !id)
    throw badSpec(`Parameter, ${parameter} is in an invalid format.`, "invalidParamsError");
  const head = id === undefined ? undefined : await findCollectionHead(deps.database, id);
  if (!head)
    throw problem("not_found", "Entity that you are trying to access does not exist.", {
      type: "instanceNotFoundError",
      title: "Not Found",
    });
  await requireRole(deps, c.get("actor"), head.workspaceId, needed);
  return head;
}

export async function getLink(deps: GenerateDeps, specId: string, collectionId: string): Promise<Link> {
  const id = bareId(collectionId);
  const link = id && (await findLink(deps.database, specId, id));
  if (link) return link;
  throw new AppError("not_found", "The collection is not linked to this specification: generate it first.", {
    problem: { type: "instanceNotFoundError", title: "Not Found" },
  });
}

export async function stateOf(
  { database }: GenerateDeps,
  elementType: "spec" | "collection",
  { id, isOutOfSync }: { id: string; isOutOfSync: boolean },
): Promise<string> {
  // At most a page of them, and an index answers each.
  if (await isTaskPending(database, `generation:${elementType}:${id}`)) return "sync-in-progress";
  return isOutOfSync ? "out-of-sync" : "in-sync";
}
