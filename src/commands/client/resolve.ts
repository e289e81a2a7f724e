import { z } from "zod";

import type { ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import { bareId } from "../../lib/ids.ts";

const named = z.looseObject({ id: z.string(), name: z.string() });

/**
 * The id of what a person named: an id or uid as it is, else the one element of that name.
 * Throws when there is none, or more than one.
 */
export async function resolveId(
  api: ApiClient,
  kind: "workspace" | "collection" | "environment" | "runner",
  idOrName: string,
  query = "",
): Promise<string> {
  const id = bareId(idOrName);
  if (id) return id;
  const list = `${kind}s`;
  const body = await api.get(`/${list}${query}`, z.object({ [list]: z.array(named) }));
  const found = (body[list] ?? []).filter(({ name }) => name === idOrName);
  const [only] = found;
  if (only && found.length === 1) return only.id;
  throw only
    ? new AppError("conflict", `There are ${found.length} ${list} named "${idOrName}": give the id of one.`)
    : new AppError("not_found", `There is no ${kind} named "${idOrName}".`);
}
