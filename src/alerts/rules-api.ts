import { type Context, Hono } from "hono";
import { z } from "zod";

import { systemActor } from "../access/audit/audit.ts";
import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { missing, parseFields, readFields } from "../access/fields.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { isUuid } from "../lib/ids.ts";
import { findWorkspace } from "../workspaces/store.ts";
import { type Rule, ruleInput } from "./alert.ts";
import { copyRule } from "./copy-rule.ts";
import { alertDocs as docs, copyBody, watchedQuery } from "./docs.ts";
import { createRule, deleteRule, findRule, listRules, updateRule } from "./rules-store.ts";
import { showRule } from "./shown.ts";

/** `/alert-rules`: what people want to be told of. */
export function rulesApi(deps: Pick<Deps, "database" | "publicUrl">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/alert-rules", documented(docs.rules), async (c) => {
    const { workspace, monitor } = parseFields(watchedQuery, c.req.query());
    if ([workspace, monitor].some((id) => id !== undefined && !isUuid(id))) return c.json({ alertRules: [] });
    const found = await listRules(database, c.get("actor"), {
      ...(workspace !== undefined && { workspaceId: workspace }),
      ...(monitor !== undefined && { monitorId: monitor }),
    });
    return c.json({ alertRules: found.map(showRule) });
  });

  routes.post("/alert-rules", documented(docs.createRule), async (c) => {
    const { workspace, ...sent } = await readFields(c, z.looseObject({ workspace: z.string() }));
    const place = isUuid(workspace) ? await findWorkspace(database, workspace) : undefined;
    if (!place) throw missing("There is no such workspace.");
    const created = await createRule(database, c.get("actor"), place.id, parseFields(ruleInput, sent));
    return c.json({ alertRule: showRule(created) }, 201);
  });

  routes.get("/alert-rules/:id", documented(docs.rule), async (c) =>
    c.json({ alertRule: showRule(await reach(c, "viewer")) }),
  );

  routes.patch("/alert-rules/:id", documented(docs.changeRule), async (c) => {
    const rule = await reach(c, "editor");
    const sent = await readFields(c, z.looseObject({}));
    const updated = await updateRule(
      deps,
      c.get("actor"),
      rule.id,
      parseFields(ruleInput, { ...rule, ...sent }),
    );
    return c.json({ alertRule: showRule(updated) });
  });

  routes.post("/alert-rules/:id/copy", documented(docs.copyRule), async (c) => {
    const rule = await reach(c, "editor");
    const { monitors } = await readFields(c, copyBody);
    const made = await copyRule(database, c.get("actor"), rule, monitors);
    return c.json({ alertRules: made.map(showRule) }, 201);
  });

  routes.delete("/alert-rules/:id", documented(docs.deleteRule), async (c) => {
    const { id } = await reach(c, "editor");
    await deleteRule(deps, c.get("actor"), id);
    return c.json({ alertRule: { id } });
  });

  const reach = (c: Context<AppEnv, "/alert-rules/:id">, role: WorkspaceRole): Promise<Rule> =>
    reachRule({ database }, c.get("actor"), { id: c.req.param("id"), role });

  return routes;
}

/** The rule, for whoever has the role in its workspace: 404 when there is none, 403 without the role. */
export async function reachRule(
  { database }: Pick<Deps, "database">,
  actor: Actor,
  { id, role }: { id: string; role: WorkspaceRole },
): Promise<Rule> {
  const found = isUuid(id) ? await findRule(database, systemActor, id) : undefined;
  if (!found) throw missing("There is no such alert rule; it may have been deleted.");
  await requireWorkspaceRole(database, actor, found.workspaceId, role);
  return found;
}
