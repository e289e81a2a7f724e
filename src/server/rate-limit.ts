import type { Context } from "hono";
import { createMiddleware } from "hono/factory";

import type { AppEnv } from "../access/context.ts";
import type { Clock } from "../lib/clock.ts";

export interface RateLimit {
  /** Requests of one user per window. */
  limit: number;
  windowSeconds: number;
}

/** Ten times what Postman allows: nobody shares this server with strangers, and CI polls. */
export const defaultRateLimit: RateLimit = { limit: 3000, windowSeconds: 60 };

interface Window {
  used: number;
  /** ms since the epoch. */
  resetAt: number;
}

/**
 * Limits requests per user and server in fixed windows, and says so in every header that Postman's API sends.
 * Each server counts for itself: the limit protects a server, it is not a quota.
 */
export function rateLimit(clock: Clock, { limit, windowSeconds }: RateLimit = defaultRateLimit) {
  const windows = new Map<number, Window>();

  const windowOf = (userId: number, now: number): Window => {
    const known = windows.get(userId);
    if (known && known.resetAt > now) return known;
    const fresh = { used: 0, resetAt: now + windowSeconds * 1000 };
    windows.set(userId, fresh);
    return fresh;
  };

  return createMiddleware<AppEnv>(async (c, next) => {
    const now = clock.now().getTime();
    const window = windowOf(c.get("actor").userId, now);
    window.used++;
    const isOver = window.used > limit;
    const seconds = Math.max(1, Math.ceil((window.resetAt - now) / 1000));
    const state = { limit, windowSeconds, seconds, window, isOver };
    if (isOver) {
      setHeaders(c, state);
      return tooMany(c, window.resetAt);
    }
    await next();
    setHeaders(c, state);
    return undefined;
  });
}

const tooMany = (c: Context<AppEnv>, resetAt: number) =>
  c.json(
    {
      error: "rateLimited",
      message: `Rate limit exceeded. Please retry after ${Math.ceil(resetAt / 1000)}`,
    },
    429,
  );

function setHeaders(
  c: Context<AppEnv>,
  state: RateLimit & { seconds: number; window: Window; isOver: boolean },
): void {
  const { limit, windowSeconds, seconds, window, isOver } = state;
  const remaining = Math.max(0, limit - window.used);
  const headers = {
    "RateLimit-Limit": limit,
    "RateLimit-Remaining": remaining,
    "RateLimit-Reset": seconds,
    RateLimit: `limit=${limit}, remaining=${remaining}, reset=${seconds}`,
    "RateLimit-Policy": `${limit};w=${windowSeconds}`,
    "X-RateLimit-Limit": limit,
    "X-RateLimit-Remaining": remaining,
    "X-RateLimit-Reset": Math.ceil(window.resetAt / 1000),
    ...(isOver && { "Retry-After": seconds, RetryAfter: seconds, "X-RateLimit-RetryAfter": seconds }),
  };
  for (const [name, value] of Object.entries(headers)) c.header(name, String(value));
}
