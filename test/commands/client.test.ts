import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startProgram, type RunningProgram } from "../support/program.ts";
import { servedApi, type ServedApi } from "../support/served-api.ts";
import { startTarget, type Target } from "../support/target.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let api: ServedApi;
let target: Target;
let folder: string;
let workspaceId: string;

beforeAll(async () => {
  api = await servedApi();
  target = startTarget();
  folder = await mkdtemp(join(tmpdir(), "client-test-"));
  const workspace = await api.call("POST", "/workspaces", { workspace: { name: "Team", type: "team" } });
  workspaceId = workspace.body.workspace.id;
});

afterAll(async () => {
  await Promise.all([api.stop(), target.stop(), rm(folder, { recursive: true, force: true })]);
});

const loggedIn = () => ({ APP_SERVER: api.url, APP_API_KEY: api.key, XDG_CONFIG_HOME: folder });

const app = (...args: string[]) => startProgram(args, loggedIn()).exited;

/** Runs a command with `--json`; fails with its errors when it does not answer JSON. */
async function appJson(...args: string[]) {
  const { stdout, stderr, exitCode } = await app(...args, "--json");
  if (!stdout.startsWith("{")) throw new Error(`no JSON from ${args.join(" ")}: ${stderr}`);
  return { exitCode, answer: JSON.parse(stdout) };
}

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const collectionOf = (name: string, script: string) => ({
  info: { name, schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [
    {
      name: "echo",
      request: { method: "POST", url: "{{base}}/echo", body: { mode: "raw", raw: "{{token}}" } },
      event: [{ listen: "test", script: { exec: [script] } }],
    },
  ],
});
const environment = () => ({
  name: "Target",
  values: [
    { key: "base", value: target.url, type: "default", enabled: true },
    { key: "token", value: "s3cr3t-token", type: "secret", enabled: true },
  ],
});

test("login stores a key that only the user can read, and commands use it until logout", async () => {
  const home = { XDG_CONFIG_HOME: join(folder, "login") };
  const run = (...args: string[]) => startProgram(args, home).exited;

  const login = await run("login", "--server", api.url, "--with-api-key", api.key);
  const path = join(folder, "login", "sallyport", "credentials.json");
  const { mode } = await stat(path);
  const listed = await run("runner", "list");
  expect((await run("logout")).stdout).toBe("Logged out: the stored API key is deleted.\n");
  expect((await run("logout")).stdout).toBe("Nobody was logged in.\n");
  const after = await run("runner", "list");

  expect([login.exitCode, mode & 0o777, listed.exitCode]).toEqual([0, 0o600, 0]);
  expect([after.exitCode, after.stderr.includes("not logged in")]).toEqual([2, true]);
});

test("a stored key is not sent to another server", async () => {
  const home = { XDG_CONFIG_HOME: join(folder, "other") };
  await startProgram(["login", "--server", api.url, "--with-api-key", api.key], home).exited;

  const { exitCode, stderr } = await startProgram(["runner", "list", "--server", target.url], home).exited;

  expect([exitCode, target.arrived]).toEqual([2, []]);
  expect(stderr).toContain("There is no API key for");
});

test.each([
  ["a wrong key", () => ({ ...loggedIn(), APP_API_KEY: "PMAK-wrong" }), "refused the API key"],
  ["no control plane", () => ({ ...loggedIn(), APP_SERVER: "http://127.0.0.1:9" }), "cannot be reached"],
  ["something else at that address", () => ({ ...loggedIn(), APP_SERVER: target.url }), "check the address"],
])("%s is one sentence and exit code 1", async (_, env, sentence) => {
  const { exitCode, stderr } = await startProgram(
    ["login", "--server", env().APP_SERVER, "--with-api-key", env().APP_API_KEY],
    env(),
  ).exited;

  expect(exitCode).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(sentence);
});

test("runner create shows the key once; reset-key makes a new one", async () => {
  const created = await app("runner", "create", "Once");
  const [, id = "", key = ""] = /--id (\S+) --key (\S+)/.exec(created.stdout) ?? [];
  const shown = await app("runner", "show", "Once");
  const reset = await app("runner", "reset-key", id);
  const deleted = await app("runner", "delete", "Once");
  const gone = await app("runner", "show", id);

  expect(created.stdout).toContain(`runner start --server ${api.url} --id ${id}`);
  expect(key).toStartWith("sprk_");
  expect(shown.stdout).toContain("Unknown");
  expect(shown.stdout).not.toContain("sprk_");
  expect(reset.stdout).toContain("sprk_");
  expect(reset.stdout).not.toContain(key);
  expect([deleted.exitCode, gone.exitCode]).toEqual([0, 1]);
});

test("import takes the good files and names the bad ones", async () => {
  const good = await file("good.json", collectionOf("Good", ""));
  const also = await file("env.json", environment());
  const spec = await file("spec.json", { openapi: "3.1.0", info: { title: "Spec" }, paths: {} });
  const text = await file("text.json", "hello");

  const { exitCode, answer } = await appJson(
    "import",
    text,
    good,
    spec,
    also,
    join(folder, "none.json"),
    "--workspace",
    "Team",
  );

  expect(exitCode).toBe(1);
  expect(answer.imported.map((one: { kind: string; name: string }) => [one.kind, one.name])).toEqual([
    ["collection", "Good"],
    ["environment", "Target"],
  ]);
  expect(answer.failed.map((one: { error: string }) => one.error)).toEqual([
    expect.stringContaining("text.json is not JSON"),
    expect.stringContaining("spec.json is an OpenAPI document"),
    expect.stringContaining("none.json cannot be read: there is no such file"),
  ]);
});

interface Monitored {
  monitorId: string;
  runner: RunningProgram;
}

/** A runner at work, and a monitor of one request on it whose script is given. */
async function startMonitor(name: string, script: string): Promise<Monitored> {
  const created = await appJson("runner", "create", `${name} runner`);
  const { id, key } = created.answer.runner;
  const runner = startProgram(
    ["runner", "start", "--server", api.url, "--id", id, "--data-dir", join(folder, id)],
    {
      POSTMAN_RUNNER_KEY: key,
    },
  );
  await appJson("import", await file(`${name}.json`, collectionOf(name, script)), "--workspace", workspaceId);
  await appJson(
    "import",
    await file(`${name}-env.json`, { ...environment(), name: `${name} env` }),
    "--workspace",
    workspaceId,
  );
  const monitor = await appJson(
    "monitor",
    "create",
    name,
    "-c",
    name,
    "-e",
    `${name} env`,
    "-w",
    "Team",
    "--no-schedule",
    "--runner",
    `${name} runner`,
  );
  return { monitorId: monitor.answer.monitor.id, runner };
}

async function stopRunner(runner: RunningProgram): Promise<void> {
  runner.kill("SIGTERM");
  await runner.exited;
}

test("monitor run shows the steps of a real run and exits by its outcome", async () => {
  const passing = await startMonitor(
    "Passing",
    "pm.test('secret arrived', () => pm.expect(pm.response.text()).to.equal(pm.environment.get('token')))",
  );
  const failing = await startMonitor("Failing", "pm.test('never', () => pm.expect(1).to.equal(2))");

  const passed = await app("monitor", "run", "Passing");
  const failed = await app("monitor", "run", failing.monitorId);
  const suppressed = await app("monitor", "run", failing.monitorId, "-x");
  const verdict = await appJson("monitor", "run", passing.monitorId);
  const history = await appJson("monitor", "runs", "Failing");
  await Promise.all([stopRunner(passing.runner), stopRunner(failing.runner)]);

  expect(passed.exitCode).toBe(0);
  expect(passed.stdout).toContain("✓ secret arrived");
  expect(passed.stdout).not.toContain("s3cr3t-token");
  expect(failed.exitCode).toBe(1);
  expect(failed.stdout).toContain("✗ never");
  expect(suppressed.exitCode).toBe(0);
  expect([verdict.exitCode, verdict.answer.outcome]).toEqual([0, "passed"]);
  expect(history.answer.executions.map((one: { trigger: string }) => one.trigger)).toEqual(["cli", "cli"]);
});

test("monitor run gives up waiting after -t and says that the run goes on; --async does not wait", async () => {
  await appJson("runner", "create", "Absent");
  await appJson("import", await file("waiting.json", collectionOf("Waiting", "")), "--workspace", "Team");
  await appJson("monitor", "create", "Waiting", "-c", "Waiting", "--runner", "Absent");

  const gaveUp = await app("monitor", "run", "Waiting", "-t", "300");
  const started = await appJson("monitor", "run", "Waiting", "--async");

  expect(gaveUp.exitCode).toBe(1);
  expect(gaveUp.stderr).toContain("the run goes on");
  expect([started.exitCode, typeof started.answer.executionId]).toEqual([0, "string"]);
});

test("a monitor is changed, paused, resumed, shown and deleted by its name", async () => {
  await appJson("import", await file("life.json", collectionOf("Life", "")), "--workspace", "Team");
  await appJson(
    "monitor",
    "create",
    "Life",
    "-c",
    "Life",
    "--schedule",
    "*/5 * * * *",
    "--timezone",
    "Europe/Berlin",
    "--timeout",
    "1000",
    "--insecure",
  );

  await app("monitor", "pause", "Life");
  const paused = await appJson("monitor", "show", "Life");
  await app("monitor", "resume", "Life");
  await app("monitor", "update", "Life", "--name", "Living", "--block-redirects", "--keep-days", "7");
  await app("monitor", "update", "Living", "--keep-responses", "none");
  const updated = await appJson("monitor", "show", "Living");
  const shown = await app("monitor", "show", "Living");
  const wrong = await app("monitor", "update", "Living", "--schedule", "61 * * * *");
  const unconfirmed = await app("monitor", "delete", "Living");
  const deleted = await app("monitor", "delete", "Living", "--yes");
  const list = await appJson("monitor", "list");

  expect(paused.answer.monitor).toMatchObject({
    active: false,
    schedule: { cron: "0 */5 * * * *", timezone: "Europe/Berlin" },
    options: { requestTimeout: 1000, strictSSL: false },
  });
  expect(updated.answer.monitor).toMatchObject({
    active: true,
    options: { followRedirects: false, keepDays: 7, keepResponses: "none" },
  });
  expect(shown.stdout).toContain("requests of failed steps, responses of no step");
  expect([wrong.exitCode, unconfirmed.exitCode, deleted.exitCode]).toEqual([1, 2, 0]);
  expect(wrong.stderr.trim().split("\n")).toHaveLength(1);
  expect(list.answer.monitors.map(({ name }: { name: string }) => name)).not.toContain("Living");
});

test("the credentials file holds exactly the server and the key", async () => {
  const home = { XDG_CONFIG_HOME: join(folder, "exact") };
  await startProgram(["login", "--server", `${api.url}/`, "--with-api-key", api.key], home).exited;

  const stored: unknown = JSON.parse(
    await readFile(join(folder, "exact", "sallyport", "credentials.json"), "utf8"),
  );

  expect(stored).toEqual({ server: api.url, apiKey: api.key });
});
