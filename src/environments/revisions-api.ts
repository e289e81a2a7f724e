import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import type { WorkspaceRole } from "../access/workspace-rights.ts";
import { encodeNumber } from "../lib/cursor.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { revisionEntry } from "../workspaces/revision.ts";
import {
  noSuchRevision,
  readRevisionsQuery,
  restoreBody,
  restoredAnswer,
  revisionAnswer,
  revisionNumber,
  revisionsAnswer,
  revisionsQuery,
} from "../workspaces/revisions-query.ts";
import { environmentNotFound, reachEnvironment } from "./reach.ts";
import {
  findEnvironmentRevision,
  listEnvironmentRevisions,
  restoreEnvironmentRevision,
} from "./revisions-store.ts";
import { variableSchema } from "./schemas.ts";

const tag = "Environments";

/** Revisions of an environment, as those of a collection; values as `GET /environments/ID` answers them. */
export function environmentRevisionsApi(deps: Pick<Deps, "database" | "secretBox">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();
  const reach = (c: Context<AppEnv, "/environments/:id">, role: WorkspaceRole) =>
    reachEnvironment(database, c.get("actor"), { asked: c.req.param("id"), role });

  routes.get(
    "/environments/:id/revisions",
    documented({
      summary: "List the revisions of an environment",
      description: "Newest first. Kept are the newest 100 and those that kept runs used.",
      tag,
      query: revisionsQuery,
      answer: revisionsAnswer,
    }),
    async (c) => {
      const { id } = await reach(c, "viewer");
      const page = readRevisionsQuery(c.req.query());
      const { revisions, next, total } = await listEnvironmentRevisions(database, id, page);
      const meta = { total, ...(next !== undefined && { nextCursor: encodeNumber(next) }) };
      return c.json({ revisions: revisions.map(revisionEntry), meta });
    },
  );

  routes.get(
    "/environments/:id/revisions/:revision",
    documented({
      summary: "Get an environment as of a revision",
      tag,
      answer: z.object({
        revision: revisionAnswer,
        environment: z.object({ id: z.string(), name: z.string(), values: z.array(variableSchema) }),
      }),
    }),
    async (c) => {
      const { id } = await reach(c, "viewer");
      const number = revisionNumber(c.req.param("revision"));
      const found = number === undefined ? undefined : await findEnvironmentRevision(deps, id, number);
      if (!found) throw noSuchRevision(c.req.param("revision"));
      const { values, ...revision } = found;
      const environment = { id, name: revision.name, values };
      return c.json({ revision: revisionEntry(revision), environment });
    },
  );

  routes.post(
    "/environments/:id/revisions/:revision/restore",
    documented({
      summary: "Go back to a revision of an environment",
      description:
        "Makes it the newest, as a revision of its own; what came after it stays among the revisions.",
      tag,
      body: restoreBody,
      answer: restoredAnswer,
    }),
    async (c) => {
      const { id } = await reach(c, "editor");
      const text = await c.req.text();
      const { message } = parseOrThrow(restoreBody, text.trim() === "" ? {} : parseJson(text));
      const number = revisionNumber(c.req.param("revision"));
      if (number === undefined) throw noSuchRevision(c.req.param("revision"));
      const wanted = { revision: number, message };
      const restored = await restoreEnvironmentRevision(deps, c.get("actor"), id, wanted);
      if (!restored) throw environmentNotFound();
      return c.json({ revision: restored.revision, restored: number });
    },
  );

  return routes;
}
