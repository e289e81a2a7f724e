import { eq, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { oauthTokens } from "../../../db/schema.ts";
import { hashSecret, newToken } from "../../lib/ids.ts";
import type { Tx } from "../audit/audit.ts";
import { fault, type OAuthFault, provesChallenge } from "./oauth.ts";
import { ACCESS_TOKEN_PREFIX, endGrant } from "./store.ts";

export const ACCESS_TOKEN_SECONDS = 3600;
/** Each refresh gives a new one, so a client that is used stays connected. */
const REFRESH_TOKEN_DAYS = 30;

/**
 * Two requests of a client that find the token expired refresh it at the same time, and so does one whose answer was
 * lost. A refresh token that comes again so soon is no theft; later it is.
 */
const REUSE_LEEWAY_SECONDS = 10;

export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
  /** Of the access token. */
  scopes: string[];
}

// A type, because rows of written SQL must have an index signature.
type StoredToken = {
  grantId: string;
  userId: number;
  kind: "code" | "access" | "refresh";
  scopes: string[];
  redirectUri: string | null;
  codeChallenge: string | null;
  clientId: string;
  isUsed: boolean;
  isExpired: boolean;
  isRevoked: boolean;
};

/** A code for tokens, once: whoever brings it a second time ends what the first one got. */
export async function exchangeCode(
  database: Database,
  sent: { code: string; clientId: string; redirectUri: string; verifier: string },
): Promise<IssuedTokens | OAuthFault> {
  return await database.db.transaction(async (tx) => {
    const token = await takeOnce(tx, { secret: sent.code, kind: "code", clientId: sent.clientId });
    if ("error" in token) return token;
    if (token.redirectUri !== sent.redirectUri) {
      return fault("invalid_grant", "redirect_uri is not the one that the code was sent to.");
    }
    if (!provesChallenge(sent.verifier, token.codeChallenge ?? "")) {
      return fault("invalid_grant", "code_verifier does not fit the challenge of the code.");
    }
    return await issueTokens(tx, token, token.scopes);
  });
}

/** A refresh token for new tokens, once (RFC 9700): whoever brings it a second time ends the grant. */
export async function refreshTokens(
  database: Database,
  sent: { refreshToken: string; clientId: string; scopes: string[] | undefined },
): Promise<IssuedTokens | OAuthFault> {
  return await database.db.transaction(async (tx) => {
    const token = await takeOnce(tx, { secret: sent.refreshToken, kind: "refresh", clientId: sent.clientId });
    if ("error" in token) return token;
    const scopes = sent.scopes?.filter((scope) => token.scopes.includes(scope)) ?? token.scopes;
    if (scopes.length === 0) return fault("invalid_scope", "None of these scopes was granted.");
    return await issueTokens(tx, token, scopes);
  });
}

/** Ends the grant that a token belongs to. Nothing happens for an unknown token, or one of another client. */
export async function revokeToken(
  { db }: Database,
  sent: { token: string; clientId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const token = await lockToken(tx, sent.token);
    if (!token || token.clientId !== sent.clientId) return;
    await endGrant(tx, { userId: token.userId, via: "oauth" }, { id: token.grantId, why: "revoked" });
  });
}

/** The token, which is used up then. A fault is a value, because what is written about it must stay written. */
async function takeOnce(
  tx: Tx,
  { secret, kind, clientId }: { secret: string; kind: "code" | "refresh"; clientId: string },
): Promise<StoredToken | OAuthFault> {
  const token = await lockToken(tx, secret);
  const what = kind === "code" ? "code" : "refresh token";
  if (!token || token.kind !== kind || token.clientId !== clientId || token.isRevoked) {
    return fault("invalid_grant", `The ${what} is unknown or revoked, or it is another client's.`);
  }
  if (token.isUsed) {
    await endGrant(tx, { userId: token.userId, via: "oauth" }, { id: token.grantId, why: "token_reused" });
    return fault("invalid_grant", `The ${what} was used before; all tokens that came of it are revoked.`);
  }
  if (token.isExpired) return fault("invalid_grant", `The ${what} has expired.`);
  await tx
    .update(oauthTokens)
    .set({ usedAt: sql`coalesce(${oauthTokens.usedAt}, now())` })
    .where(eq(oauthTokens.tokenHash, hashSecret(secret)));
  return token;
}

/** Two that bring the same token come one after the other. */
async function lockToken(tx: Tx, secret: string): Promise<StoredToken | undefined> {
  const [token] = await tx.execute<StoredToken>(sql`
    select t.grant_id as "grantId", g.user_id as "userId", t.kind, t.scopes, t.redirect_uri as "redirectUri",
           t.code_challenge as "codeChallenge", g.client_id as "clientId", t.used_at is not null and (t.kind = 'code'
             or t.used_at <= now() - make_interval(secs => ${REUSE_LEEWAY_SECONDS})) as "isUsed",
           t.expires_at <= now() as "isExpired",
           (g.revoked_at is not null or u.deactivated_at is not null) as "isRevoked"
      from oauth_tokens t join oauth_grants g on g.id = t.grant_id join users u on u.id = g.user_id
     where t.token_hash = ${hashSecret(secret)} for update of t, g`);
  return token;
}

async function issueTokens(tx: Tx, from: StoredToken, scopes: string[]): Promise<IssuedTokens> {
  const accessToken = ACCESS_TOKEN_PREFIX + newToken();
  const refreshToken = `sprt_${newToken()}`;
  const { grantId } = from;
  await tx.insert(oauthTokens).values([
    {
      tokenHash: hashSecret(accessToken),
      grantId,
      kind: "access",
      scopes,
      expiresAt: sql`now() + make_interval(secs => ${ACCESS_TOKEN_SECONDS})`,
    },
    {
      tokenHash: hashSecret(refreshToken),
      grantId,
      kind: "refresh",
      scopes: from.scopes,
      expiresAt: sql`now() + make_interval(days => ${REFRESH_TOKEN_DAYS})`,
    },
  ]);
  // What has expired tells nothing any more; a few at a time, so that nobody waits for it.
  await tx.execute(sql`
    delete from oauth_tokens where token_hash in (
      select token_hash from oauth_tokens where expires_at < now() - interval '1 day' limit 1000)`);
  return { accessToken, refreshToken, scopes };
}
