import { type Context, Hono } from "hono";
import { z } from "zod";

import { problem } from "../../lib/errors.ts";
import { parseOrThrow } from "../../lib/parse.ts";
import type { AppEnv, Deps } from "../context.ts";
import { documented } from "../endpoint.ts";
import { listUsers, type User } from "./store.ts";
import { team } from "./team.ts";

type TeamsDeps = Pick<Deps, "database" | "publicUrl">;

const memberBody = z.object({ entityType: z.literal("user"), entityId: z.int(), roles: z.array(z.string()) });
const rolesBody = z.object({ userId: z.int(), roles: z.array(z.string()) });
const teamBody = z.object({
  id: z.int(),
  name: z.string(),
  handle: z.string(),
  description: z.string(),
  organizationId: z.int(),
  createdBy: z.int(),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  memberCount: z.int(),
  members: z.array(memberBody).optional(),
  userRoles: z.array(rolesBody).optional(),
});
const teamsQuery = z.object({
  cursor: z.string().optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, "must be an integer")
    .optional(),
  settings: z.enum(["true", "false"]).optional(),
  userRoles: z.enum(["true", "false"]).optional(),
});
const teamQuery = z.object({ include: z.enum(["members", "userRoles"]).optional() });

/** `/teams` and `/groups` of the Postman API: an installation is one team, and has no groups. */
export function teamsApi(deps: TeamsDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", teamRoutes(deps));
  routes.route("/", groupRoutes());
  routes.route("/", absentRoutes());
  return routes;
}

function teamRoutes({ database, publicUrl }: TeamsDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/teams",
    documented({
      summary: "List teams",
      description: "Always the one that this installation is.",
      tag: "Users",
      query: teamsQuery,
      answer: z.object({ data: z.array(teamBody), metadata: z.object({ nextCursor: z.null() }) }),
    }),
    async (c) => {
      const { userRoles } = parseOrThrow(teamsQuery, c.req.query(), "query", { name: "badRequest" });
      const users = await listUsers(database);
      const roles = userRoles === "true" && { userRoles: present(users).map(toRoles) };
      return c.json({ data: [{ ...toTeam(users), ...roles }], metadata: { nextCursor: null } });
    },
  );

  routes.get(
    "/teams/:id",
    documented({
      summary: "Read the team",
      tag: "Users",
      query: teamQuery,
      answer: z.object({ team: teamBody }),
    }),
    async (c) => {
      checkTeam(c);
      const { include } = parseOrThrow(teamQuery, c.req.query(), "query", { name: "badRequest" });
      const users = await listUsers(database);
      return c.json({
        team: {
          ...toTeam(users),
          ...(include === "members" && { members: present(users).map(toMember) }),
          ...(include === "userRoles" && { userRoles: present(users).map(toRoles) }),
        },
      });
    },
  );

  /** The installation began with its first user. */
  const toTeam = (users: User[]) => {
    const since = users[0]?.createdAt.toISOString() ?? "";
    return {
      ...team,
      handle: new URL(publicUrl).hostname,
      description: "",
      organizationId: team.id,
      createdBy: users[0]?.id ?? 0,
      enabled: true,
      createdAt: since,
      updatedAt: since,
      memberCount: present(users).length,
    };
  };

  return routes;
}

const present = (users: User[]): User[] => users.filter((user) => user.deactivatedAt === null);
const rolesOf = ({ role }: User): string[] =>
  role === "admin" ? ["TEAM_MANAGER", "TEAM_DEVELOPER"] : ["TEAM_DEVELOPER"];
const toMember = (user: User) => ({
  entityType: "user" as const,
  entityId: user.id,
  roles: rolesOf(user),
});
const toRoles = (user: User) => ({ userId: user.id, roles: rolesOf(user) });

function checkTeam(c: Context<AppEnv>): void {
  if (c.req.param("id") !== String(team.id))
    throw problem("not_found", "The requested resource does not exist.");
}

function groupRoutes(): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/groups",
    documented({
      summary: "List groups",
      description: "Always empty: roles are given to users here.",
      tag: "Users",
      answer: z.object({ data: z.array(z.unknown()) }),
    }),
    (c) => c.json({ data: [] }),
  );

  routes.get("/groups/:id", documented({ summary: "Read a group", tag: "Users" }), () => {
    throw problem("not_found", "The requested resource does not exist.");
  });

  return routes;
}

const oneTeam =
  "An installation is one team, so there is nothing to do here with teams; invite and remove people with /users";
const absent: readonly [endpoints: readonly string[], detail: string][] = [
  [["POST /teams", "GET /teams/:id/settings", "PUT /teams/:id/settings"], `${oneTeam}.`],
  [
    ["POST /teams/:id/bulk-members", "DELETE /teams/:id/bulk-members"],
    `${oneTeam}, and give them roles with PUT /users/{id} and PATCH /workspaces/{id}/roles.`,
  ],
  [
    [
      "GET /teams/:id/access-requests",
      "POST /teams/:id/access-requests",
      "POST /teams/:id/access-requests/:requestId",
    ],
    `${oneTeam}; nobody asks for access, an administrator gives it.`,
  ],
  [
    ["POST /invitations"],
    "Partners of other organizations do not exist in an installation of your own; invite somebody into the team with POST /users/invitations.",
  ],
];

/** What Postman has for organizations of several teams: 501 that says what to use instead. */
function absentRoutes(): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  for (const [endpoints, detail] of absent) {
    for (const endpoint of endpoints) {
      const [method = "", path = ""] = endpoint.split(" ");
      const doc = documented({
        summary: `${endpoint}: not available here`,
        description: detail,
        tag: "Not available here",
        status: 501,
        contentType: "application/problem+json",
      });
      routes.on(method, path, doc, () => {
        throw problem("not_implemented", detail);
      });
    }
  }
  return routes;
}
