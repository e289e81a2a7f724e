import { bookshop } from "./story-core.ts";
import type { Step } from "./story.ts";

/** Inside of collections: items, tasks, forks, pull requests, comments. */
export const collectionsStory: Step[] = [
  {
    call: "POST /collections/{collections}/folders",
    body: { name: "New folder" },
    keep: (body) => ({ newFolder: body.data.id }),
  },
  { call: "GET /collections/{collections}/folders/{folders}" },
  { call: "PUT /collections/{collections}/folders/{folders}", body: { name: "Novels" } },
  {
    call: "POST /collections/{collections}/requests?folder={newFolder}",
    body: { name: "New request", method: "GET", url: "{{baseUrl}}/new" },
    keep: (body) => ({ newRequest: body.data.id }),
  },
  { call: "GET /collections/{collections}/requests/{requests}" },
  { call: "PUT /collections/{collections}/requests/{requests}", body: { name: "List all books" } },
  {
    call: "POST /collections/{collections}/responses?request={requests}",
    body: { name: "Sold out", responseCode: { code: 404, name: "Not Found" }, text: "{}" },
    keep: (body) => ({ newResponse: body.data.id }),
  },
  { call: "GET /collections/{collections}/responses/{responses}" },
  { call: "PUT /collections/{collections}/responses/{responses}", body: { name: "Two novels" } },
  { call: "PATCH /collections/{collections}", body: { collection: { info: { name: "Bookshop II" } } } },
  {
    call: "GET /collections/{collections}/revisions",
    keep: (body) => ({ revisions: String(body.revisions[1].revision) }),
  },
  { call: "GET /collections/{collections}/revisions/{revisions}" },
  { call: "POST /collections/{collections}/revisions/{revisions}/restore", body: { message: "as it was" } },
  {
    call: "POST /collections?workspace={workspaces}",
    body: { collection: bookshop("Shelf") },
    keep: (body) => ({ shelf: body.collection.id, shelfUid: body.collection.uid }),
  },
  { call: "PUT /collections/{shelf}", body: { collection: bookshop("Shelf II") } },
  {
    call: "PUT /collections/{shelf}",
    body: { collection: bookshop("Shelf III") },
    headers: { Prefer: "respond-async" },
    status: 202,
    keep: (body) => ({ "collection-updates-tasks": body.task.id }),
  },
  { call: "GET /collection-updates-tasks/{collection-updates-tasks}" },
  {
    call: "POST /collections/{collections}/duplicates",
    body: { workspace: "<workspaces>" },
    keep: (body) => ({ "collection-duplicate-tasks": body.task.id }),
  },
  { call: "GET /collection-duplicate-tasks/{collection-duplicate-tasks}" },
  {
    call: "POST /collection-access-keys",
    body: { collectionId: "<collectionUid>" },
    keep: (body) => ({ "collection-access-keys": body.id ?? body.data.id }),
  },
  { call: "GET /collection-access-keys" },
  {
    call: "POST /collection-folders-transfers",
    body: {
      ids: ["<newFolder>"],
      mode: "copy",
      target: { id: "<shelf>", model: "collection" },
      location: { id: null, model: null, position: "end" },
    },
  },
  {
    call: "POST /collection-requests-transfers",
    body: {
      ids: ["<newRequest>"],
      mode: "copy",
      target: { id: "<shelf>", model: "collection" },
      location: { id: null, model: null, position: "end" },
    },
  },
  {
    call: "POST /collection-responses-transfers",
    body: {
      ids: ["<newResponse>"],
      mode: "copy",
      target: { id: "<newRequest>", model: "request" },
      location: { id: null, model: null, position: "end" },
    },
  },
  { call: "GET /collections/{collections}/transformations" },
  { call: "PUT /collections/{collections}/tags", body: { tags: ["needs-review"] } },
  { call: "GET /collections/{collections}/tags" },
  {
    call: "POST /collections/fork/{collections}?workspace={workspaces}",
    body: { label: "my fork" },
    keep: (body) => ({ fork: body.collection.id, forkUid: body.collection.uid }),
  },
  { call: "GET /collections/{collections}/forks" },
  { call: "GET /collections/collection-forks" },
  { call: "GET /collections/{fork}/source-status" },
  { call: "PUT /collections/{fork}/pulls" },
  { call: "POST /collections/merge", body: { source: "<forkUid>", destination: "<collectionUid>" } },
  {
    call: "PUT /collection-merges",
    body: { source: "<forkUid>", destination: "<collectionUid>", strategy: "default" },
    keep: (body) => ({ "collection-merges-tasks": body.task.id }),
  },
  { call: "GET /collection-merges-tasks/{collection-merges-tasks}" },
  {
    call: "POST /collections/{fork}/pull-requests",
    body: {
      title: "A change",
      description: "It is better",
      destinationId: "<collectionUid>",
      reviewers: ["<me>"],
    },
    keep: (body) => ({ "pull-requests": body.id }),
  },
  { call: "GET /collections/{collections}/pull-requests" },
  { call: "GET /pull-requests/{pull-requests}" },
  {
    call: "PUT /pull-requests/{pull-requests}",
    body: { title: "A better change", description: "Much better", reviewers: ["<me>"] },
  },
  { call: "POST /pull-requests/{pull-requests}/tasks", body: { action: "decline", comment: "No" } },
  ...["", "/folders/{folders}", "/requests/{requests}", "/responses/{responses}"].flatMap((place): Step[] => {
    const comments = `/collections/{collections}${place}/comments`;
    const parent = /^\/(\w+)/.exec(place)?.[1] ?? "collections";
    return [
      {
        call: `POST ${comments}`,
        body: { body: "Looks good" },
        keep: (body) => ({
          [`${parent}/comments`]: String(body.data.id),
          thread: String(body.data.threadId),
        }),
      },
      { call: `GET ${comments}` },
      { call: `PUT ${comments}/{${parent}/comments}`, body: { body: "Looks better" } },
    ];
  }),
  {
    call: "POST /comments-resolutions/{thread}",
    keep: (_, known) => ({ "comments-resolutions": known["thread"] ?? "" }),
  },
  {
    call: "PATCH /environments/{environments}",
    body: [{ op: "add", path: "/values/0", value: { key: "extra", value: "1" } }],
  },
  {
    call: "GET /environments/{environments}/revisions",
    keep: (body) => ({ revisions: String(body.revisions[1].revision) }),
  },
  { call: "GET /environments/{environments}/revisions/{revisions}" },
  { call: "POST /environments/{environments}/revisions/{revisions}/restore", body: {} },
  {
    call: "POST /environments/{environments}/forks?workspaceId={workspaces}",
    body: { forkName: "Fork" },
    keep: (body) => ({ environmentFork: body.environment.uid }),
  },
  { call: "GET /environments/{environments}/forks" },
  { call: "POST /environments/{environmentFork}/pulls", body: { source: "<environmentUid>" } },
  { call: "POST /environments/{environments}/merges", body: { source: "<environmentFork>" } },
];

export const collectionsEnd: Step[] = [
  ...["", "/folders/{folders}", "/requests/{requests}", "/responses/{responses}"].map((place): Step => {
    const parent = /^\/(\w+)/.exec(place)?.[1] ?? "collections";
    return { call: `DELETE /collections/{collections}${place}/comments/{${parent}/comments}` };
  }),
  { call: "DELETE /collection-access-keys/{collection-access-keys}" },
  { call: "DELETE /collections/{collections}/responses/{responses}" },
  { call: "DELETE /collections/{collections}/requests/{requests}" },
  { call: "DELETE /collections/{collections}/folders/{folders}" },
];
