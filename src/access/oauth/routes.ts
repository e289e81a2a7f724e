import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";

import { isUuid } from "../../lib/ids.ts";
import type { AppEnv, Deps } from "../context.ts";
import {
  fault,
  isFault,
  isOwnResource,
  type OAuthFault,
  oauthScopes,
  redirectFault,
  requestedScopes,
  resourcePaths,
} from "./oauth.ts";
import { registerClient } from "./store.ts";
import {
  ACCESS_TOKEN_SECONDS,
  exchangeCode,
  type IssuedTokens,
  refreshTokens,
  revokeToken,
} from "./token-store.ts";

const MAX_BODY_BYTES = 64 * 1024;

type OAuthDeps = Pick<Deps, "database" | "publicUrl">;

/**
 * The endpoints of OAuth 2.1 that programs call, open because they are how a program comes to a credential: what is
 * here (RFC 8414, RFC 9728), registration (RFC 7591), tokens, revocation (RFC 7009). People decide on a page of ours.
 */
export function oauthRoutes(deps: OAuthDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const limit = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => refuse(c, tooLarge) });

  describeServer(routes, deps);
  describeResources(routes, deps);
  routes.post("/oauth/register", limit, (c) => register(c, deps));
  routes.post("/oauth/token", limit, async (c) => {
    const form = await readForm(c);
    const issued = await grantTokens(form, deps);
    c.header("cache-control", "no-store");
    return isFault(issued) ? refuse(c, issued) : c.json(tokenBody(issued));
  });
  routes.post("/oauth/revoke", limit, async (c) => {
    const form = await readForm(c);
    const [token, clientId] = [form("token"), form("client_id")];
    if (token === "" || !isUuid(clientId)) return refuse(c, missing("token and client_id"));
    await revokeToken(deps.database, { token, clientId });
    return c.body(null, 200);
  });
  return routes;
}

const tooLarge = fault("invalid_request", "The body is too large.");
const missing = (what: string) => fault("invalid_request", `${what} must be sent.`);

/** Where a client finds everything else (RFC 8414). Paths after the name are those of our endpoints, as older clients ask. */
function describeServer(routes: Hono<AppEnv>, { publicUrl }: OAuthDeps): void {
  const body = {
    issuer: publicUrl,
    authorization_endpoint: `${publicUrl}/oauth/authorize`,
    token_endpoint: `${publicUrl}/oauth/token`,
    registration_endpoint: `${publicUrl}/oauth/register`,
    revocation_endpoint: `${publicUrl}/oauth/revoke`,
    scopes_supported: oauthScopes,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: ["none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    service_documentation: `${publicUrl}/api-reference`,
  };
  for (const path of ["", ...resourcePaths]) {
    routes.get(`/.well-known/oauth-authorization-server${path}`, (c) => c.json(body));
  }
}

/** What a token is for, and who gives it (RFC 9728). */
function describeResources(routes: Hono<AppEnv>, { publicUrl }: OAuthDeps): void {
  for (const path of ["", ...resourcePaths]) {
    const body = {
      resource: publicUrl + path,
      authorization_servers: [publicUrl],
      scopes_supported: oauthScopes,
      bearer_methods_supported: ["header"],
      resource_name: "Sallyport",
    };
    routes.get(`/.well-known/oauth-protected-resource${path}`, (c) => c.json(body));
  }
}

const metadata = z.looseObject({
  redirect_uris: z.array(z.string().max(2000)).min(1).max(10),
  client_name: z.string().trim().max(200).optional(),
  grant_types: z.array(z.string()).optional(),
  response_types: z.array(z.string()).optional(),
});

/** Any program may register; what it may do is decided by the person who is sent here by it. */
async function register(c: Context<AppEnv>, { database }: OAuthDeps): Promise<Response> {
  const parsed = metadata.safeParse(await readJson(c));
  if (!parsed.success) {
    return refuse(c, fault("invalid_client_metadata", "redirect_uris must list 1 to 10 URLs."));
  }
  const { redirect_uris: redirectUris, client_name: asked, response_types: types } = parsed.data;
  const wrong = redirectUris.map(redirectFault).find((reason) => reason !== undefined);
  if (wrong !== undefined) return refuse(c, fault("invalid_redirect_uri", wrong));
  if (types && !types.includes("code")) {
    return refuse(c, fault("invalid_client_metadata", "Only the response type code is offered."));
  }
  const name = asked === undefined || asked === "" ? "A program without a name" : asked;
  const client = await registerClient(database, { name, redirectUris });
  if (!client) {
    c.header("retry-after", "3600");
    const description = "Too many clients have registered in the last hour; try again later.";
    return c.json(errorBody(fault("temporarily_unavailable", description)), 429);
  }
  c.header("cache-control", "no-store");
  const body = {
    client_id: client.id,
    client_name: client.name,
    redirect_uris: client.redirectUris,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    // Whatever it asked for: a secret on somebody's machine is none.
    token_endpoint_auth_method: "none",
  };
  return c.json(body, 201);
}

type Form = (name: string) => string;

async function grantTokens(
  form: Form,
  { database, publicUrl }: OAuthDeps,
): Promise<IssuedTokens | OAuthFault> {
  const clientId = form("client_id");
  if (!isUuid(clientId)) return fault("invalid_client", "client_id is not that of a registered client.");
  if (!isOwnResource(form("resource"), publicUrl)) {
    return fault("invalid_target", `Tokens are given for ${publicUrl} only.`);
  }
  const grantType = form("grant_type");
  if (grantType === "authorization_code") {
    const [code, redirectUri, verifier] = [form("code"), form("redirect_uri"), form("code_verifier")];
    if ([code, redirectUri, verifier].includes("")) return missing("code, redirect_uri and code_verifier");
    return await exchangeCode(database, { code, clientId, redirectUri, verifier });
  }
  if (grantType === "refresh_token") {
    const refreshToken = form("refresh_token");
    if (refreshToken === "") return missing("refresh_token");
    const scopes = form("scope") === "" ? undefined : (requestedScopes(form("scope")) ?? []);
    return await refreshTokens(database, { refreshToken, clientId, scopes });
  }
  return fault("unsupported_grant_type", "grant_type must be authorization_code or refresh_token.");
}

const tokenBody = ({ accessToken, refreshToken, scopes }: IssuedTokens) => ({
  access_token: accessToken,
  token_type: "Bearer",
  expires_in: ACCESS_TOKEN_SECONDS,
  refresh_token: refreshToken,
  scope: scopes.join(" "),
});

/** Each field once; a repeated one counts as missing (RFC 6749, 3.2). */
async function readForm(c: Context<AppEnv>): Promise<Form> {
  const isForm = c.req.header("content-type")?.startsWith("application/x-www-form-urlencoded") ?? false;
  const fields = new URLSearchParams(isForm ? await c.req.text() : "");
  return (name) => {
    const [value, second] = fields.getAll(name);
    return second === undefined ? (value ?? "") : "";
  };
}

async function readJson(c: Context<AppEnv>): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    return undefined;
  }
}

const errorBody = ({ error, description }: OAuthFault) => ({ error, error_description: description });

const refuse = (c: Context, reason: OAuthFault): Response =>
  c.json(errorBody(reason), reason.error === "invalid_client" ? 401 : 400);
