import { z } from "zod";

import { inFull, type Tool } from "../tool.ts";
import { idOf } from "./arguments.ts";

interface Commented {
  /** As in the names of the tools. */
  noun: "Collection" | "Folder" | "Request" | "Response";
  path: string;
  ids: z.ZodRawShape;
}

const collectionId = idOf("collection");
const commentId = z.int().describe("Number of the comment.");
const body = z.string().describe("The comment; @name mentions somebody who stands in tags.");
const tags = z
  .looseObject({})
  .optional()
  .describe('Who is mentioned: {"{{name}}": {"type": "user", "id": "<user>"}}');

const commented: readonly Commented[] = [
  { noun: "Collection", path: "/collections/{collectionId}", ids: { collectionId } },
  {
    noun: "Folder",
    path: "/collections/{collectionId}/folders/{folderId}",
    ids: { collectionId, folderId: idOf("folder") },
  },
  {
    noun: "Request",
    path: "/collections/{collectionId}/requests/{requestId}",
    ids: { collectionId, requestId: idOf("request") },
  },
  {
    noun: "Response",
    path: "/collections/{collectionId}/responses/{responseId}",
    ids: { collectionId, responseId: idOf("saved response") },
  },
];

const toolsFor = ({ noun, path, ids }: Commented): Tool[] => {
  const thing = noun === "Response" ? "saved response" : noun.toLowerCase();
  return [
    {
      name: `get${noun}Comments`,
      title: `Get comments on a ${thing}`,
      description: `The comments on a ${thing}.`,
      sets: inFull,
      call: `GET ${path}/comments`,
      input: ids,
    },
    {
      name: `create${noun}Comment`,
      title: `Comment on a ${thing}`,
      description: `Writes a comment on a ${thing}, or an answer in a thread.`,
      sets: inFull,
      call: `POST ${path}/comments`,
      input: { ...ids, body, threadId: z.int().optional().describe("The thread that it answers."), tags },
      next: "resolveCommentThread when its thread is settled.",
    },
    {
      name: `update${noun}Comment`,
      title: `Change a comment on a ${thing}`,
      description: `Changes a comment of yours on a ${thing}.`,
      sets: inFull,
      call: `PUT ${path}/comments/{commentId}`,
      input: { ...ids, commentId, body, tags },
    },
    {
      name: `delete${noun}Comment`,
      title: `Delete a comment on a ${thing}`,
      description: `Deletes a comment on a ${thing}; the first one of a thread takes the thread with it.`,
      sets: inFull,
      call: `DELETE ${path}/comments/{commentId}`,
      input: { ...ids, commentId },
    },
  ];
};

export const commentTools: readonly Tool[] = [
  ...commented.flatMap(toolsFor),
  {
    name: "resolveCommentThread",
    title: "Resolve a thread of comments",
    description: "Marks a thread of comments as settled.",
    sets: inFull,
    call: "POST /comments-resolutions/{threadId}",
    input: { threadId: z.int().describe("Number of the thread, from the comments.") },
  },
];
