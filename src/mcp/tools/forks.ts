import { z } from "zod";

import { inFull, type Tool } from "../tool.ts";
import { cursor, idOf, limit, text } from "./arguments.ts";

const collectionId = idOf("collection");
const direction = z.enum(["asc", "desc"]).optional();
const pullRequestId = text("Id of the pull request.");
const reviewers = z.array(z.string()).describe("Numbers of the users who are asked.");

export const forkTools: readonly Tool[] = [
  {
    name: "createCollectionFork",
    title: "Fork a collection",
    description: "Copies a collection into a workspace so that changes can go back and forth.",
    sets: inFull,
    call: "POST /collections/fork/{collectionId}",
    input: { collectionId, workspace: idOf("workspace of the fork"), label: z.string().min(1) },
    query: ["workspace"],
    next: "change the fork, then mergeCollectionFork or createCollectionPullRequest.",
  },
  {
    name: "getCollectionForks",
    title: "List forks of a collection",
    description: "The forks of a collection.",
    sets: inFull,
    call: "GET /collections/{collectionId}/forks",
    input: { collectionId, cursor, limit: limit(100, 10), direction },
  },
  {
    name: "getCollectionsForkedByUser",
    title: "List your forks",
    description: "The forks that you made.",
    sets: inFull,
    call: "GET /collections/collection-forks",
    input: { cursor, limit: limit(100, 10), direction },
  },
  {
    name: "mergeCollectionFork",
    title: "Merge a fork",
    description: "Brings the changes of a fork into its source.",
    sets: inFull,
    call: "POST /collections/merge",
    input: {
      destination: idOf("source collection"),
      source: idOf("fork"),
      strategy: z.enum(["deleteSource", "updateSourceWithDestination"]).optional(),
    },
  },
  {
    name: "pullCollectionChanges",
    title: "Pull changes into a fork",
    description: "Brings the changes of the source into a fork.",
    sets: inFull,
    call: "PUT /collections/{collectionId}/pulls",
    input: { collectionId: idOf("fork") },
  },
  {
    name: "getSourceCollectionStatus",
    title: "Compare a fork with its source",
    description: "Whether the source of a fork has changes that the fork lacks.",
    sets: inFull,
    call: "GET /collections/{collectionId}/source-status",
    input: { collectionId: idOf("fork") },
    next: "pullCollectionChanges when the source is ahead.",
  },
  {
    name: "getCollectionPullRequests",
    title: "List pull requests of a collection",
    description: "Pull requests into or from a collection.",
    sets: inFull,
    call: "GET /collections/{collectionId}/pull-requests",
    input: { collectionId },
  },
  {
    name: "createCollectionPullRequest",
    title: "Create a pull request",
    description: "Asks others to look at the changes of a fork before they are merged.",
    sets: inFull,
    call: "POST /collections/{collectionId}/pull-requests",
    input: {
      collectionId: idOf("fork"),
      title: z.string(),
      description: z.string().optional(),
      reviewers,
      destinationId: idOf("source collection"),
    },
    next: "reviewPullRequest approves, declines or merges it.",
  },
  {
    name: "getPullRequest",
    title: "Get a pull request",
    description: "A pull request with its reviews and state.",
    sets: inFull,
    call: "GET /pull-requests/{pullRequestId}",
    input: { pullRequestId },
  },
  {
    name: "updatePullRequest",
    title: "Change a pull request",
    description: "Changes title, description and reviewers of an open pull request.",
    sets: inFull,
    call: "PUT /pull-requests/{pullRequestId}",
    input: { pullRequestId, title: z.string(), description: z.string().optional(), reviewers },
  },
  {
    name: "reviewPullRequest",
    title: "Review a pull request",
    description: "Approves, declines or merges a pull request, or takes an approval back.",
    sets: inFull,
    call: "POST /pull-requests/{pullRequestId}/tasks",
    input: {
      pullRequestId,
      action: z.enum(["approve", "decline", "merge", "unapprove"]),
      comment: z.string().optional(),
    },
  },
];
