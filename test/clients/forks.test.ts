import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type ServedApi, servedApi } from "../support/served-api.ts";
import { type PostmanServer, startPostmanServer } from "./postman-server.ts";

setDefaultTimeout(120_000);

let api: ServedApi;
let postman: PostmanServer;
let workspace: string;
let source: { id: string; uid: string };
let fork: { id: string; uid: string };
const call: PostmanServer["call"] = (tool, args) => postman.call(tool, args);

const collection = {
  info: { name: "Bookshop", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [
    {
      name: "Orders",
      item: [
        {
          name: "List",
          request: { method: "GET", url: "http://a" },
          response: [{ name: "OK", code: 200, originalRequest: { method: "GET", url: "http://a" } }],
        },
      ],
    },
  ],
};

beforeAll(async () => {
  api = await servedApi();
  postman = await startPostmanServer({ address: api.url, apiKey: api.key }, "full");
  ({ id: workspace } = await api.make.workspace({ createdBy: api.actor.userId }));
  source = (await api.call("POST", `/collections?workspace=${workspace}`, { collection })).body.collection;
});
afterAll(async () => {
  await postman.stop();
  await api.stop();
});

describe("Postman's own MCP server", () => {
  test("forks a collection and finds the fork", async () => {
    ({ collection: fork } = await call("createCollectionFork", {
      collectionId: source.uid,
      workspace,
      label: "mine",
    }));

    expect((await call("getCollectionForks", { collectionId: source.uid })).data[0].forkId).toBe(fork.uid);
    expect((await call("getCollectionsForkedByUser")).data[0].sourceId).toBe(source.uid);
    expect(await call("getSourceCollectionStatus", { collectionId: fork.uid })).toEqual({
      collection: { [fork.uid]: { isSourceAhead: false } },
    });
  });

  test("pulls, and merges with its own defaults", async () => {
    await call("createCollectionFolder", { collectionId: source.uid, name: "New" });
    expect(await call("pullCollectionChanges", { collectionId: fork.uid })).toEqual({
      collection: { destinationId: fork.uid, sourceId: source.uid },
    });
    await call("createCollectionFolder", { collectionId: fork.uid, name: "Newer" });

    const merged = await call("mergeCollectionFork", { source: fork.uid, destination: source.uid });

    expect(merged).toEqual({ collection: { id: source.id, uid: source.uid } });
    expect(await call("getCollection", { collectionId: source.uid, model: "minimal" })).toMatchObject({
      collection: { rootLevelFolders: [expect.any(String), expect.any(String), expect.any(String)] },
    });
  });

  test("opens, changes, reviews and merges a pull request", async () => {
    const reviewers = [String(api.actor.userId)];
    const wanted = { title: "Better", reviewers, destinationId: source.uid };
    const { id } = await call("createCollectionPullRequest", { collectionId: fork.uid, ...wanted });

    expect((await call("getCollectionPullRequests", { collectionId: source.uid })).data[0].id).toBe(id);
    await call("updatePullRequest", { pullRequestId: id, title: "Best", reviewers });
    expect((await call("reviewPullRequest", { pullRequestId: id, action: "approve" })).status).toBe(
      "approved",
    );
    expect((await call("reviewPullRequest", { pullRequestId: id, action: "merge" })).status).toBe("merged");
    expect(await call("getPullRequest", { pullRequestId: id })).toMatchObject({
      title: "Best",
      status: "merged",
    });
  });

  test.each(["Collection", "Folder", "Request", "Response"])("comments on a %s", async (what) => {
    const { body } = await api.call("GET", `/collections/${source.id}`);
    const [folder] = body.collection.item;
    const [request] = folder.item;
    const element = {
      Collection: {},
      Folder: { folderId: folder.uid },
      Request: { requestId: request.uid },
      Response: { responseId: request.response[0].uid },
    }[what];
    const where = { collectionId: source.uid, ...element };

    const { data } = await call(`create${what}Comment`, { ...where, body: "Is this right?" });
    await call(`create${what}Comment`, { ...where, body: "It is.", threadId: data.threadId });
    await call(`update${what}Comment`, { ...where, commentId: data.id, body: "Is it?" });
    await call("resolveCommentThread", { threadId: data.threadId });

    const found: { body: string; status: string }[] = (await call(`get${what}Comments`, where)).data;
    expect(found.map((one) => `${one.body} ${one.status}`)).toEqual(["It is. Resolved", "Is it? Resolved"]);
    await call(`delete${what}Comment`, { ...where, commentId: data.id });
    expect((await call(`get${what}Comments`, where)).data).toEqual([]);
  });

  test("tags a collection with plain texts", async () => {
    const tags = { tags: [{ slug: "needs-review" }] };

    expect(await call("updateCollectionTags", { collectionId: source.uid, tags: ["needs-review"] })).toEqual(
      tags,
    );
    expect(await call("getCollectionTags", { collectionId: source.uid })).toEqual(tags);
  });

  test("patches an environment, and is told of a value that it lost on the way", async () => {
    const { id } = await api.make.environment({
      workspaceId: workspace,
      values: [{ key: "a", value: "1", enabled: true }],
    });

    const patched = await call("patchEnvironment", {
      environmentId: id,
      body: [{ op: "replace", path: "/values/0/value", value: "2" }],
    });
    const lost = await postman.fail("patchEnvironment", {
      environmentId: id,
      body: [{ op: "replace", path: "/values/0/enabled", value: true }],
    });

    expect(patched.environment.values).toEqual([{ key: "a", value: "2", enabled: true }]);
    expect(lost).toContain("Patch operations with empty value are not supported");
  });
});
