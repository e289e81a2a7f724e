import { eq, sql as raw } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { runners } from "../../db/schema.ts";
import type { Actor } from "../access/context.ts";
import { hashSecret, newRunnerKey } from "../lib/ids.ts";
import { announce, record } from "./store.ts";

/**
 * A new key, in the answer and nowhere else. The old one goes on working for `graceSeconds`, 0 = not at all; the one
 * before it, if any, ends now: a runner has two live keys at most. Undefined when there is no such runner.
 */
export const resetRunnerKey = (
  { db }: Database,
  actor: Actor,
  id: string,
  { graceSeconds }: { graceSeconds: number } = { graceSeconds: 0 },
): Promise<string | undefined> =>
  db.transaction(async (tx) => {
    const key = newRunnerKey();
    const keepsOld = graceSeconds > 0;
    const changed = await tx
      .update(runners)
      .set({
        keyHash: hashSecret(key),
        previousKeyHash: keepsOld ? raw`${runners.keyHash}` : null,
        previousKeyExpiresAt: keepsOld ? raw`now() + make_interval(secs => ${graceSeconds})` : null,
        updatedAt: raw`now()`,
      })
      .where(eq(runners.id, id))
      .returning({ id: runners.id });
    if (changed.length === 0) return undefined;
    await announce(tx, id);
    await record(tx, actor, "runner.key_reset", id, { graceSeconds });
    return key;
  });

/** Ends the key before the last reset now. False when there is none that still works. */
export const revokePreviousKey = ({ db }: Database, actor: Actor, id: string): Promise<boolean> =>
  db.transaction(async (tx) => {
    const changed = await tx
      .update(runners)
      .set({ previousKeyHash: null, previousKeyExpiresAt: null, updatedAt: raw`now()` })
      .where(raw`${runners.id} = ${id} and ${runners.previousKeyExpiresAt} > now()`)
      .returning({ id: runners.id });
    if (changed.length === 0) return false;
    await announce(tx, id);
    await record(tx, actor, "runner.previous_key_revoked", id);
    return true;
  });
