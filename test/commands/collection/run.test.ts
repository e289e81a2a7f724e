import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runProgram, startProgram } from "../../support/program.ts";
import { startTarget, type Target } from "../../support/target.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let target: Target;
let folder: string;

beforeAll(async () => {
  target = startTarget();
  folder = await mkdtemp(join(tmpdir(), "collection-test-"));
});
afterAll(() => Promise.all([target.stop(), rm(folder, { recursive: true, force: true })]));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const echo = (name: string, script: string) => ({
  name,
  request: { method: "POST", url: "{{base}}/echo", body: { mode: "raw", raw: "{{token}}" } },
  event: [{ listen: "test", script: { exec: [script] } }],
});
const collectionOf = (...item: object[]) => ({
  info: {
    _postman_id: "c0ffee00-0000-4000-8000-000000000000",
    name: "Echoes",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  item,
});
const environment = () => ({
  name: "env",
  values: [
    { key: "base", value: target.url, enabled: true },
    { key: "token", value: "s3cr3t-token", type: "secret", enabled: true },
  ],
});

const passing = "pm.test('arrived', () => pm.expect(pm.response.text()).to.equal(pm.variables.get('token')))";
const failing = "pm.test('never', () => pm.expect(1).to.equal(2))";

/** Runs the items with the environment above. */
async function run(items: object[], ...args: string[]) {
  const collection = await file("collection.json", collectionOf(...items));
  return runProgram(["collection", "run", collection, "-e", await file("env.json", environment()), ...args]);
}

test("a passing run prints its steps and exits 0, without the secret", async () => {
  const { exitCode, stdout } = await run([{ name: "Folder", item: [echo("first", passing)] }]);

  expect(exitCode).toBe(0);
  expect(stdout).toContain("Folder");
  expect(stdout).toContain(`POST ${target.url}/echo [200 OK`);
  expect(stdout).toContain("✓ arrived");
  expect(stdout).not.toContain("s3cr3t-token");
});

test("a failed assertion is listed with its step and exits 1; -x exits 0", async () => {
  const failed = await run([echo("first", failing)]);
  const suppressed = await run([echo("first", failing)], "-x");

  expect([failed.exitCode, suppressed.exitCode]).toEqual([1, 0]);
  expect(failed.stdout).toContain("✕ 1. never");
});

test.each([
  ["a script that throws", [echo("first", "throw new Error('broken script')")], "broken script"],
  ["a target that is down", [{ name: "down", request: "http://127.0.0.1:9/" }], "ECONNREFUSED"],
])("%s exits 1 and says why", async (_, items, why) => {
  const { exitCode, stdout } = await run(items);

  expect(exitCode).toBe(1);
  expect(stdout).toContain(why);
});

test("a reader that has seen enough does not break the run: its exit code is that of the result", async () => {
  const steps = Array.from({ length: 50 }, (_, index) =>
    echo(`step ${index}`, index < 49 ? passing : failing),
  );
  const collection = await file("many.json", collectionOf(...steps));
  const args = ["collection", "run", collection, "-e", await file("env.json", environment())];

  const { exitCode, stdout, stderr } = await startProgram(args, {}, '"$@" | head -1; exit ${PIPESTATUS[0]}')
    .exited;

  expect([exitCode, stdout, stderr]).toEqual([1, "Echoes\n", ""]);
});

test("--json prints the report and nothing else", async () => {
  const { stdout } = await run([echo("first", passing), echo("second", failing)], "--json");

  expect(JSON.parse(stdout)).toMatchObject({
    run: {
      meta: { collectionName: "Echoes", collectionId: "c0ffee00-0000-4000-8000-000000000000" },
      summary: {
        executedRequests: { executed: 2 },
        tests: { executed: 2, passed: 1, failed: 1, skipped: 0 },
      },
      executions: [
        { requestExecuted: { name: "first" }, response: { code: 200 }, tests: [{ status: "passed" }] },
        { requestExecuted: { name: "second" }, tests: [{ name: "never", status: "failed" }] },
      ],
      outcome: "failed",
    },
  });
  expect(stdout).not.toContain("s3cr3t-token");
});

test("the json reporter writes the file that is asked for, beside the cli reporter", async () => {
  const path = join(folder, "reports", "report.json");

  const { stdout } = await run([echo("first", passing)], "-r", "cli,json", "--reporter-json-export", path);

  expect(stdout).toContain("✓ arrived");
  expect(JSON.parse(await readFile(path, "utf8")).run.outcome).toBe("passed");
  expect(await readdir(join(folder, "reports"))).toEqual(["report.json"]);
});

test("variables of the command line win, data rows are iterations, -n counts", async () => {
  const data = await file("rows.json", [{ row: "one" }, { row: "two" }]);
  const show = echo(
    "first",
    "console.log('row', pm.iterationData.get('row'), pm.globals.get('g'), pm.environment.get('token'))",
  );

  const rows = await run([show], "-d", data, "--env-var", "token=visible", "--global-var", "g=1");
  const counted = await run([show], "-n", "3", "--json");

  expect(rows.stdout).toContain("│ row one 1 visible");
  expect(rows.stdout).toContain("│ row two 1 visible");
  expect(JSON.parse(counted.stdout).run.summary.iterations.executed).toBe(3);
});

test("--bail stops at the first failure; -i chooses", async () => {
  const items = [echo("first", failing), echo("second", passing)];

  const bailed = await run(items, "--bail", "--json");
  const chosen = await run(items, "-i", "second", "--json");

  expect(JSON.parse(bailed.stdout).run.summary.executedRequests.executed).toBe(1);
  expect([chosen.exitCode, JSON.parse(chosen.stdout).run.executions.length]).toEqual([0, 1]);
});

test.each([
  ["a missing file", () => "none.json", 1, "none.json cannot be read: there is no such file"],
  ["a folder", () => folder, 1, "is a folder without a collection"],
  ["no JSON", () => file("text.json", "hello"), 1, "text.json is not JSON"],
  ["an environment", () => file("e.json", environment()), 1, "is not a collection but an environment"],
  ["OpenAPI", () => file("o.json", { openapi: "3.1.0" }), 1, "OpenAPI"],
  ["a list", () => file("l.json", []), 1, "neither a collection"],
])("%s is one sentence", async (_, make, exitCode, sentence) => {
  const ended = await runProgram(["collection", "run", await make()]);

  expect(ended.exitCode).toBe(exitCode);
  expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  expect(ended.stderr).toContain(sentence);
});

test("a SOCKS proxy is refused before anything is sent", async () => {
  const collection = await file("collection.json", collectionOf(echo("first", passing)));

  const { exitCode, stdout, stderr } = await runProgram(["collection", "run", collection], {
    HTTP_PROXY: "socks5://127.0.0.1:1080",
  });

  expect([exitCode, stdout, stderr.trim().split("\n").length]).toEqual([2, "", 1]);
  expect(stderr).toContain("HTTP_PROXY names a SOCKS proxy");
});

test.each([
  [["-r", "cli,xml"], 'There is no reporter "xml"'],
  [["--integration-id", "x"], "--integration-id does not work here"],
  [["--reporter-json-structure", "mocha"], "--reporter-json-structure takes newman"],
  [["--color", "sometimes"], "Allowed choices are auto, on, off"],
  [["--ssl-client-key", "x"], "need --ssl-client-cert"],
  [["--bail", "maybe"], "--bail takes folder or failure"],
  [["--timeout-request", "soon"], "--timeout-request must be a whole number"],
  [["--env-var", "novalue"], "--env-var takes key=value"],
  [["--unheard-of"], "unknown option"],
])("%j is wrong usage: exit code 2", async (args, sentence) => {
  const { exitCode, stderr } = await run([echo("first", passing)], ...args);

  expect([exitCode, stderr.trim().split("\n").length]).toEqual([2, 1]);
  expect(stderr).toContain(sentence);
});
