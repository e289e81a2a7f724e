import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { auditRecords, environments } from "../../db/schema.ts";
import { loadEnvironmentForRun } from "../../src/environments/store.ts";
import { newId } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;
let workspaceId: string;

beforeAll(async () => {
  api = await testApi();
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId }));
});

const values = () => [
  { key: "baseUrl", value: "http://10.0.0.1", type: "default", enabled: true, description: "é 📚" },
  { enabled: true, type: "secret", value: "s3cr3t", key: "token", "x-own": [1] },
  { key: "off", enabled: false },
  { enabled: true, key: "apiKey", secret: true, source: { provider: "postman" }, type: "default" },
];

const created = async (environment: unknown) =>
  (await api.call("POST", `/environments?workspace=${workspaceId}`, { environment })).body.environment as {
    id: string;
    uid: string;
  };

const storedText = async (id: string) => {
  const [row] = await api.database.sql`select values::text as text from environments where id = ${id}`;
  return String(row?.["text"]);
};

describe("an environment comes back as it went in", () => {
  test("unknown keys, key order and secrets in clear", async () => {
    const { id, uid } = await created({ name: "Local", values: values() });

    const { body } = await api.call("GET", `/environments/${uid}`);

    expect(JSON.stringify(body.environment.values)).toBe(JSON.stringify(values()));
    expect(body.environment).toEqual({
      id,
      name: "Local",
      owner: String(api.actor.userId),
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
      updatedAt: expect.any(String),
      values: values(),
      uid: `${api.actor.userId}-${id}`,
      isPublic: false,
    });
  });

  test("secrets are sealed at rest, the rest is readable", async () => {
    const { id } = await created({ name: "Local", values: values() });

    const text = await storedText(id);

    expect(text).not.toContain("s3cr3t");
    expect(text).toContain("$sealed");
    expect(text).toContain("http://10.0.0.1");
  });

  test("a look-alike of a sealed value in an ordinary variable is only data", async () => {
    const { id: other } = await created({ name: "Secret", values: values() });
    const [row] = await api.database.db.select().from(environments).where(eq(environments.id, other));
    const stolen = row?.values[1]?.["value"];

    const { id } = await created({ name: "Thief", values: [{ key: "a", value: stolen }] });

    const { body } = await api.call("GET", `/environments/${id}`);
    expect(body.environment.values).toEqual([{ key: "a", value: stolen }]);
  });

  test("a secret that is sent in the sealed form is sealed once more, so nothing of others opens", async () => {
    const { id: other } = await created({ name: "Secret", values: values() });
    const [row] = await api.database.db.select().from(environments).where(eq(environments.id, other));
    const stolen = row?.values[1]?.["value"];

    const { id } = await created({ name: "Thief", values: [{ key: "a", type: "secret", value: stolen }] });

    const { body } = await api.call("GET", `/environments/${id}`);
    expect(body.environment.values[0].value).toEqual(stolen);
  });

  test("a run gets the secrets opened, and the revision", async () => {
    const { id } = await created({ name: "Local", values: values() });

    const loaded = await loadEnvironmentForRun(api.database, api.deps.secretBox, id);

    expect(loaded).toMatchObject({ id, name: "Local", revision: 1 });
    expect(loaded?.values[1]).toMatchObject({ key: "token", value: "s3cr3t" });
    expect(await loadEnvironmentForRun(api.database, api.deps.secretBox, newId())).toBeUndefined();
  });
});

describe("lists and changes", () => {
  test("a list has no values", async () => {
    const workspace = await api.make.workspace();
    await api.call("POST", `/environments?workspace=${workspace.id}`, {
      environment: { name: "Local", values: values() },
    });

    const { body } = await api.call("GET", `/environments?workspace=${workspace.id}`);

    expect(Object.keys(body.environments[0])).toEqual([
      "id",
      "name",
      "createdAt",
      "updatedAt",
      "owner",
      "uid",
      "isPublic",
    ]);
  });

  test.each([newId(), "nonsense"])("an unknown workspace %s has none", async (workspace) => {
    const { status, body } = await api.call("GET", `/environments?workspace=${workspace}`);

    expect([status, body]).toEqual([200, { environments: [] }]);
  });

  test("a PUT replaces values, and keeps what it does not name", async () => {
    const { id, uid } = await created({ name: "Local", values: values() });

    const renamed = await api.call("PUT", `/environments/${id}`, { environment: { name: "Other" } });
    const afterName = (await api.call("GET", `/environments/${id}`)).body.environment;
    await api.call("PUT", `/environments/${id}`, { environment: { values: [] } });
    const afterValues = (await api.call("GET", `/environments/${id}`)).body.environment;

    expect(renamed.body).toEqual({ environment: { id, name: "Other", uid } });
    expect(afterName.values).toEqual(values());
    expect(afterValues).toMatchObject({ name: "Other", values: [] });
  });

  test("deleting answers id and uid, and then it is gone", async () => {
    const { id, uid } = await created({ name: "Local" });

    const deleted = await api.call("DELETE", `/environments/${id}`);

    expect(deleted.body).toEqual({ environment: { id, uid } });
    expect((await api.call("GET", `/environments/${id}`)).status).toBe(404);
  });
});

const unfit = (...details: string[]) => ({
  name: "malformedRequestError",
  message: `Found ${details.length} errors with the supplied environment.`,
  details,
});

describe("wrong bodies get 400 that names the field", () => {
  test.each<[string, unknown, Record<string, unknown>]>([
    ["no name", {}, unfit("environment: must have required property 'name'")],
    ["a name that is a list", { name: [] }, unfit("environment.name: must be string")],
    ["an empty name", { name: "" }, unfit("environment.name: must NOT have fewer than 1 characters")],
    ["values that are an object", { name: "a", values: {} }, unfit("environment.values: must be array")],
    [
      "a value that is null",
      { name: "a", values: [null] },
      {
        name: "malformedRequestError",
        message: "Invalid type: null (expected object) at environment.values.0",
      },
    ],
    [
      "several at once",
      { name: "a", values: [{}, { key: 5 }, { key: "a", enabled: "yes" }] },
      unfit(
        "environment.values.0: must have required property 'key'",
        "environment.values.1.key: must be string",
        "environment.values.2.enabled: must be boolean",
      ),
    ],
  ])("%s", async (_, environment, error) => {
    const { status, body } = await api.call("POST", `/environments?workspace=${workspaceId}`, {
      environment,
    });

    expect([status, body]).toEqual([400, { error }]);
  });

  test("no environment object", async () => {
    const { status, body } = await api.call("POST", "/environments", {});

    expect([status, body]).toEqual([
      400,
      { error: { name: "malformedRequestError", message: "'environment' object missing in the request" } },
    ]);
  });

  test("more than 30 MB is 413", async () => {
    const large = { environment: { name: "a", values: [{ key: "a", value: "x".repeat(31 * 1024 * 1024) }] } };

    const { status, body } = await api.call("POST", "/environments", large);

    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({
      type: "https://api.postman.com/problems/payload-too-large",
      detail: expect.stringMatching(/^Request size limit exceeded/),
    });
  });
});

test.each([
  ["GET", newId(), 404],
  ["PUT", newId(), 404],
  ["DELETE", newId(), 404],
  ["GET", "nonsense", 400],
])("%s of the unknown %s is %i", async (method, id, status) => {
  const body = method === "PUT" ? { environment: {} } : undefined;

  const answer = await api.call(method, `/environments/${id}`, body);

  expect([answer.status, answer.body]).toEqual([
    status,
    {
      error: {
        name: "instanceNotFoundError",
        message: "We could not find the environment you are looking for",
      },
    },
  ]);
});

test("each write is one line of the audit trail, without values", async () => {
  const { id } = await created({ name: "Local", values: values() });
  await api.call("PUT", `/environments/${id}`, { environment: { values: values() } });
  await api.call("DELETE", `/environments/${id}`);

  const trail = await api.database.db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.subjectId, id))
    .orderBy(auditRecords.id);

  expect(trail.map(({ action }) => action)).toEqual([
    "environment.created",
    "environment.updated",
    "environment.deleted",
  ]);
  expect(JSON.stringify(trail)).not.toContain("s3cr3t");
});
