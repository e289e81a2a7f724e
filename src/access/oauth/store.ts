import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { oauthClients, oauthGrants, oauthTokens, users } from "../../../db/schema.ts";
import { AppError } from "../../lib/errors.ts";
import { hashSecret, newId, newToken } from "../../lib/ids.ts";
import { recordAudit, type Tx } from "../audit/audit.ts";
import type { Actor } from "../context.ts";
import { requireKeyOwnerOrAdmin } from "../rights.ts";

/** A client fetches its tokens at once; a code that lies around is one that somebody found. */
const CODE_SECONDS = 60;
const MAX_LISTED = 1000;
/** By anybody: this many an hour are more than people ever connect, and too few to fill a disk. */
const MAX_REGISTRATIONS_PER_HOUR = 200;

/** By it a token is told from an API key, and found by scanners. */
export const ACCESS_TOKEN_PREFIX = "spat_";

export interface OAuthClient {
  id: string;
  name: string;
  redirectUris: string[];
}

/** Undefined when too many have registered of late. Clients that nobody ever allowed anything go after a month. */
export async function registerClient(
  { db }: Database,
  wanted: Omit<OAuthClient, "id">,
): Promise<OAuthClient | undefined> {
  const client = { id: newId(), ...wanted };
  return await db.transaction(async (tx) => {
    await tx.execute(sql`
      delete from oauth_clients c where c.created_at < now() - interval '30 days'
         and not exists (select 1 from oauth_grants g where g.client_id = c.id)`);
    const [recent] = await tx.execute<{ count: number }>(sql`
      select count(*)::int as count from oauth_clients where created_at > now() - interval '1 hour'`);
    if ((recent?.count ?? 0) >= MAX_REGISTRATIONS_PER_HOUR) return undefined;
    await tx.insert(oauthClients).values(client);
    return client;
  });
}

export async function findClient({ db }: Database, id: string): Promise<OAuthClient | undefined> {
  const [client] = await db
    .select({ id: oauthClients.id, name: oauthClients.name, redirectUris: oauthClients.redirectUris })
    .from(oauthClients)
    .where(eq(oauthClients.id, id));
  return client;
}

export interface NewGrant {
  client: OAuthClient;
  scopes: string[];
  audience: string;
  redirectUri: string;
  codeChallenge: string;
}

/** What somebody allowed a client; answers with the code that the client exchanges for tokens. Stored as a hash only. */
export async function createGrant({ db }: Database, actor: Actor, wanted: NewGrant): Promise<string> {
  const id = newId();
  const code = `spac_${newToken()}`;
  const { client, scopes, audience } = wanted;
  await db.transaction(async (tx) => {
    await tx.insert(oauthGrants).values({ id, clientId: client.id, userId: actor.userId, scopes, audience });
    await tx.insert(oauthTokens).values({
      tokenHash: hashSecret(code),
      grantId: id,
      kind: "code",
      scopes,
      redirectUri: wanted.redirectUri,
      codeChallenge: wanted.codeChallenge,
      expiresAt: sql`now() + make_interval(secs => ${CODE_SECONDS})`,
    });
    await recordAudit(tx, actor, {
      action: "oauth_grant.created",
      subjectType: "oauth_grant",
      subjectId: id,
      change: { after: { client: client.name, redirectUri: wanted.redirectUri, scopes } },
    });
  });
  return code;
}

/**
 * Who an access token speaks for; undefined when it is unknown, expired or revoked, of somebody who left, or given
 * for another installation. Notes the use at most once a minute.
 */
export async function findActorByAccessToken(
  { db }: Database,
  token: string,
  audience: string,
): Promise<Actor | undefined> {
  const [row] = await db
    .select({
      grantId: oauthGrants.id,
      userId: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      scopes: oauthTokens.scopes,
      isUseStale: sql<boolean>`coalesce(${oauthGrants.lastUsedAt} < now() - interval '1 minute', true)`,
    })
    .from(oauthTokens)
    .innerJoin(oauthGrants, eq(oauthGrants.id, oauthTokens.grantId))
    .innerJoin(users, eq(users.id, oauthGrants.userId))
    .where(
      and(
        eq(oauthTokens.tokenHash, hashSecret(token)),
        eq(oauthTokens.kind, "access"),
        eq(oauthGrants.audience, audience),
        gt(oauthTokens.expiresAt, sql`now()`),
        isNull(oauthGrants.revokedAt),
        isNull(users.deactivatedAt),
      ),
    );
  if (!row) return undefined;
  const { grantId, isUseStale, ...actor } = row;
  if (isUseStale) {
    await db
      .update(oauthGrants)
      .set({ lastUsedAt: sql`now()` })
      .where(eq(oauthGrants.id, grantId));
  }
  return { ...actor, via: "oauth" };
}

export interface OAuthGrant {
  id: string;
  client: string;
  scopes: string[];
  createdAt: Date;
  lastUsedAt: Date | null;
}

/** What somebody allows at present, newest first: those that can still get a token. */
export const listGrants = ({ db }: Database, userId: number): Promise<OAuthGrant[]> =>
  db
    .select({
      id: oauthGrants.id,
      client: oauthClients.name,
      scopes: oauthGrants.scopes,
      createdAt: oauthGrants.createdAt,
      lastUsedAt: oauthGrants.lastUsedAt,
    })
    .from(oauthGrants)
    .innerJoin(oauthClients, eq(oauthClients.id, oauthGrants.clientId))
    .where(
      and(
        eq(oauthGrants.userId, userId),
        isNull(oauthGrants.revokedAt),
        sql`exists (select 1 from oauth_tokens t where t.grant_id = ${oauthGrants.id}
          and t.kind <> 'code' and t.used_at is null and t.expires_at > now())`,
      ),
    )
    .orderBy(desc(oauthGrants.createdAt))
    .limit(MAX_LISTED);

/** 404 when there is no such grant, 403 when it is somebody else's; revoking twice is fine. */
export async function revokeGrant({ db }: Database, actor: Actor, id: string): Promise<void> {
  await db.transaction(async (tx) => {
    const [grant] = await tx
      .select({ userId: oauthGrants.userId })
      .from(oauthGrants)
      .where(eq(oauthGrants.id, id));
    if (!grant) throw new AppError("not_found", "There is no such connection.");
    requireKeyOwnerOrAdmin(actor, grant.userId);
    await endGrant(tx, actor, { id, why: "revoked" });
  });
}

/** All its tokens are worth nothing from now on. */
export async function endGrant(
  tx: Tx,
  actor: Pick<Actor, "userId" | "via">,
  { id, why }: { id: string; why: "revoked" | "token_reused" },
): Promise<void> {
  const ended = await tx
    .update(oauthGrants)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(oauthGrants.id, id), isNull(oauthGrants.revokedAt)))
    .returning({ id: oauthGrants.id });
  if (ended.length === 0) return;
  await tx.delete(oauthTokens).where(and(eq(oauthTokens.grantId, id), eq(oauthTokens.kind, "access")));
  await recordAudit(tx, actor, {
    action: "oauth_grant.revoked",
    subjectType: "oauth_grant",
    subjectId: id,
    change: { after: { why } },
  });
}
