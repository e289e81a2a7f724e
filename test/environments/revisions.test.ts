import { beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

let api: TestApi;
let workspaceId: string;
let id: string;

const url = (value: string) => ({ key: "url", value, type: "default", enabled: true });
const token = (value: string) => ({ key: "token", value, type: "secret", enabled: true });

beforeAll(async () => {
  api = await testApi();
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId }));
});

beforeEach(async () => {
  const environment = { name: "Local", values: [url("http://a"), token("s3cr3t")] };
  const made = await api.call("POST", `/environments?workspace=${workspaceId}`, { environment });
  id = made.body.environment.id;
});

const put = (environment: object) => api.call("PUT", `/environments/${id}`, { environment });
const patch = (operations: object[]) => api.call("PATCH", `/environments/${id}`, operations);
const revisions = async (of = id) => (await api.call("GET", `/environments/${of}/revisions`)).body.revisions;
const values = async () => (await api.call("GET", `/environments/${id}`)).body.environment.values;

test.each([
  ["PUT", () => put({ values: [url("http://b")] })],
  ["PATCH", () => patch([{ op: "replace", path: "/values/0/value", value: "http://b" }])],
  ["another name", () => put({ name: "Remote" })],
])("%s writes one revision", async (_, change) => {
  expect((await change()).status).toBe(200);

  const list = await revisions();
  expect(list).toMatchObject([
    { revision: 2, through: "api", isCurrent: true, changedBy: { id: api.actor.userId } },
    { revision: 1, name: "Local", through: "api", isCurrent: false, changedBy: { id: api.actor.userId } },
  ]);
  const first = await api.call("GET", `/environments/${id}/revisions/1`);
  expect(first.body.environment).toEqual({ id, name: "Local", values: [url("http://a"), token("s3cr3t")] });
});

test("a merge and a pull of a fork write one revision each", async () => {
  const { body } = await api.call("POST", `/environments/${id}/forks?workspaceId=${workspaceId}`, {
    forkName: "mine",
  });
  const fork = body.environment.uid;
  const forkId = fork.slice(fork.indexOf("-") + 1);
  await api.call("PUT", `/environments/${forkId}`, { environment: { values: [url("http://fork")] } });

  await api.call("POST", `/environments/${id}/merges`, { source: fork });
  await put({ values: [url("http://later")] });
  const [original] = await api.database.sql<{ uid: string }[]>`
    select owner_id || '-' || id as uid from environments where id = ${id}`;
  await api.call("POST", `/environments/${forkId}/pulls`, { source: original?.uid });

  const through = (list: { through: string }[]) => list.map((one) => one.through);
  expect(through(await revisions())).toEqual(["api", "merge", "api"]);
  expect(through(await revisions(forkId))).toEqual(["pull", "api", "api"]);
});

test("secrets of older revisions are sealed at rest", async () => {
  await put({ values: [url("http://b"), token("another")] });

  const [row] = await api.database.sql`
    select "values"::text as text from environment_revisions where environment_id = ${id}`;
  expect(row?.["text"]).toContain("$sealed");
  expect(row?.["text"]).not.toContain("s3cr3t");
});

test("a restore brings back name, variables and secrets, and the trail holds no value", async () => {
  await put({ name: "Remote", values: [url("http://b")] });

  const back = await api.call("POST", `/environments/${id}/revisions/1/restore`, { message: "not yet" });

  expect(back.body).toEqual({ revision: 3, restored: 1 });
  expect(await values()).toEqual([url("http://a"), token("s3cr3t")]);
  const [newest] = await revisions();
  expect(newest).toMatchObject({ name: "Local", through: "restore", message: "not yet" });
  const trail = await api.database.sql`
    select change::text as text from audit_records where subject_id = ${id} and action = 'environment.restored'`;
  expect(trail).toHaveLength(1);
  expect(String(trail[0]?.["text"])).not.toContain("s3cr3t");
});

test("a viewer sees no more of an older revision than of the current one, and cannot restore", async () => {
  await put({ name: "Remote" });
  const hidden = await api.make.workspace({ createdBy: api.actor.userId, visibility: "private" });
  await api.database.sql`update environments set workspace_id = ${hidden.id} where id = ${id}`;
  const member = await api.newKey({ role: "member" });
  const headers = { "x-api-key": member.key };

  const answers = await Promise.all([
    api.call("GET", `/environments/${id}/revisions`, undefined, headers),
    api.call("GET", `/environments/${id}/revisions/1`, undefined, headers),
    api.call("POST", `/environments/${id}/revisions/1/restore`, {}, headers),
  ]);

  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
});

test("globals keep theirs", async () => {
  const { id: other } = await api.make.workspace({ createdBy: api.actor.userId });
  const set = (value: string) =>
    api.call("PUT", `/workspaces/${other}/global-variables`, { values: [token(value)] });
  await set("first");
  await set("second");
  await set("third");

  const rows = await api.database.sql`
    select revision, changed_through, "values"::text as text from globals_revisions
     where workspace_id = ${other} order by revision`;
  expect(rows.map((row) => [row["revision"], row["changed_through"]])).toEqual([
    [1, "api"],
    [2, "api"],
  ]);
  expect(JSON.stringify(rows)).not.toContain("first");
});
