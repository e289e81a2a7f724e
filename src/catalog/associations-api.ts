import { Hono } from "hono";
import { z } from "zod";

import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { forbidden } from "../access/rights.ts";
import { findWorkspaceRole } from "../access/workspace-rights.ts";
import { bareId, isUuid, toUid } from "../lib/ids.ts";
import {
  type Associable,
  associate,
  type Association,
  dissociate,
  findAssociable,
  listAssociations,
} from "./associations-store.ts";
import { pageQuery, readCursor, toPage } from "./paging.ts";
import { badRequest, notFound, readBody, readQuery } from "./problem-request.ts";
import { getSystemEnvironment } from "./system-environments-api.ts";

const tag = "API catalog";
const path = "/api-catalog/system-environments/:systemEnvironmentId/associations";
const MAX_IDS = 100;

const listQuery = z.object({ workspaceId: z.string().optional(), ...pageQuery });
const addQuery = z.object({ allowPartial: z.enum(["true", "false"]).default("false") });
const idsBody = z.object({
  /** Ids or uids of environments. */
  workspaceEnvironmentIds: z.array(z.string().min(1).max(100)).min(1).max(MAX_IDS),
});

/** Which environments of workspaces stand for a stage. Whoever may change an environment says for what it stands. */
export function associationsApi(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get(
    path,
    documented({ summary: "List environments of a system environment", tag, query: listQuery }),
    async (c) => {
      const { id: systemEnvironmentId } = await getSystemEnvironment(deps, c);
      const { workspaceId, limit, cursor } = readQuery(c, listQuery);
      if (workspaceId !== undefined && !isUuid(workspaceId)) throw badRequest("Invalid workspaceId");
      const after = readCursor(cursor);
      const wanted = { systemEnvironmentId, workspaceId, limit, after };
      const { rows: found, total } = await listAssociations(database, c.get("actor"), wanted);
      const { rows, nextCursor } = toPage(found, limit);
      const filters = workspaceId === undefined ? {} : { workspaceId };
      return c.json({ meta: { total, nextCursor, limit, filters }, data: rows.map(shown) });
    },
  );

  routes.post(
    path,
    documented({
      summary: "Add environments to a system environment",
      tag,
      query: addQuery,
      body: idsBody,
      description:
        "Without allowPartial nothing is added when one of the environments is unknown or may not be changed by the caller.",
    }),
    async (c) => {
      const actor = c.get("actor");
      const { id: systemEnvironmentId } = await getSystemEnvironment(deps, c);
      const { allowPartial } = readQuery(c, addQuery);
      const { workspaceEnvironmentIds } = await readBody(c, idsBody);
      const found = await findById(deps, workspaceEnvironmentIds);
      const refused = await refusedOf(deps, actor, found);
      const excluded = workspaceEnvironmentIds.flatMap((sent) => {
        const reason = found.has(sent) ? refused.get(sent) : "There is no such environment.";
        return reason === undefined ? [] : [{ sent, reason }];
      });
      const [first] = excluded;
      if (first && allowPartial === "false") {
        const message = `Nothing was added: ${first.sent}: ${first.reason}`;
        throw found.has(first.sent) ? forbidden(message) : badRequest(message);
      }
      const kept = [...found].filter(([sent]) => !refused.has(sent)).map(([, environment]) => environment);
      const ids = kept.map(({ id }) => id);
      await associate(database, actor, systemEnvironmentId, ids);
      const after = new Map((await findAssociable(database, ids)).map((one) => [one.id, one]));
      const data = kept.map((before) => addedBody(before, after.get(before.id), systemEnvironmentId));
      const count = (status: string) => data.filter((row) => row.status === status).length;
      return c.json({
        meta: {
          created: count("created"),
          existing: count("existing"),
          replaced: count("replaced"),
          excluded: excluded.length,
        },
        data: [
          ...data,
          ...excluded.map(({ sent, reason }) => ({
            workspaceEnvironmentId: sent,
            status: "excluded",
            reason,
          })),
        ],
      });
    },
  );

  routes.delete(
    path,
    documented({ summary: "Remove environments from a system environment", tag, body: idsBody }),
    async (c) => {
      const { id: systemEnvironmentId } = await getSystemEnvironment(deps, c);
      const { workspaceEnvironmentIds } = await readBody(c, idsBody);
      const found = await findById(deps, workspaceEnvironmentIds);
      const refused = await refusedOf(deps, c.get("actor"), found);
      const [[sent, reason] = []] = refused;
      if (sent !== undefined) throw forbidden(`Nothing was removed: ${sent}: ${reason ?? ""}`);
      const ids = [...found.values()].map(({ id }) => id);
      const removed = await dissociate(database, c.get("actor"), systemEnvironmentId, ids);
      if (removed.size === 0) throw notFound("None of the environments stands for this system environment.");
      const data = workspaceEnvironmentIds.map((asked) => ({
        workspaceEnvironmentId: asked,
        status: removed.has(bareId(asked) ?? "") ? "deleted" : "notFound",
      }));
      return c.json({ meta: { deleted: removed.size, notFound: data.length - removed.size }, data });
    },
  );

  return routes;
}

/** By what was sent, id or uid; each environment once. */
async function findById({ database }: Deps, sent: readonly string[]): Promise<Map<string, Associable>> {
  const ids = new Map(sent.flatMap((one) => (bareId(one) === undefined ? [] : [[bareId(one) ?? "", one]])));
  const found = await findAssociable(database, [...ids.keys()]);
  return new Map(found.map((environment) => [ids.get(environment.id) ?? environment.id, environment]));
}

/** Why environments may not be changed by the actor; one question per workspace. */
async function refusedOf(
  { database }: Deps,
  actor: Actor,
  found: ReadonlyMap<string, Associable>,
): Promise<Map<string, string>> {
  const workspaceIds = [...new Set([...found.values()].map(({ workspaceId }) => workspaceId))];
  const roles = new Map(
    await Promise.all(
      workspaceIds.map(async (id) => [id, await findWorkspaceRole(database.db, actor, id)] as const),
    ),
  );
  return new Map(
    [...found].flatMap(([sent, { workspaceId }]) => {
      const role = roles.get(workspaceId);
      return role === "editor" || role === "admin"
        ? []
        : [[sent, "You need the role editor in its workspace."] as const];
    }),
  );
}

function addedBody(before: Associable, after: Associable | undefined, systemEnvironmentId: string) {
  const previous = before.systemEnvironmentId;
  const isNew = previous === null;
  return {
    id: after?.associationId ?? "",
    workspaceEnvironmentId: toUid(before.ownerId, before.id),
    workspaceId: before.workspaceId,
    status: isNew ? "created" : previous === systemEnvironmentId ? "existing" : "replaced",
    ...(!isNew && previous !== systemEnvironmentId && { previousSystemEnvironmentId: previous }),
  };
}

const shown = ({ id, environmentId, ownerId, workspaceId, associatedAt }: Association) => ({
  id,
  workspaceEnvironmentId: toUid(ownerId, environmentId),
  workspaceId,
  associatedAt,
});
