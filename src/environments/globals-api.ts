import { type Context, Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isRecord, parseJson } from "../lib/parse.ts";
import { findWorkspace } from "../workspaces/store.ts";
import { parseGlobals } from "./environment.ts";
import { changeGlobals, findGlobals } from "./globals-store.ts";
import { environmentAnswers as answers, globalsBody } from "./schemas.ts";

type GlobalsDeps = Pick<Deps, "database" | "secretBox">;

/** `/workspaces/:id/global-variables` of the Postman API. */
export function globalsApi(deps: GlobalsDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const readDoc = { summary: "Get the globals of a workspace", tag: "Environments", answer: answers.globals };
  routes.get("/workspaces/:id/global-variables", documented(readDoc), async (c) => {
    const globals = await findGlobals(deps, await workspaceIdOf(c, deps, "viewer"));
    return c.json({ values: globals?.values ?? [] });
  });

  const replaceDoc = {
    summary: "Replace the globals of a workspace",
    tag: "Environments",
    body: globalsBody,
    answer: answers.globals,
  };
  routes.put("/workspaces/:id/global-variables", documented(replaceDoc), async (c) => {
    const workspaceId = await workspaceIdOf(c, deps, "editor");
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
  needed: WorkspaceRole,
): Promise<string> {
  const workspace = await findWorkspace(database, c.req.param("id"));
  if (!workspace) {
    throw new AppError("not_found", "The specified workspace does not exist.", {
      name: "instanceNotFoundError",
    });
  }
  await requireWorkspaceRole(database, c.get("actor"), workspace.id, needed);
  return workspace.id;
}
