import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let api: TestApi;
let workspaceId: string;
let uid: string;
let environmentId: string;
const [folderId, requestId, responseId] = [newId(), newId(), newId()];

beforeAll(async () => {
  api = await testApi();
  ({ id: workspaceId } = await api.make.workspace({ createdBy: api.actor.userId, name: "Shops" }));
  const response = {
    id: responseId,
    name: "Made",
    code: 201,
    status: "Created",
    header: [{ key: "Content-Type", value: "application/json" }],
    body: '{"id":7}',
    originalRequest: { method: "POST", url: "http://a/orders" },
  };
  const request = {
    method: "POST",
    url: {
      raw: "{{baseUrl}}/orders/:kind?dry=1",
      query: [{ key: "dry", value: "1", description: "Only try" }],
      variable: [{ key: "kind", value: "new" }],
    },
    header: [{ key: "X-Shop", value: "{{shop}}" }],
    body: { mode: "raw", raw: "```json\n{}\n```" },
  };
  const collection = {
    info: { name: "Bookshop", description: "Sells books", schema: SCHEMA },
    auth: { type: "bearer", bearer: [{ key: "token", value: "very-secret-token" }] },
    variable: [{ key: "shop", value: "north" }],
    item: [
      {
        id: folderId,
        name: "Orders",
        description: "What was ordered",
        auth: {
          type: "apikey",
          apikey: [
            { key: "key", value: "X-Key" },
            { key: "value", value: "{{apiKey}}" },
          ],
        },
        item: [{ id: requestId, name: "Create order", request, response: [response] }],
      },
    ],
  };
  const made = await api.call("POST", `/collections?workspace=${workspaceId}`, { collection });
  ({ uid } = made.body.collection);
  const environment = {
    name: "Local",
    values: [
      { key: "baseUrl", value: "http://127.0.0.1", type: "default", enabled: true },
      { key: "apiKey", value: "hunter2", type: "secret", enabled: true },
      { key: "old", value: "x", enabled: false },
    ],
  };
  const stored = await api.call("POST", `/environments?workspace=${workspaceId}`, { environment });
  ({ id: environmentId } = stored.body.environment);
});

const read = async (path: string): Promise<string> => {
  const answer = await api.call("GET", `/context${path}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/markdown; charset=UTF-8");
  return answer.body;
};

describe("context texts", () => {
  test("of the installation and its instructions are there", async () => {
    for (const topic of ["", "/discovery", "/code-generation", "/maintenance"]) {
      expect(await read(`/instructions${topic}`)).toStartWith("# ");
    }
  });

  test("of workspaces name them and what is in them", async () => {
    expect(await read("/workspaces?name=SHO")).toBe(
      `# Workspaces\n\n- Shops (ID \`${workspaceId}\`, team, collections: 1)\n`,
    );
    const workspace = await read(`/workspaces/${workspaceId}`);
    expect(workspace).toContain(`Bookshop (ID \`${uid}\`)`);
    expect(workspace).toContain("Local (ID `");
  });

  test("of workspaces come in pages", async () => {
    await api.make.workspace({ name: "Second" });
    const first = await read("/workspaces?limit=1");
    const cursor = /cursor `([^`]+)`/.exec(first)?.[1] ?? "";
    expect(await read(`/workspaces?limit=1&cursor=${cursor}`)).toContain("Second");
    expect(await api.call("GET", "/context/workspaces?cursor=x")).toMatchObject({ status: 400 });
  });

  test("of an environment show enabled variables, and no secret", async () => {
    for (const text of [
      await read(`/environments/${environmentId}`),
      await read(`/workspaces/${workspaceId}/environments`),
    ]) {
      expect(text).toContain("Environment: Local");
      expect(text).toContain("- `baseUrl`: `http://127.0.0.1` (default)");
      expect(text).toContain("- `apiKey`: (secret, not shown) (secret)");
      expect(text).not.toContain("old");
    }
  });

  test("of a collection are its tree, its variables and how it signs in, without the credential", async () => {
    const text = await read(`/collections/${uid}`);

    expect(text).toStartWith(`# Collection: Bookshop\n\n- ID: \`${uid}\`\n\nSells books\n`);
    expect(text).toContain("- type: `bearer`\n- `token`: (set, not shown)");
    expect(text).toContain("- `shop`: `north`");
    expect(text).toContain(
      `- **Orders**/ (ID \`${folderId}\`)\n  - POST Create order \`{{baseUrl}}/orders/:kind?dry=1\` (ID \`${requestId}\`)`,
    );
    expect(text).not.toContain("very-secret-token");
  });

  test("of a folder, a request and a saved response are found by id and uid", async () => {
    expect(await read(`/collections/${uid}/folders/${folderId}`)).toContain("What was ordered");
    const request = await read(`/collections/${uid}/requests/${toUid(api.actor.userId, requestId)}`);
    expect(request).toContain("# Request: Create order");
    expect(request).toContain("- In: Orders");
    expect(request).toContain("- `dry`: `1` – Only try");
    expect(request).toContain(
      "Authentication (of the folder Orders)\n\n- type: `apikey`\n- `key`: `X-Key`\n- `value`: `{{apiKey}}`",
    );
    // A body cannot end its own block.
    expect(request).toContain("````\n```json\n{}\n```\n````");
    expect(request).toContain(`- Made: 201 Created (ID \`${responseId}\`)`);
    expect(await read(`/collections/${uid}/requests/${requestId}/responses/${responseId}`)).toContain(
      '{"id":7}',
    );
  });

  test("for code hold saved responses whole and say where variables come from", async () => {
    const text = await read(`/collections/${uid}/requests/${requestId}/context`);

    expect(text).toContain('{"id":7}');
    expect(text).toContain("- `baseUrl`: `http://127.0.0.1` (default) [environment Local]");
    expect(text).toContain("- `shop`: `north` [collection]");
    expect(text).toContain("- `apiKey`: (secret, not shown) (secret) [environment Local]");
    expect(text).not.toContain("hunter2");
  });

  test.each(["", "/folders/x", "/requests/x", "/requests/x/context", "/requests/x/responses/y"])(
    "of what is not there are 404: /collections/…%s",
    async (rest) => {
      const path = `/context/collections/${rest === "" ? newId() : uid}${rest}`;

      expect(await api.call("GET", path)).toMatchObject({
        status: 404,
        body: { error: { name: "instanceNotFoundError" } },
      });
    },
  );

  test("of what somebody may not see are 403 for him", async () => {
    const { id: hidden } = await api.make.workspace({ visibility: "private" });
    const collection = await api.make.collection({ workspaceId: hidden });
    const environment = await api.make.environment({ workspaceId: hidden });
    const { key } = await api.newKey({ role: "member" });
    const paths = [
      `/workspaces/${hidden}`,
      `/workspaces/${hidden}/environments`,
      `/collections/${collection.id}`,
      `/environments/${environment.id}`,
    ];

    for (const path of paths) {
      const answer = await api.call("GET", `/context${path}`, undefined, { "x-api-key": key });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    const all = await api.call("GET", "/context/workspaces", undefined, { "x-api-key": key });
    expect(all.body).not.toContain(hidden);
  });

  test("need the scope of what they tell of", async () => {
    const { key } = await api.newKey({ scopes: ["collections:read"] });
    const statusOf = async (path: string) =>
      (await api.call("GET", `/context${path}`, undefined, { "x-api-key": key })).status;

    expect(await statusOf(`/collections/${uid}`)).toBe(200);
    expect(await statusOf(`/environments/${environmentId}`)).toBe(403);
    expect(await statusOf("/workspaces")).toBe(403);
    const code = await api.call(
      "GET",
      `/context/collections/${uid}/requests/${requestId}/context`,
      undefined,
      {
        "x-api-key": key,
      },
    );
    expect(code.body).not.toContain("127.0.0.1");
    const { key: other } = await api.newKey({ scopes: ["workspaces:read"] });
    const environments = `/context/workspaces/${workspaceId}/environments`;
    expect((await api.call("GET", environments, undefined, { "x-api-key": other })).status).toBe(403);
  });
});
