import { Hono } from "hono";

import type { AppEnv, Deps } from "../../access/context.ts";
import type { EnvironmentValue } from "../environment.ts";
import { createEnvironment } from "../store.ts";
import { openEnvironment, openEnvironmentSet, openGlobalsSet, type VariableSet } from "./set.ts";
import { isSecret } from "./values.ts";

/** A copy of an environment in its workspace, and files of variables for Postman. */
export function variableCopies(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.post("/environments/:id/duplicate", async (c) => {
    const { name, values, workspaceId } = await openEnvironment(c, deps, "editor");
    const copy = { name: `${name} copy`, values, workspaceId };
    const { id } = await createEnvironment(deps, c.get("actor"), copy);
    return c.redirect(`/environments/${id}`, 303);
  });

  const send = (set: VariableSet, scope: "environment" | "globals"): Response =>
    new Response(JSON.stringify(exportOf(set, scope, deps.clock.now()), null, 2), {
      headers: {
        "content-type": "application/json; charset=utf-8",
        "content-disposition": `attachment; filename="${fileName(set.title)}.postman_${scope}.json"`,
        "cache-control": "no-store",
      },
    });
  routes.get("/environments/:id/export", async (c) =>
    send(await openEnvironmentSet(c, deps, "viewer"), "environment"),
  );
  routes.get("/globals/:workspaceId/export", async (c) =>
    send(await openGlobalsSet(c, deps, "viewer"), "globals"),
  );
  return routes;
}

/** As Postman writes it. A file lies about in folders, so values of secrets are not in it. */
const exportOf = (set: VariableSet, scope: "environment" | "globals", now: Date) => ({
  id: set.href.split("/").at(-1),
  ...(set.name !== undefined && { name: set.name }),
  values: set.values.map(withoutSecret),
  _postman_variable_scope: scope,
  _postman_exported_at: now.toISOString(),
  _postman_exported_using: "Sallyport",
});

const withoutSecret = (variable: EnvironmentValue): EnvironmentValue =>
  isSecret(variable) ? { ...variable, value: "" } : variable;

const fileName = (title: string): string =>
  title
    .replaceAll(/[^\w .-]+/g, "_")
    .trim()
    .slice(0, 80) || "variables";
