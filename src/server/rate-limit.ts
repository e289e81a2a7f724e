import type { Context } from "hono";

import { addressOf } from "../access/caller.ts";
import type { AppEnv } from "../access/context.ts";
import type { LimitAsk } from "../access/limits/limiter.ts";
import { limitsOfCall } from "../access/limits/limits.ts";

/** What a call below `/api` counts against; without a valid key its address is what is counted. `path` is below `/api`. */
export function limitAsksOf(c: Context<AppEnv>, userId: number | undefined, path: string): LimitAsk[] {
  if (userId === undefined) return [{ limit: "user", subject: `address:${addressOf(c)}` }];
  return limitsOfCall(c.req.method, path).map((limit) => ({ limit, subject: `user:${userId}` }));
}
