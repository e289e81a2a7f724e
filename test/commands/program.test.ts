import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { commandEntries } from "../../src/commands/registry.ts";
import { VERSION } from "../../src/lib/version.ts";
import { startProgram } from "../support/program.ts";

const run = (args: string[], env?: Record<string, string>) => startProgram(args, env).exited;

describe("the command line", () => {
  test("without a command shows what there is and exits with 2", async () => {
    const { exitCode, stdout, stderr } = await run([]);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    for (const { name, summary } of commandEntries)
      expect(stderr).toMatch(new RegExp(`${name} .*${summary}`));
  });

  test.each([
    [["nothing"], "app: unknown command 'nothing'\n"],
    [["serv"], "app: unknown command 'serv' (Did you mean serve?)\n"],
    [["serve", "--nothing"], "app: unknown option '--nothing'\n"],
    [["serve", "--port"], "app: option '--port <port>' argument missing\n"],
    [["serve", "--port", "many"], 'app: --port must be a whole number from 0 to 65535, not "many".\n'],
    [
      ["serve", "--rate-limit", "user=300"],
      "app: --rate-limit user=300 is not understood: write user=300/60s or user=off.\n",
    ],
    [["help", "nothing"], "app: unknown command 'nothing'\n"],
    [["nothing", "--help"], "app: unknown command 'nothing'\n"],
    [["runner", "nothing"], "app: unknown command 'nothing'\n"],
    [["version", "1"], "app: too many arguments for 'version'. Expected 0 arguments but got 1.\n"],
    [["user", "create"], "app: required option '--email <email>' not specified\n"],
    [
      ["key", "create", "--expires", "soon"],
      'app: "soon" is not a duration: write a whole number and ms, s, m, h, d or w, such as 90d.\n',
    ],
  ])("%p is wrong usage: one sentence and 2", async (args, sentence) => {
    expect(await run(args)).toEqual({ exitCode: 2, stdout: "", stderr: sentence });
  });

  test.each(commandEntries.map(({ name }) => name))("%s has help", async (name) => {
    const { exitCode, stdout } = await run([name, "--help"]);

    expect(exitCode).toBe(0);
    expect(stdout).toStartWith(`Usage: app ${name}`);
  });

  test("help goes as deep as the commands do", async () => {
    const { exitCode, stdout } = await run(["help", "runner", "start"]);

    expect(exitCode).toBe(0);
    expect(stdout).toStartWith("Usage: app runner start ");
  });

  test("prints the version, for programs too", async () => {
    expect(await run(["version"])).toMatchObject({ exitCode: 0, stdout: `${VERSION}\n` });
    expect(JSON.parse((await run(["version", "--json"])).stdout)).toMatchObject({ version: VERSION });
  });
});

describe("on a folder without data", () => {
  const dataDir = join(tmpdir(), `sallyport-nothing-here-${process.pid}`);

  test.each([
    [["key", "list"]],
    [["key", "create"]],
    [["user", "list"]],
    [["user", "create", "--email", "ada@example.test"]],
  ])("%p says so and makes none", async (args) => {
    const { exitCode, stderr } = await run([...args, "--data-dir", dataDir]);

    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `app: There is no data in ${dataDir}: start the server once, or give the folder of the control plane with --data-dir.\n`,
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  test("doctor is content and makes none", async () => {
    const { exitCode, stdout } = await run(["doctor", "--data-dir", dataDir]);

    expect(exitCode).toBe(0);
    expect(stdout).toContain("no database yet, the first start makes it");
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe("variables of options", () => {
  test("count when the flag is not given, in subcommands too", async () => {
    const { exitCode, stderr } = await run(["key", "list"], { APP_DATABASE_URL: "nonsense" });

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
    expect(stderr).toContain("--database-url must look like");
  });

  test("lose against the flag", async () => {
    const { stderr } = await run(["serve", "--port", "from-flag"], { APP_PORT: "from-variable" });

    expect(stderr).toContain("from-flag");
  });

  test.each([
    ["1", `{"version":"${VERSION}"`],
    ["no", VERSION],
  ])("APP_JSON=%s of a switch means what it says", async (value, output) => {
    expect((await run(["version"], { APP_JSON: value })).stdout).toStartWith(output);
  });
});
