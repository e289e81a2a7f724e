import { and, eq, gt, isNull, or, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { sessions, users } from "../../db/schema.ts";
import { hashSecret, newToken } from "../lib/ids.ts";
import type { Actor } from "./context.ts";

/** A session ends this long after the sign-in, used or not. */
export const SESSION_DAYS = 30;

/** A new session; the token is returned once and stored as a hash only. */
export async function createSession(database: Database, userId: number): Promise<string> {
  const token = newToken();
  await database.db.insert(sessions).values({
    tokenHash: hashSecret(token),
    userId,
    expiresAt: sql`now() + make_interval(days => ${SESSION_DAYS})`,
  });
  return token;
}

/** The signed-in user; undefined when the token is unknown or expired, or the user has left. */
export async function findSession(database: Database, token: string): Promise<Actor | undefined> {
  const [user] = await database.db
    .select({ userId: users.id, email: users.email, name: users.name, role: users.role })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.tokenHash, hashSecret(token)),
        gt(sessions.expiresAt, sql`now()`),
        isNull(users.deactivatedAt),
      ),
    );
  return user && { ...user, via: "session", scopes: null };
}

/** Ends one session; expired ones go with it, so that the table stays small. */
export async function deleteSession(database: Database, token: string): Promise<void> {
  await database.db
    .delete(sessions)
    .where(or(eq(sessions.tokenHash, hashSecret(token)), sql`${sessions.expiresAt} < now()`));
}
