import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { requireAdmin } from "../access/rights.ts";
import { pageQuery, readCursor, toPage } from "./paging.ts";
import { notFound, readBody, readQuery } from "./problem-request.ts";
import {
  createSystemEnvironment,
  findSystemEnvironment,
  listSystemEnvironments,
  type SystemEnvironment,
  updateSystemEnvironment,
} from "./system-environments-store.ts";

const tag = "API catalog";
const color = z.string().regex(/^#[0-9A-Fa-f]{6}$/, "must be a color such as #12AB9F");
const name = z.string().trim().min(1).max(255);
const description = z.string().max(500);

const newBody = z.object({
  name,
  label: z
    .string()
    .regex(/^[a-z0-9_-]+$/, "must hold lower-case letters, digits, _ and - only")
    .max(50)
    .optional(),
  description: description.optional(),
  color,
  isProduction: z.boolean().default(false),
});
const changeBody = z.object({
  name: name.optional(),
  description: description.optional(),
  color: color.optional(),
  isProduction: z.boolean().optional(),
});

const listQuery = z.object({ isProduction: z.enum(["true", "false"]).optional(), ...pageQuery });

const shown = z.object({
  id: z.string(),
  name: z.string(),
  label: z.string(),
  color: z.string(),
  description: z.string(),
  isProduction: z.boolean(),
  associationCount: z.int().optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** `/api-catalog/system-environments` of the Postman API: stages, such as production, for the whole team. */
export function systemEnvironmentsApi({ database }: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/api-catalog/system-environments",
    documented({
      summary: "List system environments",
      tag,
      query: listQuery,
      answer: z.object({
        meta: z.looseObject({ total: z.int(), nextCursor: z.string().nullable(), limit: z.int() }),
        data: z.array(shown),
      }),
    }),
    async (c) => {
      const { isProduction: wanted, limit, cursor } = readQuery(c, listQuery);
      const isProduction = wanted === undefined ? undefined : wanted === "true";
      const after = readCursor(cursor);
      const { rows: found, total } = await listSystemEnvironments(database, { isProduction, limit, after });
      const { rows, nextCursor } = toPage(found, limit);
      const filters = isProduction === undefined ? {} : { isProduction };
      return c.json({ meta: { total, nextCursor, limit, filters }, data: rows.map(counted) });
    },
  );

  routes.post(
    "/api-catalog/system-environments",
    documented({
      summary: "Create a system environment",
      tag,
      body: newBody,
      status: 201,
      answer: z.object({ data: shown }),
    }),
    async (c) => {
      requireAdmin(c.get("actor"));
      const input = await readBody(c, newBody);
      const created = await createSystemEnvironment(database, c.get("actor"), input);
      return c.json({ data: plain(created) }, 201);
    },
  );

  routes.get(
    "/api-catalog/system-environments/:systemEnvironmentId",
    documented({ summary: "Get a system environment", tag, answer: z.object({ data: shown }) }),
    async (c) => c.json({ data: counted(await getSystemEnvironment({ database }, c)) }),
  );

  routes.patch(
    "/api-catalog/system-environments/:systemEnvironmentId",
    documented({
      summary: "Change a system environment",
      tag,
      body: changeBody,
      answer: z.object({ data: shown }),
    }),
    async (c) => {
      requireAdmin(c.get("actor"));
      const input = definedOf(await readBody(c, changeBody));
      const id = c.req.param("systemEnvironmentId");
      const updated = await updateSystemEnvironment(database, c.get("actor"), id, input);
      if (!updated) throw notFound();
      return c.json({ data: plain(updated) });
    },
  );

  return routes;
}

/** Keys that were not sent must not overwrite. */
const definedOf = <T extends object>(input: T): { [K in keyof T]: NonNullable<T[K]> } =>
  // Entries without a value are the ones that the type below leaves out.
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };

/** The one of the path; 404 when there is none. */
export async function getSystemEnvironment(
  { database }: Pick<Deps, "database">,
  c: Context<AppEnv>,
): Promise<SystemEnvironment> {
  const found = await findSystemEnvironment(database.db, c.req.param("systemEnvironmentId") ?? "");
  if (!found) throw notFound();
  return found;
}

const plain = ({ associationCount: _count, at: _at, ...rest }: SystemEnvironment) => rest;
const counted = ({ at: _at, ...rest }: SystemEnvironment) => rest;
