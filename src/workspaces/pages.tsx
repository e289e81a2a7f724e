import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import { workspacePage, type WorkspaceProps } from "../../web/pages/workspace.tsx";
import { workspacesPage, type WorkspacesProps } from "../../web/pages/workspaces.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { formErrorsOf, readForm, type SentForm } from "../access/pages-form.ts";
import { listUsers } from "../access/people/store.ts";
import { findWorkspaceRole, type WorkspaceRole, workspaceRoles } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { changeRoles, listMembers, type RoleChange } from "./members-store.ts";
import { loadShell } from "./pages-shell.ts";
import {
  createWorkspace,
  deleteWorkspace,
  listWorkspaces,
  requireWorkspace,
  updateWorkspace,
  type Workspace,
} from "./store.ts";
import { parseNewWorkspace, parseWorkspace } from "./workspace.ts";

/** `/workspaces`: which there are, who sees them, and who may do what in one. */
export function workspacesPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", listPages(deps));
  routes.route("/", settingsPages(deps));
  routes.route("/", memberPages(deps));
  return routes;
}

function listPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const show = async (
    c: Context<AppEnv>,
    draft: Pick<WorkspacesProps, "values" | "errors">,
    status: 200 | 400 = 200,
  ) => {
    const { workspaces } = await listWorkspaces(deps.database, c.get("actor"));
    return c.html(workspacesPage({ shell: await loadShell(c, deps), rows: workspaces, ...draft }), status);
  };

  routes.get("/workspaces", (c) => show(c, { values: { name: "", type: "team", about: "" } }));

  routes.post("/workspaces", async (c) => {
    const values = valuesOf(await readForm(c));
    try {
      const { id } = await createWorkspace(deps.database, c.get("actor"), parseNewWorkspace(values));
      return c.redirect(`/workspaces/${id}`, 303);
    } catch (error) {
      return show(c, { values, errors: formErrorsOf(error) }, 400);
    }
  });

  return routes;
}

const valuesOf = (form: SentForm) => ({
  name: form.text("name"),
  type: form.text("type"),
  about: form.text("about"),
});

function settingsPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const { database } = deps;

  routes.get("/workspaces/:id", async (c) => show(c, deps, await getWorkspace(c, deps, "viewer")));

  routes.post("/workspaces/:id", async (c) => {
    const workspace = await getWorkspace(c, deps, "admin");
    const values = valuesOf(await readForm(c));
    try {
      await updateWorkspace(database, c.get("actor"), workspace.id, parseWorkspace(values));
    } catch (error) {
      const { name, type, about } = values;
      return show(c, deps, { ...workspace, name, visibility: type, about }, { errors: formErrorsOf(error) });
    }
    return c.redirect(`/workspaces/${workspace.id}`, 303);
  });

  routes.get("/workspaces/:id/delete", async (c) => {
    const { id, name } = await getWorkspace(c, deps, "admin");
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        title: `Delete ${name}?`,
        consequence:
          "Its collections, environments, mocks and monitors go with it, and all their runs. This cannot be undone.",
        action: `/workspaces/${id}/delete`,
        label: `Delete ${name}`,
        back: `/workspaces/${id}`,
      }),
    );
  });

  routes.post("/workspaces/:id/delete", async (c) => {
    const { id } = await getWorkspace(c, deps, "admin");
    await deleteWorkspace(database, c.get("actor"), id, deps.beforeDeletion);
    return c.redirect("/workspaces", 303);
  });

  return routes;
}

function memberPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const change = async (c: Context<AppEnv>, wanted: RoleChange) => {
    const workspace = await getWorkspace(c, deps, "admin");
    try {
      await changeRoles(deps.database, c.get("actor"), workspace.id, [wanted]);
    } catch (error) {
      return show(c, deps, workspace, { memberErrors: formErrorsOf(error) });
    }
    return c.redirect(`/workspaces/${workspace.id}`, 303);
  };

  // Adds somebody, or changes what they are.
  routes.post("/workspaces/:id/members", async (c) => {
    const form = await readForm(c);
    return change(c, { userId: userIdOf(form.text("user")), role: roleOf(form.text("role")) });
  });

  routes.post("/workspaces/:id/members/:userId/remove", (c) =>
    change(c, { userId: userIdOf(c.req.param("userId")), role: null }),
  );

  return routes;
}

/** 0 is nobody. */
const userIdOf = (sent: string): number => (/^\d{1,9}$/.test(sent) ? Number(sent) : 0);
const roleOf = (sent: string): WorkspaceRole => workspaceRoles.find((role) => role === sent) ?? "viewer";

const getWorkspace = (c: Context<AppEnv>, { database }: Deps, needed: WorkspaceRole): Promise<Workspace> =>
  requireWorkspace(database, c.get("actor"), {
    id: c.req.param("id") ?? "",
    needed,
    notFound: () => new AppError("not_found", "There is no such workspace; it may have been deleted."),
  });

async function show(
  c: Context<AppEnv>,
  deps: Deps,
  workspace: Workspace,
  trouble: Pick<WorkspaceProps, "errors" | "memberErrors"> = {},
) {
  const { database } = deps;
  const [shell, members, users, role] = await Promise.all([
    loadShell(c, deps),
    listMembers(database, workspace.id),
    listUsers(database),
    findWorkspaceRole(database.db, c.get("actor"), workspace.id),
  ]);
  const others = users.filter(
    ({ id, deactivatedAt }) => deactivatedAt === null && !members.some(({ userId }) => userId === id),
  );
  const isWrong = trouble.errors !== undefined || trouble.memberErrors !== undefined;
  return c.html(
    workspacePage({ shell, workspace, members, others, isAdmin: role === "admin", ...trouble }),
    isWrong ? 400 : 200,
  );
}
