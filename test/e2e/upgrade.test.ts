import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { appendFileSync, chmodSync, copyFileSync, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { appCommand, stopEverything, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(180_000);

let control: Installation;
let runner: { id: string; key: string };
beforeAll(async () => {
  control = await startInstallation();
  const body = { runner: { name: "Upgraded" } };
  ({ runner } = await control.call<{ runner: typeof runner }>("POST", "/runners", body));
});
afterAll(stopEverything);

const [binary = ""] = appCommand();

/** A runner's own copy of the program, different from the control plane's by a byte that changes nothing. */
function copyProgram(): string {
  const path = join(temporaryFolder(), "app");
  copyFileSync(binary, path);
  chmodSync(path, 0o755);
  appendFileSync(path, "\n");
  return path;
}

function spawn(path: string, args: string[], env: Record<string, string> = {}) {
  return Bun.spawn([path, "runner", ...args], {
    env: { APP_SERVER: control.address, APP_ID: runner.id, APP_KEY: runner.key, ...env },
    cwd: join(path, ".."),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(path: string, args: string[], env: Record<string, string> = {}) {
  const child = spawn(path, args, env);
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode: await child.exited, stdout, stderr };
}

const sizeOf = (path: string): number => statSync(path).size;

test("a runner fetches the control plane's program, and a second time there is nothing to do", async () => {
  const path = copyProgram();

  const checked = await run(path, ["upgrade", "--check"]);
  const upgraded = await run(path, ["upgrade", "--json"]);
  const again = await run(path, ["upgrade"]);

  expect([checked.exitCode, checked.stdout]).toEqual([1, expect.stringContaining("has another program")]);
  expect(upgraded.stderr).toBe("");
  expect(JSON.parse(upgraded.stdout)).toMatchObject({ state: "replaced", path });
  expect([sizeOf(path), sizeOf(`${path}.previous`)]).toEqual([sizeOf(binary), sizeOf(binary) + 1]);
  expect(again.stdout).toContain("own program already");
  expect(readdirSync(join(path, ".."))).toHaveLength(2);
});

test("a runner that works goes on while its program is replaced, and starts as the new one after a drain", async () => {
  const path = copyProgram();
  const working = spawn(path, ["start"]);
  const healthy = async () => {
    const { runner: shown } = await control.call<{ runner: { instances: number } }>(
      "GET",
      `/runners/${runner.id}`,
    );
    return shown.instances;
  };
  await eventually(async () => (await healthy()) === 1);

  const upgraded = await run(path, ["upgrade"]);
  expect(upgraded.stdout).toContain("restart the others");
  expect(await healthy()).toBe(1);
  await control.call("POST", `/runners/${runner.id}/drain`);
  expect(await working.exited).toBe(0);
  const restarted = spawn(path, ["start"]);
  await eventually(async () => (await healthy()) === 1);
  restarted.kill("SIGTERM");
  expect(await restarted.exited).toBe(0);
});

test("a runner that was told so ends by itself when its program is replaced, for its supervisor to start the new one", async () => {
  const path = copyProgram();
  const working = spawn(path, ["start", "--restart-on-upgrade"]);
  const output = new Response(working.stdout).text();
  await eventually(
    async () => {
      const { runner: shown } = await control.call<{ runner: { instances: number } }>(
        "GET",
        `/runners/${runner.id}`,
      );
      return shown.instances === 1;
    },
    { timeoutMs: 30_000 },
  );

  expect((await run(path, ["upgrade"])).exitCode).toBe(0);

  expect(await working.exited).toBe(0);
  expect(await output).toContain("The program was replaced");
});

test.each([
  ["a wrong key", { APP_KEY: "sprk_wrong" }, "The runner id or key is wrong"],
  ["no control plane", { APP_SERVER: "http://127.0.0.1:9" }, "cannot be reached (ECONNREFUSED)"],
])("with %s nothing is changed, and one sentence says why", async (_case, env, sentence) => {
  const path = copyProgram();
  const before = sizeOf(path);

  const { exitCode, stderr } = await run(path, ["upgrade"], env);

  expect([exitCode, stderr]).toEqual([1, expect.stringContaining(sentence)]);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(sizeOf(path)).toBe(before);
  expect(existsSync(`${path}.previous`)).toBe(false);
});
