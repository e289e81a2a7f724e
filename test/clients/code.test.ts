import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type Installation, startInstallation } from "../support/installation.ts";
import { stopEverything } from "../support/processes.ts";
import { type PostmanServer, startPostmanServer } from "./postman-server.ts";

setDefaultTimeout(120_000);

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let installation: Installation;
let postman: PostmanServer;
const made = { workspace: "", collection: "", environment: "", folder: "", request: "", response: "" };

beforeAll(async () => {
  installation = await startInstallation();
  postman = await startPostmanServer(installation, "code");
  const { workspace } = await installation.call<{ workspace: { id: string } }>("POST", "/workspaces", {
    workspace: { name: "Shops", type: "team" },
  });
  made.workspace = workspace.id;
  const request = {
    method: "GET",
    url: "{{baseUrl}}/books?limit=2",
    auth: { type: "bearer", bearer: [{ key: "token", value: "{{token}}" }] },
  };
  const response = [{ name: "Two", code: 200, status: "OK", header: [], body: "[1,2]" }];
  const collection = {
    info: { name: "Bookshop", description: "Sells books", schema: SCHEMA },
    item: [{ name: "Shelf", item: [{ name: "List books", request, response }] }],
  };
  const stored = await installation.call<{ collection: { uid: string } }>(
    "POST",
    `/collections?workspace=${made.workspace}`,
    { collection },
  );
  made.collection = stored.collection.uid;
  const environment = {
    name: "Local",
    values: [
      { key: "baseUrl", value: "http://shop.test", enabled: true },
      { key: "token", value: "hunter2", type: "secret", enabled: true },
    ],
  };
  const kept = await installation.call<{ environment: { uid: string } }>(
    "POST",
    `/environments?workspace=${made.workspace}`,
    { environment },
  );
  made.environment = kept.environment.uid;
});
afterAll(async () => {
  await postman.stop();
  await stopEverything();
});

const call: PostmanServer["call"] = (tool, args) => postman.call(tool, args);

describe("the code set of Postman's MCP server", () => {
  test("reads what to do", async () => {
    expect(await call("getPostmanContextOverview")).toStartWith("# ");
    expect(await call("getApiDiscoveryInstructions")).toStartWith("# Finding APIs");
    expect(await call("getInstalledApiMaintenanceInstructions")).toStartWith("# ");
    expect(await call("getCodeGenerationInstructions")).toStartWith("# Writing client code");
    expect((await call("getAuthenticatedUser")).user.email).toBe("admin@example.com");
  });

  test("finds its way from a word to a request", async () => {
    const { data } = await call("searchPostmanElements", {
      entityType: "collections",
      q: "bookshop",
      filters: { $and: [{ visibility: { $eq: "internal" } }] },
    });
    expect(data).toMatchObject([{ id: made.collection, name: "Bookshop" }]);
    const map = JSON.stringify(await call("getCollection", { collectionId: data[0].id }));
    expect(map).toContain("List books");
    const { collection } = await call("getCollection", { collectionId: data[0].id, model: "full" });
    const [folder] = collection.item;
    const [request] = folder.item;
    made.folder = folder.id;
    made.request = request.id;
    made.response = request.response[0].id;

    const where = { collectionId: made.collection };
    const read = [
      await call("getCollectionFolder", { ...where, folderId: made.folder }),
      await call("getCollectionRequest", { ...where, requestId: made.request }),
      await call("getCollectionResponse", { ...where, responseId: made.response }),
    ];
    expect(read.map(({ data: { name } }) => name)).toEqual(["Shelf", "List books", "Two"]);
  });

  test("reads workspaces and environments", async () => {
    expect(await call("getWorkspaces", { limit: 100 })).toContain("Shops");
    expect((await call("getWorkspace", { workspaceId: made.workspace })).workspace.name).toBe("Shops");
    const { environments } = await call("getEnvironments", { workspace: made.workspace });
    expect(environments).toMatchObject([{ name: "Local" }]);
    const { environment } = await call("getEnvironment", { environmentId: made.environment });
    expect(environment.values).toHaveLength(2);
  });

  test("reads everything as Markdown", async () => {
    const request = { collectionId: made.collection, requestId: made.request };
    const texts: [tool: string, args: Record<string, unknown>, holds: string][] = [
      ["getWorkspacesContext", { name: "shop" }, "Shops"],
      ["getWorkspaceContext", { workspaceId: made.workspace }, "Bookshop"],
      ["getWorkspaceEnvironmentsContext", { workspaceId: made.workspace }, "`baseUrl`: `http://shop.test`"],
      ["getEnvironmentContext", { environmentId: made.environment }, "(secret, not shown)"],
      ["getCollectionContext", { collectionId: made.collection }, "Sells books"],
      ["getFolderContext", { collectionId: made.collection, folderId: made.folder }, "# Folder: Shelf"],
      ["getRequestContext", request, "GET {{baseUrl}}/books?limit=2"],
      ["getResponseContext", { ...request, responseId: made.response }, "[1,2]"],
      ["getRequestCodeContext", request, "[environment Local]"],
    ];

    for (const [tool, args, holds] of texts) {
      const text = await call(tool, args);
      expect([tool, text]).toEqual([tool, expect.stringContaining(holds)]);
      expect(text).not.toContain("hunter2");
    }
  });

  test("says what is not there", async () => {
    const args = { collectionId: made.collection, requestId: made.folder };

    expect(await postman.fail("getRequestContext", args)).toContain("404");
    expect(await postman.fail("getWorkspace", { workspaceId: made.folder })).toContain("Workspace not found");
  });

  test("was called as a whole", () => {
    expect(postman.tools.filter((tool) => !postman.called.has(tool))).toEqual([]);
  });
});
