import { and, asc, eq, isNull, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { apiKeys, oneTimeLinks, sessions, users } from "../../../db/schema.ts";
import { AppError } from "../../lib/errors.ts";
import { recordAudit, type Tx } from "../audit/audit.ts";
import type { Actor } from "../context.ts";
import { requireAdmin } from "../rights.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { storePassword, type User } from "./store.ts";

/** What an admin changes of a user; absent = stays. */
export interface UserChange {
  name?: string | undefined;
  role?: "admin" | "member" | undefined;
  /** False = has left: no session, no key and no password of theirs works. What they made stays theirs. */
  active?: boolean | undefined;
}

/** 403 for who is no admin, 404 for no such user, 409 for the last admin. Undefined fields stay. */
export async function changeUser(
  database: Database,
  actor: Actor,
  id: number,
  change: UserChange,
): Promise<User> {
  requireAdmin(actor);
  return await database.db.transaction(async (tx) => {
    const before = await lockUser(tx, id);
    const after = {
      name: change.name ?? before.name,
      role: change.role ?? before.role,
      active: change.active ?? before.deactivatedAt === null,
    };
    const [changed] = await tx
      .update(users)
      .set({
        name: after.name,
        role: after.role,
        deactivatedAt: after.active ? null : sql`coalesce(${users.deactivatedAt}, now())`,
      })
      .where(eq(users.id, id))
      .returning();
    if (!changed) throw new Error("update of a locked user returned no row");
    if (!after.active) await shutOut(tx, changed);
    await requireSomeAdmin(tx);
    const { passwordHash: _, ...user } = changed;
    await recordAudit(tx, actor, {
      action: actionOf(before, after),
      subjectType: "user",
      subjectId: String(id),
      change: {
        before: { name: before.name, role: before.role, active: before.deactivatedAt === null },
        after,
      },
    });
    return user;
  });
}

async function lockUser(tx: Tx, id: number): Promise<User> {
  // All admins in one order, then the user: two admins who remove each other at once must meet here.
  await tx
    .select({ id: users.id })
    .from(users)
    .where(eq(users.role, "admin"))
    .orderBy(asc(users.id))
    .for("update");
  const [user] = await tx.select().from(users).where(eq(users.id, id)).for("update");
  if (!user) throw noSuchUser();
  return user;
}

export const noSuchUser = (): AppError =>
  new AppError("not_found", "The specified user does not exist.", { name: "instanceNotFoundError" });

function actionOf(before: User, after: { role: string; active: boolean }): string {
  if (after.active !== (before.deactivatedAt === null)) {
    return after.active ? "user.reactivated" : "user.deactivated";
  }
  return after.role === before.role ? "user.updated" : "user.role_changed";
}

/** Keys stay revoked when somebody comes back: nobody remembers where they are. */
async function shutOut(tx: Tx, { id }: Pick<User, "id">): Promise<void> {
  await tx.delete(sessions).where(eq(sessions.userId, id));
  await tx.delete(oneTimeLinks).where(eq(oneTimeLinks.userId, id));
  await tx
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKeys.userId, id), isNull(apiKeys.revokedAt)));
}

/** After the change, so that whatever it was is judged by what is left. */
async function requireSomeAdmin(tx: Tx): Promise<void> {
  const [admin] = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.role, "admin"), isNull(users.deactivatedAt)))
    .limit(1);
  if (admin) return;
  throw new AppError(
    "conflict",
    "This is the last administrator; make somebody else one before you change or remove it.",
  );
}

/** One's own password: 400 for a wrong present one. Every session ends, so the caller begins a new one. */
export async function changeOwnPassword(
  database: Database,
  actor: Actor,
  { current, next }: { current: string; next: string },
): Promise<void> {
  const [row] = await database.db
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.id, actor.userId));
  if (!(await verifyPassword(current, row?.passwordHash))) {
    throw new AppError("bad_request", "That is not your present password.", {
      details: { param: "current" },
    });
  }
  const passwordHash = await hashPassword(next);
  await database.db.transaction((tx) => storePassword(tx, actor, actor.userId, passwordHash));
}

/** One's own name, as others see it. */
export async function changeOwnName(database: Database, actor: Actor, name: string): Promise<void> {
  await database.db.transaction(async (tx) => {
    await tx.update(users).set({ name }).where(eq(users.id, actor.userId));
    await recordAudit(tx, actor, {
      action: "user.updated",
      subjectType: "user",
      subjectId: String(actor.userId),
      change: { before: { name: actor.name }, after: { name } },
    });
  });
}

/** Ends every session of a user, on every device: people end their own, admins everybody's. Returns how many. */
export async function endSessions(database: Database, actor: Actor, userId: number): Promise<number> {
  if (actor.userId !== userId) requireAdmin(actor);
  return await database.db.transaction(async (tx) => {
    const [user] = await tx.select({ id: users.id }).from(users).where(eq(users.id, userId));
    if (!user) throw noSuchUser();
    const ended = await tx
      .delete(sessions)
      .where(eq(sessions.userId, userId))
      .returning({ userId: sessions.userId });
    await recordAudit(tx, actor, {
      action: "user.signed_out_everywhere",
      subjectType: "user",
      subjectId: String(userId),
      change: { sessions: ended.length },
    });
    return ended.length;
  });
}
