import type { Context } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { speakFor } from "../access/internal-call.ts";
import type { Credential } from "./credential.ts";
import { readAnswer } from "./read-answer.ts";
import type { CallApi } from "./tool.ts";

/** The app itself. `env` is what a server hands to it. */
export type FetchApi = (request: Request, env: unknown) => Response | Promise<Response>;

/**
 * Calls our own API in process for whoever sent the request `c`: through the same doors, with the same rights, limits
 * and records as a call over the network, and with the caller's address and program in those.
 */
export function callApiOf(
  c: Context<AppEnv>,
  { publicUrl }: Pick<Deps, "publicUrl">,
  { credential, fetchApi }: { credential: Credential; fetchApi: FetchApi },
): CallApi {
  const env = callerOf(c.env, c.req.raw);
  const { origin } = new URL(publicUrl);
  return async ({ method, path, headers, body, signal }) => {
    const request = new Request(`${origin}/api${path}`, {
      method,
      headers: {
        ...headers,
        "x-request-id": c.get("requestId"),
        "user-agent": c.req.header("user-agent") ?? "",
        ...(credential.apiKey && { "x-api-key": credential.apiKey }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    if (!credential.apiKey) speakFor(request, credential.actor);
    return await readAnswer(await fetchApi(request, env));
  };
}

/** Stands for the server that took the request: the address is that of whoever called the tool. */
const callerOf = (server: unknown, outer: Request) => ({
  requestIP: (): unknown =>
    typeof server === "object" &&
    server !== null &&
    "requestIP" in server &&
    typeof server.requestIP === "function"
      ? server.requestIP(outer)
      : null,
});
