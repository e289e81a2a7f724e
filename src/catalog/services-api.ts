import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import {
  addSteps,
  type EndpointFacts,
  endpointBody,
  isWanted,
  sortEndpoints,
  sortKeys,
} from "./endpoints.ts";
import { listRunIds, loadSteps } from "./monitor-runs-store.ts";
import { pageQuery, readCursor, toPage } from "./paging.ts";
import { readQuery } from "./problem-request.ts";
import { detailBody, listEntry, type Measured } from "./service.ts";
import {
  getService,
  nextOffset,
  readOffset,
  readSort,
  readStage,
  sentOf,
  sortedPageQuery,
  sortQuery,
  stageQuery,
  timeRange,
} from "./services-request.ts";
import {
  entityCounts,
  listServices,
  monitorFacts,
  pipelineFacts,
  requestTotals,
  runHours,
} from "./services-store.ts";

const tag = "API catalog";
/** Endpoints are counted in the newest runs: their events are stored as they came, and reading all of a week takes long. */
const MAX_SAMPLED_RUNS = 200;
const SAMPLE_BATCH = 20;
const MAX_SAMPLE_MS = 2000;

const csv = (member: string) => z.string().regex(new RegExp(`^${member}(,${member})*$`));
const listQuery = z.object({
  ...stageQuery,
  name: z.string().max(255).optional(),
  tags: csv("[^,]+").max(500).optional().describe("Services with any of these"),
  governanceGroupId: z.string().max(100).optional().describe("There are no such groups here; finds nothing"),
  ...pageQuery,
});
const oneQuery = z.object(stageQuery);
const endpointsQuery = z.object({
  ...stageQuery,
  httpMethods: csv("[A-Za-z]+").max(200).optional(),
  hosts: csv("[^,]+").max(2000).optional(),
  responseCodes: csv("\\d{3}").max(500).optional(),
  search: z.string().max(500).optional(),
  sort: sortQuery(sortKeys).default("count:desc"),
  ...sortedPageQuery,
});

/** Services of the API catalog: a workspace is a service, and a system environment the stage that it is seen from. */
export function servicesApi(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get(
    "/api-catalog/services",
    documented({
      summary: "List services",
      tag,
      description:
        "A workspace is a service. Its figures come from the runs of its monitors and from the CI runs reported in it.",
      query: listQuery,
    }),
    async (c) => {
      const {
        limit,
        cursor,
        systemEnvironmentId: sent,
        tags,
        name,
        governanceGroupId,
      } = readQuery(c, listQuery);
      const systemEnvironmentId = await readStage(deps, sent);
      const after = readCursor(cursor);
      const filter = { systemEnvironmentId, name, tags: tags?.split(","), limit, after };
      const found =
        governanceGroupId === undefined ? await listServices(database, c.get("actor"), filter) : [];
      const { rows, nextCursor } = toPage(found, limit);
      const measured = await measure(
        deps,
        rows.map(({ id }) => id),
        systemEnvironmentId,
      );
      return c.json({
        meta: {
          nextCursor: nextCursor ?? "",
          limit,
          filters: sentOf({ systemEnvironmentId, name, tags, governanceGroupId }),
          timeRange: await timeRange(deps),
        },
        data: rows.map((service) => listEntry(service, measured(service.id))),
      });
    },
  );

  routes.get(
    "/api-catalog/services/:serviceId",
    documented({ summary: "Get a service", tag, query: oneQuery }),
    async (c) => {
      const service = await getService(deps, c);
      const systemEnvironmentId = await readStage(deps, readQuery(c, oneQuery).systemEnvironmentId);
      const [measured, totals, counts, endpoints] = await Promise.all([
        measure(deps, [service.id], systemEnvironmentId),
        requestTotals(database, service.id, systemEnvironmentId),
        entityCounts(database, service.id),
        sampleEndpoints(deps, service.id, systemEnvironmentId),
      ]);
      const detail = { ...measured(service.id), totals, counts, endpoints: endpoints.facts.length };
      const filters = sentOf({ systemEnvironmentId });
      return c.json({
        meta: { filters, timeRange: await timeRange(deps) },
        data: detailBody(service, detail),
      });
    },
  );

  routes.get(
    "/api-catalog/services/:serviceId/endpoints",
    documented({
      summary: "List endpoints of a service",
      tag,
      description: `Counted in the requests of its newest runs, at most ${MAX_SAMPLED_RUNS}.`,
      query: endpointsQuery,
    }),
    async (c) => {
      const service = await getService(deps, c);
      const { limit, cursor, sort, systemEnvironmentId: sent, ...filters } = readQuery(c, endpointsQuery);
      const systemEnvironmentId = await readStage(deps, sent);
      const offset = readOffset(cursor);
      const { facts, sampledRuns } = await sampleEndpoints(deps, service.id, systemEnvironmentId);
      const wanted = {
        methods: filters.httpMethods?.toUpperCase().split(","),
        hosts: filters.hosts?.split(","),
        codes: filters.responseCodes?.split(","),
        search: filters.search,
      };
      const bodies = facts.filter((fact) => isWanted(fact, wanted)).map(endpointBody);
      const { key, direction } = readSort(sort, sortKeys);
      const data = sortEndpoints(bodies, key, direction).slice(offset, offset + limit);
      return c.json({
        meta: {
          nextCursor: nextOffset(offset, data.length, bodies.length),
          limit,
          filters: sentOf({ systemEnvironmentId, ...filters }),
          timeRange: await timeRange(deps),
          totalEndpoints: bodies.length,
          totalRequests: bodies.reduce((sum, body) => sum + body.requestCount, 0),
          sampledRuns,
        },
        data,
      });
    },
  );

  return routes;
}

/** Figures of services in three statements, whatever their number; by id. */
async function measure(
  { database }: Deps,
  ids: readonly string[],
  systemEnvironmentId: string | undefined,
): Promise<(id: string) => Measured> {
  const [hours, monitors, pipelines] = await Promise.all([
    runHours(database, ids, systemEnvironmentId),
    monitorFacts(database, ids, systemEnvironmentId),
    pipelineFacts(database, ids, systemEnvironmentId),
  ]);
  const hoursById = Map.groupBy(hours, (row) => row.workspaceId);
  return (id) => ({
    hours: hoursById.get(id) ?? [],
    monitors: monitors.find((row) => row.workspaceId === id),
    pipelines: pipelines.find((row) => row.workspaceId === id),
  });
}

async function sampleEndpoints(
  { database }: Deps,
  workspaceId: string,
  systemEnvironmentId: string | undefined,
) {
  const ids = await listRunIds(database, workspaceId, systemEnvironmentId, MAX_SAMPLED_RUNS);
  const facts = new Map<string, EndpointFacts>();
  const startedAt = performance.now();
  let sampledRuns = 0;
  while (sampledRuns < ids.length && performance.now() - startedAt < MAX_SAMPLE_MS) {
    const batch = ids.slice(sampledRuns, sampledRuns + SAMPLE_BATCH);
    for (const steps of (await loadSteps(database, batch)).values()) addSteps(facts, steps);
    sampledRuns += batch.length;
  }
  return { facts: [...facts.values()], sampledRuns };
}
