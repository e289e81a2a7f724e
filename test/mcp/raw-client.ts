import { createHash } from "node:crypto";

import { decide, type Person } from "./consent.ts";
import type { McpApi } from "./served.ts";

export const redirectUri = "https://agent.example/callback";
const verifier = "v".repeat(43);
const challenge = createHash("sha256").update(verifier).digest("base64url");

interface TokenAnswer {
  status: number;
  body: { access_token: string; refresh_token: string; scope: string; error?: string };
}

/** A client that is written by hand, so that it can do everything wrong. `person` is who is asked. */
export function rawClient(api: McpApi, person: Person) {
  const postJson = (path: string, body: unknown) =>
    fetch(api.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  async function register(uris: string[] = [redirectUri]): Promise<string> {
    const response = await postJson("/oauth/register", { client_name: "Agent", redirect_uris: uris });
    return ((await response.json()) as { client_id: string }).client_id;
  }

  function authorizeUrl(clientId: string, change: Record<string, string> = {}): URL {
    const url = new URL("/oauth/authorize", api.url);
    const parameters = {
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      code_challenge: challenge,
      code_challenge_method: "S256",
      state: "s&1",
      scope: "collections:read collections:write",
      ...change,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url;
  }

  async function token(fields: Record<string, string>): Promise<TokenAnswer> {
    const response = await fetch(`${api.url}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams(fields),
    });
    // What the endpoint answers, by RFC 6749.
    return { status: response.status, body: (await response.json()) as TokenAnswer["body"] };
  }

  const exchange = (clientId: string, code: string, change: Record<string, string> = {}) =>
    token({
      grant_type: "authorization_code",
      client_id: clientId,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      code,
      ...change,
    });

  const refresh = (clientId: string, refreshToken: string, change: Record<string, string> = {}) =>
    token({ grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken, ...change });

  async function newCode(clientId: string): Promise<string> {
    const { back } = await decide(authorizeUrl(clientId), person);
    return back?.searchParams.get("code") ?? "";
  }

  const statusWith = async (accessToken: string) => {
    const response = await fetch(`${api.url}/mcp`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${accessToken}`,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }),
    });
    await response.text();
    return response.status;
  };

  return { postJson, register, authorizeUrl, token, exchange, refresh, newCode, statusWith };
}
