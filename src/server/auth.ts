import { createMiddleware } from "hono/factory";

import { originOf } from "../access/caller.ts";
import type { AppEnv, Deps } from "../access/context.ts";
import {
  CSRF_FIELD,
  CSRF_HEADER,
  csrfTokenOf,
  isSafeMethod,
  verifyCsrf,
  verifySameOrigin,
} from "../access/csrf.ts";
import { publicPages, readSessionToken } from "../access/session.ts";
import { findSession } from "../access/store.ts";
import { AppError } from "../lib/errors.ts";

/**
 * Every page needs a session, except `publicPages`. Whatever changes something must come from a page of ours. Looks at no
 * body: strangers could make us read it.
 */
export const sessionAuth = (deps: Pick<Deps, "database" | "publicUrl">) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const isSafe = isSafeMethod(c.req.method);
    if (!isSafe) verifySameOrigin(c.req.raw.headers, deps.publicUrl);

    const token = readSessionToken(c);
    const actor = token ? await findSession(deps.database, token) : undefined;
    if (!token || !actor) {
      c.set("csrfToken", "");
      if (publicPages.has(c.req.path)) return next();
      if (isSafe && wantsPage(c.req.header("accept"), c.req.header("hx-request"))) {
        return c.redirect(`/sign-in?next=${encodeURIComponent(pathAndQuery(c.req.url))}`);
      }
      throw new AppError("unauthenticated", "Your session has ended; sign in again.");
    }
    c.set("actor", { ...actor, origin: originOf(c) });
    c.set("csrfToken", csrfTokenOf(token));
    return next();
  });

/** Behind `sessionAuth`: a change needs the session's token, in the form field `csrf` or the header `x-csrf-token`. */
export const csrfCheck = createMiddleware<AppEnv>(async (c, next) => {
  if (!isSafeMethod(c.req.method) && !publicPages.has(c.req.path)) {
    // `all`, because the first to parse the body decides for everybody after it.
    const sent = c.req.header(CSRF_HEADER) ?? (await c.req.parseBody({ all: true }))[CSRF_FIELD];
    verifyCsrf(readSessionToken(c), sent);
  }
  await next();
});

/** htmx asks for fragments: a sign-in page inside a fragment would look broken, so it gets 401. */
const wantsPage = (accept: string | undefined, htmx: string | undefined) =>
  htmx === undefined && (accept === undefined || accept.includes("text/html") || accept.includes("*/*"));

function pathAndQuery(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
