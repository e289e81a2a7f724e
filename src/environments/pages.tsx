import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import { environmentPage, environmentsPage, type VariableRow } from "../../web/pages/environments.tsx";
import type { DocumentListProps } from "../../web/parts/document-list.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { formErrorsOf, readDocument, readForm } from "../access/pages-form.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { loadShell, workspaceForUpload, workspaceName } from "../workspaces/pages-shell.ts";
import { type EnvironmentValue, parseNewEnvironment } from "./environment.ts";
import {
  createEnvironment,
  deleteEnvironment,
  type Environment,
  findEnvironment,
  listEnvironments,
} from "./store.ts";

/** `/environments`: list, upload, look inside without secrets, delete. */
export function environmentsPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const showList = async (c: Context<AppEnv>, upload: DocumentListProps["upload"], status: 200 | 400) => {
    const shell = await loadShell(c, deps);
    const filter = shell.workspaceId === undefined ? {} : { workspaceId: shell.workspaceId };
    const found = await listEnvironments(deps.database, filter);
    const rows = found.map((head) => ({ ...head, workspaceName: workspaceName(shell, head.workspaceId) }));
    return c.html(environmentsPage({ shell, rows, upload }), status);
  };

  routes.get("/environments", (c) => showList(c, { text: "" }, 200));

  routes.post("/environments", async (c) => {
    const form = await readForm(c);
    const pasted = form.raw("text");
    const workspaceId = form.text("workspace");
    try {
      const input = parseNewEnvironment(
        await readDocument(form, "environment", "it is an object with name and values"),
      );
      const created = await createEnvironment(deps, c.get("actor"), {
        ...input,
        workspaceId: await workspaceForUpload(deps, c.get("actor"), workspaceId),
      });
      return c.redirect(`/environments/${created.id}`, 303);
    } catch (error) {
      return showList(c, { text: pasted, workspaceId, errors: formErrorsOf(error, { workspace: "" }) }, 400);
    }
  });

  routes.get("/environments/:id", async (c) => {
    const shell = await loadShell(c, deps);
    const environment = await getEnvironment(deps, c.req.param("id"));
    const { values, ...head } = environment;
    return c.html(
      environmentPage({
        shell,
        environment: { ...head, workspaceName: workspaceName(shell, head.workspaceId) },
        variables: values.map(variableRow),
      }),
    );
  });

  routes.get("/environments/:id/delete", async (c) => {
    const { id, name } = await getEnvironment(deps, c.req.param("id"));
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "environments",
        title: `Delete ${name}?`,
        consequence: "Monitors that use it go on without an environment. This cannot be undone.",
        action: `/environments/${id}/delete`,
        label: `Delete ${name}`,
        back: `/environments/${id}`,
      }),
    );
  });

  routes.post("/environments/:id/delete", async (c) => {
    const { id } = await getEnvironment(deps, c.req.param("id"));
    await deleteEnvironment(deps.database, c.get("actor"), id);
    return c.redirect("/environments", 303);
  });

  return routes;
}

async function getEnvironment(deps: Deps, id: string): Promise<Environment> {
  const found = isUuid(id) ? await findEnvironment(deps, id) : undefined;
  if (!found) throw new AppError("not_found", "There is no such environment; it may have been deleted.");
  return found;
}

/** A secret leaves its value here: pages never get it. */
function variableRow(variable: EnvironmentValue): VariableRow {
  const row = { key: String(variable["key"]), enabled: variable["enabled"] !== false };
  if (variable["type"] === "secret") return { ...row, isSecret: true };
  const { value } = variable;
  const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
  return { ...row, value: text, isSecret: false };
}
