import { asc, count, eq, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { oneTimeLinks, sessions, settings, users } from "../../../db/schema.ts";
import { AppError } from "../../lib/errors.ts";
import { hashSecret, newToken } from "../../lib/ids.ts";
import { recordAudit, systemActor, type Tx } from "../audit/audit.ts";
import type { Actor } from "../context.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { forgetAttemptsOn } from "./sign-in-attempts.ts";

/** Whom a change is recorded for. */
type AuditActor = Parameters<typeof recordAudit>[1];

export interface User {
  id: number;
  email: string;
  name: string;
  role: "admin" | "member";
  createdAt: Date;
  /** Null for whoever has not left. */
  deactivatedAt: Date | null;
}

export interface NewUser {
  email: string;
  name: string;
  password: string;
  role: "admin" | "member";
}

const MAX_LISTED = 10_000;
const userColumns = {
  id: users.id,
  email: users.email,
  name: users.name,
  role: users.role,
  createdAt: users.createdAt,
  deactivatedAt: users.deactivatedAt,
};

export const normalEmail = (email: string) => email.trim().toLowerCase();

/** 400 for an unfit e-mail or password, 409 when the e-mail is taken. */
export async function createUser(database: Database, actor: Actor, user: NewUser): Promise<User> {
  const passwordHash = await hashPassword(user.password);
  return await database.db.transaction((tx) => insertUser(tx, actor, user, passwordHash));
}

/** For a transaction that does more than that; `passwordHash` was made before it, because making it takes time. */
export async function insertUser(
  tx: Tx,
  actor: AuditActor,
  user: Omit<NewUser, "password">,
  passwordHash: string,
): Promise<User> {
  const email = checkEmail(user.email);
  const [created] = await tx
    .insert(users)
    .values({ email, name: user.name.trim() || email, passwordHash, role: user.role })
    .onConflictDoNothing({ target: users.email })
    .returning(userColumns);
  if (!created) throw new AppError("conflict", `A user with the e-mail ${email} exists already.`);
  await recordAudit(tx, actor, {
    action: "user.created",
    subjectType: "user",
    subjectId: String(created.id),
    change: { email, role: user.role },
  });
  return created;
}

/** As it is stored; 400 when it is none. */
export function checkEmail(sent: string): string {
  const email = normalEmail(sent);
  if (/^[^\s@]+@[^\s@]+$/.test(email) && email.length <= 254 && !email.includes("\0")) return email;
  throw new AppError("bad_request", `"${email}" is not an e-mail address.`, {
    name: "invalidParamsError",
    details: { param: "email" },
  });
}

export async function findUser(database: Database, id: number): Promise<User | undefined> {
  const [user] = await database.db.select(userColumns).from(users).where(eq(users.id, id));
  return user;
}

export async function findUserByEmail(database: Database, email: string): Promise<User | undefined> {
  const [user] = await database.db
    .select(userColumns)
    .from(users)
    .where(eq(users.email, normalEmail(email)));
  return user;
}

export const listUsers = (database: Database): Promise<User[]> =>
  database.db.select(userColumns).from(users).orderBy(asc(users.id)).limit(MAX_LISTED);

export async function countUsers(database: Database): Promise<number> {
  const [row] = await database.db.select({ users: count() }).from(users);
  return row?.users ?? 0;
}

/** The user when e-mail and password fit; undefined otherwise and for whoever has left, after the same time. */
export async function checkSignIn(
  database: Database,
  email: string,
  password: string,
): Promise<User | undefined> {
  const [row] = await database.db
    .select({ ...userColumns, passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.email, normalEmail(email)));
  if (!(await verifyPassword(password, row?.passwordHash)) || !row || row.deactivatedAt) return undefined;
  const { passwordHash: _, ...user } = row;
  return user;
}

/** Also ends every session of the user. 404 when there is no such user. */
export async function setPassword(
  database: Database,
  actor: Actor,
  userId: number,
  password: string,
): Promise<void> {
  const passwordHash = await hashPassword(password);
  await database.db.transaction((tx) => storePassword(tx, actor, userId, passwordHash));
}

/** For a transaction that does more than that. Links to a new password are worth nothing any more. */
export async function storePassword(
  tx: Tx,
  actor: AuditActor,
  userId: number,
  passwordHash: string,
): Promise<void> {
  const [changed] = await tx
    .update(users)
    .set({ passwordHash })
    .where(eq(users.id, userId))
    .returning({ email: users.email });
  if (!changed) throw new AppError("not_found", `There is no user ${userId}.`);
  await forgetAttemptsOn(tx, changed.email);
  await tx.delete(sessions).where(eq(sessions.userId, userId));
  await tx.delete(oneTimeLinks).where(eq(oneTimeLinks.userId, userId));
  await recordAudit(tx, actor, {
    action: "user.password_changed",
    subjectType: "user",
    subjectId: String(userId),
  });
}

const SETUP_TOKEN = "setup_token";

/** A new one-time token for `/setup?token=…`; an older one stops working. Only its hash is stored. */
export async function createSetupToken(database: Database): Promise<string> {
  const token = newToken();
  const value = { hash: hashSecret(token) };
  await database.db
    .insert(settings)
    .values({ key: SETUP_TOKEN, value })
    .onConflictDoUpdate({ target: settings.key, set: { value } });
  return token;
}

/** True for the one caller whose token it was; the token is gone when the transaction commits. */
export async function consumeSetupToken(tx: Tx, token: string): Promise<boolean> {
  const consumed = await tx
    .delete(settings)
    .where(sql`${settings.key} = ${SETUP_TOKEN} and ${settings.value}->>'hash' = ${hashSecret(token)}`)
    .returning({ key: settings.key });
  return consumed.length === 1;
}

/**
 * The first admin, by the set-up link. 403 for a wrong or used token, and when there is a user already; an unfit password
 * does not burn the token.
 */
export async function createFirstAdmin(
  database: Database,
  token: string,
  user: Omit<NewUser, "role">,
): Promise<User> {
  const passwordHash = await hashPassword(user.password);
  return await database.db.transaction(async (tx) => {
    const [somebody] = await tx.select({ id: users.id }).from(users).limit(1);
    if (!(await consumeSetupToken(tx, token)) || somebody) {
      throw new AppError(
        "forbidden",
        somebody
          ? "This set-up link is wrong or was used already; sign in instead."
          : "This set-up link is wrong or was used already; restart the server for a new one.",
      );
    }
    return await insertUser(tx, systemActor, { ...user, role: "admin" }, passwordHash);
  });
}
