import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { filterProgram } from "../../src/engine/sandbox/seccomp.ts";
import { auditArchitectures } from "../../src/engine/sandbox/syscalls.ts";

interface Report {
  lock: { isolation: string };
  results: Record<string, string>;
}

const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("reached") });
afterAll(() => server.stop(true));

async function runProgram(shouldLock: "yes" | "no"): Promise<Report> {
  const program = join(import.meta.dir, "locked-program.ts");
  const child = Bun.spawn([process.execPath, program, String(server.port), shouldLock], {
    stdout: "pipe",
    env: {},
  });
  return (await new Response(child.stdout).json()) as Report;
}

describe.if(process.platform === "linux")("a locked process, from behind the language wall", () => {
  let locked: Report;
  beforeAll(async () => {
    locked = await runProgram("yes");
  });

  test("is locked by seccomp", () => {
    expect(locked.lock).toEqual({ isolation: "seccomp" });
  });

  test("gets EPERM for every call that reaches outside", () => {
    const { results } = locked;
    const calls = Object.entries(results).filter(([name]) => !name.includes(" "));

    expect(calls.length).toBeGreaterThan(30);
    expect(calls.filter(([, result]) => result !== "errno 1")).toEqual([]);
  });

  test.each([
    "read a file",
    "make a folder",
    "remove a file",
    "run a program",
    "connect to a port",
    "listen on a port",
  ])("cannot %s", (attempt) => {
    expect(locked.results[attempt]).not.toBe("done");
  });

  test("cannot signal its parent, and goes on working itself", () => {
    expect(locked.results["signal the parent"]).toBe("EPERM");
    expect(locked.results["threads and promises go on"]).toBe("done");
  });

  test.if(process.arch === "x64")(
    "ends at once when it calls by the table of another architecture",
    async () => {
      const child = Bun.spawn([process.execPath, join(import.meta.dir, "locked-program.ts"), "x32"], {
        stdout: "ignore",
        env: {},
      });
      await child.exited;

      expect(child.signalCode).toBe("SIGSYS");
    },
  );

  test("could do all that before it was locked", async () => {
    const { results } = await runProgram("no");

    for (const attempt of [
      "socket",
      "kill",
      "read a file",
      "make a folder",
      "run a program",
      "connect to a port",
    ]) {
      expect([attempt, results[attempt]]).toEqual([attempt, "done"]);
    }
  });
});

describe("the filter", () => {
  test.each(["x64", "arm64"] as const)(
    "of %s looks at the architecture first and refuses by default",
    (arch) => {
      const program = filterProgram(arch, 1);

      expect(program[0]).toEqual({ code: 0x20, value: 4 });
      expect(program[1]?.value).toBe(auditArchitectures[arch]);
      expect(program.at(-1)).toEqual({ code: 0x06, value: 0x00050001 });
    },
  );

  test.each(["x64", "arm64"] as const)("of %s never jumps out of itself", (arch) => {
    const program = filterProgram(arch, 1);

    for (const [index, { ifTrue = 0, ifFalse = 0 }] of program.entries()) {
      expect(index + 1 + Math.max(ifTrue, ifFalse)).toBeLessThanOrEqual(program.length);
    }
  });
});
