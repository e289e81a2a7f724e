import { createHash } from "node:crypto";

import { Hono } from "hono";
import { z } from "zod";

import type { Actor, AppEnv, Deps } from "./context.ts";
import { documented } from "./endpoint.ts";
import type { Standing } from "./limits/limiter.ts";
import { team } from "./people/team.ts";
import { teamsApi } from "./people/teams-api.ts";
import { usersApi } from "./people/users-api.ts";

const meAnswer = z.object({
  user: z.object({
    id: z.int(),
    sub: z.uuid(),
    username: z.string(),
    email: z.string(),
    fullName: z.string(),
    avatar: z.null(),
    isPublic: z.boolean(),
    emailVerified: z.boolean(),
    teamId: z.int(),
    teamName: z.string(),
    teamDomain: z.string(),
    roles: z.array(z.string()),
  }),
  operations: z.array(
    z.object({ name: z.string(), limit: z.number(), usage: z.number(), overage: z.number() }),
  ),
});

/** `/me`, `/users` and `/teams` of the Postman API. */
export function accessApi(deps: Pick<Deps, "database" | "publicUrl">): Hono<AppEnv> {
  const { publicUrl } = deps;
  const routes = new Hono<AppEnv>();
  routes.route("/", usersApi(deps));
  routes.route("/", teamsApi(deps));

  routes.get(
    "/me",
    documented({ summary: "Read who the key speaks for", tag: "Users", answer: meAnswer }),
    (c) => {
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
          teamId: team.id,
          teamName: team.name,
          teamDomain: new URL(publicUrl).hostname,
          roles: actor.role === "admin" ? ["admin", "user"] : ["user"],
        },
        operations: c.get("standings").flatMap(usageOfMonth),
      });
    },
  );

  return routes;
}

/** Of what Postman meters, only calls of the API have an allowance here; without one there is nothing to tell. */
const usageOfMonth = ({ limit, allowed, remaining }: Standing) =>
  limit === "month" ? [{ name: "api_usage", limit: allowed, usage: allowed - remaining, overage: 0 }] : [];

/** Postman's second name of a user is a UUID; ours follows from the id. */
function subjectOf({ userId }: Pick<Actor, "userId">): string {
  const hex = createHash("sha256").update(`sallyport user ${userId}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
