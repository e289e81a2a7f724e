import { type Context, Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { getPath } from "hono/utils/url";

import { accessApi } from "../access/api.ts";
import { auditApi } from "../access/audit/api.ts";
import type {
  AppEnv,
  CheckCollection,
  ConvertFile,
  ConvertSpec,
  Deps,
  FetchDocument,
} from "../access/context.ts";
import { keyApi } from "../access/keys/api.ts";
import { keyCallsApi } from "../access/keys/calls-api.ts";
import { type CallLog, startCallLog } from "../access/keys/calls.ts";
import { createLimiter, type Limiter } from "../access/limits/limiter.ts";
import { noLimits } from "../access/limits/limits.ts";
import { oauthPages } from "../access/oauth/pages.ts";
import { oauthRoutes } from "../access/oauth/routes.ts";
import { accessPages } from "../access/pages.tsx";
import { alertsApi } from "../alerts/api.ts";
import { closeBeforeDeletion } from "../alerts/before-deletion.ts";
import { alertsPages } from "../alerts/pages.tsx";
import { readMutes, readTelling } from "../alerts/telling.ts";
import { catalogApi } from "../catalog/api.ts";
import { collectionsApi } from "../collections/api.ts";
import { commentsApi } from "../collections/comments/api.ts";
import { forksApi } from "../collections/forks/api.ts";
import { collectionsPages, showCollections } from "../collections/pages.tsx";
import { collectionTagsApi } from "../collections/tags-api.ts";
import { environmentsApi } from "../environments/api.ts";
import { environmentForksApi } from "../environments/forks-api.ts";
import { globalsApi } from "../environments/globals-api.ts";
import { globalsPages } from "../environments/pages-globals.tsx";
import { environmentsPages, showEnvironments } from "../environments/pages.tsx";
import { fleetApi } from "../fleet/api.ts";
import { fleetPages } from "../fleet/pages.tsx";
import { programsApi } from "../fleet/programs-api.ts";
import type { Programs } from "../fleet/programs.ts";
import { AppError } from "../lib/errors.ts";
import { mcpRoutes } from "../mcp/routes.ts";
import { mocksApi } from "../mocks/api.ts";
import { mocksPages } from "../mocks/pages.tsx";
import { monitorsApi } from "../monitors/api.ts";
import { monitorsPages } from "../monitors/pages.tsx";
import { resultsApi } from "../results/api.ts";
import { resultsPages } from "../results/pages.tsx";
import { runsApi } from "../runs/api.ts";
import { runnerApi } from "../runs/runner-api.ts";
import { maintenanceApi } from "../schedules/maintenance/api.ts";
import { maintenancePages } from "../schedules/maintenance/pages.tsx";
import { specsApi } from "../specs/api.ts";
import { apisApi } from "../specs/apis-api.ts";
import { specFilesApi } from "../specs/files-api.ts";
import { generationsApi } from "../specs/generations-api.ts";
import { importApi } from "../specs/import-api.ts";
import { specsPages } from "../specs/pages.tsx";
import { startPages } from "../start/pages.tsx";
import { statusApi } from "../status/api.ts";
import { statusPages } from "../status/pages.tsx";
import { privateStatus, publicStatus } from "../status/public.tsx";
import { webhooksApi } from "../webhooks/api.ts";
import { webhooksPages } from "../webhooks/pages.tsx";
import { workspacesApi } from "../workspaces/api.ts";
import { workspacesPages } from "../workspaces/pages.tsx";
import { apiDoor } from "./api-door.ts";
import { apiReferencePages, serveDescription } from "./api-reference.tsx";
import { assetRoutes } from "./assets.ts";
import { csrfCheck, sessionAuth } from "./auth.ts";
import { limitBody, limitOfPath } from "./body-limit.ts";
import { compressPages } from "./compress.ts";
import { browserErrorPage } from "./error-page.ts";
import { answerErrors } from "./errors.ts";
import { healthRoutes } from "./health.ts";
import { isOpenRoute, openRoutes } from "./open-routes.ts";
import { requestLog } from "./request-log.ts";

export interface AppOptions {
  /** What mail is sent with, for the pages that say so; absent = no mail is sent. */
  mail?: { server: string; from: string } | undefined;
  /** Absent = nothing is limited. */
  limiter?: Limiter;
  /** Where calls of API keys are recorded; absent = in the database, without an end that anybody waits for. */
  calls?: CallLog;
  /** What `runner upgrade` can fetch; absent = nothing. */
  programs?: Programs;
  /** Reads uploads of other formats; absent = only v2.0 and v2.1 are taken. */
  convert?: ConvertFile;
  /** Reads documents at URLs; absent = they are uploaded or pasted only. */
  fetchDocument?: FetchDocument;
  /** Does what is heavy about specifications; absent = nothing is generated. */
  convertSpec?: ConvertSpec;
  /** Finds what will not behave as in Postman; absent = nothing is found. */
  checkCollection?: CheckCollection;
}

const apis: ((deps: Deps, options: AppOptions) => Hono<AppEnv>)[] = [
  accessApi,
  auditApi,
  keyApi,
  keyCallsApi,
  workspacesApi,
  forksApi,
  commentsApi,
  collectionTagsApi,
  collectionsApi,
  environmentsApi,
  environmentForksApi,
  globalsApi,
  monitorsApi,
  runsApi,
  resultsApi,
  fleetApi,
  mocksApi,
  webhooksApi,
  alertsApi,
  maintenanceApi,
  statusApi,
  specsApi,
  specFilesApi,
  generationsApi,
  importApi,
  apisApi,
  // Last: a part that has such a path after all goes first.
  catalogApi,
];
const pages = [
  accessPages,
  oauthPages,
  (deps: Deps) =>
    resultsPages(deps, {
      readMutes: (ids) => readMutes(deps.database, ids),
      readTelling: (id) => readTelling(deps.database, id),
    }),
  monitorsPages,
  collectionsPages,
  environmentsPages,
  globalsPages,
  mocksPages,
  webhooksPages,
  maintenancePages,
  alertsPages,
  workspacesPages,
  specsPages,
  startPages,
  fleetPages,
  statusPages,
  privateStatus,
];

/** Everything on one port: the runners, open routes, the API and the pages, each behind its own door. */
export function createApp(given: Deps, options: AppOptions = {}): Hono<AppEnv> {
  const deps: Deps = { beforeDeletion: closeBeforeDeletion(given.publicUrl), ...given };
  const app = new Hono<AppEnv>({ getPath: pathOf });
  app.onError(answerErrors(deps.log, browserErrorPage(deps.clock)));
  app.use(requestLog(deps.log));
  app.use(headers());

  app.route("/", healthRoutes(deps));
  app.route("/", assetRoutes());
  const api = apiRoutes(deps, options);
  app.route("/api", api);
  const runners = runnerRoutes(deps, options);
  const open = openRoutes(deps, options);
  // For lists of routes only: calls of runners, mocks and webhooks take the shorter way below.
  app.route("/", runners);
  app.route("/", open);
  app.route(
    "/",
    mcpRoutes(deps, (request, env) => app.fetch(request, env)),
  );
  app.route("/", oauthRoutes(deps));
  // Before the door of the pages, which asks strangers to sign in.
  app.route("/", publicStatus(deps));
  app.route("/", pageRoutes(deps, options, api));
  app.notFound(unknownPath);
  const { fetch } = app;
  app.fetch = (request, env, context) => {
    if (isOfRunner(request.url)) return runners.fetch(request, env, context);
    return isOpenRoute(request.url) ? open.fetch(request, env, context) : fetch(request, env, context);
  };
  return app;
}

/** By themselves: ten thousand claims wait here, and what is around them would keep its part of each. */
function runnerRoutes(deps: Deps, options: AppOptions): Hono<AppEnv> {
  // The paths of the contract are whole; each call checks the key of its runner.
  const routes = runnerApi(deps);
  routes.onError(answerErrors(deps.log, browserErrorPage(deps.clock)));
  if (options.programs) routes.route("/", programsApi(deps, options.programs));
  routes.notFound(unknownPath);
  return routes;
}

const isOfRunner = (url: string): boolean => /^https?:\/\/[^/]+\/runner\//.test(url);

/** Postman's client joins its base URL and the path as they are: `https://host/api/` makes `/api//collections`. */
const pathOf = (request: Request): string => getPath(request).replace(/^\/api\/{2,}/, "/api/");

function apiRoutes(deps: Deps, options: AppOptions): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  // Before the door: programs fetch the description before they have a key, and it says nothing about this installation.
  serveDescription(routes, deps);
  routes.use(
    cached("no-store"),
    apiDoor(deps, {
      limiter: options.limiter ?? createLimiter(deps, noLimits),
      calls: options.calls ?? startCallLog(deps),
    }),
    limitBody(limitOfPath),
  );
  for (const api of apis) routes.route("/", api(deps, options));
  return routes.all("*", unknownPath);
}

function pageRoutes(deps: Deps, options: AppOptions, api: Hono<AppEnv>): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const limit = limitBody(limitOfPath, (c, message) => refuseUpload(c, deps, message));
  routes.use(compressPages, cached("private, no-cache"), sessionAuth(deps), limit, csrfCheck);
  for (const page of pages) routes.route("/", page(deps, options));
  routes.route("/", apiReferencePages(deps, api));
  return routes;
}

/** A document that is too large is a mistake in a form, and is answered there. Nothing of its body was looked at. */
function refuseUpload(c: Context<AppEnv>, deps: Deps, message: string): Promise<Response> | undefined {
  // Absent without a session, whatever the type of the environment says.
  const actor = c.get("actor") as AppEnv["Variables"]["actor"] | undefined;
  if (!actor || c.req.method !== "POST") return undefined;
  const upload = { text: "", errors: { file: message } };
  if (c.req.path === "/collections") return showCollections(c, deps, upload, 413);
  if (c.req.path === "/environments") return showEnvironments(c, deps, upload, 413);
  return undefined;
}

/** Ends each group, so that an unknown path of one is not taken for a path of the next. */
const unknownPath = (): never => {
  throw new AppError("not_found", "Requested resource not found", { name: "notFound" });
};

/** For answers that say nothing of their own: what one person may read must not come out of a cache for another. */
const cached = (directive: string) =>
  createMiddleware<AppEnv>(async (c, next) => {
    await next();
    if (!c.res.headers.has("cache-control")) c.header("cache-control", directive);
  });

/** No inline script or style anywhere; nothing is loaded from elsewhere, nothing frames us. */
const headers = () =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // With `no-referrer` browsers send `Origin: null` from our own forms, which would read as another site's.
    referrerPolicy: "same-origin",
    strictTransportSecurity: false,
    // A page that needs another policy has set it.
    overwrite: false,
  });
