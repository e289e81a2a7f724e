import { z } from "zod";

import { everywhere, inFull, type Tool } from "../tool.ts";
import { cursor, flag } from "./arguments.ts";

export const accountTools: readonly Tool[] = [
  {
    name: "getAuthenticatedUser",
    title: "Get yourself",
    description: "Who you are here: user, team, roles and use of the API.",
    sets: everywhere,
    call: "GET /me",
    input: {},
    next: "getWorkspaces for where you can work.",
  },
  {
    name: "getTeamUsers",
    title: "List users",
    description: "The people of the team, with their numbers and roles.",
    sets: inFull,
    call: "GET /users",
    input: { groupId: z.int().optional() },
  },
  {
    name: "getTeamUser",
    title: "Get a user",
    description: "One of the people of the team.",
    sets: inFull,
    call: "GET /users/{userId}",
    input: { userId: z.int().describe("Number of the user.") },
  },
  {
    name: "getTeams",
    title: "List teams",
    description: "The one team of this installation.",
    sets: inFull,
    call: "GET /teams",
    input: {
      identifierType: z.string().optional(),
      cursor,
      limit: z.int().min(1).optional(),
      settings: flag("With its settings."),
      userRoles: flag("With roles of its people."),
    },
    headers: ["identifierType"],
  },
  {
    name: "getTeam",
    title: "Get the team",
    description: "The team, with its people when asked for.",
    sets: inFull,
    call: "GET /teams/{teamId}",
    input: {
      teamId: z.int().describe("Number of the team, from getTeams."),
      identifierType: z.string().optional(),
      include: z.enum(["members", "userRoles"]).optional(),
    },
    headers: ["identifierType"],
  },
  {
    name: "getAuditLogs",
    title: "Get the audit trail",
    description: "Who changed what and when, newest first. Only for admins.",
    sets: inFull,
    call: "GET /audit/logs",
    input: {
      userId: z.int().optional().describe("Number of a user."),
      action: z
        .string()
        .optional()
        .describe("Such as collection.created; getAuditLogEventActions lists them."),
      since: z.string().optional().describe("Date, as 2026-01-31."),
      until: z.string().optional().describe("Date, as 2026-01-31."),
      limit: z.int().min(1).max(300).optional(),
      cursor,
      orderBy: z.enum(["asc", "desc"]).optional(),
      order_by: z.enum(["asc", "desc"]).optional(),
    },
  },
  {
    name: "getAuditLogEventActions",
    title: "List kinds of audit records",
    description: "The actions that the audit trail knows.",
    sets: inFull,
    call: "GET /audit-actions",
    input: {},
  },
];
