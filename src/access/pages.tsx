import { type Context, Hono } from "hono";

import { plural } from "../../web/format.ts";
import { keysPage, type KeysProps } from "../../web/pages/keys.tsx";
import { setupPage, signInPage } from "../../web/pages/sign-in.tsx";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import type { AppEnv, Deps } from "./context.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "./key-store.ts";
import { accountPages } from "./pages-account.tsx";
import { formErrorsOf, noStore, readForm } from "./pages-form.ts";
import { accessShell } from "./pages-shell.ts";
import { usersPages } from "./pages-users.tsx";
import { endSession, safeNext, startSession } from "./session.ts";
import { countAttempt, forgetAttempts, signInSubject } from "./sign-in-attempts.ts";
import { checkSignIn, countUsers, createFirstAdmin } from "./user-store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** `/sign-in`, `/sign-out`, `/setup`, `/keys`, `/users`, `/account` and what one-time links lead to. */
export function accessPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", signInRoutes(deps));
  routes.route("/", setupRoutes(deps));
  routes.route("/", keyRoutes(deps));
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
    return c.redirect(next, 303);
  });

  routes.post("/sign-out", async (c) => {
    await endSession(c, deps);
    return c.redirect("/sign-in", 303);
  });

  return routes;
}

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
    return c.redirect("/", 303);
  });

  return routes;
}

function keyRoutes(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const show = async (c: Context<AppEnv>, change: Partial<KeysProps>, status: 200 | 400 = 200) => {
    const rows = await listApiKeys(deps.database, { userId: c.get("actor").userId });
    const props = {
      shell: accessShell(c, deps),
      rows: rows.toReversed(),
      values: { name: "", expires: "90" },
    };
    return c.html(keysPage({ ...props, ...change }), status, noStore);
  };

  routes.get("/keys", (c) => show(c, {}));

  // Answers with the page itself: after a redirect the key could not be shown any more.
  routes.post("/keys", async (c) => {
    const form = await readForm(c);
    const values = { name: form.text("name"), expires: form.text("expires") };
    if (values.name === "") return show(c, { values, errors: { name: "Say what the key is for." } }, 400);
    const { userId } = c.get("actor");
    const expiresAt = expiryOf(values.expires, deps.clock.now());
    const created = await createApiKey(deps.database, c.get("actor"), {
      userId,
      name: values.name,
      ...(expiresAt && { expiresAt }),
    });
    return show(c, { created });
  });

  routes.post("/keys/:id/revoke", async (c) => {
    const id = c.req.param("id");
    if (!isUuid(id)) throw new AppError("not_found", "There is no such API key.");
    await revokeApiKey(deps.database, c.get("actor"), id);
    return c.redirect("/keys", 303);
  });

  return routes;
}

function expiryOf(days: string, now: Date): Date | undefined {
  const count = Number(days);
  return days !== "" && Number.isInteger(count) && count > 0 && count <= 3650
    ? new Date(now.getTime() + count * DAY_MS)
    : undefined;
}

// Absent on open pages without a session, whatever the type of the environment says.
const isSignedIn = (c: Context<AppEnv>): boolean => (c.get("actor") as unknown) !== undefined;
