import { z } from "zod";

import type { ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import { CALLS_SHOWN, type CommandKey, type Keys } from "./keys.ts";

const key = z.looseObject({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  owner: z.number(),
  scopes: z.array(z.string()).nullable(),
  state: z.enum(["valid", "expired", "revoked"]),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
});
const page = z.looseObject({
  apiKeys: z.array(key),
  meta: z.looseObject({ nextCursor: z.string().nullable() }),
});
const created = z.looseObject({ apiKey: key.extend({ key: z.string() }) });
const users = z.looseObject({ data: z.array(z.looseObject({ id: z.number(), email: z.string() })) });
const calls = z.looseObject({
  calls: z.array(
    z.looseObject({
      timestamp: z.string(),
      method: z.string(),
      path: z.string(),
      ip: z.string(),
      decision: z.enum(["allowed", "denied"]),
      rule: z.string().nullable(),
      status: z.number(),
    }),
  ),
});

/** Keys of a control plane, by its API and with the rights of whoever is logged in. */
export const remoteKeys = (api: ApiClient): Keys => ({
  async create({ name, email, expiresAt, scopes }) {
    const userId = email === undefined ? undefined : await userIdOf(api, email);
    const apiKey = { name, userId, scopes, expiresAt: expiresAt?.toISOString() };
    const { apiKey: made } = await api.post("/keys", { apiKey }, created);
    return { id: made.id, key: made.key, name: made.name };
  },
  list: () => listAll(api),
  rename: async (id, name) => void (await api.patch(`/keys/${id}`, { apiKey: { name } }, z.unknown())),
  revoke: async (id) => void (await api.delete(`/keys/${id}`, z.unknown())),
  calls: async (id) => (await api.get(`/keys/${id}/calls?limit=${CALLS_SHOWN}`, calls)).calls,
});

async function userIdOf(api: ApiClient, email: string): Promise<number> {
  const { data } = await api.get("/users", users);
  const user = data.find((one) => one.email === email.trim().toLowerCase());
  if (user) return user.id;
  throw new AppError("not_found", `There is no user with the e-mail ${email}.`);
}

async function listAll(api: ApiClient): Promise<CommandKey[]> {
  const { data } = await api.get("/users", users);
  const emails = new Map(data.map(({ id, email }) => [id, email]));
  const found: CommandKey[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer: z.infer<typeof page> = await api.get(`/keys?limit=100${query}`, page);
    found.push(
      ...answer.apiKeys.map((one) => ({ ...one, owner: emails.get(one.owner) ?? String(one.owner) })),
    );
    cursor = answer.meta.nextCursor;
  }
  return found;
}
