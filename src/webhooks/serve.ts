import { type Context, Hono, type MiddlewareHandler } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { refuseBeyondLimits, setLimitHeaders } from "../access/limits/answer.ts";
import type { Limiter } from "../access/limits/limiter.ts";
import { AppError } from "../lib/errors.ts";
import { sealInput } from "../runs/execution-input.ts";
import { triggerExecution } from "../runs/trigger.ts";
import { findCalledWebhook } from "./store.ts";
import { dataRowOf } from "./webhook.ts";

/** What stands before every call. */
export interface HookDoor {
  /** Absent = no limit. */
  limiter?: Limiter | undefined;
  limitBody: MiddlewareHandler<AppEnv>;
}

/** `/hooks/TOKEN`, any method and any body: starts an execution and answers at once. The token is all that a caller needs. */
export function webhookCalls(
  deps: Pick<Deps, "database" | "secretBox" | "log">,
  { limiter, limitBody }: HookDoor,
): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.all("/hooks/:token", limitBody, async (c) => {
    // A browser's question whether it may ask is no call.
    if (c.req.header("access-control-request-method") !== undefined) return c.body(null, 204);
    const webhook = await findCalledWebhook(deps.database, c.req.param("token"));
    if (!webhook) throw notFound();
    if (!limiter) return start(c, webhook);
    // Postman names no limit for webhooks: each is counted like a user.
    const asks = [{ limit: "user", subject: `webhook:${webhook.id}` }] as const;
    const { refusal, verdict } = await refuseBeyondLimits(c, limiter, asks);
    if (refusal) return refusal;
    setLimitHeaders(c, verdict);
    return start(c, webhook);
  });

  const start = async (c: Context<AppEnv>, webhook: { id: string; monitorId: string }): Promise<Response> => {
    const row = dataRowOf({
      method: c.req.method,
      headers: c.req.raw.headers,
      query: new URL(c.req.url).searchParams,
      contentType: c.req.header("content-type") ?? "",
      body: await c.req.text(),
    });
    const { id, createdAt } = await triggerExecution(deps, {
      monitorId: webhook.monitorId,
      trigger: "webhook",
      triggeredBy: null,
      sealedInput: sealInput(deps.secretBox, row),
    });
    deps.log.info("webhook called", { webhookId: webhook.id, executionId: id });
    const execution = {
      id,
      monitor: webhook.monitorId,
      status: "queued",
      createdAt: createdAt.toISOString(),
    };
    return c.json({ webhook: { id: webhook.id }, execution }, 202);
  };

  return routes;
}

const notFound = (): AppError =>
  new AppError("not_found", "There is no such webhook; its token may have been replaced.", {
    name: "instanceNotFoundError",
  });
