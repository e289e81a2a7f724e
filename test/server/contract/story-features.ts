import type { Step } from "./story.ts";

const openapi = (title: string) => `openapi: 3.0.3
info: { title: ${title}, version: "1" }
paths:
  /books:
    get:
      summary: List books
      responses: { "200": { description: fine } }
`;

/** Mocks, webhooks, specs, search and the catalog. */
export const featuresStory: Step[] = [
  {
    call: "POST /mocks?workspace={workspaces}",
    body: { mock: { collection: "<collectionUid>", name: "Shop", private: true } },
    keep: (body) => ({ mocks: body.mock.id }),
  },
  { call: "GET /mocks?workspace={workspaces}" },
  { call: "GET /mocks/{mocks}" },
  {
    call: "PUT /mocks/{mocks}",
    body: { mock: { name: "Shop II", collection: "<collectionUid>", private: true } },
  },
  { call: "POST /mocks/{mocks}/publish" },
  { call: "DELETE /mocks/{mocks}/unpublish" },
  {
    call: "POST /mocks/{mocks}/server-responses",
    body: { serverResponse: { name: "Down", statusCode: 503 } },
    keep: (body) => ({ "server-responses": body.id }),
  },
  { call: "GET /mocks/{mocks}/server-responses" },
  { call: "GET /mocks/{mocks}/server-responses/{server-responses}" },
  {
    call: "PUT /mocks/{mocks}/server-responses/{server-responses}",
    body: { serverResponse: { name: "Still down" } },
  },
  { call: "GET /mocks/{mocks}/call-logs" },
  {
    call: "POST /webhooks?workspace={workspaces}",
    body: { webhook: { name: "Hook", collection: "<collectionUid>" } },
    keep: (body) => ({ webhooks: body.webhook.id }),
  },
  { call: "GET /webhooks" },
  { call: "GET /webhooks/{webhooks}" },
  {
    call: "POST /status-pages?workspace={workspaces}",
    body: {
      statusPage: {
        slug: "shop",
        title: "Shop",
        visibility: "public",
        monitors: [{ monitor: "<monitors>", name: "Ordering", group: "For customers" }],
      },
    },
    keep: (body) => ({ "status-pages": body.statusPage.id }),
  },
  { call: "GET /status-pages?workspace={workspaces}" },
  { call: "GET /status-pages/{status-pages}" },
  { call: "PUT /status-pages/{status-pages}", body: { statusPage: { title: "Shop II" } } },
  {
    call: "POST /status-pages/{status-pages}/incidents",
    body: {
      incident: { title: "Slow", state: "investigating", message: "We look.", monitors: ["<monitors>"] },
    },
    keep: (body) => ({ incidents: body.incident.id }),
  },
  { call: "GET /status-pages/{status-pages}/incidents?open=true" },
  { call: "GET /status-pages/{status-pages}/incidents/{incidents}" },
  {
    call: "PUT /status-pages/{status-pages}/incidents/{incidents}",
    body: { incident: { title: "Very slow" } },
  },
  {
    call: "POST /status-pages/{status-pages}/incidents/{incidents}/updates",
    body: { update: { state: "resolved", message: "It is over." } },
  },
  {
    call: "POST /specs?workspaceId={workspaces}",
    body: {
      name: "Shop",
      type: "OPENAPI:3.0",
      files: [{ path: "index.yaml", content: openapi("Shop"), type: "ROOT" }],
    },
    keep: (body) => ({ specs: body.id, files: "index.yaml" }),
  },
  { call: "GET /specs?workspaceId={workspaces}" },
  { call: "GET /specs/{specs}" },
  { call: "PATCH /specs/{specs}", body: { name: "Shop II" } },
  { call: "GET /specs/{specs}/definitions" },
  { call: "POST /specs/{specs}/files", body: { path: "extra.yaml", content: "a: 1\n" } },
  { call: "GET /specs/{specs}/files" },
  { call: "GET /specs/{specs}/files/{files}" },
  { call: "PATCH /specs/{specs}/files/{files}", body: { content: openapi("Shop III") } },
  {
    call: "POST /specs/{specs}/version-tags",
    body: { name: "v1" },
    keep: (body) => ({ "version-tags": body.data.id }),
  },
  { call: "GET /specs/{specs}/version-tags" },
  { call: "GET /specs/{specs}/version-tags/{version-tags}/files" },
  { call: "POST /search", body: { q: "books", elementType: "requests", ownership: "organization" } },
  { call: "GET /context/instructions" },
  { call: "GET /context/instructions/discovery" },
  { call: "GET /context/instructions/code-generation" },
  { call: "GET /context/instructions/maintenance" },
  { call: "GET /context/workspaces" },
  { call: "GET /context/workspaces/{workspaces}" },
  { call: "GET /context/workspaces/{workspaces}/environments" },
  { call: "GET /context/environments/{environments}" },
  { call: "GET /context/collections/{collections}" },
  { call: "GET /context/collections/{collections}/folders/{folders}" },
  { call: "GET /context/collections/{collections}/requests/{requests}" },
  { call: "GET /context/collections/{collections}/requests/{requests}/context" },
  { call: "GET /context/collections/{collections}/requests/{requests}/responses/{responses}" },
];

export const featuresEnd: Step[] = [
  { call: "DELETE /specs/{specs}/files/extra.yaml" },
  { call: "DELETE /specs/{specs}" },
  { call: "DELETE /status-pages/{status-pages}/incidents/{incidents}" },
  { call: "DELETE /status-pages/{status-pages}" },
  { call: "DELETE /webhooks/{webhooks}" },
  { call: "DELETE /mocks/{mocks}/server-responses/{server-responses}" },
  { call: "DELETE /mocks/{mocks}" },
];
