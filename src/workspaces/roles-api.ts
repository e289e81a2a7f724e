import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { type WorkspaceRole, workspaceRoles } from "../access/workspace-rights.ts";
import { problem } from "../lib/errors.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { changeRoles, listMembers, type RoleChange, type WorkspaceMember } from "./members-store.ts";
import { requireWorkspace } from "./store.ts";

const tag = "Workspaces";

/** Postman's numbers of the roles. */
const idOf: Readonly<Record<WorkspaceRole, string>> = { viewer: "1", editor: "2", admin: "3" };
const words: Readonly<Record<WorkspaceRole, { displayName: string; description: string }>> = {
  viewer: { displayName: "Viewer", description: "Can see all resources." },
  editor: { displayName: "Editor", description: "Can create and edit all resources." },
  admin: { displayName: "Admin", description: "Can manage people and all resources." },
};

const roleBody = z.object({ id: z.string(), displayName: z.string(), description: z.string() });
const allRolesAnswer = z.object({
  roles: z.object({
    user: z.array(roleBody),
    usergroup: z.array(roleBody),
    partner: z.array(roleBody),
  }),
});
const rolesAnswer = z.object({
  roles: z.array(
    z.object({
      id: z.string(),
      displayName: z.string(),
      user: z.array(z.string()),
      usergroup: z.array(z.string()),
      partner: z.array(z.string()),
    }),
  ),
});
const patchBody = z.object({
  roles: z
    .array(
      z.object({
        op: z.enum(["add", "update", "replace", "remove"]),
        path: z.enum(["/user", "/usergroup", "/partner"]),
        value: z
          .array(
            z.object({
              /** Of the user. */
              id: z.union([z.string().regex(/^\d{1,9}$/, "must be the id of a user"), z.int().positive()]),
              /** 1 viewer, 2 editor, 3 admin; `remove` needs none. */
              role: z.string().optional(),
            }),
          )
          .min(1),
      }),
    )
    .min(1)
    .max(50),
});

/** `/workspaces-roles` and `/workspaces/:id/roles` of the Postman API. */
export function workspaceRolesApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/workspaces-roles",
    documented({ summary: "List the roles that there are in workspaces", tag, answer: allRolesAnswer }),
    (c) => {
      const user = workspaceRoles.map((role) => ({ id: idOf[role], ...words[role] }));
      return c.json({ roles: { user, usergroup: [], partner: [] } });
    },
  );

  routes.get(
    "/workspaces/:id/roles",
    documented({
      summary: "List who has which role in a workspace",
      description: "Roles that were given; whoever sees the workspace by its visibility alone is not listed.",
      tag,
      answer: rolesAnswer,
    }),
    async (c) => {
      const id = c.req.param("id");
      const workspace = await requireWorkspace(database, c.get("actor"), { id, needed: "viewer", notFound });
      return c.json({ roles: toRoles(await listMembers(database, workspace.id)) });
    },
  );

  routes.patch(
    "/workspaces/:id/roles",
    documented({
      summary: "Give and take roles in a workspace",
      description: "A JSON Patch in Postman's own dialect. All operations happen, or none.",
      tag,
      body: patchBody,
      answer: rolesAnswer,
    }),
    async (c) => {
      const id = c.req.param("id");
      const actor = c.get("actor");
      const workspace = await requireWorkspace(database, actor, { id, needed: "admin", notFound });
      const sent = parseJson(await c.req.text());
      // The media type promises a list, Postman's own client wraps it.
      const { roles } = parseOrThrow(patchBody, Array.isArray(sent) ? { roles: sent } : sent);
      const members = await changeRoles(database, actor, workspace.id, roles.flatMap(changesOf));
      return c.json({ roles: toRoles(members) });
    },
  );

  return routes;
}

const notFound = () => problem("not_found", "Workspace not found");

const toRoles = (members: WorkspaceMember[]) =>
  workspaceRoles.map((role) => ({
    id: idOf[role],
    displayName: words[role].displayName,
    user: members.filter((member) => member.role === role).map(({ userId }) => String(userId)),
    usergroup: [],
    partner: [],
  }));

function changesOf({ op, path, value }: z.infer<typeof patchBody>["roles"][number]): RoleChange[] {
  if (path !== "/user") {
    throw problem(
      "unprocessable",
      "There are no user groups and no partners in an installation of your own; give roles to users.",
    );
  }
  return value.map(({ id, role }) => ({
    userId: Number(id),
    role: op === "remove" ? null : roleOf(role),
  }));
}

function roleOf(id: string | undefined): WorkspaceRole {
  const role = workspaceRoles.find((known) => idOf[known] === id);
  if (role) return role;
  throw problem("bad_request", "The role must be 1 (viewer), 2 (editor) or 3 (admin).");
}
