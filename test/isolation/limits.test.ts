import { afterAll, describe, expect, test } from "bun:test";

import { noCallbacks, response, runnerOf, scriptRequest, testHost } from "../engine/sandbox/support.ts";

const host = testHost({ memoryLimitMb: 300 });
afterAll(() => host.close());

const open = async () => {
  const session = await host.open();
  return { session, ...runnerOf(() => session) };
};

describe("a script that does not end", () => {
  test.each([
    ["a loop", "for (;;);"],
    ["a loop in a timer", "setTimeout(() => { for (;;); }, 1)"],
    ["a loop of promises", "const f = () => Promise.resolve().then(f); f()"],
    ["a loop of awaits", "(async () => { for (;;) await null })()"],
    ["a timer for ever", "setInterval(() => {}, 1)"],
    ["a timer in a week", "setTimeout(() => {}, 6e8)"],
    ["a regular expression", "/^(a+)+$/.test('a'.repeat(40) + 'b')"],
    ["a loop in a hook of serialisation", "pm.globals.set('x', { toJSON() { for (;;); } })"],
    ["a loop in a getter of an error", "throw { get message() { for (;;); } }"],
    ["a request without an answer", "await pm.sendRequest('http://never.test')"],
    ["a promise that holds a test", "pm.test('x', () => new Promise(() => {}))"],
  ])("is stopped by its time limit: %s", async (_, code) => {
    const { session, run } = await open();
    const never = { ...noCallbacks, sendRequest: () => new Promise<never>(() => {}) };

    const { error } = await run(`console.log("began"); ${code}`, { timeoutMs: 150 }, never);

    expect(error?.kind).toBe("script_timeout");
    expect((await run("console.log('next')")).console[0]?.messages).toEqual(["next"]);
    await session.close();
  });

  test("leaves what it did before: output and tests, no variables", async () => {
    const { session, run } = await open();

    const result = await run(
      `console.log("early"); pm.test("first", () => {}); pm.globals.set("x", 1); await null;
       console.log("later"); setInterval(() => {}, 5)`,
      { timeoutMs: 100 },
    );

    expect(result.console.map(({ messages }) => messages[0])).toEqual(["early", "later"]);
    expect(result.assertions).toEqual([{ name: "first", status: "passed" }]);
    expect(result.scopes).toEqual({});
    await session.close();
  });

  test("is stopped at once when the run is cancelled", async () => {
    const { session, run } = await open();
    const stop = new AbortController();

    const running = run("setInterval(() => {}, 5)", { timeoutMs: 0, signal: stop.signal });
    stop.abort();

    expect((await running).error?.kind).toBe("script_timeout");
    await session.close();
  });
});

describe("a script that takes too much", () => {
  test.each([
    ["small objects", "const all = []; for (;;) all.push({ a: [1, 2, 3] })"],
    ["big buffers", "const all = []; for (;;) all.push(new Uint8Array(5e7).fill(1))"],
    [
      "long texts",
      "let text = 'x'; const all = []; for (;;) { all.push((text + all.length).repeat(1e7).toUpperCase()) }",
    ],
  ])(
    "of memory is ended: %s",
    async (_, code) => {
      const { session, run } = await open();

      const { error } = await run(code, { timeoutMs: 20_000 });

      expect(error?.kind).toBe("script_memory");
      expect((await run("console.log('next')")).console).toHaveLength(1);
      await session.close();
    },
    30_000,
  );

  test("prints 100 MB: the limit is kept and one entry says what was dropped", async () => {
    const { session, run } = await open();
    const before = process.memoryUsage.rss();

    const { console, error } = await run(
      "const line = 'x'.repeat(1e6); for (let i = 0; i < 100; i++) console.log(line)",
      {
        maxConsoleBytes: 5000,
      },
    );

    expect(error).toBeUndefined();
    expect(console).toHaveLength(2);
    expect(console[0]?.messages[0]).toHaveLength(5000);
    expect(console[1]).toMatchObject({ level: "warn" });
    expect(console[1]?.messages[0]).toContain("99 more entries");
    expect(process.memoryUsage.rss() - before).toBeLessThan(50e6);
    await session.close();
  });

  test("prints a million small entries: the limit counts them, too", async () => {
    const { session, run } = await open();

    const { console } = await run("for (let i = 0; i < 1e6; i++) console.log('')", { maxConsoleBytes: 5000 });

    expect(console.length).toBeLessThan(700);
    await session.close();
  });

  test("returns huge variables: an error, and they stay as they were", async () => {
    const { session, run } = await open();

    const { error, scopes } = await run("pm.globals.set('x', 'y'.repeat(40e6))");

    expect(error).toMatchObject({ kind: "script", name: "RangeError" });
    expect(scopes).toEqual({});
    expect((await run("console.log('next')")).error).toBeUndefined();
    await session.close();
  });

  test.each([
    ["circular variables", "const a = {}; a.a = a; pm.globals.set('x', a)"],
    ["a BigInt", "pm.globals.set('x', 1n)"],
    [
      "a revoked proxy",
      "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); pm.globals.set('x', proxy)",
    ],
    [
      "shared objects that multiply",
      "let a = 'x'.repeat(100); for (let i = 0; i < 30; i++) a = [a, a]; pm.globals.set('x', a)",
    ],
    [
      "broken built-ins",
      "Object.fromEntries = Object.entries = Array.prototype.map = () => { throw 1 }; pm.globals.set('x', 1)",
    ],
    ["missing built-ins", "delete globalThis.Object; delete globalThis.Array; pm.globals.set('x', 1)"],
    ["an endless stack", "const f = () => f(); f()"],
    ["a million tests", "for (let i = 0; i < 1e6; i++) pm.test('x', () => {})"],
  ])(
    "gives an error of the script: %s",
    async (_, code) => {
      const { session, run } = await open();

      const { error } = await run(code, { timeoutMs: 10_000 });

      expect(error).toBeDefined();
      expect((await run("console.log('next')")).console).toHaveLength(1);
      await session.close();
    },
    20_000,
  );

  test("reads a response of 20 MB", async () => {
    const { session, run } = await open();
    const body = JSON.stringify({ text: "ü".repeat(10_000_000) });

    const { console, error } = await run(
      scriptRequest("console.log(pm.response.json().text.length)", { response: response(body) }),
      { timeoutMs: 20_000 },
    );

    expect(error).toBeUndefined();
    expect(console[0]?.messages).toEqual(["10000000"]);
    await session.close();
  }, 120_000);
});
