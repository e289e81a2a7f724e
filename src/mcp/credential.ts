import type { Context } from "hono";

import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { findActorByApiKey } from "../access/keys/store.ts";
import { ACCESS_TOKEN_PREFIX, findActorByAccessToken } from "../access/oauth/store.ts";

/** Who calls a tool, and how the API is told. */
export interface Credential {
  actor: Actor;
  /** An API key goes through the door of the API like everybody's; without one the actor is handed over in process. */
  apiKey?: string;
}

/**
 * `Authorization: Bearer` with an API key or an access token, or `X-Api-Key`. Undefined when there is none, or a wrong
 * one. Nothing is read from the query: addresses end up in logs.
 */
export async function findCredential(
  c: Context<AppEnv>,
  deps: Pick<Deps, "database" | "publicUrl">,
): Promise<Credential | undefined> {
  const bearer = bearerOf(c.req.header("authorization"));
  const secret = bearer ?? c.req.header("x-api-key");
  if (!secret) return undefined;
  if (bearer?.startsWith(ACCESS_TOKEN_PREFIX)) {
    const actor = await findActorByAccessToken(deps.database, bearer, deps.publicUrl);
    return actor && { actor };
  }
  const actor = await findActorByApiKey(deps.database, secret);
  return actor && { actor, apiKey: secret };
}

const bearerOf = (header: string | undefined): string | undefined =>
  /^bearer +(\S+)$/i.exec(header ?? "")?.[1];
