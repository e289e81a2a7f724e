import type { Database } from "../../../db/connect.ts";
import { stateOf } from "../../access/keys/api.ts";
import { listCalls } from "../../access/keys/calls-store.ts";
import { createApiKey, listApiKeys, renameApiKey, revokeApiKey } from "../../access/keys/store.ts";
import { findUserByEmail, listUsers, type User } from "../../access/people/store.ts";
import { systemClock } from "../../lib/clock.ts";
import { AppError } from "../../lib/errors.ts";
import { commandActor } from "../storage.ts";
import { CALLS_SHOWN, type Keys } from "./keys.ts";

/** Keys in the data on this machine, without a sign-in: whoever may read it is an admin. */
export const localKeys = (database: Database): Keys => ({
  async create({ name, email, expiresAt, scopes }) {
    const owner = await findOwner(database, email);
    return await createApiKey(database, commandActor, {
      userId: owner.id,
      name,
      ...(expiresAt && { expiresAt }),
      ...(scopes && { scopes }),
    });
  },
  list: async () =>
    (await listApiKeys(database)).map((key) => ({
      id: key.id,
      name: key.name,
      prefix: key.prefix,
      owner: key.email,
      scopes: key.scopes,
      state: stateOf(key, systemClock.now()),
      expiresAt: key.expiresAt?.toISOString() ?? null,
      lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    })),
  rename: (id, name) => renameApiKey(database, commandActor, id, name),
  revoke: (id) => revokeApiKey(database, commandActor, id),
  calls: async (id) => {
    const calls = await listCalls(database, { keyId: id === "unknown" ? null : id, limit: CALLS_SHOWN });
    return calls.map(({ at, address, ...call }) => ({ ...call, timestamp: at.toISOString(), ip: address }));
  },
});

async function findOwner(database: Database, email: string | undefined): Promise<User> {
  const owner =
    email === undefined
      ? (await listUsers(database)).find(({ role }) => role === "admin")
      : await findUserByEmail(database, email);
  if (owner) return owner;
  throw new AppError(
    "not_found",
    email === undefined
      ? "There is no user yet: create one with the command user create."
      : `There is no user with the e-mail ${email}: the command user list prints all.`,
  );
}
