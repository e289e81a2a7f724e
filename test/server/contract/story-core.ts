import type { Step } from "./story.ts";

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/** A small collection: one folder, two requests, one saved response. */
export const bookshop = (name: string) => ({
  info: { name, schema },
  item: [
    {
      name: "Books",
      item: [
        {
          name: "List books",
          request: { method: "GET", url: "{{baseUrl}}/books" },
          response: [
            {
              name: "Two books",
              originalRequest: { method: "GET", url: "{{baseUrl}}/books" },
              code: 200,
              status: "OK",
              header: [{ key: "Content-Type", value: "application/json" }],
              body: "[]",
            },
          ],
        },
      ],
    },
    { name: "Health", request: { method: "GET", url: "{{baseUrl}}/health" } },
  ],
});

interface Found {
  id: string;
  item?: Found[];
  response?: { id: string }[];
}

/** What every installation has had from the start: workspaces, collections, environments, monitors, runs, runners. */
export const coreStory: Step[] = [
  { call: "GET /openapi.json" },
  { call: "GET /me" },
  {
    call: "POST /workspaces",
    body: { workspace: { name: "Contract", type: "private" } },
    keep: (body) => ({ workspaces: body.workspace.id }),
  },
  { call: "GET /workspaces?limit=5" },
  { call: "GET /workspaces/{workspaces}" },
  { call: "PUT /workspaces/{workspaces}", body: { workspace: { name: "Contract again" } } },
  { call: "PUT /workspaces/{workspaces}/global-variables", body: { values: [{ key: "host", value: "a" }] } },
  { call: "GET /workspaces/{workspaces}/global-variables" },
  {
    call: "POST /collections?workspace={workspaces}",
    body: { collection: bookshop("Bookshop") },
    keep: (body) => ({ collections: body.collection.id, collectionUid: body.collection.uid }),
  },
  { call: "GET /collections?workspace={workspaces}" },
  {
    call: "GET /collections/{collections}",
    keep: (body) => {
      const [folder]: Found[] = body.collection.item;
      const request = folder?.item?.[0];
      return {
        folders: folder?.id ?? "",
        requests: request?.id ?? "",
        responses: request?.response?.[0]?.id ?? "",
      };
    },
  },
  {
    call: "POST /environments?workspace={workspaces}",
    body: { environment: { name: "Local", values: [{ key: "baseUrl", value: "http://127.0.0.1:1" }] } },
    keep: (body) => ({ environments: body.environment.id, environmentUid: body.environment.uid }),
  },
  { call: "GET /environments?workspace={workspaces}" },
  { call: "GET /environments/{environments}" },
  { call: "PUT /environments/{environments}", body: { environment: { name: "Local again" } } },
  {
    call: "POST /runners",
    body: { runner: { name: "Contract runner" } },
    keep: (body) => ({ runners: body.runner.id }),
  },
  { call: "GET /runners" },
  { call: "GET /runners/{runners}" },
  { call: "PUT /runners/{runners}", body: { runner: { name: "Contract runner again" } } },
  {
    call: "POST /monitors?workspace={workspaces}",
    body: {
      monitor: {
        name: "Watch",
        collection: "<collectionUid>",
        environment: "<environmentUid>",
        schedule: { cron: "0 0 * * *", timezone: "UTC" },
      },
    },
    keep: (body) => ({ monitors: body.monitor.id }),
  },
  { call: "GET /monitors?workspace={workspaces}" },
  { call: "GET /monitors/{monitors}" },
  { call: "PUT /monitors/{monitors}", body: { monitor: { name: "Watch again" } } },
  {
    call: "POST /monitors/{monitors}/run?async=true",
    keep: (body) => ({ executions: body.run.info.jobId }),
  },
  { call: "GET /monitors/{monitors}/executions" },
  {
    call: "GET /monitors/{monitors}/executions/{executions}/runs",
    keep: (body) => ({ runs: body.runs[0].id }),
  },
  { call: "GET /monitors/{monitors}/runs/{runs}/results" },
];

/** What is taken away at the end, innermost first. */
export const coreEnd: Step[] = [
  { call: "DELETE /monitors/{monitors}" },
  { call: "DELETE /runners/{runners}" },
  { call: "DELETE /environments/{environments}" },
  { call: "DELETE /collections/{collections}" },
  { call: "DELETE /workspaces/{workspaces}" },
];
