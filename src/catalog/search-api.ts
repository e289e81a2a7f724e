import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { bareId, toUid } from "../lib/ids.ts";
import { badRequest, readBody, readQuery } from "./problem-request.ts";
import { type ElementType, refuseContradictions, searchBody } from "./search-filters.ts";
import { refreshSearchIndex } from "./search-index.ts";
import { type Found, MAX_FOUND, search, type SearchPage } from "./search-store.ts";

/** What a search itself reads of collections that changed just now; the rest is up to the background. */
const CATCH_UP = { limit: 20, timeMs: 300 };
const DEFAULT_LIMIT = 10;

const searchQuery = z.object({
  limit: z.coerce.number().int().min(1).max(25).default(DEFAULT_LIMIT),
  cursor: z.string().max(100).optional().describe("`nextCursor` of the page before"),
  nextCursor: z.string().max(100).optional().describe("The same, as Postman's MCP server calls it"),
});

/** `POST /search` of the Postman API. */
export function searchApi(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.post(
    "/search",
    documented({
      summary: "Search for elements",
      tag: "Search",
      description:
        "Finds requests, collections, workspaces, specs, environments and mocks that the caller may see by the beginnings of words in names, descriptions, URLs and methods. When nothing has all words, what has some of them is found.",
      query: searchQuery,
      body: searchBody,
      answer: z.object({
        meta: z.object({ nextCursor: z.string().nullable(), q: z.string(), total: z.int() }),
        data: z.array(z.looseObject({ id: z.string(), name: z.string() })),
      }),
    }),
    async (c) => {
      const query = readQuery(c, searchQuery);
      const body = await readBody(c, searchBody);
      refuseContradictions(body);
      const { elementType } = body;
      const offset = parseCursor(query.cursor ?? query.nextCursor ?? body.cursor ?? "");
      const nothing = elementType === "flows" || elementType === "documents" || body.ownership === "external";
      if (!nothing) await refreshSearchIndex(deps, CATCH_UP);
      const page: SearchPage = nothing
        ? { rows: [], total: 0 }
        : await search(deps.database, c.get("actor"), { ...body, elementType, limit: query.limit, offset });
      const end = offset + page.rows.length;
      return c.json({
        meta: {
          nextCursor: end < Math.min(page.total, MAX_FOUND) ? String(end) : null,
          q: body.q ?? "",
          total: page.total,
        },
        data: page.rows.map((row) => entry(row, elementType, deps.publicUrl)),
      });
    },
  );

  return routes;
}

/** A cursor is how many were shown before. */
function parseCursor(cursor: string): number {
  if (cursor === "") return 0;
  const offset = /^\d{1,4}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (offset <= MAX_FOUND) return offset;
  throw badRequest("Invalid cursor");
}

function entry(row: Found, elementType: ElementType, publicUrl: string) {
  const isSpec = elementType === "specs";
  const { collectionId, collectionName } = row;
  return {
    id: shownId(row, elementType),
    name: row.name,
    ...(row.method !== null && { method: row.method, type: "http" }),
    ...(row.url !== null && { url: row.url }),
    description: row.description,
    summary: row.description.split("\n", 1)[0] ?? "",
    isPinnedToWorkspace: false,
    isPrivateNetworkEntity: false,
    isGitConnected: false,
    tags: row.tags ?? [],
    ...(isSpec && {
      specificationId: row.id,
      specificationType: row.specType,
      specificationName: row.name,
    }),
    createdBy: String(row.ownerId),
    team: TEAM,
    organization: { ...TEAM, isVerified: false },
    ...(collectionId !== null && {
      collection: { id: toUid(row.ownerId, collectionId), name: collectionName },
    }),
    workspace: { id: row.workspaceId, name: row.workspaceName },
    links: linksOf(row, elementType, publicUrl),
  };
}

const TEAM = { id: "1", name: "Sallyport" };

/** Workspaces and specs are addressed by their bare id, all else by uid. */
function shownId({ id, ownerId }: Found, elementType: ElementType): string {
  if (elementType === "workspaces" || elementType === "specs") return id;
  return toUid(ownerId, bareId(id) ?? id);
}

function linksOf(row: Found, elementType: ElementType, publicUrl: string) {
  const isItem = elementType === "requests";
  const collection = `collections/${row.collectionId ?? ""}`;
  const page = isItem ? collection : `${elementType}/${row.id}`;
  const self = isItem ? `${collection}/requests/${encodeURIComponent(row.id)}` : page;
  return { web: { href: `${publicUrl}/${page}` }, self: { href: `${publicUrl}/api/${self}` } };
}
