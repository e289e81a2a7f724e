import { z } from "zod";

import { isRecord } from "../../lib/parse.ts";
import { type Arguments, everywhere, inFull, inMinimal, type Tool } from "../tool.ts";
import { document, idOf, limit, text } from "./arguments.ts";

const collectionId = idOf("collection");
const taskId = text("Id of the task.");

/** Of what was made: its uid. */
const uidOf = (body: unknown): string => {
  const made = isRecord(body) ? body["collection"] : undefined;
  return isRecord(made) ? String(made["uid"] ?? made["id"]) : "";
};

/** Without `model` a collection is shown as a map of its items, as Postman's client does: names and ids, nested. */
function toMap(body: unknown, { model }: Arguments): unknown {
  const collection = isRecord(body) ? body["collection"] : undefined;
  if (model !== undefined || !isRecord(collection)) return body;
  const { item, ...rest } = collection;
  return { collection: { ...rest, itemRefs: refsOf(item) } };
}

const refsOf = (items: unknown): unknown[] =>
  (Array.isArray(items) ? items : []).filter(isRecord).map((item) => ({
    name: item["name"],
    id: item["uid"] ?? item["id"],
    ...(Array.isArray(item["item"]) && { itemRefs: refsOf(item["item"]) }),
  }));

const whole = document(
  "A collection of format v2.1: info with name and schema (https://schema.getpostman.com/json/collection/v2.1.0/collection.json), item, and if you like event, variable and auth.",
);

export const collectionTools: readonly Tool[] = [
  {
    name: "getCollections",
    title: "List collections",
    description: "Names and ids of the collections of a workspace.",
    sets: inMinimal,
    call: "GET /collections",
    input: {
      workspace: idOf("workspace"),
      name: z.string().optional().describe("Only those of exactly this name."),
      limit: limit(99),
      offset: z.int().min(0).optional(),
    },
    next: "getCollection for what is in one.",
  },
  {
    name: "getCollection",
    title: "Get a collection",
    description:
      "A collection as a map of its folders and requests. With model: full the whole document, with minimal only the ids at its top.",
    sets: everywhere,
    call: "GET /collections/{collectionId}",
    input: {
      collectionId,
      access_key: z.string().optional().describe("A key that opens this collection only."),
      model: z.enum(["minimal", "full"]).optional(),
    },
    steps: ({ collectionId: id, access_key: key, model }, api) => {
      const query = new URLSearchParams();
      if (model === "minimal") query.set("model", "minimal");
      if (typeof key === "string") query.set("access_key", key);
      return api({
        method: "GET",
        path: `/collections/${encodeURIComponent(String(id))}?${query.toString()}`,
      });
    },
    shape: toMap,
    next: (_, { model }) =>
      model === "full" ? undefined : "getCollectionRequest or getCollectionFolder with an id of the map.",
  },
  {
    name: "createCollection",
    title: "Create a collection",
    description: "Creates a collection in a workspace.",
    sets: inMinimal,
    call: "POST /collections",
    input: { workspace: idOf("workspace"), collection: whole.optional() },
    query: ["workspace"],
    next: (body) =>
      `createCollectionRequest adds requests; runCollection {"collectionId": "${uidOf(body)}"} runs it.`,
  },
  {
    name: "putCollection",
    title: "Replace a collection",
    description:
      "Replaces the whole collection. Items whose ids are sent keep them; items that are not sent are gone. For one request updateCollectionRequest is safer.",
    sets: inMinimal,
    call: "PUT /collections/{collectionId}",
    input: {
      collectionId,
      Prefer: z.literal("respond-async").optional().describe("Answer with a task before the work is done."),
      collection: whole.optional(),
    },
    headers: ["Prefer"],
    hints: { destructive: true },
    next: (_, { Prefer }) =>
      Prefer === undefined
        ? "getCollection shows what is there now."
        : "getCollectionUpdatesTasks with the id of the task.",
  },
  {
    name: "patchCollection",
    title: "Change parts of a collection",
    description: "Changes name, description, variables, auth or events of a collection, one call at a time.",
    sets: inFull,
    call: "PATCH /collections/{collectionId}",
    input: {
      collectionId,
      collection: document("info, variable, auth and events; only what changes.").optional(),
    },
  },
  {
    name: "deleteCollection",
    title: "Delete a collection",
    description: "Deletes a collection. Its monitors and mocks lose what they work with.",
    sets: inFull,
    call: "DELETE /collections/{collectionId}",
    input: { collectionId },
  },
  {
    name: "getCollectionUpdatesTasks",
    title: "Get the state of an update",
    description: "How far putCollection with Prefer: respond-async is.",
    sets: inFull,
    call: "GET /collection-updates-tasks/{taskId}",
    input: { taskId },
  },
  {
    name: "duplicateCollection",
    title: "Duplicate a collection",
    description: "Copies a collection into a workspace; answers with a task.",
    sets: inMinimal,
    call: "POST /collections/{collectionId}/duplicates",
    input: { collectionId, workspace: idOf("workspace of the copy"), suffix: z.string().optional() },
    next: "getDuplicateCollectionTaskStatus with the id of the task.",
  },
  {
    name: "getDuplicateCollectionTaskStatus",
    title: "Get the state of a copy",
    description: "How far duplicateCollection is.",
    sets: inMinimal,
    call: "GET /collection-duplicate-tasks/{taskId}",
    input: { taskId },
  },
  {
    name: "getCollectionTags",
    title: "Get tags of a collection",
    description: "The tags of a collection.",
    sets: inFull,
    call: "GET /collections/{collectionId}/tags",
    input: { collectionId },
  },
  {
    name: "updateCollectionTags",
    title: "Replace tags of a collection",
    description: "Replaces all tags of a collection; an empty list removes them.",
    sets: inFull,
    call: "PUT /collections/{collectionId}/tags",
    input: { collectionId, tags: z.array(z.string()).describe("Such as needs-review.") },
  },
];
