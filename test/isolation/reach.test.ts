import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

import type { ScriptSession } from "../../src/engine/sandbox/protocol.ts";
import { noCallbacks, response, runnerOf, scriptRequest, testHost } from "../engine/sandbox/support.ts";

const host = testHost();
let session: ScriptSession;
beforeAll(async () => {
  session = await host.open();
});
afterAll(() => host.close());
const { run, evaluate } = runnerOf(() => session);

/** Walks everything that a script can reach and names what does not belong to its realm. */
const walk = `
const foreign = [];
const seen = new Set();
const todo = [];
const add = (value, path) => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
  seen.add(value);
  todo.push([value, path]);
};
const look = (roots) => {
  for (const [path, value] of Object.entries(roots)) add(value, path);
  while (todo.length > 0) {
    const [value, path] = todo.pop();
    let root = value;
    for (let next = Object.getPrototypeOf(root); next !== null; next = Object.getPrototypeOf(root)) root = next;
    if (root !== Object.prototype && root !== value) foreign.push(path);
    for (const key of Reflect.ownKeys(value)) {
      const name = path + "." + String(key);
      const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
      add(descriptor.get, name + "<get>");
      add(descriptor.set, name + "<set>");
      add(descriptor.value, name);
      if (descriptor.get) {
        try {
          add(value[key], name);
        } catch (error) {
          add(error, name + "<error>");
        }
      }
    }
    add(Object.getPrototypeOf(value), path + ".__proto__");
  }
};
`;

describe("everything that a script can reach", () => {
  test("belongs to its realm", async () => {
    const libraries = ["chai", "lodash", "crypto-js", "ajv", "tv4", "cheerio", "moment", "uuid", "xml2js"];
    const callbacks = {
      ...noCallbacks,
      sendRequest: () => Promise.resolve({ response: response("{}"), cookies: [] }),
    };

    const { console, error } = await run(
      `${walk}
      const answer = await pm.sendRequest("http://a.test");
      const errors = [];
      for (const bad of [() => null.x, () => new URL("nope"), () => atob("*"), () => require("fs"), () => decodeURIComponent("%"), () => JSON.parse("{"), () => { const f = () => f(); f() }, () => new Array(-1), () => crypto.getRandomValues(5)])
        try { errors.push(bad()) } catch (error) { errors.push(error) }
      for (const name of ${JSON.stringify(libraries)}) require(name);
      look({ globalThis, pm, postman, console, tests, answer, errors, answerPromise: pm.sendRequest("http://a.test"),
        timer: setTimeout(() => {}, 0), url: new URL("http://a.test"), expect: pm.expect(1), response: pm.response.to,
        libraries: ${JSON.stringify(libraries)}.map((name) => require(name)) });
      console.log(seen.size, JSON.stringify(foreign));`,
      { timeoutMs: 30_000 },
      callbacks,
    );

    expect(error).toBeUndefined();
    expect(Number(console.at(-1)?.messages[0])).toBeGreaterThan(3000);
    expect(console.at(-1)?.messages[1]).toBe("[]");
  }, 120_000);

  test("the walk finds an object of another realm", async () => {
    // An object whose chain ends elsewhere stands for one that came from outside.
    const { console } = await run(
      `${walk} look({ alien: Object.setPrototypeOf({}, Object.create(null)) }); console.log(JSON.stringify(foreign))`,
    );

    expect(console[0]?.messages[0]).toContain("alien");
  });
});

describe("names of the outside", () => {
  test.each([
    "process",
    "Bun",
    "ShadowRealm",
    "WebAssembly",
    "SharedArrayBuffer",
    "Atomics",
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "Worker",
    "module",
    "exports",
    "__dirname",
    "gc",
  ])("%s does not exist", async (name) => {
    expect(await evaluate(`typeof ${name} + typeof globalThis["${name}"]`)).toBe("undefinedundefined");
  });

  test.each([
    `await import("fs")`,
    `await eval('import("node:fs")')`,
    `await Promise.resolve('import("fs")').then(eval)`,
    `await (await Promise.resolve('return import("fs")').then(Function))()`,
    `await (async () => {}).constructor('return import("fs")')()`,
    `await import("fs", { with: { type: "json" } })`,
  ])("%s is refused with an error of the realm", async (code) => {
    const { console } = await run(
      `try { ${code}; console.log("imported") } catch (error) {
        console.log(error instanceof Error, error.message, error.constructor.constructor("return typeof process")()) }`,
    );

    expect(console[0]?.messages).toEqual(["true", "import() is not available in scripts", "undefined"]);
  });

  test("at the edge of the stack no error leads to code outside", async () => {
    const { console, error } = await run(
      `const found = new Set();
       const note = (error) => {
         let reach = "nothing";
         try { reach = error.constructor.constructor("return typeof process")() } catch {}
         found.add(reach);
       };
       const waiting = [];
       const acts = [() => import("fs").catch(note), () => new URL("http://a"), () => crypto.randomUUID(), () => atob("YQ=="),
         () => console.log(), () => performance.now(), () => setTimeout(() => {}, 0), () => pm.response.text(), () => require("uuid")];
       for (const act of acts) {
         const dive = () => { try { waiting.push(act()); dive() } catch (error) { note(error) } };
         dive();
       }
       await Promise.all(waiting);
       console.log([...found].filter((reach) => reach !== "undefined" && reach !== "nothing"))`,
      { maxConsoleBytes: 1e6, timeoutMs: 20_000 },
    );

    // A promise that nobody could take an error from ends the script; what counts is that no script got hold of more.
    expect(error?.message ?? "Maximum call stack size exceeded").toBe("Maximum call stack size exceeded");
    if (!error) expect(console.at(-1)?.messages).toEqual(["[]"]);
  }, 120_000);

  test.each([
    `Error.prepareStackTrace = (_, sites) => sites`,
    `Object.defineProperty(Error, "prepareStackTrace", { value: (_, sites) => sites })`,
  ])("call sites are not handed out by %s", async (code) => {
    expect(await evaluate(`(() => { try { ${code} } catch {} ; return typeof new Error().stack })()`)).toBe(
      "string",
    );
  });

  test.each([
    `Function("return this")().process`,
    `(0, eval)("this").process`,
    `[].constructor.constructor("return typeof Bun")().replace("undefined", "")`,
    `(() => {}).caller`,
    `pm.test.constructor("return typeof process")().replace("undefined", "")`,
    `setTimeout.constructor("return typeof require('fs')")`,
    `console.log.constructor("return globalThis.process")()`,
  ])("%s leads nowhere", async (expression) => {
    const reached = await evaluate(
      `(() => { try { const found = ${expression}; return typeof found === "function" ? String(found()) : found || null } catch { return null } })()`,
    );

    expect(reached).toBeNull();
  });
});

test("a function that is called back sees nothing of its caller", async () => {
  const { console, error } = await run(
    `const seen = [];
     const look = function look() { try { seen.push(look.caller, look.arguments?.callee?.caller) } catch (error) { seen.push(error.name) } };
     pm.test("x", look); [1].map(look); setTimeout(look, 0); await null;
     pm.sendRequest("http://a.test", look); await new Promise((done) => setTimeout(done, 5));
     const leaks = seen.filter((value) => typeof value === "function" && !/look|native code/.test(String(value)));
     console.log(seen.length > 4, leaks.map(String))`,
  );

  expect(error).toBeUndefined();
  expect(console[0]?.messages).toEqual(["true", "[]"]);
});

describe("what a script leaves behind", () => {
  test.each([
    ["a variable", "var leaked = 1", "typeof leaked"],
    ["a polluted prototype", "Object.prototype.leaked = 1", "typeof ({}).leaked"],
    [
      "a changed method",
      "Array.prototype.map = () => 1",
      "typeof [1].map((x) => x) === 'number' ? 1 : 'undefined'",
    ],
    [
      "a method changed by a name that is put together",
      "const name = ['proto', 'type'].join(''); Array[name].map = () => 1",
      "typeof [1].map((x) => x) === 'number' ? 1 : 'undefined'",
    ],
    [
      "a method changed by way of its descriptors",
      "Object.values(Object.getOwnPropertyDescriptors(String))[2].value.trim = () => 'leaked'",
      "' a '.trim() === 'leaked' ? 1 : 'undefined'",
    ],
    [
      "a getter that was replaced",
      "const key = 'proto' + 'type'; Object.defineProperty(Map[key], 'size', { get: () => 7 })",
      "new Map().size === 7 ? 1 : 'undefined'",
    ],
    [
      "a method of iterators",
      "const up = (o) => o['__pro' + 'to__']; up([][Symbol.iterator]()).next = () => ({ done: true })",
      "[...[1]].length === 0 ? 1 : 'undefined'",
    ],
    ["a changed function", "JSON.stringify = () => '1'", "JSON.stringify([]) === '1' ? 1 : 'undefined'"],
    [
      "a changed prototype of pm",
      "try { pm.response.constructor.prototype.leaked = 1 } catch {}",
      "typeof pm.response.leaked",
    ],
    ["a replaced pm", "pm = 1", "pm === 1 ? 1 : 'undefined'"],
    ["a library that was extended", "_.mixin({ leaked: () => 1 })", "typeof _.leaked"],
    ["a chai plugin", "require('chai').use((chai) => { chai.leaked = 1 })", "typeof require('chai').leaked"],
    [
      "pollution by data",
      `pm.response.json(); const merge = (a, b) => { for (const k in b) typeof b[k] === "object" ? merge(a[k], b[k]) : (a[k] = b[k]) };
      merge({}, JSON.parse('{"__pro' + 'to__":{"leaked":1}}'))`,
      "typeof ({}).leaked",
    ],
  ])("does not reach the next script: %s", async (_, code, probe) => {
    const first = await run(code);

    expect(first.error).toBeUndefined();
    expect(await evaluate(probe)).toBe("undefined");
  });

  test.each([
    ["a global without a declaration", "leaked = 1"],
    ["a property of globalThis", "globalThis.leaked = 1"],
    ["a locked property of globalThis", "Object.defineProperty(globalThis, 'leaked', { value: 1 })"],
  ])("reaches the later scripts of its run, as in Postman, and no other run: %s", async (_, code) => {
    const single = testHost({ maxIdle: 1 });
    const one = await single.open([code]);
    await runnerOf(() => one).run(code);
    const inRun = await runnerOf(() => one).evaluate("typeof leaked");
    await one.close();
    const two = await single.open();
    const inNextRun = await runnerOf(() => two).evaluate("typeof leaked");

    expect([inRun, inNextRun]).toEqual(["number", "undefined"]);
    await two.close();
    await single.close();
  });

  test("does not reach the next run, even in the same process", async () => {
    const single = testHost({ maxIdle: 1 });
    const one = await single.open();
    await runnerOf(() => one).run("require('moment').leaked = 1; /secret/.test('my secret')");
    await one.close();
    const two = await single.open();

    const found = await runnerOf(() => two).evaluate("[typeof require('moment').leaked, RegExp.lastMatch]");

    expect(found).toEqual(["undefined", ""]);
    await two.close();
    await single.close();
  });

  test("late work of a script is not seen by the next one", async () => {
    await run("setTimeout(() => console.log('late'), 1); throw 1");
    const { console } = await run(
      "await new Promise((resolve) => setTimeout(resolve, 20)); console.log('mine')",
    );

    expect(console.map(({ messages }) => messages[0])).toEqual(["mine"]);
  });
});

describe.if(process.platform === "linux")("the script process", () => {
  test("has no environment, no other folder and no file of ours", async () => {
    await run("1");
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
    const [pid] = children.filter((child) =>
      readFileSync(`/proc/${child}/cmdline`, "utf8").includes("child.ts"),
    );

    expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/Seccomp:\s+2/);
    expect(readFileSync(`/proc/${pid}/environ`, "utf8")).toBe("");
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe("/");
    const files = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(files.filter((file) => file.startsWith("/") && file !== "/dev/null")).toEqual([]);
  });
});

test("a request with a misleading answer from the engine is only text inside", async () => {
  const { error, console } = await run(
    scriptRequest("console.log(pm.request.url.toString(), Object.keys(pm.request.toJSON()).length)", {
      request: { method: "GET", url: JSON.parse('{"__proto__":{"x":1},"raw":"http://a.test/"}'), header: [] },
    }),
  );

  expect(error).toBeUndefined();
  expect(console[0]?.messages[0]).toBe("http://a.test/");
});
