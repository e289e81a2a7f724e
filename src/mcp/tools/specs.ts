import { z } from "zod";

import { isRecord } from "../../lib/parse.ts";
import { inFull, inMinimal, type NextStep, type Tool } from "../tool.ts";
import { cursor, document, idOf, limit, text } from "./arguments.ts";

const specId = text("Id of the spec.");
const filePath = text("Path of the file in the spec, such as components/schemas.yaml.");
const collectionUid = idOf("collection");

const taskNext = (elementType: "specs" | "collections", idName: string): NextStep => {
  return (body, args) => {
    const taskId = isRecord(body) ? String(body["taskId"]) : "";
    const id = String(args[idName]);
    return `getAsyncSpecTaskStatus {"elementType": "${elementType}", "elementId": "${id}", "taskId": "${taskId}"}.`;
  };
};

export const specTools: readonly Tool[] = [
  {
    name: "getAllSpecs",
    title: "List specs",
    description: "The API definitions of a workspace.",
    sets: inMinimal,
    call: "GET /specs",
    input: { workspaceId: idOf("workspace"), cursor, limit: limit(100, 10) },
  },
  {
    name: "getSpec",
    title: "Get a spec",
    description: "Name and type of a spec; getSpecDefinition has its content.",
    sets: inMinimal,
    call: "GET /specs/{specId}",
    input: { specId },
  },
  {
    name: "createSpec",
    title: "Create a spec",
    description: "Stores an API definition of one or more files in a workspace.",
    sets: inMinimal,
    call: "POST /specs",
    input: {
      workspaceId: idOf("workspace"),
      name: z.string().min(1),
      type: z.enum([
        "OPENAPI:2.0",
        "OPENAPI:3.0",
        "OPENAPI:3.1",
        "ASYNCAPI:2.0",
        "ASYNCAPI:3.0",
        "PROTOBUF:2",
        "PROTOBUF:3",
        "GRAPHQL",
        "SMITHY:2.0",
      ]),
      files: z
        .array(
          z.looseObject({
            path: z.string(),
            content: z.string(),
            type: z.enum(["DEFAULT", "ROOT"]).optional(),
          }),
        )
        .describe("One file, or several of which one has the type ROOT."),
    },
    query: ["workspaceId"],
    next: "generateCollection makes a collection from it.",
  },
  {
    name: "updateSpecProperties",
    title: "Rename a spec",
    description: "Renames a spec.",
    sets: inMinimal,
    call: "PATCH /specs/{specId}",
    input: { specId, name: z.string().min(1) },
  },
  {
    name: "deleteSpec",
    title: "Delete a spec",
    description: "Deletes a spec; collections that were made from it stay.",
    sets: inFull,
    call: "DELETE /specs/{specId}",
    input: { specId },
  },
  {
    name: "getSpecDefinition",
    title: "Get the definition of a spec",
    description: "The whole definition as one document.",
    sets: inMinimal,
    call: "GET /specs/{specId}/definitions",
    input: { specId },
  },
  {
    name: "getSpecFiles",
    title: "List files of a spec",
    description: "The files of a spec, without their content.",
    sets: inMinimal,
    call: "GET /specs/{specId}/files",
    input: { specId },
  },
  {
    name: "getSpecFile",
    title: "Get a file of a spec",
    description: "A file of a spec with its content.",
    sets: inMinimal,
    call: "GET /specs/{specId}/files/{filePath}",
    input: { specId, filePath },
  },
  {
    name: "createSpecFile",
    title: "Add a file to a spec",
    description: "Adds a file to a spec.",
    sets: inMinimal,
    call: "POST /specs/{specId}/files",
    input: { specId, path: text("Its path."), content: z.string() },
  },
  {
    name: "updateSpecFile",
    title: "Change a file of a spec",
    description: "Changes content, name or type of a file: one of them in a call.",
    sets: inMinimal,
    call: "PATCH /specs/{specId}/files/{filePath}",
    input: {
      specId,
      filePath,
      name: z.string().optional(),
      type: z.enum(["DEFAULT", "ROOT"]).optional(),
      content: z.string().optional(),
    },
    next: "syncCollectionWithSpec brings collections up to date.",
  },
  {
    name: "deleteSpecFile",
    title: "Delete a file of a spec",
    description: "Deletes a file of a spec.",
    sets: inFull,
    call: "DELETE /specs/{specId}/files/{filePath}",
    input: { specId, filePath },
  },
  {
    name: "generateCollection",
    title: "Generate a collection from a spec",
    description: "Makes a collection from a spec; answers with a task.",
    sets: inMinimal,
    call: "POST /specs/{specId}/generations/{elementType}",
    input: {
      specId,
      elementType: z.literal("collection"),
      name: z.string(),
      options: document(
        "folderStrategy Paths or Tags, requestNameSource Fallback or URL, and so on; {} for the usual.",
      ),
    },
    next: taskNext("specs", "specId"),
  },
  {
    name: "getSpecCollections",
    title: "List collections of a spec",
    description: "Collections that were generated from a spec, and whether they are in sync.",
    sets: inMinimal,
    call: "GET /specs/{specId}/generations/{elementType}",
    input: { specId, elementType: z.literal("collection"), limit: limit(100, 10), cursor },
    next: "syncCollectionWithSpec for those that are out of sync.",
  },
  {
    name: "syncSpecWithCollection",
    title: "Bring a spec up to date",
    description: "Brings a spec up to date with a collection; answers with a task.",
    sets: inMinimal,
    call: "PUT /specs/{specId}/synchronizations",
    input: { specId, collectionUid },
    query: ["collectionUid"],
    hints: { destructive: true },
    next: taskNext("specs", "specId"),
  },
  {
    name: "generateSpecFromCollection",
    title: "Generate a spec from a collection",
    description: "Makes an OpenAPI definition from a collection; answers with a task.",
    sets: inMinimal,
    call: "POST /collections/{collectionUid}/generations/{elementType}",
    input: {
      collectionUid,
      elementType: z.literal("spec"),
      name: z.string(),
      type: z.enum(["OPENAPI:2.0", "OPENAPI:3.0", "OPENAPI:3.1"]),
      format: z.enum(["JSON", "YAML"]),
    },
    next: taskNext("collections", "collectionUid"),
  },
  {
    name: "getGeneratedCollectionSpecs",
    title: "List specs of a collection",
    description: "The spec that was generated from a collection, and whether it is in sync.",
    sets: inMinimal,
    call: "GET /collections/{collectionUid}/generations/{elementType}",
    input: { collectionUid, elementType: z.literal("spec") },
  },
  {
    name: "syncCollectionWithSpec",
    title: "Bring a collection up to date",
    description: "Brings a generated collection up to date with its spec; answers with a task.",
    sets: inMinimal,
    call: "PUT /collections/{collectionUid}/synchronizations",
    input: { collectionUid, specId },
    query: ["specId"],
    hints: { destructive: true },
    next: taskNext("collections", "collectionUid"),
  },
  {
    name: "getAsyncSpecTaskStatus",
    title: "Get the state of a task",
    description: "How far a generation or synchronization is, and what it made.",
    sets: inMinimal,
    call: "GET /{elementType}/{elementId}/tasks/{taskId}",
    input: {
      elementType: z.enum(["collections", "specs"]),
      elementId: text("Id of the spec or collection that the task is about."),
      taskId: text("Id of the task."),
    },
  },
];
