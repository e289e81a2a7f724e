import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { problem } from "../lib/errors.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { listTags, replaceTags, tagsBody } from "../workspaces/tags-store.ts";
import { itemNotFound, reachCollection } from "./reach.ts";

const tag = "Collections";
const answer = z.object({ tags: z.array(z.object({ slug: z.string() })) });

/** Tags of collections, and what Postman's public network would publish of them. */
export function collectionTagsApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/collections/:id/tags",
    documented({ summary: "List the tags of a collection", tag, answer }),
    async (c) => {
      const asked = c.req.param("id");
      const { id } = await reachCollection(database, c.get("actor"), {
        asked,
        role: "viewer",
        notFound: itemNotFound,
      });
      return c.json({ tags: asObjects(await listTags(database, { type: "collection", id })) });
    },
  );

  routes.put(
    "/collections/:id/tags",
    documented({ summary: "Replace the tags of a collection", tag, body: tagsBody, answer }),
    async (c) => {
      const asked = c.req.param("id");
      const actor = c.get("actor");
      const { id } = await reachCollection(database, actor, {
        asked,
        role: "editor",
        notFound: itemNotFound,
      });
      const { tags } = parseOrThrow(tagsBody, parseJson(await c.req.text()));
      const replaced = await replaceTags(database, actor, { type: "collection", id }, tags);
      return c.json({ tags: asObjects(replaced) });
    },
  );

  for (const method of ["PUT", "DELETE"] as const) {
    const summary = method === "PUT" ? "Publish documentation" : "Unpublish documentation";
    const description = "501: there is no public network here.";
    const doc = documented({ summary, tag, status: 501, description });
    routes.on(method, "/collections/:id/public-documentations", doc, () => {
      throw problem(
        "not_implemented",
        "Documentation is published to Postman's public network, which an installation of your own has not; people read collections here by signing in.",
      );
    });
  }

  return routes;
}

const asObjects = (tags: readonly string[]) => tags.map((slug) => ({ slug }));
