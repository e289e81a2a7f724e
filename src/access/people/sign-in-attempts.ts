import { eq } from "drizzle-orm";
import type { Context } from "hono";

import type { Database } from "../../../db/connect.ts";
import { signInAttempts } from "../../../db/schema.ts";
import { hashSecret } from "../../lib/ids.ts";
import type { Tx } from "../audit/audit.ts";
import { addressOf } from "../caller.ts";
import type { AppEnv } from "../context.ts";

const MAX_ATTEMPTS = 10;
const WINDOW_MINUTES = 15;

/** Who tries to sign in, and from where: a stranger who guesses elsewhere locks nobody out. */
export interface SignInSubject {
  emailHash: string;
  /** Of the connection, so behind a proxy it is the proxy's: a header could be made up. Empty when unknown. */
  address: string;
}

export const signInSubject = (c: Context<AppEnv>, email: string): SignInSubject => ({
  emailHash: hashEmail(email),
  address: addressOf(c),
});

const hashEmail = (email: string): string => hashSecret(`sign-in ${email.trim().toLowerCase()}`);

/**
 * Counts an attempt before its password is looked at, so that guesses at the same time are not free. Undefined when it
 * may go on, else the seconds until the next one may.
 */
export async function countAttempt(
  { sql }: Database,
  { emailHash, address }: SignInSubject,
): Promise<number | undefined> {
  return await sql.begin(async (tx) => {
    // One after the other, or each of them would see the others too late.
    await tx`select pg_advisory_xact_lock(hashtextextended(${`${emailHash} ${address}`}, 0))`;
    await tx`delete from sign_in_attempts where at <= now() - make_interval(mins => ${WINDOW_MINUTES})`;
    const [made] = await tx<{ attempts: number; waitSeconds: number }[]>`
      select count(*)::int as attempts,
             ceil(extract(epoch from min(at) + make_interval(mins => ${WINDOW_MINUTES}) - now()))::int as "waitSeconds"
        from sign_in_attempts where email_hash = ${emailHash} and address = ${address}`;
    if (made && made.attempts >= MAX_ATTEMPTS) return Math.max(1, made.waitSeconds);
    await tx`insert into sign_in_attempts (email_hash, address) values (${emailHash}, ${address})`;
    return undefined;
  });
}

/** After the right password. */
export async function forgetAttempts(
  { sql }: Database,
  { emailHash, address }: SignInSubject,
): Promise<void> {
  await sql`delete from sign_in_attempts where email_hash = ${emailHash} and address = ${address}`;
}

/** From everywhere: with a new password the guesses at the old one are worth nothing. */
export async function forgetAttemptsOn(tx: Tx, email: string): Promise<void> {
  await tx.delete(signInAttempts).where(eq(signInAttempts.emailHash, hashEmail(email)));
}
