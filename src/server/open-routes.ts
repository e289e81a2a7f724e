import { Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import type { Limiter } from "../access/limits/limiter.ts";
import { AppError } from "../lib/errors.ts";
import { mockServing } from "../mocks/serve.ts";
import { webhookCalls } from "../webhooks/serve.ts";
import { limitBody, limitOfPath } from "./body-limit.ts";
import { browserErrorPage } from "./error-page.ts";
import { answerErrors } from "./errors.ts";
import { requestLog } from "./request-log.ts";

/**
 * What anybody may call: mock servers, and webhooks with their token. By themselves, because the headers of our pages are not for
 * what mocks answer.
 */
export function openRoutes(deps: Deps, { limiter }: { limiter?: Limiter | undefined }): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.onError(answerErrors(deps.log, browserErrorPage(deps.clock)));
  // By path: the routes are listed among those of the pages, too.
  for (const path of ["/mock/*", "/hooks/*"]) routes.use(path, requestLog(deps.log));
  const door = { limiter, limitBody: limitBody(limitOfPath) };
  routes.route("/", mockServing(deps, door));
  routes.use("/hooks/*", async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  });
  routes.route("/", webhookCalls(deps, door));
  routes.notFound(() => {
    throw new AppError("not_found", "Requested resource not found", { name: "notFound" });
  });
  return routes;
}

export const isOpenRoute = (url: string): boolean => /^https?:\/\/[^/]+\/(mock|hooks)\//.test(url);
