import { Hono } from "hono";
import { z } from "zod";

import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { problem } from "../lib/errors.ts";
import { isUuid, newId, toUid } from "../lib/ids.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { startTask } from "../tasks/start.ts";
import { findTask, type Task } from "../tasks/store.ts";
import { resolveWorkspaceId } from "../workspaces/store.ts";
import { copyDocument } from "./items.ts";
import { collectionNotFound, reachCollection } from "./reach.ts";
import { createCollection, findCollection } from "./store.ts";

const duplicateBody = z.object({ workspace: z.string().min(1), suffix: z.string().max(200).optional() });
const taskAnswer = z.object({
  task: z.looseObject({ id: z.string(), status: z.enum(["processing", "completed", "failed"]) }),
});
const tag = "Collections";
const DUPLICATE = "collection.duplicate";

/** What becomes of `Prefer: respond-async`, and copies of whole collections. */
export function tasksApi(deps: Pick<Deps, "database" | "clock" | "log">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get(
    "/collection-updates-tasks/:id",
    documented({
      summary: "Ask how a replacement of a collection goes",
      tag,
      answer: z.object({ id: z.string(), status: z.enum(["in-progress", "successful", "failed"]) }),
    }),
    async (c) => {
      const task = await getTask(deps, c.get("actor"), { id: c.req.param("id"), kind: "collection.replace" });
      const status = { pending: "in-progress", completed: "successful", failed: "failed" }[task.status];
      return c.json({ id: task.id, status, ...(task.reason !== null && { reason: task.reason }) });
    },
  );

  routes.post(
    "/collections/:id/duplicates",
    documented({
      summary: "Duplicate a collection into a workspace",
      tag,
      body: duplicateBody,
      answer: taskAnswer,
    }),
    async (c) => {
      const { workspace, suffix } = parseOrThrow(duplicateBody, await readBody(await c.req.text()));
      const actor = c.get("actor");
      const head = await reachCollection(database, actor, { asked: c.req.param("id"), role: "viewer" });
      const workspaceId = await resolveWorkspaceId(database, actor, workspace);
      await requireWorkspaceRole(database, actor, workspaceId, "editor");
      const subject = { kind: DUPLICATE, elementType: "collection", elementId: head.id, workspaceId };
      const task = await startTask(deps, actor, subject, () =>
        duplicate(deps, actor, { id: head.id, workspaceId, suffix }),
      );
      return c.json({ task: { id: task.id, status: "processing" } });
    },
  );

  routes.get(
    "/collection-duplicate-tasks/:id",
    documented({ summary: "Ask how a duplication goes", tag, answer: taskAnswer }),
    async (c) => {
      const task = await getTask(deps, c.get("actor"), { id: c.req.param("id"), kind: DUPLICATE });
      const status = task.status === "pending" ? "processing" : task.status;
      const made = task.result?.["uid"];
      return c.json({
        task: {
          id: task.id,
          status,
          ...(task.reason !== null && { reason: task.reason }),
          ...(made !== undefined && { collection: made }),
        },
      });
    },
  );

  return routes;
}

function readBody(text: string): unknown {
  if (text.trim() === "") throw problem("bad_request", "Request body is required");
  return parseJson(text);
}

async function duplicate(
  { database, clock }: Pick<Deps, "database" | "clock">,
  actor: Actor,
  { id, workspaceId, suffix = "copy" }: { id: string; workspaceId: string; suffix: string | undefined },
): Promise<Record<string, unknown>> {
  const original = await findCollection(database, id);
  if (!original) throw collectionNotFound(id, "not_found");
  const name = `${original.name} ${suffix.trim()}`.trim();
  const document = copyDocument(original.document, { name, now: clock.now().toISOString() });
  const made = await createCollection(database, actor, { id: newId(), name, document, workspaceId });
  return { id: made.id, uid: toUid(made.ownerId, made.id) };
}

async function getTask(
  { database }: Pick<Deps, "database">,
  actor: Actor,
  { id, kind }: { id: string; kind: string },
): Promise<Task> {
  if (!isUuid(id)) throw problem("bad_request", "Invalid task id");
  const task = await findTask(database, actor, id);
  if (task?.kind !== kind) throw problem("not_found", "The requested resource was not found.");
  return task;
}
