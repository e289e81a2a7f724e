import { createHash } from "node:crypto";

import { Hono } from "hono";

import type { Actor, AppEnv, Deps } from "./context.ts";

/** The one team of an installation. */
const TEAM_ID = 1;

/** `/me` of the Postman API. */
export function accessApi({ publicUrl }: Pick<Deps, "publicUrl">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/me", (c) => {
    const actor = c.get("actor");
    return c.json({
      user: {
        id: actor.userId,
        sub: subjectOf(actor),
        username: actor.email.split("@")[0] ?? actor.email,
        email: actor.email,
        fullName: actor.name,
        avatar: null,
        isPublic: false,
        emailVerified: true,
        teamId: TEAM_ID,
        teamName: "Sallyport",
        teamDomain: new URL(publicUrl).hostname,
        roles: actor.role === "admin" ? ["admin", "user"] : ["user"],
      },
      // Nothing is metered here, so there is no usage to tell of.
      operations: [],
    });
  });

  return routes;
}

/** Postman's second name of a user is a UUID; ours follows from the id. */
function subjectOf({ userId }: Pick<Actor, "userId">): string {
  const hex = createHash("sha256").update(`sallyport user ${userId}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
