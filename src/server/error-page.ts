import type { Context } from "hono";

import { errorPage } from "../../web/pages/error.tsx";
import type { Actor, AppEnv } from "../access/context.ts";
import type { Clock } from "../lib/clock.ts";
import type { ErrorPage } from "./errors.ts";

const titles: Record<number, string> = {
  400: "That did not work",
  401: "Sign in first",
  403: "Not allowed",
  404: "Nothing here",
  409: "That does not fit any more",
  413: "Too large",
  429: "Too many requests",
  503: "Not available right now",
};

/** The error page of the browser: inside the usual frame for people who have signed in. */
export const browserErrorPage =
  (clock: Clock): ErrorPage =>
  async ({ status, message, requestId }, c) =>
    String(
      await errorPage({
        status,
        title: titles[status] ?? "Something went wrong",
        message,
        requestId: status >= 500 ? requestId : undefined,
        shell: shellOf(c, clock),
      }),
    );

function shellOf(c: Context<AppEnv>, clock: Clock) {
  // Absent on open routes and without a session, whatever the type of the environment says.
  const actor = c.get("actor") as Actor | undefined;
  if (actor?.via !== "session") return undefined;
  const { name, email } = actor;
  return { user: { name, email }, csrfToken: c.get("csrfToken"), workspaces: [], now: clock.now() };
}
