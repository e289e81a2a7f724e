import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { ciFacts } from "../../../src/lib/ci-facts.ts";
import { runProgram } from "../../support/program.ts";
import { servedApi, type ServedApi } from "../../support/served-api.ts";
import { collectionOf, openPlace, type Place, testScript } from "./support.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let place: Place;
let api: ServedApi;
beforeAll(async () => {
  place = await openPlace();
  api = await servedApi();
});
afterAll(async () => {
  await api.stop();
  await place.leave();
});

describe("collection run --report", () => {
  test("is listed among the CI runs of the workspace, with what the pipeline says of itself", async () => {
    const made = await api.call("POST", "/workspaces", { workspace: { name: "Team", type: "team" } });
    const serviceId = made.body.workspace.id;
    const fails = testScript("pm.test('t', () => pm.response.to.have.status(404));");
    const item = { name: "a", request: `${place.target.url}/a`, event: fails };
    const { body } = await api.call("POST", `/collections?workspace=${serviceId}`, {
      collection: collectionOf(item),
    });
    const pipeline = { GITHUB_ACTIONS: "true", GITHUB_REF_NAME: "main", GITHUB_WORKFLOW: "nightly" };
    const login = ["--server", api.url, "--api-key", api.key];

    const run = await runProgram(["collection", "run", body.collection.uid, "--report", ...login], pipeline);

    expect(run.exitCode).toBe(1);
    const runs = await api.call("GET", `/api-catalog/services/${serviceId}/ci-runs`);
    expect(runs.body.data).toMatchObject([
      {
        status: "failed",
        collection: { id: body.collection.uid },
        source: { branch: "main" },
        pipeline: { provider: "github", workflowName: "nightly" },
        execution: { program: "sallyport" },
        summary: { totalRequests: 1, failedRequests: 1, totalAssertions: 1, failedAssertions: 1 },
      },
    ]);
  });

  test("is refused for a file before anything is sent", async () => {
    const path = await place.file("a.json", collectionOf({ name: "a", request: `${place.target.url}/no` }));

    const run = await runProgram(["collection", "run", path, "--report"]);

    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining("--report needs a collection")]);
    expect(place.target.arrived).not.toContain("/no");
  });
});

describe("a pipeline says of itself", () => {
  test.each([
    [{}, {}],
    [
      {
        GITHUB_ACTIONS: "true",
        GITHUB_HEAD_REF: "fix",
        GITHUB_REF_NAME: "7/merge",
        GITHUB_REPOSITORY: "team/shop",
        GITHUB_SERVER_URL: "https://git.test",
        GITHUB_RUN_ATTEMPT: "2",
      },
      {
        provider: "github",
        branch: "fix",
        repoName: "shop",
        repoOwner: "team",
        repoUrl: "https://git.test/team/shop",
        runAttempt: 2,
      },
    ],
    [
      { GITLAB_CI: "true", CI_COMMIT_REF_NAME: "main", CI_JOB_ID: "7", CI_PIPELINE_NAME: "" },
      { provider: "gitlab", branch: "main", jobId: "7" },
    ],
  ])("%j", (variables, facts) => {
    expect(ciFacts(variables)).toEqual(facts);
  });
});
