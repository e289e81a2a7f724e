import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";

import { accessApi } from "../access/api.ts";
import type { AppEnv, Deps } from "../access/context.ts";
import { collectionsApi } from "../collections/api.ts";
import { environmentsApi } from "../environments/api.ts";
import { AppError } from "../lib/errors.ts";
import { monitorsApi } from "../monitors/api.ts";
import { workspacesApi } from "../workspaces/api.ts";
import { assetRoutes } from "./assets.ts";
import { apiAuth, sessionAuth } from "./auth.ts";
import { limitBody, limitOfPath } from "./body-limit.ts";
import { answerErrors } from "./errors.ts";
import { defaultRateLimit, type RateLimit, rateLimit } from "./rate-limit.ts";
import { requestLog } from "./request-log.ts";

export interface AppOptions {
  rateLimit?: RateLimit;
}

/** Everything on one port: open routes first, then the API, the runners, and the pages, each behind its own door. */
export function createApp(deps: Deps, options: AppOptions = {}): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError(answerErrors(deps.log));
  app.use(requestLog(deps.log));
  app.use(headers());

  app.route("/", assetRoutes());
  app.route("/api", api(deps, options));
  app.route("/runner/v1", runners());
  app.route("/", pages(deps));
  app.notFound(unknownPath);
  return app;
}

/** Ends each group, so that an unknown path of one is not taken for a page of the next. */
const unknownPath = (): never => {
  throw new AppError("not_found", "Requested resource not found", { name: "notFound" });
};

function api(deps: Deps, options: AppOptions): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.use(
    apiAuth(deps),
    rateLimit(deps.clock, options.rateLimit ?? defaultRateLimit),
    limitBody(limitOfPath),
  );
  for (const feature of [accessApi, workspacesApi, collectionsApi, environmentsApi, monitorsApi]) {
    routes.route("/", feature(deps));
  }
  return routes.all("*", unknownPath);
}

/** Each runner route checks the runner's own key. */
function runners(): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.use(limitBody(limitOfPath));
  return routes.all("*", unknownPath);
}

function pages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.use(limitBody(limitOfPath), sessionAuth(deps));
  return routes;
}

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
  });
