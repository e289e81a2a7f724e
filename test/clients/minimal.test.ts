import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eventually } from "../support/eventually.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { stopEverything } from "../support/processes.ts";
import { type PostmanServer, startPostmanServer } from "./postman-server.ts";
import { bookshop, openApi, type Shop, startShop } from "./shop.ts";

setDefaultTimeout(120_000);

let installation: Installation;
let postman: PostmanServer;
let shop: Shop;
beforeAll(async () => {
  shop = startShop();
  installation = await startInstallation();
  postman = await startPostmanServer(installation, "minimal");
});
afterAll(async () => {
  await postman.stop();
  await shop.stop();
  await stopEverything();
});

const call: PostmanServer["call"] = (tool, args) => postman.call(tool, args);

/** What one part of the story leaves for the next ones. */
const made = { workspace: "", collection: "", uid: "", request: "", environment: "", mock: "", spec: "" };

describe("the minimal set of Postman's MCP server", () => {
  test("knows who speaks", async () => {
    const { user } = await call("getAuthenticatedUser");

    expect(user).toMatchObject({ email: "admin@example.com", teamId: expect.any(Number) });
    expect(JSON.stringify(await call("getEnabledTools"))).toContain("minimal");
  });

  test("makes, changes and finds a workspace", async () => {
    const { workspace } = await call("createWorkspace", { workspace: { name: "Shops", type: "team" } });
    made.workspace = workspace.id;

    const about = { name: "Shops & more", about: "All of them" };
    await call("updateWorkspace", { workspaceId: made.workspace, workspace: about });

    const found = await call("getWorkspace", { workspaceId: made.workspace });
    expect(found.workspace).toMatchObject({ name: "Shops & more", about: "All of them", visibility: "team" });
    expect(await call("getWorkspaces", { limit: 100 })).toContain(made.workspace);
    expect(await postman.fail("createWorkspace")).toContain("'workspace' object missing in the request");
  });

  test("makes a collection, with requests and saved responses, and writes it anew", async () => {
    const created = await call("createCollection", { workspace: made.workspace, collection: bookshop() });
    made.collection = created.collection.id;
    made.uid = created.collection.uid;
    expect(await call("getCollections", { workspace: made.workspace, limit: 10 })).toContain("Bookshop");

    const request = await call("createCollectionRequest", {
      collectionId: made.uid,
      name: "Buy",
      method: "POST",
      url: "{{baseUrl}}/orders",
      headerData: [{ key: "X-Shop", value: "north" }],
      dataMode: "raw",
      rawModeData: '{"book":1}',
    });
    made.request = request.data.id;
    await call("updateCollectionRequest", {
      collectionId: made.uid,
      requestId: made.request,
      name: "Buy a book",
      url: "{{baseUrl}}/buy",
    });
    await call("createCollectionResponse", {
      collectionId: made.uid,
      request: made.request,
      name: "Bought",
      url: "{{baseUrl}}/buy",
      method: "POST",
      responseCode: { code: 201, name: "Created" },
      headers: [{ key: "Content-Type", value: "application/json" }],
      text: '{"order":7}',
      language: "json",
      mime: "application/json",
    });

    const map = await call("getCollection", { collectionId: made.uid });
    expect(JSON.stringify(map)).toContain("Buy a book");
    const { collection } = await call("getCollection", { collectionId: made.uid, model: "full" });
    expect(collection.item[1]).toMatchObject({
      name: "Buy a book",
      request: {
        method: "POST",
        header: [{ key: "X-Shop", value: "north" }],
        body: { mode: "raw", raw: '{"book":1}' },
      },
      response: [{ name: "Bought", code: 201, body: '{"order":7}' }],
    });

    collection.info.description = "Sells and buys";
    const put = await call("putCollection", { collectionId: made.uid, collection });
    expect(put.collection).toMatchObject({ id: made.collection, uid: made.uid });
    const again = await call("getCollection", { collectionId: made.uid, model: "full" });
    expect(again.collection.info.description).toBe("Sells and buys");
    expect(again.collection.item[1]).toMatchObject({ id: made.request, response: [{ name: "Bought" }] });
  });

  test("copies a collection in the background", async () => {
    const { task } = await call("duplicateCollection", {
      collectionId: made.uid,
      workspace: made.workspace,
      suffix: "copy",
    });

    await eventually(
      async () => {
        const told = await call("getDuplicateCollectionTaskStatus", { taskId: task.id });
        return told.task.status === "completed" && told;
      },
      { everyMs: 100 },
    );
    expect(await call("getCollections", { workspace: made.workspace })).toContain("copy");
  });

  test("makes and changes an environment", async () => {
    const values = [{ key: "baseUrl", value: "http://127.0.0.1:1", enabled: true, type: "default" }];
    const created = await call("createEnvironment", {
      workspace: made.workspace,
      environment: { name: "Local", values },
    });
    made.environment = created.environment.uid;
    values[0] = { key: "baseUrl", value: shop.url, enabled: true, type: "default" };
    await call("putEnvironment", {
      environmentId: made.environment,
      environment: {
        name: "Local",
        values: [...values, { key: "token", value: "s3cr3t", type: "secret", enabled: true }],
      },
    });

    const { environments } = await call("getEnvironments", { workspace: made.workspace });
    expect(environments).toMatchObject([{ name: "Local", uid: made.environment }]);
    const { environment } = await call("getEnvironment", { environmentId: made.environment });
    expect(environment.values).toMatchObject([
      { key: "baseUrl", value: shop.url },
      { key: "token", value: "s3cr3t", type: "secret" },
    ]);
  });

  test("runs the collection itself and reports that", async () => {
    const output = await call("runCollection", { collectionId: made.uid, environmentId: made.environment });

    expect(output).toContain("answers 200");
    expect(output).toContain("Passed: 1");
    const reported = await eventually(
      async () => {
        const path = `/api-catalog/services/${made.workspace}/ci-runs`;
        const { data } = await installation.call<{ data: unknown[] }>("GET", path);
        return data.length > 0 && data;
      },
      { everyMs: 100 },
    );
    expect(reported).toMatchObject([
      { status: "passed", collection: { id: made.uid }, summary: { totalRequests: 2, totalAssertions: 1 } },
    ]);
  });

  test("makes a mock that answers with a saved response, and publishes it", async () => {
    const { mock } = await call("createMock", {
      workspace: made.workspace,
      mock: { name: "Shop", collection: made.uid, environment: made.environment, private: true },
    });
    made.mock = mock.id;
    expect((await fetch(`${mock.mockUrl}/buy`, { method: "POST" })).status).toBeGreaterThanOrEqual(400);

    await call("updateMock", {
      mockId: made.mock,
      mock: { collection: made.uid, name: "Shop 2", private: true },
    });
    await call("publishMock", { mockId: made.mock });

    const answer = await fetch(`${mock.mockUrl}/buy`, { method: "POST" });
    expect([answer.status, await answer.json()]).toEqual([201, { order: 7 }]);
    expect((await call("getMock", { mockId: made.mock })).mock).toMatchObject({ name: "Shop 2" });
    expect((await call("getMocks", { workspace: made.workspace })).mocks).toMatchObject([{ id: made.mock }]);
    expect(await postman.fail("getMock", { mockId: made.workspace })).toContain("not found");
  });

  test("keeps a specification and its files", async () => {
    const created = await call("createSpec", {
      workspaceId: made.workspace,
      name: "Pets",
      type: "OPENAPI:3.0",
      files: [{ path: "index.json", content: openApi, type: "ROOT" }],
    });
    made.spec = created.id;
    await call("createSpecFile", { specId: made.spec, path: "parts/pet.json", content: "{}" });
    await call("updateSpecFile", {
      specId: made.spec,
      filePath: "parts/pet.json",
      content: '{"type":"object"}',
    });
    await call("updateSpecProperties", { specId: made.spec, name: "All pets" });

    expect(await call("getSpec", { specId: made.spec })).toMatchObject({
      name: "All pets",
      type: "OPENAPI:3.0",
    });
    expect((await call("getAllSpecs", { workspaceId: made.workspace })).specs).toHaveLength(1);
    expect(JSON.stringify(await call("getSpecDefinition", { specId: made.spec }))).toContain("/pets");
    expect((await call("getSpecFiles", { specId: made.spec })).files).toHaveLength(2);
    const file = await call("getSpecFile", { specId: made.spec, filePath: "parts/pet.json" });
    expect(file).toMatchObject({ path: "parts/pet.json", content: '{"type":"object"}' });
  });

  test("makes a collection of a specification, and keeps them in step", async () => {
    await call("generateCollection", {
      specId: made.spec,
      elementType: "collection",
      name: "Of pets",
      options: {},
    });
    const [generated] = await eventually(
      async () => {
        const { collections } = await call("getSpecCollections", {
          specId: made.spec,
          elementType: "collection",
        });
        return collections?.length > 0 && collections;
      },
      { everyMs: 200 },
    );
    expect(generated).toMatchObject({ name: "Of pets", state: expect.any(String) });

    const changed = openApi.replace('"/pets"', '"/owners"');
    await call("updateSpecFile", { specId: made.spec, filePath: "index.json", content: changed });
    const uid = generated.id;
    await call("syncCollectionWithSpec", { collectionUid: uid, specId: made.spec });
    const inSync = () =>
      eventually(
        async () => {
          const { collection } = await call("getCollection", { collectionId: uid, model: "full" });
          return JSON.stringify(collection).includes("owners");
        },
        { everyMs: 200 },
      );
    await inSync();
    const synced = await call("syncSpecWithCollection", { specId: made.spec, collectionUid: uid });
    expect(JSON.stringify(synced)).toContain("taskId");
  });

  test("makes a specification of a collection", async () => {
    await call("generateSpecFromCollection", {
      collectionUid: made.uid,
      elementType: "spec",
      name: "Of books",
      type: "OPENAPI:3.0",
      format: "JSON",
    });

    const specs = await eventually(
      async () => {
        const told = await call("getGeneratedCollectionSpecs", {
          collectionUid: made.uid,
          elementType: "spec",
        });
        return JSON.stringify(told).includes("Of books") && told;
      },
      { everyMs: 200 },
    );
    expect(JSON.stringify(specs)).toContain("Of books");
  });

  test("finds elements by words and by tag", async () => {
    const found = await call("searchPostmanElements", { q: "buy book" });
    expect(found.data[0]).toMatchObject({ name: "Buy a book", method: "POST" });

    await installation.call("PUT", `/collections/${made.uid}/tags`, { tags: [{ slug: "shop" }] });
    const tagged = await call("getTaggedEntities", { slug: "shop", entityType: "collection" });
    expect(JSON.stringify(tagged)).toContain(made.collection);
  });

  test("was called as a whole", () => {
    expect(postman.tools.filter((tool) => !postman.called.has(tool))).toEqual([]);
  });
});
