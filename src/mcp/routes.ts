import { type AuthInfo, createMcpHandler, type McpHttpHandler } from "@modelcontextprotocol/server";
import { type Context, Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { callApiOf, type FetchApi } from "./api-in-process.ts";
import { type Credential, findCredential } from "./credential.ts";
import { isForeignOrigin } from "./origin.ts";
import { createMcpServer } from "./server.ts";
import type { CallApi, ToolSet } from "./tool.ts";

/** A collection of the largest size that the API takes, and the message around it. */
const MAX_BODY_BYTES = 21 * 1024 * 1024;

/** The endpoints of the Model Context Protocol, and the tools that each of them offers. */
export const mcpEndpoints: Readonly<Record<string, ToolSet>> = {
  "/mcp": "full",
  "/minimal": "minimal",
  "/code": "code",
};

type McpDeps = Pick<Deps, "database" | "publicUrl" | "log" | "stopping">;

/**
 * MCP over streamable HTTP without sessions: each request stands for itself, so any server of an installation may
 * answer it. `fetchApi` is the whole app: a tool is a call of our own API.
 */
export function mcpRoutes(deps: McpDeps, fetchApi: FetchApi): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  for (const [path, set] of Object.entries(mcpEndpoints)) {
    const callers = new WeakMap<AuthInfo, CallApi>();
    const handler = createHandler(set, callers, deps);
    routes.all(path, async (c) => {
      if (isForeignOrigin(c.req.header("origin"), deps.publicUrl)) return c.json(forbiddenOrigin, 403);
      const credential = await findCredential(c, deps);
      if (!credential) return challenge(c, deps, path);
      c.set("actor", credential.actor);
      const authInfo = authInfoOf(credential);
      callers.set(authInfo, callApiOf(c, deps, { credential, fetchApi }));
      return await handler.fetch(c.req.raw, { authInfo });
    });
  }
  return routes;
}

function createHandler(
  set: ToolSet,
  callers: WeakMap<AuthInfo, CallApi>,
  { log, stopping }: Pick<Deps, "log" | "stopping">,
): McpHttpHandler {
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const callApi = authInfo && callers.get(authInfo);
      if (!callApi) throw new Error("a request reached the tools without a credential");
      return createMcpServer(set, callApi);
    },
    {
      maxRequestBodySize: MAX_BODY_BYTES,
      onerror: (error) => log.debug("mcp request refused", { set, error: error.message }),
    },
  );
  const close = () => {
    handler
      .close()
      .catch((error: unknown) => log.warn("mcp streams did not close", { error: toError(error).message }));
  };
  stopping.addEventListener("abort", close, { once: true });
  return handler;
}

/** The token stays here: nothing behind the SDK needs it. */
const authInfoOf = ({ actor }: Credential): AuthInfo => ({
  token: "",
  clientId: String(actor.userId),
  scopes: actor.scopes ?? [],
});

const forbiddenOrigin = {
  error: {
    name: "forbiddenError",
    message: "This request came from a page of another site and was refused.",
  },
};

/** 401 that tells a client where to sign in (RFC 9728). */
function challenge(c: Context<AppEnv>, { publicUrl }: Pick<Deps, "publicUrl">, path: string): Response {
  const wasSent = c.req.header("authorization") ?? c.req.header("x-api-key");
  const reason = 'error="invalid_token", error_description="The credential is unknown, expired or revoked"';
  const metadata = `resource_metadata="${publicUrl}/.well-known/oauth-protected-resource${path}"`;
  c.header("www-authenticate", `Bearer ${wasSent ? `${reason}, ` : ""}${metadata}`);
  c.header("cache-control", "no-store");
  const message = "Send an API key or an access token as Authorization: Bearer.";
  return c.json({ error: { name: "AuthenticationError", message } }, 401);
}
