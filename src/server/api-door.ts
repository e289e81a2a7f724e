import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";

import { originOf } from "../access/caller.ts";
import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { actorOfInternalCall } from "../access/internal-call.ts";
import type { CallLog } from "../access/keys/calls.ts";
import { findKey } from "../access/keys/store.ts";
import { refuseBeyondLimits, setLimitHeaders } from "../access/limits/answer.ts";
import type { Limiter } from "../access/limits/limiter.ts";
import { neededScope, requireScope } from "../access/rights.ts";
import { forbidden } from "../access/rights.ts";
import { findActorByAccessKey } from "../collections/access-keys-store.ts";
import { AppError } from "../lib/errors.ts";
import { bareId } from "../lib/ids.ts";
import { limitAsksOf } from "./rate-limit.ts";

/** Who knocks, and why they are not let in. */
interface Visit {
  actor: Actor | undefined;
  /** As in the list of calls; null = nothing has denied it yet. */
  rule: string | null;
}

/**
 * Every request below `/api` needs a valid key, of a narrowed key the scope of its area, and is counted against the limits.
 * Whatever is decided, and how it ended, is recorded.
 */
export const apiDoor = (
  deps: Pick<Deps, "database">,
  { limiter, calls }: { limiter: Limiter; calls: CallLog },
) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const origin = originOf(c);
    const path = c.req.path.slice("/api".length);
    const visit = await identify(c, deps);
    if (visit.actor) visit.actor = { ...visit.actor, origin };
    const known = visit.rule === null ? visit.actor : undefined;
    const record = (rule: string | null, status: number) =>
      calls.record({
        ...origin,
        keyId: visit.actor?.keyId ?? null,
        userId: visit.actor?.userId ?? null,
        method: c.req.method,
        route: routeOf(c),
        path: path + new URL(c.req.url).search,
        rule,
        status,
      });

    const { refusal, verdict } = await refuseBeyondLimits(c, limiter, limitAsksOf(c, known?.userId, path));
    if (refusal) {
      record(visit.rule ?? `limit:${exceededOf(verdict)}`, refusal.status);
      return refusal;
    }
    // Before what may be thrown, and again after the answer, which may have been made without what was set here.
    setLimitHeaders(c, verdict);
    c.set("standings", verdict.standings);
    if (!known) {
      record(visit.rule, 401);
      throw invalidKey();
    }
    c.set("actor", known);
    const lacking = lackingScope(known, c.req.method, path);
    if (lacking) {
      record(lacking.rule, 403);
      throw lacking.error;
    }
    await next();
    setLimitHeaders(c, verdict);
    // What else answers 403 is a check of a role.
    record(c.res.status === 403 ? "role" : null, c.res.status);
    return undefined;
  });

async function identify(c: Context<AppEnv>, deps: Pick<Deps, "database">): Promise<Visit> {
  const internal = actorOfInternalCall(c.req.raw);
  if (internal) return { actor: internal, rule: null };
  const key = c.req.header("x-api-key") ?? c.req.query("apikey");
  if (!key) return (await identifyByAccessKey(c, deps)) ?? { actor: undefined, rule: "no_key" };
  const found = await findKey(deps.database, key);
  return found
    ? { actor: found.actor, rule: found.fault ?? null }
    : { actor: undefined, rule: "unknown_key" };
}

/** A collection may be read with a key of its own, in the address and in place of any other. */
async function identifyByAccessKey(
  c: Context<AppEnv>,
  { database }: Pick<Deps, "database">,
): Promise<Visit | undefined> {
  const token = c.req.query("access_key");
  const asked = /^\/api\/collections\/([^/]+)$/.exec(c.req.path)?.[1];
  const id = c.req.method === "GET" && asked !== undefined ? bareId(asked) : undefined;
  if (!token || id === undefined) return undefined;
  const actor = await findActorByAccessKey(database, token, id);
  return { actor, rule: actor ? null : "unknown_key" };
}

const invalidKey = (): AppError =>
  new AppError("unauthenticated", "Invalid API Key. Every request requires a valid API Key to be sent.", {
    name: "AuthenticationError",
  });

/** Of a narrowed key; `/me` is for everybody. */
function lackingScope(
  actor: Actor,
  method: string,
  path: string,
): { rule: string; error: unknown } | undefined {
  if (path === "/me" || actor.scopes === null) return undefined;
  const needed = neededScope(method, path);
  if (!needed) {
    const message = "This API key is narrowed to some areas, and this is not one of them.";
    return { rule: "scope", error: forbidden(message) };
  }
  try {
    requireScope(actor, needed.area, needed.access);
    return undefined;
  } catch (error) {
    return { rule: `scope:${needed.area}:${needed.access}`, error };
  }
}

const exceededOf = ({
  standings,
}: {
  standings: readonly { limit: string; isExceeded: boolean }[];
}): string => standings.find(({ isExceeded }) => isExceeded)?.limit ?? "";

/** The route that fits, as in the description of the API; null where only catch-alls do. */
function routeOf(c: Context<AppEnv>): string | null {
  const route = matchedRoutes(c).findLast(({ method, path }) => method !== "ALL" && !path.includes("*"));
  return route ? route.path.slice("/api".length).replaceAll(/:(\w+)(\{[^/]*\})?/g, "{$1}") : null;
}
