import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { RunEvent } from "../../src/contract/events.ts";
import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const DAY_MS = 86_400_000;

let api: TestApi;
let serviceId: string;
let stageId: string;
let collection: { id: string; uid: string };
let environment: { id: string; uid: string };
let monitorId: string;

const step = (position: number, method: string, url: string, code: number, totalMs: number): RunEvent => ({
  seq: position,
  type: "step_finished",
  step: {
    position,
    iteration: 0,
    itemId: `i${position}`,
    name: "N",
    path: [],
    startedMs: 0,
    durationMs: totalMs,
    skipped: false,
    request: { method, url, headers: [] },
    redirects: [],
    response: {
      code,
      status: "",
      headers: [],
      body: { bytes: 2 },
      wireBytes: 2,
      httpVersion: "1.1",
    },
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, firstByteMs: 0, downloadMs: 0, totalMs },
    assertions: [],
    console: [],
    errors: [],
  },
});

const finished = (
  outcome: "passed" | "failed" | "errored",
  ageDays: number,
  rest: Record<string, unknown> = {},
) => ({
  monitorId,
  status: "finished" as const,
  outcome,
  attempt: 1,
  queuedAt: new Date(Date.now() - ageDays * DAY_MS),
  finishedAt: new Date(Date.now() - ageDays * DAY_MS),
  requestsTotal: 2,
  responseMsTotal: 100,
  ...rest,
});

beforeAll(async () => {
  api = await testApi();
  const ownerId = api.actor.userId;
  ({ id: serviceId } = await api.make.workspace({ createdBy: ownerId, name: "Orders service" }));
  const stage = await api.call("POST", "/api-catalog/system-environments", {
    name: "Live",
    color: "#00ff00",
  });
  stageId = stage.body.data.id;
  const madeCollection = await api.make.collection({ workspaceId: serviceId, ownerId, name: "Bookshop" });
  collection = { id: madeCollection.id, uid: toUid(ownerId, madeCollection.id) };
  const madeEnvironment = await api.make.environment({ workspaceId: serviceId, ownerId, name: "Prod" });
  environment = { id: madeEnvironment.id, uid: toUid(ownerId, madeEnvironment.id) };
  await api.call("POST", `/api-catalog/system-environments/${stageId}/associations`, {
    workspaceEnvironmentIds: [environment.uid],
  });
  const parents = { workspaceId: serviceId, ownerId, collectionId: collection.id };
  ({ id: monitorId } = await api.make.monitor({
    ...parents,
    environmentId: environment.id,
    state: "passed",
  }));
  const elsewhere = await api.make.monitor({ ...parents, state: "failed" });

  const run = await api.make.run(
    finished("passed", 1, { requestsTotal: 3, assertionsTotal: 4, durationMs: 60 }),
  );
  await api.make.events(run.id, 1, [
    step(1, "GET", "http://shop.test/orders/17?x=1", 200, 10),
    step(2, "GET", "http://shop.test/orders/18", 404, 30),
    step(3, "POST", "http://shop.test/orders", 201, 20),
  ]);
  await api.make.run(
    finished("failed", 2, { requestsFailed: 1, assertionsTotal: 2, assertionsFailed: 1, durationMs: 80 }),
  );
  await api.make.run(finished("errored", 3));
  await api.make.run(finished("passed", 9));
  await api.make.run({ ...finished("failed", 1), monitorId: elsewhere.id });
});

const get = async (path: string, headers?: Record<string, string>) => {
  const answer = await api.call("GET", `/api-catalog/services${path}`, undefined, headers);
  return {
    ...answer,
    problem: answer.status === 400 || answer.status === 404 ? JSON.parse(answer.body) : undefined,
  };
};

describe("services of the API catalog", () => {
  test("are workspaces, with the figures of the stage that they are seen from", async () => {
    await api.make.workspace({ name: "Without environments" });

    const { body } = await get(`?systemEnvironmentId=${stageId}&limit=20`);

    expect(body).toEqual({
      meta: {
        nextCursor: "",
        limit: 20,
        filters: { systemEnvironmentId: stageId },
        timeRange: { start: expect.any(String), end: expect.any(String), label: "last_7_days" },
      },
      data: [
        {
          id: serviceId,
          name: "Orders service",
          status: "healthy",
          lastActivityAt: expect.any(String),
          createdAt: expect.any(String),
          gitRepo: null,
          owner: {
            type: "user",
            id: String(api.actor.userId),
            name: api.actor.name,
            profilePicUrl: null,
            publicHandle: null,
          },
          tags: [],
          governanceGroup: null,
          traffic: { p95LatencyMs: expect.any(Number), errorRatePct: 66.67 },
          compliance: {
            monitorRun: { status: "passed" },
            cliRun: { status: null },
            specLint: { status: null },
          },
        },
      ],
    });
  });

  test("without a stage are seen as a whole", async () => {
    const { body } = await get("?name=ORDERS");

    expect(body.data).toMatchObject([
      { id: serviceId, status: "critical", compliance: { monitorRun: { status: "failed" } } },
    ]);
    expect((await get("?limit=1")).body.meta.nextCursor).not.toBe("");
    expect((await get("?governanceGroupId=g")).body.data).toEqual([]);
    expect((await get("?tags=nobody")).body.data).toEqual([]);
  });

  test("are told of in detail", async () => {
    const { body } = await get(`/${serviceId}?systemEnvironmentId=${stageId}`);

    expect(body.data).toMatchObject({
      id: serviceId,
      traffic: {
        totalRequests: 7,
        totalErrors: 1,
        errorRatePct: 14.29,
        totalEndpoints: 2,
        totalRequestsDeltaPct: 250,
      },
      compliance: {
        monitorRun: { totalMonitors: 1, activeMonitors: 1, passingMonitors: 1, failingMonitors: 0 },
        collectionRuns: {
          totalRuns: 3,
          passedRuns: 1,
          failedRuns: 2,
          passRate: 33.33,
          totalAssertions: 6,
          failedAssertions: 1,
        },
      },
      entityCounts: { collections: 1, specifications: 0, monitors: 2, mocks: 0, flows: 0, environments: 1 },
      dependencies: [],
    });
  });

  test("have the endpoints that their requests went to", async () => {
    const { body } = await get(`/${serviceId}/endpoints?systemEnvironmentId=${stageId}`);

    expect(body.meta).toMatchObject({ totalEndpoints: 2, totalRequests: 3, nextCursor: "" });
    expect(body.data).toEqual([
      {
        method: "GET",
        path: "/orders/{id}",
        host: "shop.test",
        requestCount: 2,
        performance: { p90LatencyMs: 30, p95LatencyMs: 30 },
        errors: { totalErrors: 1, errorRatePct: 50, breakdown: { "404": 1 } },
      },
      {
        method: "POST",
        path: "/orders",
        host: "shop.test",
        requestCount: 1,
        performance: { p90LatencyMs: 20, p95LatencyMs: 20 },
        errors: { totalErrors: 0, errorRatePct: 0, breakdown: {} },
      },
    ]);
  });

  test.each([
    ["httpMethods=post,put", ["/orders"]],
    ["responseCodes=404", ["/orders/{id}"]],
    ["hosts=other.test", []],
    ["search=ORDERS/{", ["/orders/{id}"]],
    ["sort=endpoint:asc", ["/orders", "/orders/{id}"]],
    ["sort=count:asc", ["/orders", "/orders/{id}"]],
    ["sort=errorRate:desc&limit=1", ["/orders/{id}"]],
    ["sort=errorRate:desc&limit=1&cursor=1", ["/orders"]],
  ])("of endpoints those are shown that are asked for: %s", async (query, paths) => {
    const { body } = await get(`/${serviceId}/endpoints?${query}`);

    expect(body.data.map(({ path }: { path: string }) => path)).toEqual(paths);
  });

  test("have the runs of their monitors", async () => {
    const { body } = await get(`/${serviceId}/monitor-runs?systemEnvironmentId=${stageId}`);

    expect(body.meta).toMatchObject({ totalRuns: 3, passedRuns: 1, failedRuns: 2, successRatePct: 33.33 });
    expect(body.data.map((run: { outcome: string }) => run.outcome)).toEqual(["passed", "failed", "errored"]);
    expect(body.data[0]).toMatchObject({
      status: "passed",
      collection: { id: collection.uid, name: "Bookshop" },
      environment: { id: environment.uid, name: "Prod" },
      summary: {
        totalRequests: 3,
        failedRequests: 0,
        totalAssertions: 4,
        failedAssertions: 0,
        durationMs: 60,
      },
      performance: { minResponseMs: 10, maxResponseMs: 30 },
    });
  });

  test.each([
    ["status=failed", ["failed", "errored"]],
    ["sort=duration:desc", ["failed", "passed", "errored"]],
    ["sort=failedAssertions:desc&limit=1", ["failed"]],
    ["limit=1&cursor=2", ["errored"]],
  ])("of runs those are shown that are asked for: %s", async (query, outcomes) => {
    const { body } = await get(`/${serviceId}/monitor-runs?systemEnvironmentId=${stageId}&${query}`);

    expect(body.data.map((run: { outcome: string }) => run.outcome)).toEqual(outcomes);
  });

  test.each([
    [`?systemEnvironmentId=${newId()}`, 404],
    [`/${newId()}`, 404],
    ["/nonsense/monitor-runs", 404],
    ["?limit=101", 400],
    ["?cursor=x", 400],
  ])("%s answers %d", async (path, status) => {
    const answer = await get(path);

    expect([answer.status, answer.problem.status]).toEqual([status, status]);
  });

  test.each([
    "monitor-runs?sort=size:asc",
    "endpoints?sort=count",
    "ci-runs?status=odd",
    "monitor-runs?cursor=99999",
    "ci-runs?collectionId=x",
  ])("a wrong question is 400: %s", async (path) => {
    expect((await get(`/${serviceId}/${path}`)).status).toBe(400);
  });

  test("are for those who may see the workspace", async () => {
    const { id: hidden } = await api.make.workspace({ visibility: "private" });
    const { key } = await api.newKey({ role: "member" });
    const headers = { "x-api-key": key };

    for (const path of ["", "/endpoints", "/monitor-runs", "/ci-runs"]) {
      expect((await get(`/${hidden}${path}`, headers)).status).toBe(403);
    }
    const { body } = await get("?limit=100", headers);
    expect(body.data.map(({ id }: { id: string }) => id)).not.toContain(hidden);
  });
});

describe("POST /collectionruns", () => {
  /** As Postman's MCP server sends it. */
  const report = (failedTestCount: number, rest: Record<string, unknown> = {}) => ({
    collectionRun: {
      id: newId(),
      collection: collection.uid,
      name: "Bookshop",
      status: "finished",
      source: "postman-cli",
      delay: 0,
      currentIteration: 1,
      failedTestCount,
      skippedTestCount: 0,
      passedTestCount: 2,
      totalTestCount: 2 + failedTestCount,
      iterations: [
        [
          { id: newId(), name: "A", error: null, tests: [], request: {}, response: { code: 200, time: 12 } },
          {
            id: newId(),
            name: "B",
            error: null,
            tests: [],
            request: {},
            response: { code: 200, time: 31, body: "x" },
          },
        ],
      ],
      totalTime: 2050,
      totalRequests: 2,
      startedAt: Date.now() - 5000,
      createdAt: Date.now(),
      branchSource: "local",
      branch: "main",
      ...rest,
    },
    runOverview: { collectionName: "Bookshop" },
  });
  const runs = async (query = "") => (await get(`/${serviceId}/ci-runs?${query}`)).body;

  test("is listed among the CI runs of the service, once", async () => {
    const sent = report(0);

    const answer = await api.call("POST", "/collectionruns", sent);
    await api.call("POST", "/collectionruns", sent);

    expect(answer).toMatchObject({
      status: 200,
      body: { collectionRun: { id: sent.collectionRun.id, status: "passed" } },
    });
    const { meta, data } = await runs();
    expect(meta).toMatchObject({ totalRuns: 1, passedRuns: 1, failedRuns: 0, successRatePct: 100 });
    expect(data).toEqual([
      {
        id: sent.collectionRun.id,
        status: "passed",
        timestamp: new Date(sent.collectionRun.startedAt).toISOString(),
        collection: { id: collection.uid, name: "Bookshop" },
        environment: null,
        source: {
          branch: "main",
          commitSha: null,
          repo: { name: null, owner: null, url: null },
          pullRequest: null,
        },
        pipeline: {
          provider: null,
          workflowName: null,
          workflowId: null,
          jobName: null,
          jobId: null,
          pipelineId: null,
          pipelineNumber: null,
          runAttempt: null,
          actor: null,
        },
        execution: { program: "postman-cli", cliVersion: null },
        summary: {
          totalRequests: 2,
          failedRequests: 0,
          totalAssertions: 2,
          failedAssertions: 0,
          durationMs: 2050,
        },
        performance: { minResponseMs: 12, maxResponseMs: 31 },
      },
    ]);
  });

  test("tells of a failure, a pipeline and an environment", async () => {
    const facts = {
      environment: environment.uid,
      branch: "fix",
      workflowName: "nightly",
      actor: "kim",
      runAttempt: 2,
    };
    await api.call("POST", "/collectionruns", report(1, facts));

    const { data } = await runs(
      `systemEnvironmentId=${stageId}&branch=fix&workflowName=nightly&actor=kim&status=failed`,
    );
    expect(data).toMatchObject([
      {
        status: "failed",
        environment: { name: "Prod" },
        pipeline: { workflowName: "nightly", runAttempt: 2 },
      },
    ]);
    expect((await runs("branch=other")).data).toEqual([]);
    const service = await get(`/${serviceId}?systemEnvironmentId=${stageId}`);
    expect(service.body.data).toMatchObject({
      status: "warning",
      compliance: { cliRun: { status: "failed", activePipelines: 1, failingPipelines: 1 } },
    });
  });

  test("takes what it can of a report that is odd", async () => {
    const odd = {
      collection: collection.id,
      startedAt: "never",
      iterations: "none",
      totalTime: -1,
      branch: 7,
    };
    const answer = await api.call(
      "POST",
      "/collectionruns",
      { collectionRun: odd },
      { "x-api-key": api.key },
    );

    expect(answer).toMatchObject({ status: 200, body: { collectionRun: { status: "passed" } } });
  });

  test("is refused for what is no collection here, and for whoever may not change it", async () => {
    expect((await api.call("POST", "/collectionruns", {})).status).toBe(400);
    expect((await api.call("POST", "/collectionruns", report(0, { collection: "x" }))).status).toBe(404);
    expect((await api.call("POST", "/collectionruns", report(0, { collection: newId() }))).status).toBe(404);
    const { id: hidden } = await api.make.workspace({ visibility: "private" });
    const other = await api.make.collection({ workspaceId: hidden });
    const { key } = await api.newKey({ role: "member" });
    const answer = await api.call("POST", "/collectionruns", report(0, { collection: other.id }), {
      "x-api-key": key,
    });
    expect(answer.status).toBe(403);
  });
});
