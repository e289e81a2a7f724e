import { createMiddleware } from "hono/factory";

import type { Actor, AppEnv } from "../access/context.ts";
import { newId } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import { loggablePath } from "./loggable-path.ts";

/** Asked all day long by programs; a line of each would bury the rest. */
const isRoutine = (path: string) => /^\/(healthz|readyz|metrics|assets\/|runner\/|mock\/)/.test(path);

/** Gives every request an id, sends it back, and writes one line when the request ends. Never a query: keys stand in there. */
export const requestLog = (log: Log) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const sent = c.req.header("x-request-id");
    const requestId = sent && /^[\w-]{1,64}$/.test(sent) ? sent : newId();
    c.set("requestId", requestId);
    const startedAt = performance.now();
    await next();
    c.header("x-request-id", requestId);
    // Absent on open routes and when authentication failed, whatever the type of the environment says.
    const actor = c.get("actor") as Actor | undefined;
    log[isRoutine(c.req.path) ? "debug" : "info"]("request", {
      requestId,
      method: c.req.method,
      path: loggablePath(c.req.path),
      status: c.res.status,
      durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
      userId: actor?.userId,
    });
  });
