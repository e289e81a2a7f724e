import type { Context } from "hono";

import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { findActorByApiKey } from "../access/key-store.ts";

/** Who calls a tool, and how the API is told. */
export interface Credential {
  actor: Actor;
  /** An API key goes through the door of the API like everybody's; without one the actor is handed over in process. */
  apiKey?: string;
}

/** `Authorization: Bearer` with an API key, or `X-Api-Key`. Undefined when there is none, or a wrong one. */
export async function findCredential(
  c: Context<AppEnv>,
  deps: Pick<Deps, "database">,
): Promise<Credential | undefined> {
  const secret = bearerOf(c.req.header("authorization")) ?? c.req.header("x-api-key");
  if (!secret) return undefined;
  const actor = await findActorByApiKey(deps.database, secret);
  return actor && { actor, apiKey: secret };
}

const bearerOf = (header: string | undefined): string | undefined =>
  /^bearer +(\S+)$/i.exec(header ?? "")?.[1];
