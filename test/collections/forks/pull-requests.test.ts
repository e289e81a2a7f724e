import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { replaceReviewers, review } from "../../../src/collections/forks/pull-request.ts";
import { newId } from "../../../src/lib/ids.ts";
import { type TestApi, testApi } from "../../support/api.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
const bookshop = {
  info: { name: "Bookshop", schema },
  item: [{ name: "Health", request: { method: "GET", url: "http://a" } }],
};

let api: TestApi;
let workspaceId: string;
let destination: { id: string; uid: string };
let fork: { id: string; uid: string };

const rename = async (id: string, name: string) => {
  const { collection } = (await api.call("GET", `/collections/${id}`)).body;
  collection.item[0].name = name;
  await api.call("PUT", `/collections/${id}`, { collection });
};
const nameIn = async (id: string): Promise<string> =>
  (await api.call("GET", `/collections/${id}`)).body.collection.item[0].name;
const open = async (reviewers: string[] = []) =>
  await api.call("POST", `/collections/${fork.uid}/pull-requests`, {
    title: "Better",
    description: "Why",
    reviewers,
    destinationId: destination.uid,
  });
const act = async (id: string, action: string, more: object = {}, key = api.key) =>
  await api.call("POST", `/pull-requests/${id}/tasks`, { action, ...more }, { "x-api-key": key });

beforeAll(async () => {
  api = await testApi();
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId, visibility: "private" }));
});

beforeEach(async () => {
  destination = (await api.call("POST", `/collections?workspace=${workspaceId}`, { collection: bookshop }))
    .body.collection;
  fork = (
    await api.call("POST", `/collections/fork/${destination.uid}?workspace=${workspaceId}`, { label: "mine" })
  ).body.collection;
});

describe("a pull request", () => {
  test("is opened, shown by both collections, changed, approved and merged", async () => {
    await rename(fork.id, "Alive");
    const me = String(api.actor.userId);

    const { status, body: opened } = await open([me]);

    expect([status, opened]).toEqual([
      200,
      {
        id: expect.any(String),
        title: "Better",
        description: "Why",
        status: "open",
        sourceId: fork.uid,
        destinationId: destination.uid,
        createdAt: expect.any(String),
        createdBy: me,
        updatedAt: expect.any(String),
      },
    ]);
    for (const { id } of [fork, destination]) {
      const { data } = (await api.call("GET", `/collections/${id}/pull-requests`)).body;
      expect(data).toMatchObject([{ id: opened.id, href: `/pull-requests/${opened.id}`, updatedBy: me }]);
    }

    const changed = await api.call("PUT", `/pull-requests/${opened.id}`, { title: "Best", reviewers: [me] });
    expect(changed.body).toMatchObject({ title: "Best", description: "Why", forkType: "collection" });

    const approved = await act(opened.id, "approve");
    expect(approved.body).toMatchObject({
      id: opened.id,
      status: "approved",
      reviewedBy: { id: api.actor.userId, name: api.actor.name },
    });
    expect((await act(opened.id, "unapprove")).body.status).toBe("open");
    expect((await act(opened.id, "merge")).body.status).toBe("merged");

    expect(await nameIn(destination.id)).toBe("Alive");
    const shown = (await api.call("GET", `/pull-requests/${opened.id}`)).body;
    expect(shown).toMatchObject({
      status: "merged",
      forkType: "collection",
      source: { id: fork.uid, name: "Bookshop", forkName: "mine", exists: true },
      destination: { id: destination.uid, name: "Bookshop", exists: true },
      merge: { status: "successful" },
      reviewers: [{ id: me, status: "pending" }],
    });
  });

  test("with conflicts is 409 and stays open, until one side is preferred", async () => {
    await rename(fork.id, "Mine");
    await rename(destination.id, "Theirs");
    const { id } = (await open()).body;

    expect((await act(id, "merge")).status).toBe(409);
    expect((await api.call("GET", `/pull-requests/${id}`)).body.status).toBe("open");

    const settled = await api.call("POST", `/pull-requests/${id}/tasks?prefer=source`, { action: "merge" });
    expect([settled.body.status, await nameIn(destination.id)]).toEqual(["merged", "Mine"]);
  });

  test("that was declined says why, and is final", async () => {
    const { id } = (await open()).body;

    expect((await act(id, "decline", { comment: "Missing descriptions" })).body.status).toBe("declined");

    expect((await api.call("GET", `/pull-requests/${id}`)).body).toMatchObject({
      comment: "Missing descriptions",
      status: "declined",
    });
    const again = await act(id, "merge");
    expect([again.status, JSON.parse(again.body).detail]).toEqual([
      400,
      "Given action on current pull request is not allowed",
    ]);
    const changed = await api.call("PUT", `/pull-requests/${id}`, { title: "x", reviewers: [] });
    expect([changed.status, JSON.parse(changed.body).detail]).toEqual([
      409,
      "You cannot modify a pull request which is already merged or declined.",
    ]);
    expect((await open()).status).toBe(200);
  });

  test("is there once between the same two", async () => {
    await open();
    const second = await open();

    expect([second.status, JSON.parse(second.body)]).toMatchObject([
      400,
      {
        title: "Duplicate pull request",
        detail: "A pull request for this source and destination already exists.",
      },
    ]);
  });

  test("is merged, or goes with its destination, when both are wanted at once", async () => {
    for (let round = 0; round < 5; round++) {
      const into = (await api.call("POST", `/collections?workspace=${workspaceId}`, { collection: bookshop }))
        .body.collection;
      const from = (
        await api.call("POST", `/collections/fork/${into.id}?workspace=${workspaceId}`, { label: "x" })
      ).body.collection;
      await rename(from.id, "Alive");
      const wanted = { title: "Better", reviewers: [], destinationId: into.id };
      const { id } = (await api.call("POST", `/collections/${from.id}/pull-requests`, wanted)).body;

      const [merged, deleted] = await Promise.all([
        act(id, "merge"),
        api.call("DELETE", `/collections/${into.id}`),
      ]);

      expect([200, 404]).toContain(merged.status);
      expect(deleted.status).toBe(200);
    }
  });

  test("outlives its source, but cannot be merged any more", async () => {
    const { id } = (await open()).body;
    await api.call("DELETE", `/collections/${fork.id}`);

    expect((await api.call("GET", `/pull-requests/${id}`)).body.source).toEqual({
      id: fork.uid,
      name: "Bookshop",
      forkName: "mine",
      exists: false,
    });
    const merged = await act(id, "merge");
    expect([merged.status, JSON.parse(merged.body).detail]).toEqual([400, "Fork relation not found"]);
  });

  test.each([
    ["into what it is no fork of", () => ({ title: "a", reviewers: [], destinationId: fork.uid }), 400],
    ["into nothing", () => ({ title: "a", reviewers: [], destinationId: newId() }), 404],
    ["without a title", () => ({ reviewers: [], destinationId: destination.uid }), 400],
    ["without reviewers", () => ({ title: "a", destinationId: destination.uid }), 400],
    [
      "for a reviewer who is nobody",
      () => ({ title: "a", reviewers: ["1"], destinationId: destination.uid }),
      400,
    ],
  ])("%s is refused", async (_name, body, expected) => {
    expect((await api.call("POST", `/collections/${fork.id}/pull-requests`, body())).status).toBe(expected);
  });

  test.each(["nonsense", "00000000-0000-4000-8000-000000000000"])("%s is 404", async (id) => {
    expect((await api.call("GET", `/pull-requests/${id}`)).status).toBe(404);
    expect((await act(id, "approve")).status).toBe(404);
  });

  test("reviewers need to see both; viewers approve when they are asked, editors merge, strangers see nothing", async () => {
    const stranger = await api.newKey({ role: "member" });
    const viewer = await api.newKey({ role: "member" });
    await api.database
      .sql`insert into workspace_members (workspace_id, user_id, role) values (${workspaceId}, ${viewer.actor.userId}, 'viewer')`;
    const asked = await open([String(stranger.actor.userId)]);
    const { id } = (await open([String(viewer.actor.userId)])).body;

    expect([asked.status, JSON.parse(asked.body).detail]).toEqual([
      403,
      "You and all reviewers need Viewer access on both source and destination collections.",
    ]);
    expect((await act(id, "approve", {}, stranger.key)).status).toBe(403);
    expect(
      (await api.call("GET", `/pull-requests/${id}`, undefined, { "x-api-key": stranger.key })).status,
    ).toBe(403);
    expect((await act(id, "merge", {}, viewer.key)).status).toBe(403);
    expect(
      (
        await api.call(
          "PUT",
          `/pull-requests/${id}`,
          { title: "x", reviewers: [] },
          { "x-api-key": viewer.key },
        )
      ).status,
    ).toBe(403);
    expect((await act(id, "approve", {}, viewer.key)).body.status).toBe("approved");
  });
});

describe("the state of a pull request", () => {
  const approvedBy = (...ids: number[]) => ids.map((userId) => ({ userId, status: "approved" as const }));

  test("is open again when the last approval is taken back", () => {
    expect(review({ status: "approved", reviews: approvedBy(1, 2) }, "unapprove", 1).status).toBe("approved");
    expect(review({ status: "approved", reviews: approvedBy(1) }, "unapprove", 1).status).toBe("open");
  });

  test("does not let anybody take back what they have not given", () => {
    expect(() => review({ status: "approved", reviews: approvedBy(1) }, "unapprove", 2)).toThrow(
      "not allowed",
    );
  });

  test("loses the approval of whoever reviews no longer", () => {
    expect(replaceReviewers(approvedBy(1), [2])).toEqual({
      status: "open",
      reviews: [{ userId: 2, status: "pending" }],
    });
    expect(replaceReviewers(approvedBy(1), [1, 2, 2]).status).toBe("approved");
  });
});
