import { beforeAll, describe, expect, test } from "bun:test";

import type { TestApi } from "../support/api.ts";
import { endOfTask, petsYaml, specsTestApi } from "./support.ts";

let api: TestApi;
let workspaceId: string;
let id: string;
let uid: string;

beforeAll(async () => {
  api = await specsTestApi();
  workspaceId = (await api.make.workspace()).id;
  const body = { name: "Pets", type: "OPENAPI:3.0", files: [{ path: "index.yaml", content: petsYaml }] };
  id = (await api.call("POST", `/specs?workspaceId=${workspaceId}`, body)).body.id;
  await api.call("POST", `/specs/${id}/version-tags`, { name: "1.0.0" });
  const started = await api.call("POST", `/specs/${id}/generations/collection`, {
    name: "Pets",
    options: {},
  });
  uid = (await endOfTask(api, started.body)).details.resources[0].id;
});

const v10 = (path: string, method = "GET") =>
  api.call(method, path, undefined, { "x-api-key": api.key, accept: "application/vnd.api.v10+json" });

describe("an API is a specification", () => {
  test("in lists of v10 and v9", async () => {
    const fresh = await v10(`/apis?workspaceId=${workspaceId}`);
    const old = await api.call("GET", `/apis?workspace=${workspaceId}`);
    const none = await v10(`/apis?workspaceId=${(await api.make.workspace()).id}`);

    expect(fresh.body).toEqual({
      apis: [expect.objectContaining({ id, name: "Pets", createdBy: api.actor.userId })],
      meta: { limit: 10, total: 1 },
    });
    expect(old.body).toEqual({
      apis: [expect.objectContaining({ id, createdBy: String(api.actor.userId), team: "1" })],
    });
    expect(none.body).toEqual({ apis: [], meta: { limit: 10, total: 0 } });
  });

  test("with versions, one schema and the generated collections", async () => {
    const { body } = await v10(`/apis/${id}?include=schemas&include=versions,collections`);
    const version = await v10(`/apis/${id}/versions/${body.versions[0].id}`);
    const schema = await v10(`/apis/${id}/schemas/${id}`);
    const bundled = await v10(`/apis/${id}/schemas/${id}?bundled=true`);
    const files = await v10(`/apis/${id}/schemas/${id}/files`);

    expect(body).toMatchObject({
      id,
      schemas: [{ id }],
      versions: [{ name: "1.0.0" }],
      collections: [{ id: uid }],
    });
    expect(version.body.version).toMatchObject({ name: "1.0.0", schemas: [{ id, type: "openapi:3" }] });
    expect(schema.body.files.data).toEqual([
      expect.objectContaining({ path: "index.yaml", root: { enabled: true } }),
    ]);
    expect(bundled.body.content).toBe(petsYaml);
    expect(files.body.files).toHaveLength(1);
    expect((await v10(`/apis/${id}/versions`)).body.meta).toEqual({ limit: 10, total: 1, nextCursor: null });
  });

  test("that is unknown is 404; without Accept v10 has 400; writing is 501", async () => {
    const unknown = await v10(`/apis/${crypto.randomUUID()}`);
    const old = await api.call("GET", `/apis/${id}/versions`);
    const written = await v10("/apis", "POST");

    expect(JSON.parse(unknown.body)).toMatchObject({ type: "instanceNotFoundError", status: 404 });
    expect([old.status, written.status]).toEqual([400, 501]);
    expect((await api.call("GET", `/apis/${id}`)).body.api.name).toBe("Pets");
  });
});

test("a workspace lists its specifications, and is found by one", async () => {
  const { workspace } = (await api.call("GET", `/workspaces/${workspaceId}`)).body;
  const found = await api.call("GET", `/workspaces?elementType=specification&elementId=${id}`);

  expect(workspace.specs).toEqual([{ id, name: "Pets", uid: `${api.actor.userId}-${id}` }]);
  expect(found.body.workspaces.map((one: { id: string }) => one.id)).toEqual([workspaceId]);
});
