import { type Context, Hono } from "hono";

import { plural } from "../../../web/format.ts";
import { accountPage, type AccountProps } from "../../../web/pages/account.tsx";
import { invitationPage, newPasswordPage } from "../../../web/pages/join.tsx";
import type { FormErrors } from "../../../web/parts/form.tsx";
import { AppError } from "../../lib/errors.ts";
import { originOf } from "../caller.ts";
import type { AppEnv, Deps } from "../context.ts";
import { formErrorsOf, noStore, readForm } from "../pages-form.ts";
import { accessShell } from "../pages-shell.ts";
import { endSession, startSession } from "../session.ts";
import { acceptInvitation, findLinkEmail, resetPassword } from "./one-time-links.ts";
import { changeOwnName, changeOwnPassword, endSessions } from "./people.ts";
import { countAttempt, forgetAttempts, signInSubject } from "./sign-in-attempts.ts";

const MAX_NAME = 200;

/** `/account`, and the pages that one-time links lead to. */
export function accountPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", ownPages(deps));
  routes.route("/", invitationPages(deps));
  routes.route("/", resetPages(deps));
  return routes;
}

function ownPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const { database } = deps;

  const show = (c: Context<AppEnv>, change: Partial<AccountProps> = {}, status: 200 | 400 | 429 = 200) =>
    c.html(accountPage({ shell: accessShell(c, deps), ...change }), status, noStore);

  routes.get("/account", (c) => show(c, { saved: savedOf(c.req.query("saved")) }));

  routes.post("/account/name", async (c) => {
    const name = (await readForm(c)).text("name");
    const problem = problemOfName(name);
    if (problem) return show(c, { nameErrors: problem }, 400);
    await changeOwnName(database, c.get("actor"), name);
    return c.redirect("/account?saved=name", 303);
  });

  routes.post("/account/password", async (c) => {
    const form = await readForm(c);
    const actor = c.get("actor");
    // Whoever holds a session must not try passwords without end either.
    const subject = signInSubject(c, actor.email);
    const waitSeconds = await countAttempt(database, subject);
    if (waitSeconds !== undefined) {
      const wait = plural(Math.ceil(waitSeconds / 60), "minute");
      return show(c, { passwordErrors: { "": `Too many wrong passwords; try again in ${wait}.` } }, 429);
    }
    try {
      await changeOwnPassword(database, actor, { current: form.raw("current"), next: form.raw("password") });
    } catch (error) {
      return show(c, { passwordErrors: formErrorsOf(error) }, 400);
    }
    await forgetAttempts(database, subject);
    // All sessions ended with the old password; this browser knows the new one.
    await startSession(c, deps, { id: actor.userId });
    return c.redirect("/account?saved=password", 303);
  });

  routes.post("/account/sign-out-everywhere", async (c) => {
    const actor = c.get("actor");
    await endSessions(database, actor, actor.userId);
    await endSession(c, deps);
    return c.redirect("/sign-in", 303);
  });

  return routes;
}

const savedOf = (sent: string | undefined): AccountProps["saved"] =>
  sent === "name" || sent === "password" ? sent : undefined;

function problemOfName(name: string): FormErrors | undefined {
  if (name === "") return { name: "Say how others shall call you." };
  if (name.length > MAX_NAME || name.includes("\0")) {
    return { name: `A name has ${MAX_NAME} characters at most, and no NUL.` };
  }
  return undefined;
}

function invitationPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const { database } = deps;
  const getEmail = emailOfLink(deps);

  routes.get("/invitation", async (c) => {
    const token = c.req.query("token") ?? "";
    const email = await getEmail("invitation", token);
    return c.html(invitationPage({ csrfToken: c.get("csrfToken"), token, email, name: "" }), 200, noStore);
  });

  routes.post("/invitation", async (c) => {
    const form = await readForm(c);
    const token = form.raw("token");
    const email = await getEmail("invitation", token);
    const name = form.text("name");
    const refuse = (errors: FormErrors) =>
      c.html(invitationPage({ csrfToken: c.get("csrfToken"), token, email, name, errors }), 400, noStore);
    const problem = problemOfName(name);
    if (problem) return refuse(problem);
    try {
      const user = await acceptInvitation(database, token, {
        name,
        password: form.raw("password"),
        origin: originOf(c),
      });
      await startSession(c, deps, user);
    } catch (error) {
      return refuse(formErrorsOf(error));
    }
    return c.redirect("/", 303);
  });

  return routes;
}

function resetPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const { database } = deps;
  const getEmail = emailOfLink(deps);

  routes.get("/reset-password", async (c) => {
    const token = c.req.query("token") ?? "";
    const email = await getEmail("password_reset", token);
    return c.html(newPasswordPage({ csrfToken: c.get("csrfToken"), token, email }), 200, noStore);
  });

  routes.post("/reset-password", async (c) => {
    const form = await readForm(c);
    const token = form.raw("token");
    const email = await getEmail("password_reset", token);
    try {
      const user = await resetPassword(database, token, {
        password: form.raw("password"),
        origin: originOf(c),
      });
      await startSession(c, deps, user);
    } catch (error) {
      const errors = formErrorsOf(error);
      return c.html(newPasswordPage({ csrfToken: c.get("csrfToken"), token, email, errors }), 400, noStore);
    }
    return c.redirect("/", 303);
  });

  return routes;
}

/** Whom the link is for; 403 when it opens nothing any more. */
const emailOfLink =
  ({ database }: Deps) =>
  async (kind: "invitation" | "password_reset", token: string): Promise<string> => {
    const email = await findLinkEmail(database, kind, token);
    if (email !== undefined) return email;
    throw new AppError(
      "forbidden",
      "This link is wrong, too old or was used already; ask an administrator for a new one.",
    );
  };
