import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

import type { AppEnv, Deps } from "./context.ts";
import { createSession, deleteSession, SESSION_DAYS } from "./store.ts";

export const SESSION_COOKIE = "sallyport_session";

/** Pages that somebody without a session may open; everything else asks to sign in. */
export const publicPages: ReadonlySet<string> = new Set([
  "/sign-in",
  "/setup",
  "/invitation",
  "/reset-password",
]);

const cookieOptions = (deps: Pick<Deps, "publicUrl">) =>
  ({
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: deps.publicUrl.startsWith("https:"),
  }) as const;

/** Signs a user in: a fresh session, so that a token planted before the sign-in is worth nothing. */
export async function startSession(
  c: Context<AppEnv>,
  deps: Pick<Deps, "database" | "publicUrl">,
  user: { id: number },
): Promise<void> {
  const old = readSessionToken(c);
  if (old) await deleteSession(deps.database, old);
  const token = await createSession(deps.database, user.id);
  setCookie(c, SESSION_COOKIE, token, { ...cookieOptions(deps), maxAge: SESSION_DAYS * 24 * 60 * 60 });
}

/** Signs out: the session is gone on the server, the cookie in the browser. */
export async function endSession(
  c: Context<AppEnv>,
  deps: Pick<Deps, "database" | "publicUrl">,
): Promise<void> {
  const token = readSessionToken(c);
  if (token) await deleteSession(deps.database, token);
  deleteCookie(c, SESSION_COOKIE, cookieOptions(deps));
}

export const readSessionToken = (c: Context<AppEnv>): string | undefined => getCookie(c, SESSION_COOKIE);

/** Where to go after signing in: a path of ours, never another site. */
export function safeNext(next: string | undefined): string {
  // Browsers read `//host` and `/\host` as another site.
  return next && /^\/(?![/\\])/.test(next) && !/[\r\n\t]/.test(next) ? next : "/";
}
