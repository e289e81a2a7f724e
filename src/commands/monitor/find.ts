import { z } from "zod";

import type { ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import { bareId } from "../../lib/ids.ts";

export const listedMonitor = z.looseObject({
  id: z.string(),
  name: z.string(),
  active: z.boolean(),
  collectionUid: z.string(),
});

const page = z.looseObject({
  monitors: z.array(listedMonitor),
  meta: z.looseObject({ nextCursor: z.string().nullish() }),
});

/** All monitors, page by page. */
export async function listMonitors(
  api: ApiClient,
  filter: Record<string, string>,
): Promise<z.infer<typeof listedMonitor>[]> {
  const monitors: z.infer<typeof listedMonitor>[] = [];
  for (let cursor = ""; ;) {
    const query = new URLSearchParams({ ...filter, ...(cursor && { cursor }) });
    const answer = await api.get(`/monitors?${query.toString()}`, page);
    monitors.push(...answer.monitors);
    cursor = answer.meta.nextCursor ?? "";
    if (!cursor) return monitors;
  }
}

/** The id of a monitor that a person gave by id, uid or name. Throws when there is none, or more than one. */
export async function resolveMonitor(api: ApiClient, idOrName: string): Promise<string> {
  const id = bareId(idOrName);
  if (id) return id;
  const found = (await listMonitors(api, {})).filter(({ name }) => name === idOrName);
  const [only] = found;
  if (only && found.length === 1) return only.id;
  throw only
    ? new AppError("conflict", `There are ${found.length} monitors named "${idOrName}": give the id of one.`)
    : new AppError("not_found", `There is no monitor named "${idOrName}".`);
}
