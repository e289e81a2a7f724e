import { afterAll, describe, expect, test } from "bun:test";

import { createScriptHost } from "../../src/engine/sandbox/host.ts";
import { childCommand, runnerOf } from "../engine/sandbox/support.ts";
import { appCommand } from "../support/processes.ts";

const secret = "slp_the_key_of_the_runner";
process.env["SALLYPORT_TEST_KEY"] = secret;
afterAll(() => {
  delete process.env["SALLYPORT_TEST_KEY"];
});

/** What a script can try without knowing a way out; each gives what it got hold of. */
const attempts: Record<string, string> = {
  "the environment": "typeof process + typeof Bun + typeof Deno",
  "a module of the system": "(() => { try { return typeof require('fs') } catch { return 'refused' } })()",
  "a process": "(() => { try { return typeof require('child_process') } catch { return 'refused' } })()",
  "a socket": "typeof WebSocket + typeof fetch + typeof XMLHttpRequest",
  "another realm": "typeof ShadowRealm",
  "machine code": "typeof WebAssembly",
  "shared memory": "typeof SharedArrayBuffer + typeof Atomics",
  "code of the host by its constructors": `(() => {
    const found = new Set();
    for (const value of [pm, pm.test, pm.sendRequest, console.log, setTimeout, require, pm.response, pm.cookies, crypto, URL, atob]) {
      try { found.add(value.constructor.constructor("return typeof process + typeof Bun")()) } catch (error) { found.add(error.name) }
    }
    return [...found].join()
  })()`,
};

const commands: [name: string, command: () => string[]][] = [
  ["the sources", () => childCommand],
  ["the compiled program", () => [...appCommand(), "script-process"]],
];

describe.each(commands)("a script process of %s", (_, command) => {
  const open = () => createScriptHost({ command: command(), maxIdle: 1, memoryLimitMb: 400 });

  test("gives a script nothing of the machine, nor of the key of its runner", async () => {
    const host = open();
    const session = await host.open();
    const { evaluate, run } = runnerOf(() => session);

    const got: Record<string, unknown> = {};
    for (const [name, code] of Object.entries(attempts)) got[name] = await evaluate(code);
    const { console } = await run(
      "try { await import('node:fs'); console.log('imported') } catch (error) { console.log(error.message) }",
    );

    expect(got).toEqual({
      "the environment": "undefinedundefinedundefined",
      "a module of the system": "refused",
      "a process": "refused",
      "a socket": "undefinedundefinedundefined",
      "another realm": "undefined",
      "machine code": "undefined",
      "shared memory": "undefinedundefined",
      "code of the host by its constructors": "undefinedundefined",
    });
    expect(console[0]?.messages).toEqual(["import() is not available in scripts"]);
    expect(JSON.stringify(got)).not.toContain(secret);
    await session.close();
    await host.close();
  }, 120_000);

  test.each([
    ["an endless loop", "for (;;) ;", "script_timeout"],
    ["endless promises", "for (;;) await null", "script_timeout"],
    ["endless memory", "const all = []; for (;;) all.push(new Array(1e6).fill(all.length))", "script_memory"],
  ] as const)(
    "%s is stopped within the limit, and the next run works",
    async (_name, code, kind) => {
      const host = open();
      const broken = await host.open();
      const { error } = await runnerOf(() => broken).run(code, { timeoutMs: 3000 });
      await broken.close();

      const next = await host.open();
      const { assertions } = await runnerOf(() => next).run(
        "pm.test('works', () => pm.expect(1).to.equal(1))",
      );

      expect(error?.kind).toBe(kind);
      expect(assertions).toEqual([{ name: "works", status: "passed" }]);
      await next.close();
      await host.close();
    },
    30_000,
  );

  test("keeps nothing of a run for the next", async () => {
    const host = open();
    const one = await host.open();
    await runnerOf(() => one).run(
      "leaked = 1; Object.prototype.leaked = 1; require('lodash').leaked = 1; console.leaked = 1; pm.globals.set('leaked', 1)",
    );
    await one.close();
    const two = await host.open();

    const found = await runnerOf(() => two).evaluate(
      "[typeof leaked, typeof ({}).leaked, typeof require('lodash').leaked, typeof console.leaked, pm.globals.has('leaked')]",
    );

    expect(found).toEqual(["undefined", "undefined", "undefined", "undefined", false]);
    await two.close();
    await host.close();
  }, 120_000);
});
