import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;

beforeAll(async () => {
  api = await testApi();
});

const makePair = async () => {
  const [from, to] = [await api.make.workspace(), await api.make.workspace()];
  const collection = await api.make.collection({ workspaceId: from.id });
  return { from: from.id, to: to.id, collection };
};
const transfer = (from: string, body: unknown, key = api.key) =>
  api.call("POST", `/workspaces/${from}/element-transfers`, body, { "x-api-key": key });
const workspaceOf = async (table: string, id: string): Promise<string> => {
  const { sql } = api.database;
  const [row] = await sql`select workspace_id from ${sql(table)} where id = ${id}`;
  return row?.["workspace_id"];
};

describe("a transfer", () => {
  test("moves a collection, and its monitors with it", async () => {
    const { from, to, collection } = await makePair();
    const monitor = await api.make.monitor({ workspaceId: from, collectionId: collection.id });
    const uid = toUid(collection.ownerId, collection.id);

    const { body } = await transfer(from, { id: uid, type: "collection", to });

    expect(body).toEqual({
      workspace: { "element-transfers": { type: "collection", from, id: uid, to } },
    });
    expect(await workspaceOf("collections", collection.id)).toBe(to);
    expect(await workspaceOf("monitors", monitor.id)).toBe(to);
  });

  test("cuts the link to a specification that stays", async () => {
    const { from, to, collection } = await makePair();
    const specId = newId();
    const { sql } = api.database;
    await sql`
      insert into specs (id, workspace_id, owner_id, updated_by, name, type)
      values (${specId}, ${from}, ${api.actor.userId}, ${api.actor.userId}, 'S', 'OPENAPI:3.0')`;
    await sql`
      insert into spec_collections
        (spec_id, collection_id, generated, options, sync_options, spec_revision, collection_revision, created_by)
      values (${specId}, ${collection.id}, 'collection', '{}', '{}', 1, 1, ${api.actor.userId})`;

    await transfer(from, { id: collection.id, type: "collection", to });

    expect(await sql`select 1 from spec_collections where spec_id = ${specId}`).toHaveLength(0);
  });

  test("stands in the activities of both workspaces", async () => {
    const { from, to, collection } = await makePair();
    await transfer(from, { id: collection.id, type: "collection", to });

    const feeds = [from, to].map((id) => api.call("GET", `/workspaces/${id}/activities`));

    for (const { body } of await Promise.all(feeds)) {
      expect(body.data[0]).toMatchObject({ elementId: collection.id, action: "update" });
    }
  });

  test("moves an environment that nothing uses", async () => {
    const { from, to } = await makePair();
    const environment = await api.make.environment({ workspaceId: from });

    const { status } = await transfer(from, { id: environment.id, type: "environment", to });

    expect([status, await workspaceOf("environments", environment.id)]).toEqual([200, to]);
  });

  test("is refused when something that goes would use what stays", async () => {
    const { from, to, collection } = await makePair();
    const environment = await api.make.environment({ workspaceId: from });
    const monitor = await api.make.monitor({
      workspaceId: from,
      collectionId: collection.id,
      environmentId: environment.id,
    });

    const answers = [
      await transfer(from, { id: collection.id, type: "collection", to }),
      await transfer(from, { id: environment.id, type: "environment", to }),
      await transfer(from, { id: monitor.id, type: "monitor", to }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409]);
    expect(await workspaceOf("collections", collection.id)).toBe(from);
  });

  test("is refused when a monitor would lose its runner", async () => {
    const { from, to, collection } = await makePair();
    const runner = await api.make.runner({ visibility: "selected" });
    const monitor = await api.make.monitor({ workspaceId: from, collectionId: collection.id });
    await api.database
      .sql`insert into monitor_runners (monitor_id, runner_id) values (${monitor.id}, ${runner.id})`;

    const { status, body } = await transfer(from, { id: collection.id, type: "collection", to });

    expect(status).toBe(409);
    expect(JSON.parse(body).detail).toContain("not visible in the other workspace");
  });

  test("needs the role editor in both workspaces", async () => {
    const { from, collection } = await makePair();
    const to = (await api.make.workspace({ visibility: "private" })).id;
    const { key } = await api.newKey({ role: "member" });

    const { status } = await transfer(from, { id: collection.id, type: "collection", to }, key);

    expect(status).toBe(403);
  });

  test.each([
    ["an element of another workspace", async () => ({ id: (await api.make.collection()).id }), 404],
    ["an unknown destination", async () => ({ to: newId() }), 404],
    ["a destination that is none", async () => ({ to: "elsewhere" }), 404],
    ["a type that we have not", async () => ({ type: "flow" }), 501],
    ["a type that is none", async () => ({ type: "runner" }), 400],
  ])("of %s is refused", async (_, change, status) => {
    const { from, to, collection } = await makePair();

    const answer = await transfer(from, { id: collection.id, type: "collection", to, ...(await change()) });

    expect(answer.status).toBe(status);
  });
});

test("of a whole workspace to another team there is none, and the answer says why", async () => {
  const { from } = await makePair();

  const { status, body } = await api.call("PATCH", `/workspaces/${from}/transfers`, {
    source: "1",
    destination: "2",
  });

  expect([status, JSON.parse(body).detail]).toEqual([501, expect.stringContaining("one team")]);
});
