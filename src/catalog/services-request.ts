import { type Context } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { bareId, isUuid } from "../lib/ids.ts";
import { badRequest, notFound } from "./problem-request.ts";
import { findService, lastSevenDays, type Service } from "./services-store.ts";
import { findSystemEnvironment } from "./system-environments-store.ts";

/** Deeper pages are asked for by filters. */
const MAX_OFFSET = 10_000;

/** Postman's clients always send it; without one a service is seen as a whole. */
export const stageQuery = {
  systemEnvironmentId: z.string().max(100).optional().describe("Only runs with environments of this one"),
};

/** Query of lists that are ordered by what is asked for: a cursor is how many were shown before. */
export const sortedPageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(20).optional(),
};

export function readOffset(cursor: string | undefined): number {
  if (cursor === undefined || cursor === "") return 0;
  const offset = /^\d{1,5}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (offset <= MAX_OFFSET) return offset;
  throw badRequest("Invalid cursor");
}

/** Empty on the last page, as the catalog has it. */
export const nextOffset = (offset: number, shown: number, total: number): string =>
  offset + shown < Math.min(total, MAX_OFFSET) ? String(offset + shown) : "";

/** `<key>:asc` or `<key>:desc`. */
export const sortQuery = (keys: readonly string[]) =>
  z
    .string()
    .regex(
      new RegExp(`^(${keys.join("|")}):(asc|desc)$`),
      `must be one of ${keys.join(", ")} with :asc or :desc`,
    );

/** What `sortQuery` let in; `keys` are its own. */
export function readSort<K extends string>(
  sort: string,
  keys: readonly [K, ...K[]],
): { key: K; direction: "asc" | "desc" } {
  const [sent, direction] = sort.split(":");
  return {
    key: keys.find((key) => key === sent) ?? keys[0],
    direction: direction === "asc" ? "asc" : "desc",
  };
}

/** The id of a filter as id or uid; 400 for what can be neither. */
export function readId(name: string, sent: string | undefined): string | undefined {
  if (sent === undefined) return undefined;
  const id = bareId(sent);
  if (id === undefined) throw badRequest(`querystring/${name} must be an id`);
  return id;
}

/** The stage that was asked for; 404 when there is none of that id. */
export async function readStage({ database }: Deps, sent: string | undefined): Promise<string | undefined> {
  if (sent === undefined) return undefined;
  const stage = await findSystemEnvironment(database.db, sent);
  if (!stage) throw notFound("The system environment was not found.");
  return stage.id;
}

/** The service of the path, for whoever may see its workspace. */
export async function getService({ database }: Deps, c: Context<AppEnv>): Promise<Service> {
  const id = c.req.param("serviceId") ?? "";
  const service = isUuid(id) ? await findService(database, id) : undefined;
  if (!service) throw notFound("The service was not found.");
  await requireWorkspaceRole(database, c.get("actor"), service.id, "viewer");
  return service;
}

export const timeRange = async ({ database }: Deps) => ({
  ...(await lastSevenDays(database)),
  label: "last_7_days" as const,
});

/** What was sent of the filters, as answers repeat it. */
export const sentOf = (filters: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
