import { type Context, Hono } from "hono";
import { z } from "zod";

import { problem } from "../../lib/errors.ts";
import { parseJson, parseOrThrow } from "../../lib/parse.ts";
import type { AppEnv, Deps } from "../context.ts";
import { documented } from "../endpoint.ts";
import { requireAdmin } from "../rights.ts";
import {
  createInvitation,
  createPasswordReset,
  type Invitation,
  listInvitations,
  revokeInvitation,
} from "./one-time-links.ts";
import { changeUser, endSessions } from "./people.ts";
import { findUser, listUsers, type User } from "./store.ts";

type UsersDeps = Pick<Deps, "database" | "publicUrl">;

const role = z.enum(["admin", "member"]);
const userBody = z.object({
  id: z.int(),
  name: z.string(),
  username: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  joinedAt: z.iso.datetime(),
  active: z.boolean(),
});
const usersQuery = z.object({
  groupId: z
    .string()
    .regex(/^\d{1,9}$/, "must be an integer")
    .optional(),
  include: z.literal("deactivated").optional(),
});
const changeBody = z.object({
  user: z.object({
    name: z.string().trim().min(1).max(200).optional(),
    role: role.optional(),
    active: z.boolean().optional(),
  }),
});
const invitationBody = z.object({
  invitation: z.object({ email: z.string(), role: role.default("member") }),
});
const invitationAnswer = z.object({
  id: z.uuid(),
  email: z.string(),
  role,
  expiresAt: z.iso.datetime(),
  createdAt: z.iso.datetime().optional(),
  url: z.url().optional(),
});

const tag = "Users";

/** `/users` of the Postman API, and what admins do with users, in the same style. */
export function usersApi(deps: UsersDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  // Before `/users/:id`, which would take its name for an id.
  routes.route("/", invitationRoutes(deps));
  routes.route("/", userRoutes(deps));
  return routes;
}

function userRoutes({ database, publicUrl }: UsersDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/users",
    documented({
      summary: "List the users of the team",
      tag,
      query: usersQuery,
      answer: z.object({ data: z.array(userBody) }),
    }),
    async (c) => {
      const { groupId, include } = parseOrThrow(usersQuery, c.req.query(), "query", { name: "badRequest" });
      // There are no groups, so nobody is in one.
      if (groupId !== undefined) return c.json({ data: [] });
      const found = await listUsers(database);
      const data = found.filter((user) => user.deactivatedAt === null || include === "deactivated");
      return c.json({ data: data.map(toBody) });
    },
  );

  routes.get("/users/:id", documented({ summary: "Read a user", tag, answer: userBody }), async (c) =>
    c.json(toBody(await getUser(c))),
  );

  routes.put(
    "/users/:id",
    documented({
      summary: "Change a user",
      description: "For admins. `active: false` removes a user: nothing of theirs lets anybody in any more.",
      tag,
      body: changeBody,
      answer: z.object({ user: userBody }),
    }),
    async (c) => {
      requireAdmin(c.get("actor"));
      const { id } = await getUser(c);
      const { user } = parseOrThrow(changeBody, parseJson(await c.req.text()));
      return c.json({ user: toBody(await changeUser(database, c.get("actor"), id, user)) });
    },
  );

  routes.delete(
    "/users/:id",
    documented({
      summary: "Remove a user",
      description: "For admins. What they made stays; their keys and sessions end at once.",
      tag,
      answer: z.object({ user: z.object({ id: z.int() }) }),
    }),
    async (c) => {
      requireAdmin(c.get("actor"));
      const { id } = await getUser(c);
      await changeUser(database, c.get("actor"), id, { active: false });
      return c.json({ user: { id } });
    },
  );

  routes.post(
    "/users/:id/password-resets",
    documented({
      summary: "Make a link to a new password",
      description: "For admins. The link works once, for a day, and is shown here only.",
      tag,
      answer: z.object({
        passwordReset: z.object({ id: z.uuid(), url: z.url(), expiresAt: z.iso.datetime() }),
      }),
    }),
    async (c) => {
      requireAdmin(c.get("actor"));
      const { id: userId } = await getUser(c);
      const { id, path, expiresAt } = await createPasswordReset(database, c.get("actor"), userId);
      return c.json({
        passwordReset: { id, url: `${publicUrl}${path}`, expiresAt: expiresAt.toISOString() },
      });
    },
  );

  routes.delete(
    "/users/:id/sessions",
    documented({
      summary: "Sign a user out everywhere",
      description: "One's own, or for admins anybody's. API keys go on working.",
      tag,
      answer: z.object({ sessions: z.int() }),
    }),
    async (c) => {
      const { id } = await getUser(c);
      return c.json({ sessions: await endSessions(database, c.get("actor"), id) });
    },
  );

  /** The user of the path. */
  async function getUser(c: Context<AppEnv>): Promise<User> {
    const sent = c.req.param("id") ?? "";
    const user = /^\d{1,9}$/.test(sent) ? await findUser(database, Number(sent)) : undefined;
    if (!user) throw problem("not_found", "The requested resource does not exist.");
    return user;
  }

  return routes;
}

function invitationRoutes({ database, publicUrl }: UsersDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/users/invitations",
    documented({
      summary: "List open invitations",
      tag,
      answer: z.object({ invitations: z.array(invitationAnswer) }),
    }),
    async (c) => {
      const open = await listInvitations(database, c.get("actor"));
      return c.json({ invitations: open.map(toInvitation) });
    },
  );

  routes.post(
    "/users/invitations",
    documented({
      summary: "Invite somebody",
      description: "For admins. The link works once, for a week, and is shown here only.",
      tag,
      body: invitationBody,
      answer: z.object({ invitation: invitationAnswer }),
    }),
    async (c) => {
      requireAdmin(c.get("actor"));
      const { invitation } = parseOrThrow(invitationBody, parseJson(await c.req.text()));
      const made = await createInvitation(database, c.get("actor"), invitation);
      const { id, email, role: wanted, expiresAt, path } = made;
      return c.json({
        invitation: {
          id,
          email,
          role: wanted,
          expiresAt: expiresAt.toISOString(),
          url: `${publicUrl}${path}`,
        },
      });
    },
  );

  routes.delete(
    "/users/invitations/:id",
    documented({
      summary: "Take an invitation back",
      tag,
      answer: z.object({ invitation: z.object({ id: z.string() }) }),
    }),
    async (c) => {
      const id = c.req.param("id");
      await revokeInvitation(database, c.get("actor"), id);
      return c.json({ invitation: { id } });
    },
  );

  return routes;
}

const toInvitation = ({ createdAt, expiresAt, ...invitation }: Invitation) => ({
  ...invitation,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});

const toBody = (user: User) => ({
  id: user.id,
  name: user.name,
  username: user.email.split("@")[0] ?? user.email,
  email: user.email,
  roles: rolesOf(user),
  joinedAt: user.createdAt.toISOString(),
  active: user.deactivatedAt === null,
});

/** In Postman's words. */
export const rolesOf = ({ role: held }: Pick<User, "role">): string[] =>
  held === "admin" ? ["admin", "user"] : ["user"];
