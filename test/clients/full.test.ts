import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eventually } from "../support/eventually.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { stopEverything } from "../support/processes.ts";
import { absentTools } from "./absent-tools.ts";
import { type PostmanServer, startPostmanServer } from "./postman-server.ts";
import { bookshop, openApi, type Shop, startShop } from "./shop.ts";

setDefaultTimeout(120_000);

let installation: Installation;
let postman: PostmanServer;
let shop: Shop;
const made = { workspace: "", other: "", uid: "", folder: "", request: "", response: "", environment: "" };

beforeAll(async () => {
  shop = startShop();
  installation = await startInstallation({ args: ["--with-runner"] });
  postman = await startPostmanServer(installation, "full");
  made.workspace = (await newWorkspace("Shops")).id;
  made.other = (await newWorkspace("Others")).id;
});
afterAll(async () => {
  await postman.stop();
  await shop.stop();
  await stopEverything();
});

const call: PostmanServer["call"] = (tool, args) => postman.call(tool, args);
const newWorkspace = async (name: string) =>
  (await call("createWorkspace", { workspace: { name, type: "team" } })).workspace;
const until = <T>(check: () => Promise<T>) => eventually(check, { timeoutMs: 40_000, everyMs: 200 });

describe("the full set of Postman's MCP server", () => {
  test("works on the parts of a collection", async () => {
    const created = await call("createCollection", { workspace: made.workspace, collection: bookshop() });
    made.uid = created.collection.uid;
    const where = { collectionId: made.uid };
    made.folder = (await call("createCollectionFolder", { ...where, name: "Orders" })).data.id;
    await call("updateCollectionFolder", { ...where, folderId: made.folder, name: "All orders" });
    const request = { ...where, folder: made.folder, name: "Buy", method: "POST", url: "{{baseUrl}}/buy" };
    made.request = (await call("createCollectionRequest", request)).data.id;
    const response = { ...where, request: made.request, name: "Bought", text: "{}", language: "json" };
    made.response = (await call("createCollectionResponse", response)).data.id;
    await call("updateCollectionResponse", { ...where, responseId: made.response, name: "Was bought" });

    expect((await call("getCollectionFolder", { ...where, folderId: made.folder })).data.name).toBe(
      "All orders",
    );
    expect((await call("getCollectionRequest", { ...where, requestId: made.request })).data.name).toBe("Buy");
    const saved = await call("getCollectionResponse", { ...where, responseId: made.response });
    expect(saved.data.name).toBe("Was bought");

    const patched = { info: { name: "Bookshop 2" }, variable: [{ key: "shop", value: "north" }] };
    await call("patchCollection", { ...where, collection: patched });
    await call("updateCollectionTags", { ...where, tags: ["shop"] });
    expect(JSON.stringify(await call("getCollectionTags", where))).toContain("shop");
    const { collection } = await call("getCollection", { ...where, model: "full" });
    expect(collection.info.name).toBe("Bookshop 2");
    expect(collection.variable).toMatchObject([{ key: "shop", value: "north" }]);
    expect(await postman.fail("getCollectionUpdatesTasks", { taskId: made.request })).toContain("404");
  });

  test("moves and deletes parts", async () => {
    const where = { collectionId: made.uid };
    const { id: target } = (await call("createCollectionFolder", { ...where, name: "Copies" })).data;
    const extra = (await call("createCollectionRequest", { ...where, name: "Extra", method: "GET" })).data.id;
    const location = { id: null, model: null, position: "start" };
    const into = (id: string, model: string) => ({ mode: "copy", target: { id, model }, location });
    await call("transferCollectionRequests", { ids: [made.request], ...into(target, "folder") });
    await call("transferCollectionResponses", { ids: [made.response], ...into(extra, "request") });
    await call("transferCollectionFolders", { ids: [target], ...into(made.uid, "collection") });
    const copied = JSON.stringify((await call("getCollection", { ...where, model: "full" })).collection);
    expect(copied.match(/"Buy"/g)?.length).toBeGreaterThanOrEqual(3);

    const response = await call("createCollectionResponse", { ...where, request: extra, name: "Away" });
    await call("deleteCollectionResponse", { ...where, responseId: response.data.id });
    await call("deleteCollectionRequest", { ...where, requestId: extra });
    await call("deleteCollectionFolder", { ...where, folderId: target });
    expect(await postman.fail("getCollectionFolder", { ...where, folderId: target })).toContain("not found");
  });

  test("comments, and settles what was said", async () => {
    const where = { collectionId: made.uid };
    const places = [
      ["Collection", where],
      ["Folder", { ...where, folderId: made.folder }],
      ["Request", { ...where, requestId: made.request }],
      ["Response", { ...where, responseId: made.response }],
    ] as const;
    for (const [name, place] of places) {
      const { data } = await call(`create${name}Comment`, { ...place, body: "Is that so?" });
      await call(`update${name}Comment`, { ...place, commentId: data.id, body: "It is not" });
      expect(JSON.stringify(await call(`get${name}Comments`, place))).toContain("It is not");
      if (name === "Collection") await call("resolveCommentThread", { threadId: data.threadId });
      await call(`delete${name}Comment`, { ...place, commentId: data.id });
    }
  });

  test("forks a collection, and brings what changed there back", async () => {
    const fork = await call("createCollectionFork", {
      collectionId: made.uid,
      workspace: made.other,
      label: "mine",
    });
    const { uid } = fork.collection;
    expect((await call("getCollectionForks", { collectionId: made.uid })).data).toHaveLength(1);
    expect((await call("getCollectionsForkedByUser")).data).toHaveLength(1);
    await call("createCollectionRequest", { collectionId: uid, name: "From the fork", method: "GET" });
    expect(JSON.stringify(await call("getSourceCollectionStatus", { collectionId: uid }))).toContain(
      "collection",
    );

    const pull = await call("createCollectionPullRequest", {
      collectionId: uid,
      title: "More",
      reviewers: [],
      destinationId: made.uid,
    });
    const pullRequestId = pull.id;
    expect((await call("getCollectionPullRequests", { collectionId: made.uid })).data).toHaveLength(1);
    await call("updatePullRequest", { pullRequestId, title: "Even more", reviewers: [] });
    expect((await call("getPullRequest", { pullRequestId })).title).toBe("Even more");
    await call("reviewPullRequest", { pullRequestId, action: "merge" });
    const merged = await until(async () => {
      const text = JSON.stringify(await call("getCollection", { collectionId: made.uid, model: "full" }));
      return text.includes("From the fork") && text;
    });
    expect(merged).toContain("All orders");

    await call("patchCollection", {
      collectionId: made.uid,
      collection: { info: { description: "Source" } },
    });
    await call("pullCollectionChanges", { collectionId: uid });
    const pulled = await call("getCollection", { collectionId: uid, model: "full" });
    expect(JSON.stringify(pulled.collection.info.description)).toContain("Source");
    await call("createCollectionRequest", { collectionId: uid, name: "By merge", method: "GET" });
    await call("mergeCollectionFork", { source: uid, destination: made.uid });
    expect(JSON.stringify(await call("getCollection", { collectionId: made.uid }))).toContain("By merge");
    await call("deleteCollection", { collectionId: uid });
  });

  test("changes one variable of an environment", async () => {
    const values = [{ key: "baseUrl", value: "nowhere", type: "default", enabled: true }];
    const environment = { name: "Local", values };
    const created = await call("createEnvironment", { workspace: made.workspace, environment });
    made.environment = created.environment.uid;
    const body = [{ op: "replace", path: "/values/0/value", value: shop.url }];
    await call("patchEnvironment", { environmentId: made.environment, body });

    const read = await call("getEnvironment", { environmentId: made.environment });
    expect(read.environment.values[0].value).toBe(shop.url);
    const extra = await call("createEnvironment", {
      workspace: made.workspace,
      environment: { name: "Away" },
    });
    await call("deleteEnvironment", { environmentId: extra.environment.uid });
  });

  test("keeps a mock, its failures and who may ask it", async () => {
    const mock = { name: "Shop", collection: made.uid };
    const { id: mockId, mockUrl } = (await call("createMock", { workspace: made.workspace, mock })).mock;
    const serverResponse = { name: "Down", statusCode: 503, body: "down" };
    const response = await call("createMockServerResponse", { mockId, serverResponse });
    const serverResponseId = (response.serverResponse ?? response).id;
    const changed = { name: "Quite down", statusCode: 500, body: "down" };
    await call("updateMockServerResponse", { mockId, serverResponseId, serverResponse: changed });
    expect(JSON.stringify(await call("getMockServerResponses", { mockId }))).toContain("Quite down");
    expect(JSON.stringify(await call("getMockServerResponse", { mockId, serverResponseId }))).toContain(
      "500",
    );
    await call("updateMock", { mockId, mock: { collection: made.uid, config: { serverResponseId } } });
    expect((await fetch(`${mockUrl}/books`)).status).toBe(500);
    await call("updateMock", { mockId, mock: { collection: made.uid, config: { serverResponseId: null } } });
    await call("deleteMockServerResponse", { mockId, serverResponseId });
    await call("unpublishMock", { mockId });
    expect((await fetch(`${mockUrl}/buy`, { method: "POST" })).status).toBeGreaterThanOrEqual(400);
    await call("deleteMock", { mockId });
  });

  test("has a collection run by a runner, and reads what came of it", async () => {
    // Its own collection: one request with a test.
    const created = await call("createCollection", { workspace: made.workspace, collection: bookshop() });
    const monitor = {
      name: "Watch",
      collection: created.collection.uid,
      environment: made.environment,
      schedule: { cron: "0 0 * * *", timezone: "UTC" },
    };
    const { id: monitorId } = (await call("createMonitor", { workspace: made.workspace, monitor })).monitor;
    await call("updateMonitor", { monitorId, monitor: { name: "Watch more" } });
    expect((await call("getMonitors", { workspace: made.workspace })).monitors).toMatchObject([
      { id: monitorId, name: "Watch more" },
    ]);

    const { run } = await call("runMonitor", { monitorId });
    expect(run.info.status).toBe("success");
    expect(run.stats.assertions).toEqual({ total: 1, failed: 0 });
    expect((await call("getMonitor", { monitorId })).monitor.lastRun.status).toBe("success");

    const { executions } = await call("listMonitorExecutions", { monitorId });
    const [{ id: executionId }] = executions;
    const { runs } = await call("listRunsForExecution", { monitorId, executionId });
    const [{ id: runId }] = runs;
    const { results } = await call("getMonitorRunResults", { monitorId, runId });
    expect(results.events.map((event: { event: string }) => event.event)).toEqual([
      "beforeItem",
      "assertion",
    ]);
    expect(await postman.fail("getMonitorRunResults", { monitorId, runId: executionId })).toContain("404");

    const stage = await call("createApiCatalogSystemEnvironment", { name: "Live", color: "#00ff00" });
    const systemEnvironmentId = stage.data.id;
    await call("updateApiCatalogSystemEnvironment", { systemEnvironmentId, isProduction: true });
    const workspaceEnvironmentIds = [made.environment];
    const stageArgs = { systemEnvironmentId, workspaceEnvironmentIds };
    await call("addApiCatalogSystemEnvironmentAssociations", stageArgs);
    expect((await call("getApiCatalogSystemEnvironments")).data).toHaveLength(1);
    expect(
      (await call("getApiCatalogSystemEnvironment", { systemEnvironmentId })).data.associationCount,
    ).toBe(1);
    const associations = await call("getApiCatalogSystemEnvironmentAssociations", { systemEnvironmentId });
    expect(associations.data).toMatchObject([{ workspaceEnvironmentId: made.environment }]);

    const services = await call("getApiCatalogServices", { systemEnvironmentId });
    expect(services.data).toMatchObject([{ id: made.workspace, status: "healthy" }]);
    const service = { serviceId: made.workspace, systemEnvironmentId };
    expect((await call("getApiCatalogService", service)).data.traffic.totalRequests).toBe(1);
    const endpoints = await call("getApiCatalogServiceEndpoints", service);
    expect(endpoints.data).toMatchObject([{ method: "GET", path: "/books", requestCount: 1 }]);
    expect((await call("getApiCatalogServiceMonitorRuns", service)).data).toMatchObject([{ id: runId }]);
    expect((await call("getApiCatalogServiceCiRuns", service)).data).toEqual([]);
    await call("removeApiCatalogSystemEnvironmentAssociations", stageArgs);

    await call("deleteMonitor", { monitorId });
  });

  test("reports and reads discovered services", async () => {
    const discoveredServices = [{ name: "orders", tags: ["core"] }];
    const { data } = await call("postApiCatalogDiscoveryServices", { discoveredServices });
    expect((await call("getApiCatalogDiscoveryServices", { search: "ord" })).data).toHaveLength(1);
    const found = await call("getApiCatalogDiscoveryService", { serviceId: data[0].id });
    expect(found).toMatchObject({ name: "orders", tags: ["core"] });
  });

  test("keeps a workspace, its news and who is in it", async () => {
    const workspaceId = made.workspace;
    const values = [{ key: "zone", value: "eu", type: "default", enabled: true }];
    await call("updateWorkspaceGlobalVariables", { workspaceId, values });
    expect((await call("getWorkspaceGlobalVariables", { workspaceId })).values).toMatchObject([
      { key: "zone" },
    ]);
    await call("updateWorkspaceTags", { workspaceId, tags: ["team-shop"] });
    expect(JSON.stringify(await call("getWorkspaceTags", { workspaceId }))).toContain("team-shop");
    expect(JSON.stringify(await call("getWorkspaceActivityFeed", { workspaceId }))).toContain("ollection");

    const news = { workspaceId, topic: "Soon", description: "More books", category: "announcement" };
    const update = await call("createWorkspaceUpdate", news);
    const updateId = (update.data ?? update).id;
    const patch = { ...news, updateId, "Content-Type": "application/merge-patch+json", topic: "Now" };
    await call("patchWorkspaceUpdate", patch);
    expect(JSON.stringify(await call("getWorkspaceUpdate", { workspaceId, updateId }))).toContain("Now");
    expect(JSON.stringify(await call("getWorkspaceUpdates", { workspaceId }))).toContain("Now");
    await call("deleteWorkspaceUpdate", { workspaceId, updateId });

    expect(JSON.stringify(await call("getAllWorkspaceRoles"))).toContain("iewer");
    expect(JSON.stringify(await call("getWorkspaceRoles", { workspaceId }))).toContain("user");
    const { user } = await call("getAuthenticatedUser");
    const grant = { op: "add", path: "/user", value: [{ id: String(user.id), role: "3" }] };
    await call("updateWorkspaceRoles", { workspaceId, roles: [grant] });

    const moved = await call("createEnvironment", { workspace: workspaceId, environment: { name: "Moves" } });
    const to = { workspaceId, id: moved.environment.uid, type: "environment", to: made.other };
    await call("transferWorkspaceElement", to);
    expect((await call("getEnvironments", { workspace: made.other })).environments).toMatchObject([
      { name: "Moves" },
    ]);
  });

  test("knows the people, and what they did", async () => {
    const users = await call("getTeamUsers");
    expect(JSON.stringify(users)).toContain("admin@example.com");
    const { user } = await call("getAuthenticatedUser");
    expect(await call("getTeamUser", { userId: user.id })).toMatchObject({ email: "admin@example.com" });
    expect(JSON.stringify(await call("getTeams"))).toContain("Sallyport");
    expect(JSON.stringify(await call("getTeam", { teamId: user.teamId }))).toContain("Sallyport");
    const { trails } = await call("getAuditLogs", { limit: 5 });
    expect(trails).toHaveLength(5);
    expect(JSON.stringify(await call("getAuditLogEventActions"))).toContain("collection");
    await call("getGroups");
    await postman.fail("getGroup", { groupId: 1 });
  });

  test("keeps specifications, and tells how far a task is", async () => {
    const spec = await call("createSpec", {
      workspaceId: made.workspace,
      name: "Pets",
      type: "OPENAPI:3.0",
      files: [{ path: "index.json", content: openApi, type: "ROOT" }],
    });
    const specId = spec.id;
    await call("createSpecFile", { specId, path: "a.json", content: "{}" });
    await call("deleteSpecFile", { specId, filePath: "a.json" });
    const started = await call("generateCollection", {
      specId,
      elementType: "collection",
      name: "Of pets",
      options: {},
    });
    const task = { elementType: "specs", elementId: specId, taskId: started.taskId };
    const ended = await until(async () => {
      const told = await call("getAsyncSpecTaskStatus", task);
      return told.status !== "pending" && told;
    });
    expect(ended).toMatchObject({ status: "completed" });
    await call("deleteSpec", { specId });
    expect(await postman.fail("getSpec", { specId })).toContain("not found");
  });

  test.each(absentTools)("%s is told that there is no such thing here", async (tool, args) => {
    expect(await postman.fail(tool, args)).toContain("501");
  });

  test("deletes a workspace with all that is in it", async () => {
    await call("deleteWorkspace", { workspaceId: made.workspace });
    expect(await postman.fail("getWorkspace", { workspaceId: made.workspace })).toContain("not found");
  });

  test("was called as a whole, with the minimal set", async () => {
    const minimal = await startPostmanServer(installation, "minimal");
    await minimal.stop();
    const elsewhere = new Set([
      // In the test of that set.
      ...minimal.tools,
      // In the test of the code set.
      "getPostmanContextOverview",
      "getApiDiscoveryInstructions",
      "getCodeGenerationInstructions",
      "getInstalledApiMaintenanceInstructions",
      // Asks a server of Postman's on the internet.
      "searchLearningCenter",
    ]);

    expect(postman.tools.filter((tool) => !postman.called.has(tool) && !elsewhere.has(tool))).toEqual([]);
  });
});
