import { z } from "zod";

import { everywhere, inCode, inFullAndCode, type Tool } from "../tool.ts";
import { cursor, idOf, limit, text } from "./arguments.ts";

const collectionId = idOf("collection");
const requestId = idOf("request");
const workspaceId = idOf("workspace");

const instructions = (name: string, path: string, title: string, description: string): Tool => ({
  name,
  title,
  description,
  sets: inFullAndCode,
  call: `GET /context/instructions${path}`,
  input: {},
});

/** What an agent that writes code reads: Markdown, made for it. */
export const contextTools: readonly Tool[] = [
  {
    name: "searchPostmanElements",
    title: "Search",
    description: "Finds requests, collections, workspaces, specs, environments and mocks by words.",
    sets: everywhere,
    call: "POST /search",
    input: {
      entityType: z
        .enum([
          "requests",
          "collections",
          "workspaces",
          "specs",
          "flows",
          "environments",
          "mocks",
          "documents",
        ])
        .default("requests"),
      q: z.string().max(512).optional().describe("The words."),
      ownership: z.enum(["organization", "external", "all"]).optional(),
      filters: z.looseObject({}).optional().describe('{"$and": [{"workspaceId": {"$eq": "<id>"}}]}'),
      cursor,
      limit: limit(25, 10),
    },
    query: ["limit", "cursor"],
    wire: { entityType: "elementType" },
    hints: { readOnly: true },
    next: "getCollectionRequest, getCollection or the like with an id that was found.",
  },
  instructions(
    "getPostmanContextOverview",
    "",
    "Read how to work with these tools",
    "What these tools are for and in which order to use them. Read it first when you write code against an API.",
  ),
  instructions(
    "getApiDiscoveryInstructions",
    "/discovery",
    "Read how to find an API",
    "How to find the right API and request among the workspaces.",
  ),
  instructions(
    "getCodeGenerationInstructions",
    "/code-generation",
    "Read how to write client code",
    "How to write client code from requests of collections.",
  ),
  instructions(
    "getInstalledApiMaintenanceInstructions",
    "/maintenance",
    "Read how to keep client code up to date",
    "How to bring client code up to date with its collection.",
  ),
  {
    name: "getWorkspacesContext",
    title: "Read the workspaces",
    description: "The workspaces, as text for reading.",
    sets: inCode,
    call: "GET /context/workspaces",
    input: { cursor, limit: z.int().min(1).optional(), name: z.string().optional() },
  },
  {
    name: "getWorkspaceContext",
    title: "Read a workspace",
    description: "What is in a workspace, as text for reading.",
    sets: inCode,
    call: "GET /context/workspaces/{workspaceId}",
    input: { workspaceId },
  },
  {
    name: "getWorkspaceEnvironmentsContext",
    title: "Read the environments of a workspace",
    description: "The environments of a workspace, as text for reading.",
    sets: inCode,
    call: "GET /context/workspaces/{workspaceId}/environments",
    input: { workspaceId },
  },
  {
    name: "getEnvironmentContext",
    title: "Read an environment",
    description: "An environment, as text for reading.",
    sets: inCode,
    call: "GET /context/environments/{environmentId}",
    input: { environmentId: idOf("environment") },
  },
  {
    name: "getCollectionContext",
    title: "Read a collection",
    description: "A collection with its folders and requests, as text for reading.",
    sets: inCode,
    call: "GET /context/collections/{collectionId}",
    input: { collectionId },
  },
  {
    name: "getFolderContext",
    title: "Read a folder",
    description: "A folder of a collection, as text for reading.",
    sets: inCode,
    call: "GET /context/collections/{collectionId}/folders/{folderId}",
    input: { collectionId, folderId: idOf("folder") },
  },
  {
    name: "getRequestContext",
    title: "Read a request",
    description: "A request of a collection, as text for reading.",
    sets: inCode,
    call: "GET /context/collections/{collectionId}/requests/{requestId}",
    input: { collectionId, requestId },
  },
  {
    name: "getRequestCodeContext",
    title: "Read all that client code needs",
    description:
      "Everything that client code for a request needs: the request, what it inherits, variables and examples.",
    sets: inCode,
    call: "GET /context/collections/{collectionId}/requests/{requestId}/context",
    input: { collectionId, requestId },
  },
  {
    name: "getResponseContext",
    title: "Read a saved response",
    description: "A saved response of a request, as text for reading.",
    sets: inCode,
    call: "GET /context/collections/{collectionId}/requests/{requestId}/responses/{responseId}",
    input: { collectionId, requestId, responseId: text("Id of the saved response.") },
  },
];
