import { type Context, Hono } from "hono";

import { plural } from "../../web/format.ts";
import { setupPage, signInPage } from "../../web/pages/sign-in.tsx";
import { recordAudit } from "./audit/audit.ts";
import { auditPages } from "./audit/pages.tsx";
import { type Origin, originOf } from "./caller.ts";
import type { AppEnv, Deps } from "./context.ts";
import { keyPages } from "./keys/pages.tsx";
import { formErrorsOf, noStore, readForm } from "./pages-form.ts";
import { accountPages } from "./people/pages-account.tsx";
import { usersPages } from "./people/pages-users.tsx";
import { countAttempt, forgetAttempts, signInSubject } from "./people/sign-in-attempts.ts";
import { checkSignIn, countUsers, createFirstAdmin } from "./people/store.ts";
import { endSession, safeNext, startSession } from "./session.ts";

/** `/sign-in`, `/sign-out`, `/setup`, `/keys`, `/audit`, `/users`, `/account` and what one-time links lead to. */
export function accessPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", signInRoutes(deps));
  routes.route("/", setupRoutes(deps));
  routes.route("/", keyPages(deps));
  routes.route("/", auditPages(deps));
  routes.route("/", usersPages(deps));
  routes.route("/", accountPages(deps));
  return routes;
}

function signInRoutes(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/sign-in", async (c) => {
    const next = safeNext(c.req.query("next"));
    if (isSignedIn(c)) return c.redirect(next);
    const isFresh = (await countUsers(deps.database)) === 0;
    return c.html(signInPage({ csrfToken: c.get("csrfToken"), email: "", next, isFresh }), 200, noStore);
  });

  routes.post("/sign-in", async (c) => {
    const form = await readForm(c);
    const email = form.text("email");
    const next = safeNext(form.text("next"));
    const refuse = (status: 400 | 429, message: string) => {
      const props = { csrfToken: c.get("csrfToken"), email, next, errors: { "": message } };
      return c.html(signInPage(props), status, noStore);
    };
    const subject = signInSubject(c, email);
    const waitSeconds = await countAttempt(deps.database, subject);
    if (waitSeconds !== undefined) {
      deps.log.warn("sign-in refused after too many failures", { address: subject.address, waitSeconds });
      c.header("retry-after", String(waitSeconds));
      const minutes = Math.ceil(waitSeconds / 60);
      return refuse(
        429,
        `Too many sign-ins with this email failed; try again in ${plural(minutes, "minute")}.`,
      );
    }
    const user = await checkSignIn(deps.database, email, form.raw("password"));
    if (!user) return refuse(400, "That email and password do not belong together.");
    await forgetAttempts(deps.database, subject);
    await startSession(c, deps, user);
    await recordSignIn(deps, user, originOf(c));
    return c.redirect(next, 303);
  });

  routes.post("/sign-out", async (c) => {
    await endSession(c, deps);
    return c.redirect("/sign-in", 303);
  });

  return routes;
}

const recordSignIn = ({ database }: Deps, { id }: { id: number }, origin: Origin): Promise<void> =>
  database.db.transaction((tx) =>
    recordAudit(
      tx,
      { userId: id, via: "session", origin },
      { action: "user.signed_in", subjectType: "user", subjectId: String(id) },
    ),
  );

function setupRoutes(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/setup", async (c) => {
    if ((await countUsers(deps.database)) > 0) return c.redirect("/sign-in");
    const values = { email: "", name: "" };
    const token = c.req.query("token") ?? "";
    return c.html(setupPage({ csrfToken: c.get("csrfToken"), token, values }), 200, noStore);
  });

  routes.post("/setup", async (c) => {
    const form = await readForm(c);
    const values = { email: form.text("email"), name: form.text("name") };
    const token = form.raw("token");
    try {
      const user = await createFirstAdmin(deps.database, token, {
        ...values,
        password: form.raw("password"),
      });
      await startSession(c, deps, user);
    } catch (error) {
      const errors = formErrorsOf(error);
      return c.html(setupPage({ csrfToken: c.get("csrfToken"), token, values, errors }), 400, noStore);
    }
    return c.redirect("/start", 303);
  });

  return routes;
}

// Absent on open pages without a session, whatever the type of the environment says.
const isSignedIn = (c: Context<AppEnv>): boolean => (c.get("actor") as unknown) !== undefined;
