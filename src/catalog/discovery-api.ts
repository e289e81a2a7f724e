import { createHash } from "node:crypto";

import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import {
  type DiscoveredService,
  findDiscovered,
  listDiscovered,
  storeDiscovered,
  type WholeService,
} from "./discovery-store.ts";
import { pageQuery, readCursor, toPage } from "./paging.ts";
import { notFound, readBody, readQuery } from "./problem-request.ts";

const tag = "API catalog";
/** The one team of an installation. */
const ORGANIZATION_ID = 1;

/** No NUL: Postgres takes none. */
const text = z
  .string()
  .max(2000)
  .refine((value) => !value.includes("\0"), "must not hold a NUL character");
const endpoint = z.object({
  method: text.optional(),
  path: text.optional(),
  description: text.nullable().optional(),
  host: text.optional(),
});
const service = z.object({
  name: text.min(1),
  version: text.optional(),
  providerServiceId: text.optional(),
  description: text.optional(),
  sourceEnvironment: text.optional(),
  apiDefinition: z
    .object({
      content: z
        .string()
        .refine((value) => !value.includes("\0"), "must not hold a NUL character")
        .optional(),
    })
    .optional(),
  endpoints: z.array(endpoint).max(2000).optional(),
  tags: z.array(text).max(50).optional(),
  providerMetadata: z
    .object({
      commitSha: text.optional(),
      branch: text.optional(),
      gitRepoUrl: text.optional(),
      deployedAt: z.iso.datetime({ offset: true }).optional(),
    })
    .optional(),
});
const reportBody = z.object({ discoveredServices: z.array(service).min(1).max(100) });

const listQuery = z.object({
  discoverySource: z.enum(["api_gateway_app", "insights_project", "infra_watcher", "public_api"]).optional(),
  status: z.string().max(100).optional(),
  search: z.string().max(255).optional(),
  ...pageQuery,
});

/** `/api-catalog/discovery-services` of the Postman API: services that something outside has found, kept as reported. */
export function discoveryApi({ database }: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/api-catalog/discovery-services",
    documented({ summary: "List discovered services", tag, query: listQuery }),
    async (c) => {
      const { limit, cursor, ...filter } = readQuery(c, listQuery);
      const after = readCursor(cursor);
      const { rows: found, total } = await listDiscovered(database, { ...filter, limit, after });
      const { rows, nextCursor } = toPage(found, limit);
      return c.json({ meta: { total, nextCursor }, data: rows.map(listed) });
    },
  );

  routes.post(
    "/api-catalog/discovery-services",
    documented({
      summary: "Report discovered services",
      tag,
      body: reportBody,
      description:
        "A service is known again by its providerServiceId, else by its name and sourceEnvironment; then it is replaced.",
    }),
    async (c) => {
      const { discoveredServices } = await readBody(c, reportBody);
      const { services, created, updated } = await storeDiscovered(
        database,
        c.get("actor"),
        discoveredServices,
      );
      return c.json({ data: services.map(reported), meta: { total: services.length, created, updated } });
    },
  );

  routes.get(
    "/api-catalog/discovery-services/:serviceId",
    documented({ summary: "Get a discovered service", tag }),
    async (c) => {
      const found = await findDiscovered(database, c.req.param("serviceId"));
      if (!found) throw notFound();
      return c.json(whole(found));
    },
  );

  return routes;
}

const listed = (one: DiscoveredService) => ({
  id: one.id,
  name: one.name,
  version: one.version,
  sourceEnvironment: one.sourceEnvironment,
  systemEnvironmentId: null,
  status: one.status,
  endpointsCount: one.endpointsCount,
  discoverySource: one.discoverySource,
  tags: one.tags,
  discoveredAt: one.discoveredAt,
});

const reported = (one: DiscoveredService) => ({
  id: one.id,
  organizationId: ORGANIZATION_ID,
  name: one.name,
  description: one.description,
  version: one.version,
  sourceEnvironment: one.sourceEnvironment,
  systemEnvironmentId: null,
  tags: one.tags,
  status: one.status,
  endpointsCount: one.endpointsCount,
  providerServiceId: one.providerServiceId,
  discoveredAt: one.discoveredAt,
  discoveredBy: one.discoveredBy,
  lastSyncedAt: one.lastSyncedAt,
});

const whole = (one: WholeService) => ({
  ...reported(one),
  discoverySource: one.discoverySource,
  providerMetadata: one.providerMetadata ?? {},
  apiDefinition: one.definition === null ? null : definitionBody(one.definition),
  endpoints: one.endpoints,
  managedWorkspaceId: null,
  integratedAt: null,
});

function definitionBody(content: string) {
  const version = /^\s*["']?(openapi|swagger)["']?\s*:\s*["']?([\d.]+)/m.exec(content);
  return {
    format: version ? "openapi" : "unknown",
    formatVersion: version?.[2] ?? "",
    contentHash: createHash("sha256").update(content).digest("hex"),
    content,
  };
}
