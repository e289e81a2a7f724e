import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../../support/eventually.ts";
import { runnerOf, testHost } from "./support.ts";

/** A process that says what a script process says first, and then only what `reply` is. */
const impostor = (isolation: string, reply: string) => [
  "/bin/sh",
  "-c",
  `echo '{"type":"ready","isolation":"${isolation}"}'; while read -r line; do ${reply}; done`,
];

test("a process that is none of ours is refused", async () => {
  const host = testHost({ command: ["/bin/echo", "hello"] });

  await expect(host.open()).rejects.toThrow("script process cannot be used");
  await host.close();
});

test.if(process.platform === "linux")("without seccomp no script runs, unless it is allowed", async () => {
  const command = impostor("none", "true");
  const strict = testHost({ command });
  const lenient = testHost({ command, allowWithoutSeccomp: true });

  await expect(strict.open()).rejects.toThrow("seccomp could not be set up");
  expect(await lenient.open()).toBeDefined();
  await Promise.all([strict.close(), lenient.close()]);
});

test.each([
  ["no JSON", "echo junk"],
  ["no object", "echo 5"],
  [
    "a result without its parts",
    `echo "{\\"type\\":\\"finished\\",\\"id\\":$(echo "$line" | sed 's/.*"id":\\([0-9]*\\).*/\\1/'),\\"result\\":{}}"`,
  ],
  ["a line without an end", "head -c 70000000 /dev/zero"],
  ["nothing, and then its end", "exit 0"],
])(
  "a process that answers with %s is ended, and its script has an error",
  async (_, reply) => {
    const host = testHost({ command: impostor("seccomp", reply) });
    const session = await host.open();

    const { error } = await runnerOf(() => session).run("1", { timeoutMs: 20_000 });

    expect(error).toBeDefined();
    expect(error?.kind).not.toBe("script_timeout");
    await host.close();
  },
  120_000,
);

test("a process that answers for another script is not believed", async () => {
  const reply = `echo '{"type":"finished","id":-1,"result":{}}'`;
  const host = testHost({ command: impostor("seccomp", reply) });
  const session = await host.open();

  const { error } = await runnerOf(() => session).run("1", { timeoutMs: 50 });

  expect(error?.kind).toBe("script_timeout");
  await host.close();
});

test("a process is warm for the next run, and closing ends every one", async () => {
  const host = testHost({ maxIdle: 1 });
  const first = await host.open();
  const before = childrenOfThis();
  await first.close();

  const second = await host.open();

  expect(childrenOfThis()).toEqual(before);
  await second.close();
  await host.close();
  expect(childrenOfThis()).toEqual([]);
  await expect(host.open()).rejects.toThrow("closed");
});

test("two runs at once have a process each", async () => {
  const host = testHost();

  const [one, two] = await Promise.all([host.open(), host.open()]);
  const results = await Promise.all([
    runnerOf(() => one).run("for (let end = Date.now() + 200; Date.now() < end;); console.log('one')"),
    runnerOf(() => two).run("console.log('two')"),
  ]);

  expect(results.map(({ console }) => console[0]?.messages[0])).toEqual(["one", "two"]);
  await host.close();
});

test.if(process.platform === "linux")(
  "a looping process does not outlive a parent that is killed",
  async () => {
    const program = `
    import { testHost, runnerOf } from ${JSON.stringify(join(import.meta.dir, "support.ts"))};
    const session = await testHost().open();
    void runnerOf(() => session).run("for (;;);", { timeoutMs: 60_000 });
    const { readFileSync } = await import("node:fs");
    console.log(readFileSync("/proc/self/task/" + process.pid + "/children", "utf8").trim());
    setInterval(() => {}, 1000);`;
    const parent = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
    const { value } = await parent.stdout.getReader().read();
    const child = new TextDecoder().decode(value).trim();
    expect(existsSync(`/proc/${child}`)).toBe(true);

    parent.kill("SIGKILL");

    await eventually(() => !isRunning(child));
  },
);

function childrenOfThis(): string[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  return children
    .filter((child) => child !== "" && isRunning(child))
    .filter((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("child.ts"));
}

/** A process that nobody has waited for yet is over, too. */
function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
