import { type Context, Hono } from "hono";

import { confirmPage } from "../../../web/pages/confirm.tsx";
import { linkPage, usersPage, type UsersProps } from "../../../web/pages/users.tsx";
import { AppError } from "../../lib/errors.ts";
import type { AppEnv, Deps } from "../context.ts";
import { formErrorsOf, noStore, readForm } from "../pages-form.ts";
import { accessShell } from "../pages-shell.ts";
import { requireAdmin } from "../rights.ts";
import {
  createInvitation,
  createPasswordReset,
  listInvitations,
  type NewLink,
  revokeInvitation,
} from "./one-time-links.ts";
import { changeUser, endSessions } from "./people.ts";
import { findUser, listUsers, type User } from "./store.ts";

/** `/users`: who is in the team, and who is invited. For admins. */
export function usersPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.use("/users/*", adminsOnly);
  routes.route("/", listPages(deps));
  routes.route("/", changePages(deps));
  return routes;
}

const adminsOnly = async (c: Context<AppEnv>, next: () => Promise<void>): Promise<void> => {
  requireAdmin(c.get("actor"));
  await next();
};

type Draft = Pick<UsersProps, "values" | "errors">;

function listPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const show = async (c: Context<AppEnv>, draft: Draft, status: 200 | 400 = 200) => {
    const actor = c.get("actor");
    const [rows, invitations] = await Promise.all([
      listUsers(deps.database),
      listInvitations(deps.database, actor),
    ]);
    const shell = accessShell(c, deps);
    return c.html(usersPage({ shell, ownId: actor.userId, rows, invitations, ...draft }), status);
  };

  routes.get("/users", (c) => show(c, { values: { email: "", role: "member" } }));

  // Answers with the page itself: after a redirect the link could not be shown any more.
  routes.post("/users/invitations", async (c) => {
    const form = await readForm(c);
    const values = { email: form.text("email"), role: roleOf(form.text("role")) };
    try {
      return showLink(c, deps, "invitation", await createInvitation(deps.database, c.get("actor"), values));
    } catch (error) {
      return show(c, { values, errors: formErrorsOf(error) }, 400);
    }
  });

  routes.post("/users/invitations/:id/revoke", async (c) => {
    await revokeInvitation(deps.database, c.get("actor"), c.req.param("id"));
    return c.redirect("/users", 303);
  });

  return routes;
}

function changePages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const { database } = deps;

  routes.post("/users/:id/role", async (c) => {
    const { id } = await getUser(c, deps);
    await changeUser(database, c.get("actor"), id, { role: roleOf((await readForm(c)).text("role")) });
    return c.redirect("/users", 303);
  });

  routes.post("/users/:id/reset-password", async (c) => {
    const { id } = await getUser(c, deps);
    return showLink(c, deps, "password", await createPasswordReset(database, c.get("actor"), id));
  });

  routes.post("/users/:id/sign-out", async (c) => {
    const { id } = await getUser(c, deps);
    await endSessions(database, c.get("actor"), id);
    return c.redirect("/users", 303);
  });

  routes.get("/users/:id/remove", async (c) => {
    const { id, name, email } = await getUser(c, deps);
    return c.html(
      confirmPage({
        shell: accessShell(c, deps),
        title: `Remove ${name}?`,
        consequence: `${email} is signed out everywhere, and the API keys stop working for good. What ${name} made stays, and you can let ${name} back in.`,
        action: `/users/${id}/remove`,
        label: `Remove ${name}`,
        back: "/users",
      }),
    );
  });

  routes.post("/users/:id/:change{remove|restore}", async (c) => {
    const { id } = await getUser(c, deps);
    await changeUser(database, c.get("actor"), id, { active: c.req.param("change") === "restore" });
    return c.redirect("/users", 303);
  });

  return routes;
}

const roleOf = (sent: string): "admin" | "member" => (sent === "admin" ? "admin" : "member");

const showLink = (c: Context<AppEnv>, deps: Deps, kind: "invitation" | "password", link: NewLink) =>
  c.html(
    linkPage({
      shell: accessShell(c, deps),
      kind,
      email: link.email,
      expiresAt: link.expiresAt,
      url: `${deps.publicUrl}${link.path}`,
    }),
    200,
    noStore,
  );

async function getUser(c: Context<AppEnv>, { database }: Deps): Promise<User> {
  const sent = c.req.param("id") ?? "";
  const user = /^\d{1,9}$/.test(sent) ? await findUser(database, Number(sent)) : undefined;
  if (!user) throw new AppError("not_found", "There is no such user.");
  return user;
}
