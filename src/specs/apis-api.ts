import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, ConvertSpec, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { findWorkspaceRole } from "../access/workspace-rights.ts";
import { encodeCursor } from "../lib/cursor.ts";
import { AppError, problem } from "../lib/errors.ts";
import { isUuid, toUid } from "../lib/ids.ts";
import { loadDefinition } from "./definition.ts";
import { listFiles, type SpecFileHead } from "./files-store.ts";
import { listGeneratedCollections } from "./links-store.ts";
import { nextCursor, readPage, requireRole } from "./request.ts";
import { fileNameOf } from "./spec.ts";
import { countSpecs, findSpec, listSpecs, type Spec } from "./store.ts";
import { countVersionTags, findVersionTag, listVersionTags } from "./version-store.ts";

const tag = "APIs";
const V10 = "application/vnd.api.v10+json";
const LISTED = { limit: 100, after: undefined };

/**
 * `/apis` of the Postman API, to read. An API is a specification with what was generated from it: it has the id of the
 * specification, whose version tags are its versions and whose files are its only schema. Clients that send
 * `Accept: application/vnd.api.v10+json` get the shapes of v10, others those of v9.
 */
export function apisApi(
  deps: Pick<Deps, "database">,
  { convertSpec }: { convertSpec?: ConvertSpec } = {},
): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  const listQuery = z.object({
    workspaceId: z.string().optional(),
    workspace: z.string().optional(),
    limit: z.string().optional(),
    cursor: z.string().optional(),
  });
  routes.get("/apis", documented({ summary: "List APIs", tag, query: listQuery }), async (c) => {
    const actor = c.get("actor");
    const workspaceId = c.req.query("workspaceId") ?? c.req.query("workspace");
    const page = readPage(c);
    const isReachable =
      workspaceId === undefined ||
      (isUuid(workspaceId) && (await findWorkspaceRole(database.db, actor, workspaceId)) !== undefined);
    const filter = workspaceId === undefined ? {} : { workspaceId };
    const [found, total] = isReachable
      ? await Promise.all([
          listSpecs(database, actor, { ...filter, ...page }),
          countSpecs(database, actor, filter),
        ])
      : [{ specs: [], next: undefined }, 0];
    if (!isV10(c)) return c.json({ apis: found.specs.map(oldApiOf) });
    const cursor = found.next && encodeCursor(found.next);
    return c.json({
      apis: found.specs.map(apiOf),
      meta: { limit: page.limit, total, ...(cursor !== undefined && { nextCursor: cursor }) },
    });
  });

  const getQuery = z.object({ include: z.string().optional() });
  routes.get("/apis/:apiId", documented({ summary: "Get an API", tag, query: getQuery }), async (c) => {
    const spec = await getApi(c);
    if (!isV10(c)) return c.json({ api: oldApiOf(spec) });
    const asked = new Set(c.req.queries("include")?.flatMap((value) => value.split(",")));
    return c.json({ ...apiOf(spec), ...(await included(c, spec, asked)) });
  });

  routes.get(
    "/apis/:apiId/versions",
    documented({ summary: "List the versions of an API", tag }),
    async (c) => {
      const spec = await getApi(c);
      requireV10(c);
      const page = readPage(c);
      const [{ tags, next }, total] = await Promise.all([
        listVersionTags(database, spec.id, page),
        countVersionTags(database, spec.id),
      ]);
      return c.json({
        versions: tags.map(versionOf),
        meta: { limit: page.limit, total, ...nextCursor(next) },
      });
    },
  );

  routes.get(
    "/apis/:apiId/versions/:versionId",
    documented({ summary: "Get a version of an API", tag }),
    async (c) => {
      const spec = await getApi(c);
      requireV10(c);
      const id = c.req.param("versionId");
      const version = isUuid(id) ? await findVersionTag(database, spec.id, id) : undefined;
      if (!version) throw notFound("version");
      const { elements } = await listGeneratedCollections(database, c.get("actor"), spec.id, LISTED);
      return c.json({
        version: {
          ...versionOf(version),
          schemas: [{ id: spec.id, type: schemaTypeOf(spec) }],
          collections: elements.map(({ id: collectionId, ownerId }) => ({
            id: toUid(ownerId, collectionId),
          })),
        },
      });
    },
  );

  const schemaQuery = z.object({ bundled: z.string().optional() });
  routes.get(
    "/apis/:apiId/schemas/:schemaId",
    documented({ summary: "Get the schema of an API", tag, query: schemaQuery }),
    async (c) => {
      const spec = await getSchema(c);
      const head = { id: spec.id, type: schemaTypeOf(spec), ...schemaStamps(spec) };
      if (c.req.query("bundled") === "true") {
        const { text } = await loadDefinition(database, spec, convertSpec);
        return c.json({ ...head, content: text });
      }
      const files = await listFiles(database, spec.id);
      return c.json({ ...head, files: { data: files.map(schemaFileOf), meta: { nextPath: null } } });
    },
  );

  routes.get(
    "/apis/:apiId/schemas/:schemaId/files",
    documented({ summary: "List the files of the schema of an API", tag }),
    async (c) => {
      const spec = await getSchema(c);
      const files = await listFiles(database, spec.id);
      return c.json({ files: files.map(schemaFileOf), meta: { nextCursor: null } });
    },
  );

  mountRefusals(routes);

  async function included(c: Context<AppEnv>, spec: Spec, asked: ReadonlySet<string>) {
    const [collections, versions] = await Promise.all([
      asked.has("collections")
        ? listGeneratedCollections(database, c.get("actor"), spec.id, LISTED)
        : undefined,
      asked.has("versions") ? listVersionTags(database, spec.id, LISTED) : undefined,
    ]);
    return {
      ...(asked.has("schemas") && { schemas: [{ id: spec.id }] }),
      ...(versions && { versions: versions.tags.map(({ id, name }) => ({ id, name })) }),
      ...(collections && {
        collections: collections.elements.map(({ id, ownerId }) => ({ id: toUid(ownerId, id) })),
      }),
      ...(asked.has("gitInfo") && { gitInfo: null }),
    };
  }

  async function getApi(c: Context<AppEnv>): Promise<Spec> {
    const id = c.req.param("apiId") ?? "";
    const spec = isUuid(id) ? await findSpec(database, id) : undefined;
    if (!spec) throw notFound("API");
    await requireRole(deps, c.get("actor"), spec.workspaceId, "viewer");
    return spec;
  }

  async function getSchema(c: Context<AppEnv>): Promise<Spec> {
    const spec = await getApi(c);
    requireV10(c);
    if (c.req.param("schemaId") !== spec.id) throw notFound("schema");
    return spec;
  }

  return routes;
}

/** What Postman itself has replaced by specifications. */
function mountRefusals(routes: Hono<AppEnv>): void {
  const refused: [method: string, path: string, summary: string][] = [
    ["POST", "/apis", "Create an API"],
    ["PUT", "/apis/:apiId", "Change an API"],
    ["DELETE", "/apis/:apiId", "Delete an API"],
    ["POST", "/apis/:apiId/versions", "Create a version of an API"],
    ["POST", "/apis/:apiId/schemas", "Create the schema of an API"],
  ];
  for (const [method, path, summary] of refused)
    routes.on(
      method,
      path,
      documented({ summary, tag, status: 501, description: "Answers 501: write to /specs." }),
      () => {
        throw problem(
          "not_implemented",
          "APIs are specifications here: create and change them under /specs, and read them as APIs.",
        );
      },
    );
}

const isV10 = (c: Context<AppEnv>): boolean => c.req.header("accept")?.includes(V10) === true;

/** 400 for clients of v9, which has no such path. */
function requireV10(c: Context<AppEnv>): void {
  if (isV10(c)) return;
  throw new AppError("bad_request", `Send the header Accept: ${V10} for this endpoint.`, {
    name: "invalidHeaderError",
  });
}

const notFound = (what: string): AppError =>
  problem("not_found", `We could not find the ${what} you are looking for.`, {
    type: "instanceNotFoundError",
    title: `We could not find the ${what} you are looking for`,
  });

const apiOf = (spec: Spec) => ({
  id: spec.id,
  name: spec.name,
  summary: spec.type,
  description: "",
  createdAt: spec.createdAt.toISOString(),
  createdBy: spec.ownerId,
  updatedAt: spec.updatedAt.toISOString(),
  updatedBy: spec.updatedBy,
});

const oldApiOf = (spec: Spec) => ({
  ...apiOf(spec),
  createdBy: String(spec.ownerId),
  updatedBy: String(spec.updatedBy),
  team: "1",
});

const versionOf = ({ id, name, createdAt }: { id: string; name: string; createdAt: Date }) => ({
  id,
  name,
  createdAt: createdAt.toISOString(),
  updatedAt: createdAt.toISOString(),
  releaseNotes: "",
});

/** `openapi:3`, `openapi:3_1`, `asyncapi:2`, `proto:3`, `graphql`: v10's own words. */
function schemaTypeOf({ type }: Spec): string {
  const [kind = "", version = ""] = type.toLowerCase().split(":");
  const name = kind === "protobuf" ? "proto" : kind;
  const number = version.replace(/\.0$/, "").replace(".", "_");
  return number === "" ? name : `${name}:${number}`;
}

const schemaStamps = (of: { ownerId: number; updatedBy: number; createdAt: Date; updatedAt: Date }) => ({
  createdBy: String(of.ownerId),
  updatedBy: String(of.updatedBy),
  createdAt: of.createdAt.toISOString(),
  updatedAt: of.updatedAt.toISOString(),
});

const schemaFileOf = (file: SpecFileHead) => ({
  id: file.id,
  name: fileNameOf(file.path),
  path: file.path,
  root: { enabled: file.type === "ROOT" },
  createdBy: String(file.createdBy),
  updatedBy: String(file.updatedBy),
  createdAt: file.createdAt.toISOString(),
  updatedAt: file.updatedAt.toISOString(),
});
