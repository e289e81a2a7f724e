import { z } from "zod";

import { isRecord } from "../../lib/parse.ts";
import { everywhere, inFull, inMinimal, type Tool } from "../tool.ts";
import { cursor, document, idOf, limit, list, text } from "./arguments.ts";

const workspaceId = idOf("workspace");
const updateId = z.int().describe("Number of the update.");
const slug = z.string().describe("Lower case letters, digits and hyphens, such as needs-review.");

const createdId = (body: unknown): string => {
  const made = isRecord(body) ? body["workspace"] : undefined;
  return isRecord(made) ? String(made["id"]) : "";
};

export const workspaceTools: readonly Tool[] = [
  {
    name: "getWorkspaces",
    title: "List workspaces",
    description: "Lists the workspaces that you can see. Most other tools want the id of one.",
    sets: everywhere,
    call: "GET /workspaces",
    input: {
      type: z
        .enum(["personal", "team", "private", "public", "partner"])
        .optional()
        .describe("Its visibility."),
      createdBy: z.int().optional().describe("Number of the user who made them."),
      include: z.enum(["mocks:deactivated", "scim"]).optional(),
      elementType: z.enum(["collection", "specification"]).optional(),
      elementId: z
        .string()
        .optional()
        .describe("With elementType: only the workspace that holds this element."),
      cursor,
      limit: limit(100, 100),
    },
    next: "getWorkspace for what is in one.",
  },
  {
    name: "getWorkspace",
    title: "Get a workspace",
    description:
      "A workspace with the names and ids of its collections, environments, monitors, mocks and specs.",
    sets: everywhere,
    call: "GET /workspaces/{workspaceId}",
    input: {
      workspaceId,
      include: z.string().optional().describe("scim, team or mocks:deactivated, with commas."),
    },
    next: "getCollection, getEnvironment, getMonitor, getMock or getSpec with an id from it.",
  },
  {
    name: "createWorkspace",
    title: "Create a workspace",
    description: "Creates a workspace; you become its admin.",
    sets: inMinimal,
    call: "POST /workspaces",
    input: {
      workspace: document(
        "name, type (personal, private, team or public), and if you like description and about.",
      ).optional(),
    },
    next: (body) =>
      `put something in it: createCollection or createEnvironment with workspace "${createdId(body)}".`,
  },
  {
    name: "updateWorkspace",
    title: "Change a workspace",
    description: "Changes name, type, description or about; what is not sent stays.",
    sets: inMinimal,
    call: "PUT /workspaces/{workspaceId}",
    input: { workspaceId, workspace: document("The fields to change.").optional() },
  },
  {
    name: "deleteWorkspace",
    title: "Delete a workspace",
    description: "Deletes a workspace and everything in it. There is no way back.",
    sets: inFull,
    call: "DELETE /workspaces/{workspaceId}",
    input: { workspaceId },
  },
  {
    name: "getWorkspaceTags",
    title: "Get tags of a workspace",
    description: "The tags of a workspace.",
    sets: inFull,
    call: "GET /workspaces/{workspaceId}/tags",
    input: { workspaceId },
  },
  {
    name: "updateWorkspaceTags",
    title: "Replace tags of a workspace",
    description: "Replaces all tags of a workspace; an empty list removes them.",
    sets: inFull,
    call: "PUT /workspaces/{workspaceId}/tags",
    input: { workspaceId, tags: z.array(slug) },
  },
  {
    name: "getTaggedEntities",
    title: "List what has a tag",
    description: "Workspaces, collections and APIs that carry a tag.",
    sets: inMinimal,
    call: "GET /tags/{slug}/entities",
    input: {
      slug,
      limit: limit(50, 10),
      direction: z.enum(["asc", "desc"]).optional().describe("By the time of tagging; desc unless said."),
      cursor,
      entityType: z.enum(["api", "collection", "workspace"]).optional(),
    },
  },
  {
    name: "getWorkspaceActivityFeed",
    title: "Get activities in a workspace",
    description: "Who created, changed and deleted what in a workspace, newest first.",
    sets: inFull,
    call: "GET /workspaces/{workspaceId}/activities",
    input: {
      workspaceId,
      userId: z.int().nullish().describe("Number of a user."),
      elementType: z.enum(["collection", "workspace", "environment", "mock", "monitor"]).nullish(),
      limit: z.int().min(1).optional().describe("15 unless said."),
      cursor,
    },
  },
  {
    name: "transferWorkspaceElement",
    title: "Move an element to another workspace",
    description: "Moves a collection, an environment, a mock, a monitor or an API to another workspace.",
    sets: inFull,
    call: "POST /workspaces/{workspaceId}/element-transfers",
    input: {
      workspaceId,
      id: text("Id of the element."),
      type: z.enum(["collection", "environment", "api", "flow", "mock", "monitor"]),
      to: idOf("workspace that it goes to"),
    },
    hints: { destructive: true },
  },
  {
    name: "getAllWorkspaceRoles",
    title: "List roles",
    description: "The roles that somebody can have in a workspace.",
    sets: inFull,
    call: "GET /workspaces-roles",
    input: {},
    next: "getWorkspaceRoles for who has which in a workspace.",
  },
  {
    name: "getWorkspaceRoles",
    title: "Get roles in a workspace",
    description: "Who has which role in a workspace.",
    sets: inFull,
    call: "GET /workspaces/{workspaceId}/roles",
    input: { workspaceId, include: z.literal("scim").optional() },
  },
  {
    name: "updateWorkspaceRoles",
    title: "Change roles in a workspace",
    description:
      "Gives or takes roles; look at getWorkspaceRoles and getTeamUsers first. Only for admins of the workspace.",
    sets: inFull,
    call: "PATCH /workspaces/{workspaceId}/roles",
    input: {
      workspaceId,
      identifierType: z.string().optional(),
      roles: list(
        '[{"op": "add", "path": "/user", "value": [{"id": "<user>", "role": "<role>"}]}]',
      ).optional(),
    },
    headers: ["identifierType"],
    hints: { destructive: true },
  },
  {
    name: "getWorkspaceUpdates",
    title: "List updates of a workspace",
    description: "News that people wrote about a workspace.",
    sets: inFull,
    call: "GET /workspaces/{workspaceId}/updates",
    input: { workspaceId, cursor, category: z.string().optional() },
  },
  {
    name: "getWorkspaceUpdate",
    title: "Get an update of a workspace",
    description: "One piece of news of a workspace.",
    sets: inFull,
    call: "GET /workspaces/{workspaceId}/updates/{updateId}",
    input: { workspaceId, updateId },
  },
  {
    name: "createWorkspaceUpdate",
    title: "Write an update of a workspace",
    description: "Tells the people of a workspace what is new.",
    sets: inFull,
    call: "POST /workspaces/{workspaceId}/updates",
    input: {
      workspaceId,
      description: z.string(),
      topic: z.string(),
      category: z.enum(["improvement", "new_feature", "bug_fix", "breaking_change", "announcement"]),
      relatedResources: list("resource and resourceId of each.").optional(),
    },
  },
  {
    name: "patchWorkspaceUpdate",
    title: "Change an update of a workspace",
    description: "Changes a piece of news, or pins it.",
    sets: inFull,
    call: "PATCH /workspaces/{workspaceId}/updates/{updateId}",
    input: {
      workspaceId,
      updateId,
      "Content-Type": z.literal("application/merge-patch+json").optional(),
      description: z.string().optional(),
      topic: z.string().optional(),
      category: z
        .enum(["improvement", "new_feature", "bug_fix", "breaking_change", "announcement"])
        .optional(),
      isPinned: z.boolean().optional(),
      relatedResources: list("resource and resourceId of each.").optional(),
    },
    headers: ["Content-Type"],
  },
  {
    name: "deleteWorkspaceUpdate",
    title: "Delete an update of a workspace",
    description: "Deletes a piece of news.",
    sets: inFull,
    call: "DELETE /workspaces/{workspaceId}/updates/{updateId}",
    input: { workspaceId, updateId },
  },
];
