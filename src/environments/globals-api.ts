import { type Context, Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { AppError } from "../lib/errors.ts";
import { isRecord, parseJson } from "../lib/parse.ts";
import { findWorkspace } from "../workspaces/store.ts";
import { parseGlobals } from "./environment.ts";
import { changeGlobals, findGlobals } from "./globals-store.ts";

type GlobalsDeps = Pick<Deps, "database" | "secretBox">;

/** `/workspaces/:id/global-variables` of the Postman API. */
export function globalsApi(deps: GlobalsDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/workspaces/:id/global-variables", async (c) => {
    const globals = await findGlobals(deps, await workspaceIdOf(c, deps));
    return c.json({ values: globals?.values ?? [] });
  });

  routes.put("/workspaces/:id/global-variables", async (c) => {
    const workspaceId = await workspaceIdOf(c, deps);
    const body = parseJson(await c.req.text());
    const values = parseGlobals(isRecord(body) ? body : {});
    await changeGlobals(deps, c.get("actor"), workspaceId, () => values);
    return c.json({ values });
  });

  return routes;
}

async function workspaceIdOf(
  c: Context<AppEnv, "/workspaces/:id/global-variables">,
  { database }: GlobalsDeps,
): Promise<string> {
  const workspace = await findWorkspace(database, c.req.param("id"));
  if (workspace) return workspace.id;
  throw new AppError("not_found", "The specified workspace does not exist.", {
    name: "instanceNotFoundError",
  });
}
