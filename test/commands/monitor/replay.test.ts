import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createApiKey } from "../../../src/access/keys/store.ts";
import { newId } from "../../../src/lib/ids.ts";
import { startProgram } from "../../support/program.ts";
import { type ServedApi, servedApi } from "../../support/served-api.ts";
import { collectionOf, startTarget, type Target } from "../../support/target.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let api: ServedApi;
let target: Target;
let folder: string;
let workspaceId: string;
beforeAll(async () => {
  api = await servedApi();
  target = startTarget();
  folder = await mkdtemp(join(tmpdir(), "replay-test-"));
  workspaceId = (await api.make.workspace({ createdBy: api.actor.userId })).id;
});
afterAll(async () => {
  await Promise.all([api.stop(), target.stop(), rm(folder, { recursive: true, force: true })]);
});

const app = (...args: string[]) =>
  startProgram(args, { APP_SERVER: api.url, APP_API_KEY: api.key, XDG_CONFIG_HOME: folder }).exited;

/** Asks for `{{base}}/PATH` and checks in a test what the variables hold. */
const collection = (path: string, check = "") => ({
  ...collectionOf("{{base}}", [path]),
  ...(check && {
    event: [{ listen: "test", script: { exec: [check] } }],
  }),
});
const environment = (token: string) => ({
  name: "Target",
  values: [
    { key: "base", value: target.url, type: "default", enabled: true },
    { key: "token", value: token, type: "secret", enabled: true },
  ],
});

interface Given {
  document: object;
  token?: string;
  monitor?: object;
  run?: object;
}

/** A run that ended, of documents of which both have a revision 1. */
async function endedRun({ document, token = "s3cr3t-token", monitor: settings, run }: Given) {
  const { collection: made } = (await api.call("POST", `/collections?workspace=${workspaceId}`, { collection: document }))
    .body; // prettier-ignore
  const { environment: env } = (
    await api.call("POST", `/environments?workspace=${workspaceId}`, { environment: environment(token) })
  ).body;
  const monitor = await api.make.monitor({
    name: "Shop",
    ownerId: api.actor.userId,
    workspaceId,
    collectionId: made.id,
    environmentId: env.id,
    ...settings,
  });
  const { id } = await api.make.run({
    monitorId: monitor.id,
    status: "finished",
    outcome: "failed",
    detail: "1 of 1 assertions failed.",
    attempt: 1,
    claimedAt: new Date(),
    collectionRevision: 1,
    environmentRevision: 1,
    ...run,
  });
  return { id, collectionId: made.id as string, environmentId: env.id as string };
}

const arrivedSince = async (act: () => Promise<unknown>): Promise<string[]> => {
  const before = target.arrived.length;
  await act();
  return target.arrived.slice(before);
};

test("a run is replayed with the collection and the environment as they were, secrets included", async () => {
  const check =
    "pm.test('token as it was', () => pm.expect(pm.environment.get('token')).to.equal('s3cr3t-token'))";
  const { id, collectionId, environmentId } = await endedRun({ document: collection("/then", check) });
  await api.call("PUT", `/collections/${collectionId}`, { collection: collection("/now") });
  await api.call("PUT", `/environments/${environmentId}`, { environment: environment("later") });

  let exited = { exitCode: -1, stdout: "", stderr: "" };
  const arrived = await arrivedSince(async () => (exited = await app("monitor", "replay", id)));

  expect(exited.stderr).toBe('app: The run of "Shop" failed (1 of 1 assertions failed.); here it passed.\n');
  expect([exited.exitCode, arrived]).toEqual([0, ["/then"]]);
  expect(exited.stdout).toContain("token as it was");
  expect(exited.stdout).not.toContain("s3cr3t-token");
});

test("a run that fails here too ends with 1; reporters are those of collection run", async () => {
  const { id } = await endedRun({
    document: collection("/x", "pm.test('never', () => pm.expect(1).to.equal(2))"),
  });

  const { exitCode, stdout } = await app("monitor", "replay", id, "--json");
  const suppressed = await app("monitor", "replay", id, "-x", "--silent");

  expect(exitCode).toBe(1);
  expect(JSON.stringify(JSON.parse(stdout))).toContain('"never"');
  expect([suppressed.exitCode, suppressed.stdout, suppressed.stderr]).toEqual([0, "", ""]);
});

test("what is not kept, and what has changed, is said in a line each", async () => {
  const { id } = await endedRun({ document: collection("/x"), run: { collectionRevision: 7 } });
  await api.call("PUT", `/workspaces/${workspaceId}/global-variables`, {
    values: [{ key: "a", value: "b", type: "default", enabled: true }],
  });

  const { exitCode, stderr } = await app("monitor", "replay", id);

  expect(exitCode).toBe(0);
  expect(stderr).toContain(
    'The revision of collection "Paths" that the run used (7) is not kept: it is used as it is now.',
  );
  expect(stderr).toContain("The globals of the workspace were changed since the run");
  expect(stderr.trim().split("\n")).toHaveLength(3);
});

test("secrets that only the runner has are named, and can be given", async () => {
  const check = "pm.test('vault', async () => pm.expect(await pm.vault.get('pin')).to.equal('1234567'));";
  const document = collection("/x", check);
  const { id } = await endedRun({ document, token: "" });
  const secrets = join(folder, "secrets.json");
  await writeFile(secrets, JSON.stringify({ pin: "1234567" }));

  const without = await app("monitor", "replay", id);
  const given = await app("monitor", "replay", id, "--secrets", secrets, "--env-var", "token=x");

  expect(without.stderr).toContain("The vault of the runner is not here; give with --secrets: pin.");
  expect(without.stderr).toContain(
    "Secret variables without a value; give each with --env-var NAME=VALUE: token.",
  );
  expect(without.exitCode).toBe(1);
  expect([given.exitCode, given.stderr.includes("--secrets")]).toEqual([0, false]);
});

test("the monitor's options hold, unless others are given", async () => {
  const options = {
    strictSSL: true,
    followRedirects: true,
    requestTimeout: 200,
    requestDelay: 0,
    runTimeout: 60_000,
    scriptTimeout: 5_000,
  };
  const { id } = await endedRun({ document: collection("/held"), monitor: { options } });

  const held = await app("monitor", "replay", id);
  target.release();
  const longer = await app("monitor", "replay", id, "--timeout-request", "20000");

  expect([held.exitCode, longer.exitCode]).toEqual([1, 0]);
  expect(held.stdout).toContain("200 ms");
});

test.each([
  ["an id that is none", () => "x", 2, "is no id of a run"],
  ["no such run", () => newId(), 1, "The specified run does not exist."],
])("%s is one sentence", async (_what, id, code, sentence) => {
  const { exitCode, stderr } = await app("monitor", "replay", id());

  expect([exitCode, stderr.trim().split("\n").length]).toEqual([code, 1]);
  expect(stderr).toContain(sentence);
});

test("a key for runs alone learns of no secret", async () => {
  const { id } = await endedRun({ document: collection("/x") });
  const key = await createApiKey(api.database, api.actor, {
    name: "runs",
    userId: api.actor.userId,
    scopes: ["runs:read"],
  });

  const read = await api.app.request(`/api/runs/${id}/replay`, { headers: { "x-api-key": key.key } });
  const { exitCode, stderr } = await startProgram(["monitor", "replay", id], {
    APP_SERVER: api.url,
    APP_API_KEY: key.key,
    XDG_CONFIG_HOME: folder,
  }).exited;

  expect(read.status).toBe(200);
  expect(await read.text()).not.toContain("s3cr3t-token");
  expect([exitCode, stderr.includes("collections:read")]).toEqual([1, true]);
});
