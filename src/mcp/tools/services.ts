import { z } from "zod";

import { inFull, type Tool } from "../tool.ts";
import { cursor, limit, list, text } from "./arguments.ts";

const serviceId = text("Id of the service.");
const systemEnvironmentId = text("Id of the system environment, from getApiCatalogSystemEnvironments.");
const paging = { limit: limit(100, 20), cursor };
const status = z.enum(["passed", "failed"]).optional();
const string = z.string().optional();
const workspaceEnvironmentIds = z.array(z.string()).describe("Ids of environments.");

export const serviceTools: readonly Tool[] = [
  {
    name: "getApiCatalogServices",
    title: "List services",
    description: "The services of a stage (system environment): health, traffic and last results.",
    sets: inFull,
    call: "GET /api-catalog/services",
    input: { systemEnvironmentId, name: string, tags: string, governanceGroupId: string, ...paging },
    next: "getApiCatalogService for one of them.",
  },
  {
    name: "getApiCatalogService",
    title: "Get a service",
    description: "A service with its results of seven days.",
    sets: inFull,
    call: "GET /api-catalog/services/{serviceId}",
    input: { serviceId, systemEnvironmentId },
  },
  {
    name: "getApiCatalogServiceEndpoints",
    title: "List endpoints of a service",
    description: "Endpoints of a service with requests, latency and errors.",
    sets: inFull,
    call: "GET /api-catalog/services/{serviceId}/endpoints",
    input: {
      serviceId,
      systemEnvironmentId,
      httpMethods: string,
      hosts: string,
      responseCodes: string,
      search: string,
      sort: string.describe("Such as errorRate:desc."),
      ...paging,
    },
  },
  {
    name: "getApiCatalogServiceMonitorRuns",
    title: "List monitor runs of a service",
    description: "Monitor runs of a service in seven days.",
    sets: inFull,
    call: "GET /api-catalog/services/{serviceId}/monitor-runs",
    input: {
      serviceId,
      systemEnvironmentId,
      collectionId: string,
      sort: string.describe("Such as timestamp:desc."),
      environmentId: string,
      status,
      ...paging,
    },
  },
  {
    name: "getApiCatalogServiceCiRuns",
    title: "List CI runs of a service",
    description: "Runs of collections of a service in pipelines in seven days.",
    sets: inFull,
    call: "GET /api-catalog/services/{serviceId}/ci-runs",
    input: {
      serviceId,
      systemEnvironmentId,
      collectionId: string,
      environmentId: string,
      status,
      branch: string,
      workflowName: string,
      actor: string,
      repoName: string,
      repoOwner: string,
      sort: string,
      ...paging,
    },
  },
  {
    name: "getApiCatalogSystemEnvironments",
    title: "List system environments",
    description: "The stages that services run in, such as production.",
    sets: inFull,
    call: "GET /api-catalog/system-environments",
    input: { isProduction: z.boolean().optional(), ...paging },
    next: "getApiCatalogServices with the id of one.",
  },
  {
    name: "getApiCatalogSystemEnvironment",
    title: "Get a system environment",
    description: "One stage.",
    sets: inFull,
    call: "GET /api-catalog/system-environments/{systemEnvironmentId}",
    input: { systemEnvironmentId },
  },
  {
    name: "createApiCatalogSystemEnvironment",
    title: "Create a system environment",
    description: "Creates a stage.",
    sets: inFull,
    call: "POST /api-catalog/system-environments",
    input: {
      name: z.string().min(1),
      label: string,
      description: string,
      color: text("Such as #2266aa."),
      isProduction: z.boolean().optional(),
    },
    next: "addApiCatalogSystemEnvironmentAssociations says which environments belong to it.",
  },
  {
    name: "updateApiCatalogSystemEnvironment",
    title: "Change a system environment",
    description: "Changes a stage.",
    sets: inFull,
    call: "PATCH /api-catalog/system-environments/{systemEnvironmentId}",
    input: {
      systemEnvironmentId,
      name: string,
      description: string,
      color: string,
      isProduction: z.boolean().optional(),
    },
  },
  {
    name: "getApiCatalogSystemEnvironmentAssociations",
    title: "List environments of a stage",
    description: "The environments that belong to a stage.",
    sets: inFull,
    call: "GET /api-catalog/system-environments/{systemEnvironmentId}/associations",
    input: { systemEnvironmentId, workspaceId: string, ...paging },
  },
  {
    name: "addApiCatalogSystemEnvironmentAssociations",
    title: "Add environments to a stage",
    description: "Says that environments belong to a stage.",
    sets: inFull,
    call: "POST /api-catalog/system-environments/{systemEnvironmentId}/associations",
    input: { systemEnvironmentId, allowPartial: z.boolean().optional(), workspaceEnvironmentIds },
    query: ["allowPartial"],
  },
  {
    name: "removeApiCatalogSystemEnvironmentAssociations",
    title: "Remove environments from a stage",
    description: "Says that environments no longer belong to a stage.",
    sets: inFull,
    call: "DELETE /api-catalog/system-environments/{systemEnvironmentId}/associations",
    input: { systemEnvironmentId, workspaceEnvironmentIds },
  },
  {
    name: "getApiCatalogDiscoveryServices",
    title: "List discovered services",
    description: "Services that somebody's tooling has found and told us of.",
    sets: inFull,
    call: "GET /api-catalog/discovery-services",
    input: {
      discoverySource: z
        .enum(["api_gateway_app", "insights_project", "infra_watcher", "public_api"])
        .optional(),
      status: string,
      search: string,
      ...paging,
    },
  },
  {
    name: "getApiCatalogDiscoveryService",
    title: "Get a discovered service",
    description: "A discovered service with its endpoints and definition.",
    sets: inFull,
    call: "GET /api-catalog/discovery-services/{serviceId}",
    input: { serviceId },
  },
  {
    name: "postApiCatalogDiscoveryServices",
    title: "Tell of discovered services",
    description: "Stores services that tooling has found; one that is known is brought up to date.",
    sets: inFull,
    call: "POST /api-catalog/discovery-services",
    input: { discoveredServices: list("name, and version, description, endpoints, tags, apiDefinition, …") },
  },
];
