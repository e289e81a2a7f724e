import { beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

let api: TestApi;
let home: string;
let elsewhere: string;
let source: { id: string; uid: string };
let fork: string;

const url = (value: string) => ({ key: "url", value, type: "default", enabled: true });
const token = (value: string) => ({ key: "token", value, type: "secret", enabled: true });
const values = async (id: string) => (await api.call("GET", `/environments/${id}`)).body.environment.values;
const put = (id: string, changed: unknown[]) =>
  api.call("PUT", `/environments/${id}`, { environment: { values: changed } });
const pull = (prefer = "") =>
  api.call("POST", `/environments/${fork}/pulls${prefer}`, { source: source.uid });
const merge = (more: object = {}, prefer = "") =>
  api.call("POST", `/environments/${source.uid}/merges${prefer}`, { source: fork, ...more });

beforeAll(async () => {
  api = await testApi();
  ({ id: home } = await api.make.workspace({ createdBy: api.actor.userId, visibility: "private" }));
  ({ id: elsewhere } = await api.make.workspace({ createdBy: api.actor.userId, visibility: "team" }));
});

beforeEach(async () => {
  const environment = { name: "Local", values: [url("http://a"), token("s3cr3t")] };
  source = (await api.call("POST", `/environments?workspace=${home}`, { environment })).body.environment;
  const made = await api.call("POST", `/environments/${source.uid}/forks?workspaceId=${elsewhere}`, {
    forkName: "mine",
  });
  expect([made.status, made.body]).toEqual([
    200,
    { environment: { uid: expect.any(String), name: "Local", forkName: "mine" } },
  ]);
  fork = made.body.environment.uid;
});

test("a fork is a copy, with its secrets sealed at rest, and in the list of its source", async () => {
  expect(await values(fork)).toEqual([url("http://a"), token("s3cr3t")]);
  const [row] = await api.database
    .sql`select base_values::text as text from environment_forks where source_id = ${source.id}`;
  expect(String(row?.["text"])).not.toContain("s3cr3t");
  const { body } = await api.call("GET", `/environments/${source.id}/forks?limit=1&sort=createdAt`);
  expect(body).toEqual({
    data: [
      {
        forkId: fork,
        forkName: "mine",
        createdAt: expect.any(String),
        createdBy: api.actor.name,
        updatedAt: expect.any(String),
      },
    ],
    meta: { total: 1, nextCursor: null },
  });
});

test("a pull brings what changed in the source and keeps what changed in the fork", async () => {
  await put(source.id, [url("http://b"), token("s3cr3t")]);
  await put(fork, [url("http://a"), token("other"), { key: "own", value: "1" }]);

  expect((await pull()).body).toEqual({ environment: { uid: fork } });

  expect(await values(fork)).toEqual([url("http://b"), token("other"), { key: "own", value: "1" }]);
});

test("a merge brings what changed in the fork, and what was deleted stays deleted", async () => {
  await put(fork, [url("http://b")]);
  await put(source.id, [url("http://a"), token("s3cr3t"), { key: "own", value: "1" }]);

  expect((await merge()).body).toEqual({ environment: { uid: source.uid } });
  expect(await values(source.id)).toEqual([url("http://b"), { key: "own", value: "1" }]);

  await pull();
  expect(await values(fork)).toEqual([url("http://b"), { key: "own", value: "1" }]);
});

test("what was pulled is common from then on: taking it back in the fork is a change of the fork", async () => {
  await put(source.id, [url("http://b"), token("s3cr3t")]);
  await pull();
  await put(fork, [url("http://a"), token("s3cr3t")]);

  await pull();
  expect(await values(fork)).toEqual([url("http://a"), token("s3cr3t")]);

  await merge();
  expect(await values(source.id)).toEqual([url("http://a"), token("s3cr3t")]);
});

test("a conflict is 409 with the name of the variable, without values; one side can be preferred", async () => {
  await put(source.id, [url("http://a"), token("theirs-hidden")]);
  await put(fork, [url("http://a"), token("mine-hidden")]);

  const refused = await pull();

  expect(refused.status).toBe(409);
  expect(JSON.parse(refused.body).details.conflicts).toEqual([
    { name: "Local", field: "values.token", reason: "changed on both sides" },
  ]);
  expect(refused.body).not.toContain("hidden");
  expect((await pull("?prefer=source")).status).toBe(200);
  expect(await values(fork)).toEqual([url("http://a"), token("theirs-hidden")]);
});

test("deleteSource deletes the fork", async () => {
  await put(fork, [url("http://b"), token("s3cr3t")]);

  expect((await merge({ deleteSource: true })).status).toBe(200);

  expect(await values(source.id)).toEqual([url("http://b"), token("s3cr3t")]);
  expect((await api.call("GET", `/environments/${fork}`)).status).toBe(404);
});

test("between strangers it is 400, of what is not there 404", async () => {
  const { id } = await api.make.environment();
  const strange = await api.call("POST", `/environments/${source.id}/merges`, { source: id });
  const other = await api.call("POST", `/environments/${id}/merges`, { source: fork });
  const backwards = await api.call("POST", `/environments/${source.id}/pulls`, { source: fork });
  const unknown = await api.call("POST", `/environments/${source.id}/merges`, { source: newId() });

  expect([strange.status, JSON.parse(strange.body).title]).toEqual([
    400,
    "The environment Id is not a forked environment.",
  ]);
  expect([other.status, backwards.status]).toEqual([400, 400]);
  expect([unknown.status, JSON.parse(unknown.body).type]).toEqual([
    404,
    "https://api.postman.com/problems/notFound",
  ]);
});

test("a viewer of the source may fork and pull, and not merge; a stranger sees nothing", async () => {
  const viewer = await api.newKey({ role: "member" });
  const stranger = await api.newKey({ role: "member" });
  await api.database
    .sql`insert into workspace_members (workspace_id, user_id, role) values (${home}, ${viewer.actor.userId}, 'viewer')`;
  const as = (key: string) => (method: string, path: string, body?: unknown) =>
    api.call(method, path, body, { "x-api-key": key });
  const made = await as(viewer.key)("POST", `/environments/${source.id}/forks?workspaceId=${elsewhere}`, {
    forkName: "theirs",
  });
  const { uid } = made.body.environment;

  expect((await as(viewer.key)("POST", `/environments/${uid}/pulls`, { source: source.id })).status).toBe(
    200,
  );
  expect((await as(viewer.key)("POST", `/environments/${source.id}/merges`, { source: uid })).status).toBe(
    403,
  );
  expect(
    (await as(viewer.key)("POST", `/environments/${source.id}/forks?workspaceId=${home}`, { forkName: "x" }))
      .status,
  ).toBe(403);
  expect((await as(stranger.key)("GET", `/environments/${source.id}/forks`)).status).toBe(403);
  expect((await as(stranger.key)("POST", `/environments/${uid}/pulls`, { source: source.id })).status).toBe(
    403,
  );
});

test.each([
  ["/forks?workspaceId={home}", {}],
  ["/forks", { forkName: "a" }],
  ["/merges", {}],
  ["/pulls?prefer=me", { source: "x" }],
])("POST %s with a body or query that is wrong is 400", async (path, body) => {
  expect(
    (await api.call("POST", `/environments/${source.id}${path.replace("{home}", home)}`, body)).status,
  ).toBe(400);
});
