import { z } from "zod";

import { everywhere, inFull, inMinimal, type Tool } from "../tool.ts";
import { document, idOf, list } from "./arguments.ts";

const environmentId = idOf("environment");
const workspaceId = idOf("workspace");
const environment = document(
  'name and values: [{"key": "baseUrl", "value": "https://…", "type": "default", "enabled": true}]; type secret is kept encrypted.',
);

export const environmentTools: readonly Tool[] = [
  {
    name: "getEnvironments",
    title: "List environments",
    description: "Names and ids of the environments of a workspace, without their values.",
    sets: everywhere,
    call: "GET /environments",
    input: { workspace: idOf("workspace").optional() },
    next: "getEnvironment for the values of one.",
  },
  {
    name: "getEnvironment",
    title: "Get an environment",
    description: "An environment with its values. Secrets are in it in clear: do not repeat them.",
    sets: everywhere,
    call: "GET /environments/{environmentId}",
    input: { environmentId },
  },
  {
    name: "createEnvironment",
    title: "Create an environment",
    description: "Creates an environment in a workspace.",
    sets: inMinimal,
    call: "POST /environments",
    input: { workspace: idOf("workspace"), environment: environment.optional() },
    query: ["workspace"],
    next: "createMonitor or runCollection with its uid.",
  },
  {
    name: "putEnvironment",
    title: "Replace an environment",
    description:
      "Replaces all values of an environment; what is not sent is gone. patchEnvironment changes single ones.",
    sets: inMinimal,
    call: "PUT /environments/{environmentId}",
    input: { environmentId, environment: environment.optional() },
    hints: { destructive: true },
  },
  {
    name: "patchEnvironment",
    title: "Change single values of an environment",
    description: "Changes an environment by JSON Patch (RFC 6902): add, replace and remove.",
    sets: inFull,
    call: "PATCH /environments/{environmentId}",
    input: { environmentId, body: list('[{"op": "replace", "path": "/values/0/value", "value": "new"}]') },
    document: "body",
  },
  {
    name: "deleteEnvironment",
    title: "Delete an environment",
    description: "Deletes an environment. Monitors that use it go on without its values.",
    sets: inFull,
    call: "DELETE /environments/{environmentId}",
    input: { environmentId },
  },
  {
    name: "getWorkspaceGlobalVariables",
    title: "Get global variables",
    description: "The global variables of a workspace, which every run in it sees.",
    sets: inFull,
    call: "GET /workspaces/{workspaceId}/global-variables",
    input: { workspaceId },
  },
  {
    name: "updateWorkspaceGlobalVariables",
    title: "Replace global variables",
    description: "Replaces all global variables of a workspace; what is not sent is gone.",
    sets: inFull,
    call: "PUT /workspaces/{workspaceId}/global-variables",
    input: {
      workspaceId,
      values: z.array(z.looseObject({})).optional().describe("key, value, type, enabled."),
    },
    hints: { destructive: true },
  },
];
