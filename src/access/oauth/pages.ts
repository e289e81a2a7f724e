import { type Context, Hono } from "hono";

import { connectedPage } from "../../../web/pages/connected.tsx";
import { consentPage } from "../../../web/pages/consent.tsx";
import { AppError } from "../../lib/errors.ts";
import { isUuid } from "../../lib/ids.ts";
import type { AppEnv, Deps } from "../context.ts";
import { noStore, readForm } from "../pages-form.ts";
import {
  fault,
  isChallenge,
  isOwnResource,
  isRegisteredRedirect,
  type OAuthFault,
  requestedScopes,
} from "./oauth.ts";
import { createGrant, findClient, listGrants, type OAuthClient, revokeGrant } from "./store.ts";

type PageDeps = Pick<Deps, "database" | "publicUrl" | "clock">;

/** What the client sent along with the person; the form of the page sends it back. */
const parameterNames = [
  "client_id",
  "redirect_uri",
  "response_type",
  "code_challenge",
  "code_challenge_method",
  "scope",
  "state",
  "resource",
] as const;
type Parameters = Record<(typeof parameterNames)[number], string>;

/** Where it may go back to is settled; all else that is wrong is told to the client there. */
interface Asked {
  client: OAuthClient;
  redirectUri: string;
  parameters: Parameters;
}

/** The page that asks a signed-in person whether a program may act for them, and the list of those that may. */
export function oauthPages(deps: PageDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/oauth/authorize", async (c) => {
    const asked = await readAsked((name) => c.req.query(name) ?? "", deps);
    const wrong = faultOf(asked, deps);
    return wrong ? sendBack(c, deps, { asked, answer: errorAnswer(wrong) }) : showConsent(c, asked);
  });

  routes.post("/oauth/authorize", async (c) => {
    const form = await readForm(c);
    const asked = await readAsked((name) => form.raw(name), deps);
    const wrong = faultOf(asked, deps);
    if (wrong) return sendBack(c, deps, { asked, answer: errorAnswer(wrong) });
    if (form.text("decision") !== "allow") {
      const answer = errorAnswer(fault("access_denied", "The person said no."));
      return sendBack(c, deps, { asked, answer });
    }
    const chosen = form.list("scopes");
    const scopes = (requestedScopes(asked.parameters.scope) ?? []).filter((scope) => chosen.includes(scope));
    if (scopes.length === 0) return showConsent(c, asked, "Choose at least one right, or deny.");
    const code = await createGrant(deps.database, c.get("actor"), {
      client: asked.client,
      scopes,
      audience: deps.publicUrl,
      redirectUri: asked.redirectUri,
      codeChallenge: asked.parameters.code_challenge,
    });
    return sendBack(c, deps, { asked, answer: { code } });
  });

  routes.get("/connected-apps", async (c) => {
    const actor = c.get("actor");
    const shell = {
      user: { name: actor.name, email: actor.email },
      csrfToken: c.get("csrfToken"),
      workspaces: [],
      now: deps.clock.now(),
    };
    return c.html(connectedPage({ shell, rows: await listGrants(deps.database, actor.userId) }));
  });

  routes.post("/connected-apps/:id/revoke", async (c) => {
    const id = c.req.param("id");
    if (!isUuid(id)) throw new AppError("not_found", "There is no such connection.");
    await revokeGrant(deps.database, c.get("actor"), id);
    return c.redirect("/connected-apps", 303);
  });

  return routes;
}

/** A page with the error, and no way back, for an address that nobody has registered: it could be anybody's. */
async function readAsked(read: (name: string) => string, { database }: PageDeps): Promise<Asked> {
  // Each of the names is set: the list is that of the type.
  const parameters = Object.fromEntries(parameterNames.map((name) => [name, read(name)])) as Parameters;
  const { client_id: clientId, redirect_uri: redirectUri } = parameters;
  const client = isUuid(clientId) ? await findClient(database, clientId) : undefined;
  if (!client) {
    throw new AppError(
      "bad_request",
      "The program that sent you here is not registered; connect it anew from within that program.",
    );
  }
  if (!isRegisteredRedirect(client.redirectUris, redirectUri)) {
    throw new AppError(
      "bad_request",
      "The program that sent you here wants to be answered at an address that it has not registered.",
    );
  }
  return { client, redirectUri, parameters };
}

function faultOf({ parameters }: Asked, { publicUrl }: PageDeps): OAuthFault | undefined {
  if (parameters.response_type !== "code") {
    return fault("unsupported_response_type", "response_type must be code.");
  }
  if (parameters.code_challenge_method !== "S256" || !isChallenge(parameters.code_challenge)) {
    return fault("invalid_request", "A code_challenge with the method S256 must be sent.");
  }
  if (!isOwnResource(parameters.resource, publicUrl)) {
    return fault("invalid_target", `Tokens are given for ${publicUrl} only.`);
  }
  if (!requestedScopes(parameters.scope)) return fault("invalid_scope", "None of these scopes is known.");
  return undefined;
}

function showConsent(c: Context<AppEnv>, { client, redirectUri, parameters }: Asked, error?: string) {
  const { email } = c.get("actor");
  // Browsers hold the way back, which follows the form, against the policy for forms as well.
  c.header("content-security-policy", `${POLICY}; form-action 'self' ${sourceOf(redirectUri)}`);
  const page = consentPage({
    csrfToken: c.get("csrfToken"),
    email,
    client: client.name,
    target: targetOf(redirectUri),
    scopes: requestedScopes(parameters.scope) ?? [],
    parameters,
    ...(error !== undefined && { errors: { "": error } }),
  });
  return c.html(page, error === undefined ? 200 : 400, noStore);
}

/** As on every page, but for forms. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'";

const isWeb = (url: URL): boolean => url.protocol === "https:" || url.protocol === "http:";

function sourceOf(redirectUri: string): string {
  const url = new URL(redirectUri);
  return isWeb(url) ? url.origin : url.protocol;
}

/** What a person can tell a program by: its host, or that it is on this machine. */
function targetOf(redirectUri: string): string {
  const url = new URL(redirectUri);
  if (!isWeb(url)) return `${url.protocol}//, a program on your machine`;
  return url.protocol === "http:" ? `${url.host}, a program on your machine` : url.host;
}

const errorAnswer = ({ error, description }: OAuthFault) => ({ error, error_description: description });

/** With `iss`, by which a client of several servers tells whose answer it is (RFC 9207). */
function sendBack(
  c: Context<AppEnv>,
  { publicUrl }: PageDeps,
  { asked, answer }: { asked: Asked; answer: Record<string, string> },
): Response {
  const url = new URL(asked.redirectUri);
  const { state } = asked.parameters;
  const all = { ...answer, ...(state !== "" && { state }), iss: publicUrl };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  c.header("cache-control", "no-store");
  return c.redirect(url.href, 303);
}
