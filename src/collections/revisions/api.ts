import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../../access/context.ts";
import { documented } from "../../access/endpoint.ts";
import { encodeNumber } from "../../lib/cursor.ts";
import { parseJson, parseOrThrow } from "../../lib/parse.ts";
import { revisionEntry } from "../../workspaces/revision.ts";
import {
  noSuchRevision,
  readRevisionsQuery,
  restoreBody,
  restoredAnswer,
  revisionAnswer,
  revisionNumber,
  revisionsAnswer,
  revisionsQuery,
} from "../../workspaces/revisions-query.ts";
import { decorate } from "../collection.ts";
import { listForkMarks } from "../forks/marks.ts";
import { collectionNotFound, reachCollection } from "../reach.ts";
import { findRevision, listRevisions, restoreRevision } from "./store.ts";

const tag = "Collections";

/** Revisions of a collection: which there are, what each was, and back to one. Postman's API has none; the style is the same. */
export function collectionRevisionsApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/collections/:id/revisions",
    documented({
      summary: "List the revisions of a collection",
      description:
        "Newest first. Kept are the newest 100, those that kept runs used, and those of which a large collection leaves room.",
      tag,
      query: revisionsQuery,
      answer: revisionsAnswer,
    }),
    async (c) => {
      const asked = { asked: c.req.param("id"), role: "viewer" } as const;
      const { id } = await reachCollection(database, c.get("actor"), asked);
      const { revisions, next, total } = await listRevisions(database, id, readRevisionsQuery(c.req.query()));
      const meta = { total, ...(next !== undefined && { nextCursor: encodeNumber(next) }) };
      return c.json({ revisions: revisions.map(revisionEntry), meta });
    },
  );

  routes.get(
    "/collections/:id/revisions/:revision",
    documented({
      summary: "Get a collection as of a revision",
      tag,
      answer: z.object({
        revision: revisionAnswer,
        collection: z.looseObject({ info: z.looseObject({ name: z.string() }) }),
      }),
    }),
    async (c) => {
      const asked = { asked: c.req.param("id"), role: "viewer" } as const;
      const head = await reachCollection(database, c.get("actor"), asked);
      const number = revisionNumber(c.req.param("revision"));
      const found = number === undefined ? undefined : await findRevision(database, head.id, number);
      if (!found) throw noSuchRevision(c.req.param("revision"));
      const { document, ...revision } = found;
      const fork = (await listForkMarks(database, [head.id])).get(head.id);
      const collection = decorate(document, { ...head, updatedAt: revision.changedAt, fork });
      return c.json({ revision: revisionEntry(revision), collection });
    },
  );

  routes.post(
    "/collections/:id/revisions/:revision/restore",
    documented({
      summary: "Go back to a revision of a collection",
      description:
        "Makes it the newest, as a revision of its own; what came after it stays among the revisions.",
      tag,
      body: restoreBody,
      answer: restoredAnswer,
    }),
    async (c) => {
      const asked = { asked: c.req.param("id"), role: "editor" } as const;
      const { id } = await reachCollection(database, c.get("actor"), asked);
      const text = await c.req.text();
      const { message } = parseOrThrow(restoreBody, text.trim() === "" ? {} : parseJson(text));
      const number = revisionNumber(c.req.param("revision"));
      if (number === undefined) throw noSuchRevision(c.req.param("revision"));
      const restored = await restoreRevision(database, c.get("actor"), id, { revision: number, message });
      if (!restored) throw collectionNotFound(id, "not_found");
      return c.json({ revision: restored.revision, restored: number });
    },
  );

  return routes;
}
