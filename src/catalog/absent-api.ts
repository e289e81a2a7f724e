import { Hono } from "hono";

import type { AppEnv } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { problem } from "../lib/errors.ts";

interface Absent {
  /** What it is in Postman's cloud. */
  what: string;
  /** Why an installation of one's own has none, as the rest of the sentence; and what to use instead. */
  why: string;
  /** `METHOD /path` as the router takes them. */
  endpoints: readonly string[];
}

/**
 * What Postman's API has and what means nothing where a team hosts everything itself. Each is answered with 501 and
 * one sentence, so that a client or an agent learns more than that the path is unknown.
 */
export const absent: readonly Absent[] = [
  {
    what: "Analytics of a Postman organization",
    why: "are counted by Postman's cloud; GET /api-catalog/services and the overview of monitors show what was measured here",
    endpoints: ["GET /analytics", "GET /analytics-metadata"],
  },
  {
    what: "Billing",
    why: "has nothing to bill in an installation of your own",
    endpoints: ["GET /accounts", "GET /accounts/:accountId/invoices"],
  },
  {
    what: "The Private API Network",
    why: "is a catalog in Postman's cloud; workspaces with the visibility team are seen by everybody here, and GET /api-catalog/services lists them",
    endpoints: [
      "GET /network/private",
      "POST /network/private",
      "PUT /network/private/:elementType/:elementId",
      "DELETE /network/private/:elementType/:elementId",
      "GET /network/private/network-entity/request/all",
      "PUT /network/private/network-entity/request/:requestId",
    ],
  },
  {
    what: "SDK generation",
    why: "is done by a service of Postman's cloud; generate clients from the definition of a spec with a tool of your choice",
    endpoints: [
      "GET /sdks",
      "POST /sdks",
      "GET /sdks/:sdkId",
      "DELETE /sdks/:sdkId",
      "GET /sdks/:sdkId/downloads",
      "GET /sdk-git-connections",
      "POST /sdk-git-connections",
      "GET /sdk-git-connections/:sdkGitConnectionId",
      "PUT /sdk-git-connections/:sdkGitConnectionId",
      "GET /sdk-git-connections/:sdkGitConnectionId/pull-requests",
    ],
  },
  {
    what: "The component library",
    why: "is part of Postman's cloud; keep shared schemas as files of a spec",
    endpoints: [
      "GET /components",
      "POST /components",
      "GET /components/:componentId",
      "PATCH /components/:componentId",
      "GET /components/:componentId/drafts",
      "PATCH /components/:componentId/drafts",
      "GET /components/:componentId/versions",
      "POST /components/:componentId/versions",
      "GET /components/:componentId/versions/:versionId",
    ],
  },
  {
    what: "The package library",
    why: "is part of Postman's cloud; runners load no code from elsewhere, so keep shared code in the scripts of the collection",
    endpoints: [
      "GET /packages",
      "POST /packages",
      "GET /packages/:packageId",
      "PATCH /packages/:packageId",
      "DELETE /packages/:packageId",
    ],
  },
  {
    what: "The secret scanner",
    why: "is a service of Postman's cloud that searches what is published there; nothing is published here",
    endpoints: [
      "POST /detected-secrets-queries",
      "GET /detected-secrets/:secretId/locations",
      "PUT /detected-secrets/:secretId",
      "GET /secret-types",
    ],
  },
  {
    what: "The context graph",
    why: "is answered by a language model in Postman's cloud; use POST /search and the endpoints below /context",
    endpoints: ["POST /context-graph/asks", "GET /context-graph/asks/:askId"],
  },
  {
    what: "Security validation of API definitions",
    why: "is a rule service of Postman's cloud; check definitions with a linter of your choice",
    endpoints: ["POST /security/api-validation"],
  },
  {
    what: "Tasks of APIs",
    why: "are tasks of specs here; ask GET /specs/{specId}/tasks/{taskId}",
    endpoints: ["GET /apis/:apiId/tasks/:taskId"],
  },
  {
    what: "Linting of specs",
    why: "is done by governance rules of Postman's cloud; check definitions with a linter of your choice in CI",
    endpoints: ["GET /api-catalog/services/:serviceId/spec-lints"],
  },
  {
    what: "Service accounts",
    why: "belong to Postman's cloud; give a program an API key that is narrowed by scopes",
    endpoints: ["POST /service-account-tokens"],
  },
  {
    what: "SCIM provisioning",
    why: "is not offered here; invite users with a link",
    endpoints: [
      "GET /scim/v2/ServiceProviderConfig",
      "GET /scim/v2/ResourceTypes",
      "GET /scim/v2/Users",
      "POST /scim/v2/Users",
      "GET /scim/v2/Users/:userId",
      "PUT /scim/v2/Users/:userId",
      "PATCH /scim/v2/Users/:userId",
      "GET /scim/v2/Groups",
      "POST /scim/v2/Groups",
      "GET /scim/v2/Groups/:groupId",
      "PATCH /scim/v2/Groups/:groupId",
      "DELETE /scim/v2/Groups/:groupId",
    ],
  },
];

/** The one answer to every endpoint of the table above. */
export function absentApi(): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  for (const { what, why, endpoints } of absent) {
    const detail = `${what} ${why}.`;
    for (const endpoint of endpoints) {
      const [method = "", path = ""] = endpoint.split(" ");
      routes.on(
        method,
        path,
        documented({
          summary: `${what}: not available here`,
          description: detail,
          tag: "Not available here",
          status: 501,
          contentType: "application/problem+json",
        }),
        () => {
          throw problem("not_implemented", detail);
        },
      );
    }
  }
  return routes;
}
