import type { Step } from "./story.ts";

const v10 = { accept: "application/vnd.api.v10+json" };
const isDone = (body: { status: string }) => body.status !== "pending" && body.status !== "in-progress";

/** What stands on several of the others: generated specs and collections, APIs, the catalog. */
export const restStory: Step[] = [
  {
    call: "POST /specs/{specs}/generations/collection",
    body: { name: "Generated", options: {} },
    keep: (body, known) => ({
      taskId: body.taskId,
      tasks: body.taskId,
      // The words of the one path whose first segments are parameters.
      elementType: "specs",
      generations: "collection",
      elementId: known["specs"] ?? "",
    }),
  },
  { call: "GET /specs/{specs}/tasks/{taskId}", until: isDone },
  {
    call: "GET /specs/{specs}/generations/collection",
    keep: (body) => ({ generated: body.collections[0].id, "specs/collections": body.collections[0].id }),
  },
  {
    call: "PATCH /specs/{specs}/collections/{generated}/sync-options",
    body: { syncOptions: { syncExamples: true } },
  },
  {
    call: "PUT /specs/{specs}/synchronizations?collectionUid={generated}",
    keep: (body) => ({ taskId: body.taskId }),
  },
  { call: "GET /specs/{specs}/tasks/{taskId}", until: isDone },
  {
    call: "PUT /collections/{generated}/synchronizations?specId={specs}",
    keep: (body) => ({ taskId: body.taskId }),
  },
  { call: "GET /collections/{generated}/tasks/{taskId}", until: isDone },
  {
    call: "POST /collections/{collections}/generations/spec",
    body: { name: "From a collection", type: "OPENAPI:3.0", format: "YAML" },
    keep: (body) => ({ taskId: body.taskId, "collections/generations": "spec" }),
  },
  { call: "GET /collections/{collections}/tasks/{taskId}", until: isDone },
  { call: "GET /collections/{collections}/generations/spec" },
  {
    call: "POST /import/openapi?workspace={workspaces}",
    body: {
      type: "json",
      input: {
        openapi: "3.0.3",
        info: { title: "Imported", version: "1" },
        paths: { "/a": { get: { responses: { 200: { description: "fine" } } } } },
      },
    },
  },
  {
    call: "GET /apis?workspaceId={workspaces}",
    headers: v10,
    keep: (body) => ({ apis: body.apis[0].id }),
  },
  {
    call: "GET /apis/{apis}?include=schemas,versions",
    headers: v10,
    keep: (body) => ({ schemas: body.schemas[0].id }),
  },
  {
    call: "GET /apis/{specs}/versions",
    headers: v10,
    keep: (body) => ({ versions: body.versions[0].id }),
  },
  { call: "GET /apis/{specs}/versions/{versions}", headers: v10 },
  { call: "GET /apis/{apis}/schemas/{schemas}", headers: v10 },
  { call: "GET /apis/{apis}/schemas/{schemas}/files", headers: v10 },
  {
    call: "POST /api-catalog/system-environments",
    body: { name: "Production", color: "#112233" },
    keep: (body) => ({ "system-environments": body.data.id }),
  },
  { call: "GET /api-catalog/system-environments" },
  { call: "GET /api-catalog/system-environments/{system-environments}" },
  { call: "PATCH /api-catalog/system-environments/{system-environments}", body: { isProduction: true } },
  {
    call: "POST /api-catalog/system-environments/{system-environments}/associations",
    body: { workspaceEnvironmentIds: ["<environments>"] },
  },
  { call: "GET /api-catalog/system-environments/{system-environments}/associations" },
  {
    call: "POST /api-catalog/discovery-services",
    body: { discoveredServices: [{ name: "shop" }] },
    keep: (body, known) => ({ "discovery-services": body.data[0].id, services: known["workspaces"] ?? "" }),
  },
  { call: "GET /api-catalog/discovery-services" },
  { call: "GET /api-catalog/discovery-services/{discovery-services}" },
  { call: "GET /api-catalog/services?systemEnvironmentId={system-environments}" },
  ...["", "/endpoints", "/monitor-runs", "/ci-runs"].map((part): Step => ({
    call: `GET /api-catalog/services/{services}${part}?systemEnvironmentId={system-environments}`,
  })),
  {
    call: "POST /collectionruns",
    body: { collectionRun: { collection: "<collectionUid>", name: "Bookshop", status: "finished" } },
  },
  {
    call: "PUT /collection-merges",
    body: { source: "<forkUid>", destination: "<collectionUid>", strategy: "default" },
    keep: (body) => ({ "collection-merges-tasks": body.task.id }),
  },
  { call: "GET /collection-merges-tasks/{collection-merges-tasks}" },
  { call: "GET /monitors/{monitors}/slots" },
  { call: "GET /runs/{runs}" },
  { call: "GET /runs/{runs}/events" },
  { call: "GET /runs/{runs}/replay" },
  { call: "PUT /monitors/{monitors}/executions/{executions}/cancellation" },
  { call: "GET /monitors/{monitors}/runs/{runs}/changes" },
  { call: "GET /monitors/{monitors}/runs?result=aborted" },
  { call: "GET /monitors/{monitors}/steps?format=json" },
  { call: "POST /runners/{runners}/reset-key", body: { runner: { graceSeconds: 60 } } },
  { call: "DELETE /runners/{runners}/previous-key" },
  { call: "GET /runners/{busy-runner}/instances" },
  { call: "GET /runners/{busy-runner}/metrics" },
  { call: "POST /runners/{busy-runner}/instances/{instances}/drain" },
  { call: "POST /runners/{busy-runner}/drain" },
  { call: "POST /webhooks/{webhooks}/token" },
];

export const restEnd: Step[] = [
  {
    call: "DELETE /api-catalog/system-environments/{system-environments}/associations",
    body: { workspaceEnvironmentIds: ["<environments>"] },
  },
  {
    call: "POST /workspaces/{workspaces}/element-transfers",
    body: { id: "<shelf>", type: "collection", to: "<other-workspace>" },
  },
];
