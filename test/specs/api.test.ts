import { beforeAll, describe, expect, test } from "bun:test";

import type { TestApi } from "../support/api.ts";
import { petsYaml, specsTestApi } from "./support.ts";

let api: TestApi;
let workspaceId: string;

beforeAll(async () => {
  api = await specsTestApi();
  workspaceId = (await api.make.workspace()).id;
});

const root = { path: "index.yaml", content: petsYaml };

const create = async (body: object = {}) => {
  const answer = await api.call("POST", `/specs?workspaceId=${workspaceId}`, {
    name: "Pets",
    type: "OPENAPI:3.0",
    files: [root],
    ...body,
  });
  return answer.body as { id: string };
};

const at = (spec: { id: string }, path: string) => `/specs/${spec.id}/files/${encodeURIComponent(path)}`;

describe("a specification", () => {
  test("is created, read, renamed and deleted", async () => {
    const created = await api.call("POST", `/specs?workspaceId=${workspaceId}`, {
      name: "Pets",
      type: "OPENAPI:3.0",
      files: [root],
    });
    const path = `/specs/${created.body.id}`;

    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: expect.any(String),
      name: "Pets",
      type: "OPENAPI:3.0",
      createdBy: api.actor.userId,
      updatedBy: api.actor.userId,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect((await api.call("GET", path)).body).toEqual({ ...created.body, fileFormat: "yaml" });
    expect((await api.call("PATCH", path, { name: "Animals" })).body.name).toBe("Animals");
    const gone = await api.call("DELETE", path);
    expect([gone.status, gone.body]).toEqual([204, ""]);
    expect((await api.call("GET", path)).status).toBe(404);
  });

  test("is listed page by page", async () => {
    const own = (await api.make.workspace()).id;
    for (const name of ["one", "two", "three"])
      await api.call("POST", `/specs?workspaceId=${own}`, { name, type: "OPENAPI:3.0", files: [root] });

    const first = (await api.call("GET", `/specs?workspaceId=${own}&limit=2`)).body;
    const second = (
      await api.call("GET", `/specs?workspaceId=${own}&limit=2&cursor=${first.meta.nextCursor}`)
    ).body;

    expect(first.specs.map((spec: { name: string }) => spec.name)).toEqual(["one", "two"]);
    expect(second.specs.map((spec: { name: string }) => spec.name)).toEqual(["three"]);
    expect(second.meta).toEqual({ nextCursor: null });
  });

  test.each<[string, object]>([
    ["Missing parameter: 'name'", { name: undefined }],
    ["Required body parameter files is missing", { files: undefined }],
    ["Required property `type` is invalid. Should be one of: OPENAPI:2.0, OPENAPI:3.0", { type: "RAML" }],
    ["files: ", { files: [] }],
    ["The path parameter /filePath is invalid.", { files: [{ path: "../index.yaml", content: "" }] }],
    ["Invalid file extension", { files: [{ path: "index.proto", content: "" }] }],
    ["files.0.content: ", { files: [{ path: "a.json", content: 5 }] }],
    [
      "File size exceeded the limit of 10 MB",
      { files: [{ path: "a.json", content: "x".repeat(10 * 1024 * 1024 + 1) }] },
    ],
    [
      "Multi-file specifications can only have one root file.",
      {
        files: [
          { ...root, type: "ROOT" },
          { path: "b.yaml", content: "", type: "ROOT" },
        ],
      },
    ],
  ])("that is wrong is refused in words: %s", async (detail, wrong) => {
    const answer = await api.call("POST", `/specs?workspaceId=${workspaceId}`, {
      name: "Pets",
      type: "OPENAPI:3.0",
      files: [root],
      ...wrong,
    });

    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(JSON.parse(answer.body)).toEqual({
      type: expect.any(String),
      title: "Bad Request",
      status: 400,
      detail: expect.stringContaining(detail),
      instance: "/api/specs",
    });
  });

  test("of a workspace that is not there is 404, of one out of reach 403", async () => {
    const { key } = await api.newKey({ role: "member" });
    const hidden = (await api.make.workspace({ visibility: "private" })).id;
    const body = { name: "Pets", type: "OPENAPI:3.0", files: [root] };
    const asMember = { "x-api-key": key };

    const unknown = await api.call("POST", `/specs?workspaceId=${crypto.randomUUID()}`, body);
    const secret = await api.call("POST", `/specs?workspaceId=${hidden}`, body);
    const denied = await api.call("GET", `/specs/${secret.body.id}`, undefined, asMember);
    const listed = await api.call("GET", `/specs?workspaceId=${hidden}`, undefined, asMember);

    expect([unknown.status, secret.status, denied.status, listed.status]).toEqual([404, 201, 403, 403]);
  });
});

describe("files", () => {
  test("have percent-encoded paths, and one of them is the root", async () => {
    const spec = await create();
    const path = "components/schemas.yaml";

    const added = await api.call("POST", `/specs/${spec.id}/files`, { path, content: "Pet: {}" });
    const read = await api.call("GET", at(spec, path));
    const renamed = await api.call("PATCH", at(spec, path), { name: "models.yaml" });
    const promoted = await api.call("PATCH", at(spec, "components/models.yaml"), { type: "ROOT" });
    const listed = (await api.call("GET", `/specs/${spec.id}/files`)).body;

    expect([added.status, added.body.type, read.body.content, read.body.name]).toEqual([
      201,
      "DEFAULT",
      "Pet: {}",
      "schemas.yaml",
    ]);
    expect(renamed.body.path).toBe("components/models.yaml");
    expect(promoted.body.type).toBe("ROOT");
    expect(listed.files.map((file: { path: string; type: string }) => [file.path, file.type])).toEqual([
      ["components/models.yaml", "ROOT"],
      ["index.yaml", "DEFAULT"],
    ]);
    expect(listed.meta).toEqual({ nextCursor: null });
  });

  test.each([
    [{}, "The required body parameter is missing from the request."],
    [{ name: "a.yaml", content: "x" }, "Only one of 'content', 'type', or 'name' should be provided."],
    [{ type: "DEFAULT" }, "A specification has one root file"],
    [{ name: "a/b.yaml" }, "must not hold a slash"],
  ])("refuse the change %j", async (change, detail) => {
    const spec = await create();

    const answer = await api.call("PATCH", at(spec, "index.yaml"), change);

    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).detail).toContain(detail);
  });

  test("of the root cannot be deleted, others can", async () => {
    const spec = await create();
    await api.call("POST", `/specs/${spec.id}/files`, { path: "b.yaml", content: "" });

    const ofRoot = await api.call("DELETE", at(spec, "index.yaml"));
    const other = await api.call("DELETE", at(spec, "b.yaml"));
    const again = await api.call("DELETE", at(spec, "b.yaml"));

    expect([ofRoot.status, other.status, again.status]).toEqual([400, 204, 404]);
  });

  test("become one definition", async () => {
    const files = [
      {
        path: "index.json",
        type: "ROOT",
        content: JSON.stringify({
          openapi: "3.0.3",
          info: { title: "T", version: "1" },
          paths: { "/pets": { $ref: "paths/pets.yaml" } },
        }),
      },
      {
        path: "paths/pets.yaml",
        content: `get:\n  responses:\n    "200":\n      description: ok\n      content:\n        application/json:\n          schema: { $ref: "../models.yaml#/Pet" }\n`,
      },
      {
        path: "models.yaml",
        content: `Pet:\n  type: object\n  properties:\n    parent: { $ref: "#/Pet" }\n`,
      },
    ];
    const spec = await create({ files });

    const { status, body, headers } = await api.call("GET", `/specs/${spec.id}/definitions`);

    expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(body.paths["/pets"].get.responses["200"].content["application/json"].schema).toEqual({
      $ref: "#/components/schemas/Pet",
    });
    expect(body.components.schemas.Pet.properties.parent).toEqual({ $ref: "#/components/schemas/Pet" });
  });

  test("that are broken have no definition", async () => {
    const alone = await create({ files: [{ path: "a.json", content: "{" }] });
    const lost = await create({
      files: [
        { path: "a.json", content: '{"paths":{"/a":{"$ref":"gone.yaml"}}}' },
        { path: "b.json", content: "{}" },
      ],
    });

    for (const [spec, why] of [
      [alone, "not JSON"],
      [lost, 'the file "gone.yaml", which is not part of it'],
    ] as const) {
      const answer = await api.call("GET", `/specs/${spec.id}/definitions`);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({
        type: "MalformedSpecification",
        detail: expect.stringContaining(why),
      });
    }
  });

  test("of a single file are its definition as it is", async () => {
    const spec = await create();

    const { body, headers } = await api.call("GET", `/specs/${spec.id}/definitions`);

    expect([body, headers.get("content-type")]).toEqual([petsYaml, "application/yaml"]);
  });
});

describe("version tags", () => {
  test("keep the files as they were", async () => {
    const spec = await create();
    await api.call("POST", `/specs/${spec.id}/files`, { path: "a/b.yaml", content: "old" });

    const tagged = await api.call("POST", `/specs/${spec.id}/version-tags`, { name: "1.0.0" });
    await api.call("PATCH", at(spec, "a/b.yaml"), { content: "new" });
    const { body } = await api.call("GET", `/specs/${spec.id}/version-tags/${tagged.body.data.id}/files`);

    expect(tagged.status).toBe(201);
    const entries = body.data.map((entry: Record<string, string>) => [
      entry["type"],
      entry["path"],
      entry["content"],
    ]);
    expect(entries).toEqual([
      ["FOLDER", "a", undefined],
      ["FILE", "a/b.yaml", "old"],
      ["FILE", "index.yaml", petsYaml],
    ]);
    const [folder, file, index] = body.data;
    expect([folder.parentId, file.parentId, index.parentId]).toEqual([spec.id, folder.id, spec.id]);
    expect([file.fileType, index.fileType]).toEqual(["DEFAULT", "ROOT"]);
  });

  test("need a change since the last one, and are listed", async () => {
    const spec = await create();
    const tag = (name: string) => api.call("POST", `/specs/${spec.id}/version-tags`, { name });

    const first = await tag("1");
    const again = await tag("2");
    await api.call("PATCH", at(spec, "index.yaml"), { content: "openapi: 3.0.0" });
    const second = await tag("2");

    expect([first.status, again.status, second.status]).toEqual([201, 409, 201]);
    const page = (await api.call("GET", `/specs/${spec.id}/version-tags?limit=1`)).body;
    const rest = (
      await api.call("GET", `/specs/${spec.id}/version-tags?limit=1&cursor=${page.meta.nextCursor}`)
    ).body;
    expect([page.data, rest.data, rest.meta.nextCursor]).toEqual([
      [first.body.data],
      [second.body.data],
      null,
    ]);
    const unknown = await api.call("GET", `/specs/${spec.id}/version-tags/${crypto.randomUUID()}/files`);
    expect(unknown.status).toBe(404);
  });
});
