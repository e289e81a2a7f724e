import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { auditRecords } from "../../db/schema.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { executeRun } from "../../src/runner/execute.ts";
import { triggerExecution } from "../../src/runs/trigger.ts";
import { testHost } from "../engine/sandbox/support.ts";
import { instanceOf } from "../runs/harness.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { silentLog } from "../support/database.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;
const engine = createEngine({ scripts: testHost() });

beforeAll(async () => {
  api = await testApi();
});
afterAll(() => engine.close());

const newWorkspace = async () => (await api.make.workspace({ createdBy: api.actor.userId })).id;
const pathOf = (workspaceId: string) => `/workspaces/${workspaceId}/global-variables`;

const values = () => [
  { key: "base", value: "http://10.0.0.1", type: "default", enabled: true, description: "where it is" },
  { key: "token", value: "s3cr3t-token", type: "secret", enabled: true, "x-own": 1 },
];

describe("the globals of a workspace", () => {
  test("are none at first, come back as they went in, and are replaced as a whole", async () => {
    const path = pathOf(await newWorkspace());

    const before = await api.call("GET", path);
    const put = await api.call("PUT", path, { values: values() });
    const after = await api.call("GET", path);
    await api.call("PUT", path, { values: [] });
    const emptied = await api.call("GET", path);

    expect([before.status, before.body]).toEqual([200, { values: [] }]);
    expect([put.status, put.body]).toEqual([200, { values: values() }]);
    expect(JSON.stringify(after.body)).toBe(JSON.stringify({ values: values() }));
    expect(emptied.body).toEqual({ values: [] });
  });

  test("are its own, and go with it", async () => {
    const [one, other] = [await newWorkspace(), await newWorkspace()];
    await api.call("PUT", pathOf(one), { values: values() });

    expect((await api.call("GET", pathOf(other))).body).toEqual({ values: [] });
    expect((await api.call("DELETE", `/workspaces/${one}`)).status).toBe(200);
    expect((await api.call("GET", pathOf(one))).status).toBe(404);
  });

  test("are sealed at rest where they are secret; the audit trail has their names only", async () => {
    const id = await newWorkspace();
    await api.call("PUT", pathOf(id), { values: values() });
    await api.call("PUT", pathOf(id), { values: values() });

    const [row] = await api.database.sql`select values::text as text from globals where workspace_id = ${id}`;
    const records = await api.database.db.select().from(auditRecords).where(eq(auditRecords.subjectId, id));

    expect(row?.["text"]).toContain("http://10.0.0.1");
    expect(row?.["text"]).not.toContain("s3cr3t");
    expect(records).toMatchObject(
      [1, 2].map((revision) => ({
        action: "globals.updated",
        actorId: api.actor.userId,
        change: { after: { revision, keys: ["base", "token"] } },
      })),
    );
    expect(JSON.stringify(records)).not.toContain("s3cr3t");
  });
});

test.each<[string, unknown, Record<string, unknown>]>([
  ["no list", { values: 5 }, { details: ["values: must be array"] }],
  ["nothing", {}, { details: [": must have required property 'values'"] }],
  ["a list instead of an object", [], { details: [": must have required property 'values'"] }],
  [
    "a variable without a name",
    { values: [{ value: "1" }] },
    { details: ["values.0: must have required property 'key'"] },
  ],
  ["a variable that is none", { values: [5] }, { message: expect.stringContaining("at values.0") }],
  [
    "a long description",
    { values: [{ key: "a", description: "x".repeat(513) }] },
    { details: ["values.0.description: must NOT have more than 512 characters"] },
  ],
  ["no JSON", "{values", { message: expect.stringContaining("not valid JSON") }],
])("%s is 400 that names the field", async (_, body, error) => {
  const answer = await api.call("PUT", pathOf(await newWorkspace()), body);

  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ name: "malformedRequestError", ...error });
});

test.each(["00000000-0000-4000-8000-000000000000", "nonsense"])(
  "of the unknown workspace %s: 404",
  async (id) => {
    const read = await api.call("GET", pathOf(id));
    const write = await api.call("PUT", pathOf(id), { values: [] });

    expect([read.status, write.status]).toEqual([404, 404]);
    expect(read.body.error.name).toBe("instanceNotFoundError");
  },
);

test("a narrowed key needs the rights of environments, because secrets are among them", async () => {
  const path = pathOf(await newWorkspace());
  const as = async (scope: string) => {
    const { key } = await api.newKey({ scopes: [scope] });
    const read = await api.call("GET", path, undefined, { "x-api-key": key });
    const write = await api.call("PUT", path, { values: [] }, { "x-api-key": key });
    return [read.status, write.status];
  };

  expect(await as("workspaces:write")).toEqual([403, 403]);
  expect(await as("environments:read")).toEqual([200, 403]);
  expect(await as("environments:write")).toEqual([403, 200]);
});

test("a run sees them, below its environment and sealed on the way, and cannot change what is stored", async () => {
  const script = `
    pm.test("seen", () => pm.expect(pm.globals.get("token")).to.equal("s3cr3t" + "-token"));
    pm.test("below the environment", () => pm.expect(pm.variables.get("base")).to.equal("http://nearer"));
    pm.globals.set("token", "changed");
    console.log(pm.globals.get("token"), "s3cr3t" + "-token");`;
  const environment = await api.make.environment({ values: [{ key: "base", value: "http://nearer" }] });
  const { workspaceId } = environment;
  const request = {
    name: "r",
    event: [{ listen: "prerequest", script: { exec: `${script}; pm.execution.skipRequest()` } }],
    request: "{{base}}",
  };
  const collection = await api.make.collection({
    workspaceId,
    document: { info: { name: "C" }, item: [request] },
  });
  await api.call("PUT", pathOf(workspaceId), { values: values() });
  const monitor = await api.make.monitor({
    workspaceId,
    collectionId: collection.id,
    environmentId: environment.id,
  });
  const instance = instanceOf(api.app, await api.make.runner());
  await instance.register();
  await triggerExecution(api.deps, { monitorId: monitor.id, trigger: "api", triggeredBy: null });
  const lines: string[] = [];

  const [assignment] = await instance.claim();
  if (!assignment) throw new Error("nothing was claimed");
  const summary = await executeRun(assignment as unknown as Parameters<typeof executeRun>[0], {
    engine,
    openSealed: (sealed) => instance.keys.open(sealed),
    append: async (line) => void lines.push(line),
    signal: new AbortController().signal,
    log: silentLog,
  });

  expect(JSON.stringify(assignment)).not.toContain("s3cr3t-token");
  expect(summary).toMatchObject({ outcome: "passed", assertionsTotal: 2 });
  expect(lines.join("")).toContain("changed");
  expect(lines.join("")).toContain("«token»");
  expect(lines.join("")).not.toContain("s3cr3t-token");
  expect((await api.call("GET", pathOf(workspaceId))).body).toEqual({ values: values() });
});

test("runs of a workspace without globals carry none", async () => {
  const monitor = await api.make.monitor();
  const instance = instanceOf(api.app, await api.make.runner());
  await instance.register();
  await triggerExecution(api.deps, { monitorId: monitor.id, trigger: "api", triggeredBy: null });

  const [assignment] = await instance.claim();

  expect(assignment).toBeDefined();
  expect(assignment).not.toHaveProperty("sealedGlobals");
});
