import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { servedApi } from "../support/served-api.ts";

setDefaultTimeout(120_000);

let api: TestApi;
let workspaceId: string;

beforeAll(async () => {
  api = await testApi();
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId, visibility: "private" }));
});

const vault = {
  enabled: true,
  key: "apiKey",
  secret: true,
  source: { provider: "postman", postman: { type: "cloud", secretId: "a", vaultId: "b" } },
  type: "default",
};
const values = () => [
  { key: "url", value: "http://a", type: "default", enabled: true },
  { key: "token", value: "s3cr3t", type: "secret", enabled: true },
  vault,
];

const created = async () =>
  (
    await api.call("POST", `/environments?workspace=${workspaceId}`, {
      environment: { name: "Local", values: values() },
    })
  ).body.environment.id as string;

const patch = async (id: string, body: unknown) => await api.call("PATCH", `/environments/${id}`, body);

describe("PATCH /environments/{id}", () => {
  test("changes name and variables, keeps the rest and answers the whole environment", async () => {
    const id = await created();

    const { status, body } = await patch(id, [
      { op: "replace", path: "/name", value: "Staging" },
      { op: "replace", path: "/values/1/value", value: "new" },
      { op: "add", path: "/values/0/description", value: "Where it is" },
      { op: "add", path: "/values/1", value: { key: "added", value: "1" } },
      { op: "remove", path: "/values/0" },
    ]);

    expect(status).toBe(200);
    expect(body.environment).toMatchObject({ id, name: "Staging", isPublic: false });
    expect(body.environment.values).toEqual([
      { key: "added", value: "1" },
      { key: "token", value: "new", type: "secret", enabled: true },
      vault,
    ]);
    expect((await api.call("GET", `/environments/${id}`)).body).toEqual(body);
  });

  test("a secret that was patched is sealed at rest", async () => {
    const id = await created();

    await patch(id, [{ op: "replace", path: "/values/1/value", value: "very-hidden" }]);

    const [row] = await api.database.sql`select values::text as text from environments where id = ${id}`;
    expect(String(row?.["text"])).not.toContain("very-hidden");
  });

  test.each([
    ["no list", {}, "Patch sequence must be an array"],
    [
      "no value",
      [{ op: "replace", path: "/values/0/enabled" }],
      "Patch operations with empty value are not supported",
    ],
    [
      "a number",
      [{ op: "replace", path: "/values/1/value", value: 1 }],
      ["/values/1/value: must be a string"],
    ],
    [
      "a variable with a number",
      [{ op: "add", path: "/values/1", value: { key: "a", value: 1 } }],
      ["/values/1/value: must be a string"],
    ],
    [
      "a place elsewhere",
      [{ op: "replace", path: "/owner", value: "1" }],
      "Invalid path in JSON Patch operation",
    ],
    [
      "behind the end",
      [{ op: "replace", path: "/values/9/value", value: "1" }],
      "Cannot perform the operation at a path that does not exist",
    ],
  ])("%s is 400 in Postman's words, and nothing changes", async (_name, body, detail) => {
    const id = await created();

    const answer = await patch(id, body);

    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.parse(answer.body)).toMatchObject({
      type: "https://api.postman.com/problems/bad-request",
      title: "Bad Request",
      status: 400,
      detail,
      instance: `/api/environments/${id}`,
    });
    expect((await api.call("GET", `/environments/${id}`)).body.environment.values).toEqual(values());
  });

  test.each([
    ["an unknown operation", [{ op: "increment", path: "/name" }]],
    ["a variable without a key", [{ op: "add", path: "/values/0", value: { value: "a" } }]],
    ["an empty name", [{ op: "replace", path: "/name", value: "" }]],
    [
      "a second operation that fails",
      [
        { op: "remove", path: "/values/0" },
        { op: "remove", path: "/values/7" },
      ],
    ],
  ])("%s is 400, and nothing changes", async (_name, body) => {
    const id = await created();

    expect((await patch(id, body)).status).toBe(400);
    expect((await api.call("GET", `/environments/${id}`)).body.environment.values).toEqual(values());
  });

  test("an id that can be none is 400, one that nobody has 404", async () => {
    const operations = [{ op: "replace", path: "/name", value: "a" }];

    expect((await patch("nonsense", operations)).status).toBe(400);
    expect((await patch(newId(), operations)).body.error.name).toBe("instanceNotFoundError");
  });

  test("patches at the same time do not undo each other", async () => {
    const id = await created();
    const keys = ["a", "b", "c", "d", "e"];

    await Promise.all(
      keys.map((key) => patch(id, [{ op: "add", path: "/values/-", value: { key, value: key } }])),
    );

    const { body } = await api.call("GET", `/environments/${id}`);
    const found: { key: string }[] = body.environment.values;
    expect(found.map(({ key }) => key)).toEqual(expect.arrayContaining(keys));
  });
});

describe("environments and globals of a private workspace", () => {
  test("are not there for others, and only read by a viewer", async () => {
    const id = await created();
    const stranger = await api.newKey({ role: "member" });
    const viewer = await api.newKey({ role: "member" });
    await api.database.sql`insert into workspace_members (workspace_id, user_id, role)
      values (${workspaceId}, ${viewer.actor.userId}, 'viewer')`;
    const calls: [string, string, unknown][] = [
      ["GET", `/environments/${id}`, undefined],
      ["GET", `/workspaces/${workspaceId}/global-variables`, undefined],
      ["PATCH", `/environments/${id}`, [{ op: "replace", path: "/name", value: "a" }]],
      ["PUT", `/environments/${id}`, { environment: { name: "a" } }],
      ["DELETE", `/environments/${id}`, undefined],
      ["POST", `/environments?workspace=${workspaceId}`, { environment: { name: "a" } }],
      ["PUT", `/workspaces/${workspaceId}/global-variables`, { values: [] }],
    ];
    const statuses = async (key: string) => {
      const found: number[] = [];
      for (const [method, path, body] of calls) {
        found.push((await api.call(method, path, body, { "x-api-key": key })).status);
      }
      return found;
    };

    expect(await statuses(stranger.key)).toEqual([403, 403, 403, 403, 403, 403, 403]);
    expect(await statuses(viewer.key)).toEqual([200, 200, 403, 403, 403, 403, 403]);
  });

  test("are in the lists of whoever may see them only", async () => {
    const id = await created();
    const stranger = await api.newKey({ role: "member" });
    const listed = async (path: string, key: string) => {
      const { body } = await api.call("GET", path, undefined, { "x-api-key": key });
      return (body.environments as { id: string }[]).some((environment) => environment.id === id);
    };

    expect(await listed("/environments", api.key)).toBeTrue();
    expect(await listed("/environments", stranger.key)).toBeFalse();
    expect(await listed(`/environments?workspace=${workspaceId}`, stranger.key)).toBeFalse();
  });
});

test("a body of unknown length is 411", async () => {
  const served = await servedApi();
  try {
    const { id } = await served.make.environment();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"environment":{"name":"a"}}'));
        controller.close();
      },
    });

    const answer = await fetch(`${served.url}/api/environments/${id}`, {
      method: "PUT",
      headers: { "x-api-key": served.key },
      body,
    });

    expect(answer.status).toBe(411);
    expect(await answer.json()).toMatchObject({
      type: "https://api.postman.com/problems/length-required",
      detail: "A valid Content-Length header is required",
    });
  } finally {
    await served.stop();
  }
});

test("more than 30 MB is 413", async () => {
  const id = await created();

  const answer = await api.call("PATCH", `/environments/${id}`, "[]", {
    "x-api-key": api.key,
    "content-length": String(31 * 1024 * 1024),
  });

  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body)).toMatchObject({
    type: "https://api.postman.com/problems/payload-too-large",
    status: 413,
  });
});
