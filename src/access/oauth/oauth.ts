import { createHash } from "node:crypto";

import { equalInConstantTime } from "../../lib/ids.ts";
import { areas } from "../rights.ts";

/** What can go wrong at the endpoints of OAuth, in the words of RFC 6749, 7591 and 8707. */
export type OAuthErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "invalid_target"
  | "invalid_redirect_uri"
  | "invalid_client_metadata"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "temporarily_unavailable"
  | "access_denied";

/** An answer that a client may act on; `description` is one sentence for whoever reads its log. */
export interface OAuthFault {
  error: OAuthErrorCode;
  description: string;
}

export const fault = (error: OAuthErrorCode, description: string): OAuthFault => ({ error, description });

export const isFault = (value: object): value is OAuthFault => "error" in value && "description" in value;

/** What a program is never given: a key that it made, or a password that it set, would outlive the consent. */
const withheld: ReadonlySet<string> = new Set(["keys:read", "keys:write", "users:write", "audit:write"]);

/** The scopes of an API key, but for those. */
export const oauthScopes: readonly string[] = areas
  .flatMap((area) => [`${area}:read`, `${area}:write`])
  .filter((scope) => !withheld.has(scope));

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);
/** Schemes that a browser runs, reads or shows itself; every other private one belongs to a program. */
const OWN_SCHEMES: ReadonlySet<string> = new Set([
  "javascript:",
  "data:",
  "vbscript:",
  "blob:",
  "file:",
  "filesystem:",
  "about:",
  "view-source:",
  "ws:",
  "wss:",
  "ftp:",
  "chrome:",
  "intent:",
]);

/** Why a client may not be sent back there; undefined when it may. */
export function redirectFault(uri: string): string | undefined {
  if (!URL.canParse(uri)) return `"${uri.slice(0, 100)}" is not a URL.`;
  const { protocol, hash, hostname, username, password } = new URL(uri);
  if (hash !== "" || uri.includes("#")) return "A redirect URI must not have a fragment.";
  if (username !== "" || password !== "") return "A redirect URI must not hold a name or a password.";
  if (protocol === "http:" && !LOOPBACK.has(hostname))
    return "A redirect URI with http: must lead to this machine.";
  return OWN_SCHEMES.has(protocol) ? `A redirect URI must not begin with ${protocol}` : undefined;
}

/**
 * Whether a client may be sent to `asked`: exactly what it registered. On the same machine the port may differ, because
 * a program takes whichever is free (RFC 8252, 7.3).
 */
export function isRegisteredRedirect(registered: readonly string[], asked: string): boolean {
  return registered.some(
    (uri) => uri === asked || (isLoopback(uri) && isLoopback(asked) && isSameButPort(uri, asked)),
  );
}

const isLoopback = (uri: string): boolean =>
  URL.canParse(uri) && new URL(uri).protocol === "http:" && LOOPBACK.has(new URL(uri).hostname);

function isSameButPort(uri: string, asked: string): boolean {
  const [one, other] = [new URL(uri), new URL(asked)];
  one.port = "";
  other.port = "";
  return one.href === other.href && !asked.includes("#");
}

/**
 * The scopes that a client asks for, of those that there are; none named = all. Undefined when it names only others.
 * What a client gets is decided by the person who is asked.
 */
export function requestedScopes(scope: string | undefined): string[] | undefined {
  const asked = (scope ?? "").split(" ").filter((name) => name !== "");
  if (asked.length === 0) return [...oauthScopes];
  const known = oauthScopes.filter((name) => asked.includes(name));
  return known.length === 0 ? undefined : known;
}

/** Of RFC 7636: 43 to 128 characters, hashed by SHA-256. `plain` is not taken. */
export const isChallenge = (challenge: string): boolean => /^[\w-]{43}$/.test(challenge);

export function provesChallenge(verifier: string, challenge: string): boolean {
  if (!/^[\w.~-]{43,128}$/.test(verifier)) return false;
  return equalInConstantTime(createHash("sha256").update(verifier).digest("base64url"), challenge);
}

/** What a token may be for (RFC 8707): this installation, or one of the endpoints below it. */
export function isOwnResource(resource: string | undefined, publicUrl: string): boolean {
  if (resource === undefined || resource === "") return true;
  const asked = resource.replace(/\/+$/, "");
  return asked === publicUrl || resourcePaths.some((path) => asked === publicUrl + path);
}

/** The endpoints that take tokens. */
export const resourcePaths = ["/mcp", "/minimal", "/code"] as const;
