import { type Context, Hono } from "hono";

import { globalsPage, type GlobalsProps } from "../../web/pages/globals.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { readForm, searchText } from "../access/pages-form.ts";
import type { WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isReadOnly, loadShell } from "../workspaces/pages-shell.ts";
import { requireWorkspace } from "../workspaces/store.ts";
import { addValues, changeGlobals, findGlobals } from "./globals-store.ts";
import { findVariables } from "./pages-values.ts";

type GlobalsPath = "/globals/:workspaceId" | "/globals/:workspaceId/remove";

/** `/globals/:workspaceId`: the variables that every run of a workspace sees. */
export function globalsPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const show = async (c: Context<AppEnv, GlobalsPath>, form: GlobalsProps["form"], status: 200 | 400) => {
    const workspace = await getWorkspace(c, deps, "viewer");
    const found = await findGlobals(deps, workspace.id);
    const shell = await loadShell(c, deps);
    return c.html(
      globalsPage({
        shell,
        isReadOnly: isReadOnly(shell, workspace.id),
        workspace,
        ...findVariables(found?.values ?? [], searchText(c.req.query("q"))),
        text: searchText(c.req.query("q")),
        revision: found?.revision ?? 0,
        saved: c.req.query("saved") === String(found?.revision) ? found?.revision : undefined,
        updatedAt: found?.updatedAt,
        form,
      }),
      status,
    );
  };

  routes.get("/globals/:workspaceId", (c) => show(c, { name: "", isSecret: false }, 200));

  routes.post("/globals/:workspaceId", async (c) => {
    const { id } = await getWorkspace(c, deps, "editor");
    const form = await readForm(c);
    const key = form.text("key");
    const isSecret = form.text("secret") === "on";
    const problem = problemOfKey(key);
    if (problem) return show(c, { name: key, isSecret, errors: { key: problem } }, 400);
    const variable = { key, value: form.raw("value"), type: isSecret ? "secret" : "default", enabled: true };
    await changeGlobals(deps, c.get("actor"), id, addValues([variable]));
    return c.redirect(`/globals/${id}`, 303);
  });

  routes.post("/globals/:workspaceId/remove", async (c) => {
    const { id } = await getWorkspace(c, deps, "editor");
    const key = (await readForm(c)).raw("key");
    await changeGlobals(deps, c.get("actor"), id, (values) =>
      values.filter((variable) => variable["key"] !== key),
    );
    return c.redirect(`/globals/${id}`, 303);
  });

  return routes;
}

function problemOfKey(key: string): string | undefined {
  if (key === "") return "Give the variable a name.";
  return key.includes("\0") ? "A name cannot hold a NUL character." : undefined;
}

const getWorkspace = (c: Context<AppEnv, GlobalsPath>, deps: Deps, needed: WorkspaceRole) =>
  requireWorkspace(deps.database, c.get("actor"), {
    id: c.req.param("workspaceId"),
    needed,
    notFound: () => new AppError("not_found", "There is no such workspace; it may have been deleted."),
  });
