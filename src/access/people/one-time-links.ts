import { and, asc, eq, gt, sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { oneTimeLinks, users } from "../../../db/schema.ts";
import { AppError } from "../../lib/errors.ts";
import { hashSecret, isUuid, newId, newToken } from "../../lib/ids.ts";
import { recordAudit, type Tx } from "../audit/audit.ts";
import type { Origin } from "../caller.ts";
import type { Actor } from "../context.ts";
import { requireAdmin } from "../rights.ts";
import { hashPassword } from "./password.ts";
import { noSuchUser } from "./people.ts";
import { checkEmail, insertUser, storePassword, type User } from "./store.ts";

/** Long enough for a week off. */
const INVITATION_DAYS = 7;
/** Somebody waits for it. */
const RESET_HOURS = 24;

const paths = { invitation: "/invitation", password_reset: "/reset-password" } as const;
type Kind = keyof typeof paths;

/** A link is shown when it is made and never again: only the hash of its token is stored. */
export interface NewLink {
  id: string;
  email: string;
  expiresAt: Date;
  /** Below the public address. */
  path: string;
}

export interface Invitation {
  id: string;
  email: string;
  role: "admin" | "member";
  createdAt: Date;
  expiresAt: Date;
}

/** One link for each e-mail: an older one stops working. 403 for who is no admin, 409 for who is a user already. */
export async function createInvitation(
  database: Database,
  actor: Actor,
  wanted: { email: string; role: "admin" | "member" },
): Promise<NewLink & { role: "admin" | "member" }> {
  requireAdmin(actor);
  const { role } = wanted;
  const email = checkEmail(wanted.email);
  return await database.db.transaction(async (tx) => {
    const [user] = await tx.select().from(users).where(eq(users.email, email));
    if (user) throw alreadyThere(user);
    await tx
      .delete(oneTimeLinks)
      .where(and(eq(oneTimeLinks.kind, "invitation"), eq(oneTimeLinks.email, email)));
    const made = await insertLink(tx, actor, { kind: "invitation", email, role });
    await recordAudit(tx, actor, {
      action: "user.invited",
      subjectType: "invitation",
      subjectId: made.id,
      change: { email, role },
    });
    return { ...made, role };
  });
}

const alreadyThere = ({ email, deactivatedAt }: Pick<User, "email" | "deactivatedAt">): AppError =>
  new AppError(
    "conflict",
    deactivatedAt === null
      ? `A user with the e-mail ${email} exists already.`
      : `${email} was a user before; let them back in instead of inviting them.`,
    { details: { param: "email" } },
  );

/** For a user who cannot sign in any more. An older link of the same user stops working. */
export async function createPasswordReset(
  database: Database,
  actor: Actor,
  userId: number,
): Promise<NewLink> {
  requireAdmin(actor);
  return await database.db.transaction(async (tx) => {
    const [user] = await tx.select().from(users).where(eq(users.id, userId)).for("update");
    if (!user) throw noSuchUser();
    if (user.deactivatedAt) {
      throw new AppError("conflict", `${user.email} has left; let them back in before they get a password.`);
    }
    await tx.delete(oneTimeLinks).where(eq(oneTimeLinks.userId, userId));
    const made = await insertLink(tx, actor, { kind: "password_reset", email: user.email, userId });
    await recordAudit(tx, actor, {
      action: "user.password_reset_made",
      subjectType: "user",
      subjectId: String(userId),
    });
    return made;
  });
}

async function insertLink(
  tx: Tx,
  actor: Actor,
  link: { kind: Kind; email: string; role?: "admin" | "member"; userId?: number },
): Promise<NewLink> {
  const token = newToken();
  const lifetime =
    link.kind === "invitation"
      ? sql`make_interval(days => ${INVITATION_DAYS})`
      : sql`make_interval(hours => ${RESET_HOURS})`;
  const [made] = await tx
    .insert(oneTimeLinks)
    .values({
      id: newId(),
      tokenHash: hashSecret(token),
      createdBy: actor.userId,
      expiresAt: sql`now() + ${lifetime}`,
      ...link,
    })
    .returning({ id: oneTimeLinks.id, email: oneTimeLinks.email, expiresAt: oneTimeLinks.expiresAt });
  if (!made) throw new Error("insert of a link returned no row");
  return { ...made, path: `${paths[link.kind]}?token=${token}` };
}

/** Who a link is for; undefined when it is wrong, used or too old. */
export async function findLinkEmail(
  database: Database,
  kind: Kind,
  token: string,
): Promise<string | undefined> {
  const [link] = await database.db
    .select({ email: oneTimeLinks.email })
    .from(oneTimeLinks)
    .where(isOpen(kind, token));
  return link?.email;
}

const isOpen = (kind: Kind, token: string) =>
  and(
    eq(oneTimeLinks.tokenHash, hashSecret(token)),
    eq(oneTimeLinks.kind, kind),
    gt(oneTimeLinks.expiresAt, sql`now()`),
  );

/** The link's row for the one caller who has its token; 403 for everybody else. Gone when the transaction commits. */
async function consumeLink(tx: Tx, kind: Kind, token: string) {
  const [link] = await tx.delete(oneTimeLinks).where(isOpen(kind, token)).returning();
  if (link) return link;
  throw new AppError(
    "forbidden",
    "This link is wrong, too old or was used already; ask an administrator for a new one.",
  );
}

/** The new user. An unfit password does not burn the link. */
export async function acceptInvitation(
  database: Database,
  token: string,
  { name, password, origin }: { name: string; password: string; origin?: Origin },
): Promise<User> {
  const passwordHash = await hashPassword(password);
  return await database.db.transaction(async (tx) => {
    const { email, role, createdBy } = await consumeLink(tx, "invitation", token);
    if (role === null) throw new Error("an invitation without a role");
    // By whom they were invited: nobody else could have let them in.
    return await insertUser(
      tx,
      { userId: createdBy, via: "session", ...(origin && { origin }) },
      { email, name, role },
      passwordHash,
    );
  });
}

/** Whose password it is now. An unfit password does not burn the link. */
export async function resetPassword(
  database: Database,
  token: string,
  { password, origin }: { password: string; origin?: Origin },
): Promise<{ id: number }> {
  const passwordHash = await hashPassword(password);
  return await database.db.transaction(async (tx) => {
    const { userId } = await consumeLink(tx, "password_reset", token);
    if (userId === null) throw new Error("a password reset without a user");
    const actor = { userId, via: "session" as const, ...(origin && { origin }) };
    await storePassword(tx, actor, userId, passwordHash);
    return { id: userId };
  });
}

/** Open ones, oldest first. 403 for who is no admin. */
export async function listInvitations(database: Database, actor: Actor): Promise<Invitation[]> {
  requireAdmin(actor);
  const rows = await database.db
    .select()
    .from(oneTimeLinks)
    .where(and(eq(oneTimeLinks.kind, "invitation"), gt(oneTimeLinks.expiresAt, sql`now()`)))
    .orderBy(asc(oneTimeLinks.createdAt), asc(oneTimeLinks.id))
    .limit(1000);
  return rows.map(({ id, email, role, createdAt, expiresAt }) => ({
    id,
    email,
    role: role ?? "member",
    createdAt,
    expiresAt,
  }));
}

/** 404 when there is no such invitation any more, 403 for who is no admin. */
export async function revokeInvitation(database: Database, actor: Actor, id: string): Promise<void> {
  requireAdmin(actor);
  await database.db.transaction(async (tx) => {
    const [revoked] = isUuid(id)
      ? await tx
          .delete(oneTimeLinks)
          .where(and(eq(oneTimeLinks.id, id), eq(oneTimeLinks.kind, "invitation")))
          .returning({ email: oneTimeLinks.email })
      : [];
    if (!revoked) {
      throw new AppError("not_found", "The specified invitation does not exist.", {
        name: "instanceNotFoundError",
      });
    }
    await recordAudit(tx, actor, {
      action: "user.invitation_revoked",
      subjectType: "invitation",
      subjectId: id,
      change: { email: revoked.email },
    });
  });
}
