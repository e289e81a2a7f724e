import { afterAll, describe, expect, test } from "bun:test";

import { loadRealmSources } from "../../src/engine/sandbox/libraries/load.ts";
import type { ScriptHost, ScriptResult } from "../../src/engine/sandbox/protocol.ts";
import { isModest } from "../../src/engine/sandbox/script-code.ts";
import { createRealmFactory, type ScriptRealm } from "../../src/engine/sandbox/script-realm.ts";
import { response, scriptRequest, type Runner, runnerOf, testHost } from "../engine/sandbox/support.ts";

/** One process: its runs follow one another, and their modest scripts share a realm. */
const host: ScriptHost = testHost({ maxIdle: 1 });
afterAll(() => host.close());

async function inRun<T>(act: (runner: Runner) => Promise<T>): Promise<T> {
  const session = await host.open();
  try {
    return await act(runnerOf(() => session));
  } finally {
    await session.close();
  }
}

/**
 * Goes through everything that can be reached, by names that are put together so that the script looks modest, and calls
 * `visit` for each object and function.
 */
const walk = `
const get = (object, name) => { try { return object[name] } catch {} };
const Refl = this["Ref" + "lect"];
const seen = new Set();
const todo = [];
// Getters may give something new each time: from what they gave it goes on for a few steps only.
const add = (value, got = 0) => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value) || got > 2) return;
  seen.add(value);
  todo.push([value, got]);
};
// Asking for one of these is the end of the shared realm, which is another test.
const libraries = ["requ" + "ire", String.fromCharCode(95), "Crypto" + "JS", "chee" + "rio", "tv" + "4", "xml2" + "Json", "Buff" + "er", "Fi" + "le"];
const everything = (visit) => {
  const errors = [];
  for (const bad of [() => null.x, () => new URL("nope"), () => atob("*"), () => decodeURIComponent("%"), () => JSON.parse("{"),
    () => pm.expect(1).to.equal(2), () => pm.expect(1).to.bee, () => pm.response.to.have.status(1), () => new Array(-1),
    () => pm.datasets(), () => crypto.getRandomValues(5)]) try { bad() } catch (error) { errors.push(error) }
  const roots = [this, pm, postman, console, errors, pm.expect(1), pm.expect(1).to.be, pm.expect([1]).to.include, pm.expect({ a: 1 }).to.have.property("a"),
    pm.response.to.have, pm.test("x"), pm.cookies.jar(), pm.request.url.query, pm.response.headers.one("content-type"), pm.environment.values,
    async () => {}, function* () {}, async function* () {}, (function* () {})(), (async function* () {})(), [].values(), "".matchAll(/x/g), new Map().entries(),
    new Set().values(), ""[Symbol.iterator](), [].values().map(String), new Intl.Segmenter().segment("a"), new Intl.Segmenter().segment("a")[Symbol.iterator](),
    new Intl.DateTimeFormat(), new Intl.NumberFormat(), new Date(), /x/, Promise.resolve(), new Proxy({}, {}), new URL("http://a/?b=c").searchParams,
    new TextEncoder(), new AbortController(), new Uint8Array(1), new DataView(new ArrayBuffer(1)), new WeakMap(), new WeakSet(), Symbol.iterator, 1n,
    setTimeout(() => {}, 0), arguments, pm.sendRequest("http://a.test"), pm.vault.get("x").catch(() => {}), crypto.subtle.digest("SHA-1", new Uint8Array(1))];
  roots.forEach((root) => add(root));
  roots.forEach((root) => add(Refl.getPrototypeOf(Object(root))));
  while (todo.length > 0) {
    const [value, got] = todo.pop();
    visit(value);
    for (const key of Refl.ownKeys(value)) {
      if (value === this && libraries.includes(key)) continue;
      const own = Object["getOwnProperty" + "Descriptor"](value, key);
      add(own.value, got); add(own.get, got); add(own.set, got);
      if (own.get) add(get(value, key), got + 1);
    }
    add(Refl.getPrototypeOf(value), got);
  }
};
`;

/** Tries every way to leave something on an object. */
const mark = `${walk}
let count = 0;
const marked = { leaked: "leaked" };
seen.add(marked);
const attempt = (act) => { try { const result = act(); result.catch(() => {}) } catch {} };
// What is done to these is noticed, which is another test.
const watched = [this, Array, Array["proto" + "type"], Object["getProto" + "typeOf"]([].values()), RegExp, RegExp["proto" + "type"]];
everything((object) => {
  count++;
  if (watched.includes(object)) return;
  attempt(() => { object.leaked = "leaked" });
  attempt(() => { Object["define" + "Property"](object, "leaked", { value: "leaked" }) });
  attempt(() => { Object["setProto" + "typeOf"](object, marked) });
  attempt(() => { return object.set("leaked", "leaked") });
  attempt(() => { return object.add("leaked") });
  attempt(() => { return object.push("leaked") });
  attempt(() => { return object.append("leaked", "leaked") });
  attempt(() => { object.lastIndex = 77 });
  attempt(() => { object.input = "leaked" });
  for (const key of Refl.ownKeys(object)) {
    const own = Object["getOwnProperty" + "Descriptor"](object, key);
    attempt(() => { object[key] = "leaked" });
    if (own.set) attempt(() => { own.set.call(object, "leaked") });
  }
});
/leaked/.exec("leaked");
console.count("leaked");
leaked = "leaked";
this.leaked2 = "leaked";
console.info(count);
`;

const look = `${walk}
const found = [];
everything((object) => {
  const name = () => String(get(object, "name")) + " " + Object["pro" + "totype"].toString.call(object);
  if (get(object, "leaked") !== undefined || get(object, "leaked2") !== undefined) found.push(name());
  if (get(object, "lastIndex") === 77) found.push("lastIndex " + name());
  if (typeof get(object, "has") === "function") { try { if (object.has("leaked") === true) found.push("member " + name()) } catch {} }
  for (const key of Refl.ownKeys(object)) if (!libraries.includes(key) && get(object, key) === "leaked") found.push(String(key) + " of " + name());
});
if (typeof leaked !== "undefined") found.push("global");
console.info(seen.size, JSON.stringify(found));
`;

const sources = await loadRealmSources();

/** A realm as the script process keeps it for modest scripts, in this process, so that a test knows which one it has. */
function makeSharedRealm() {
  let finished: (result: ScriptResult) => void = () => {};
  const realm: ScriptRealm = createRealmFactory(sources)({
    call: (call) =>
      setImmediate(() => realm.reply(call, JSON.stringify({ response: response("{}"), cookies: [] }))),
    partial() {},
    finished: (text) => finished(JSON.parse(text) as ScriptResult),
    timedOut() {},
  });
  realm.prepareLibraries();
  realm.freeze();
  return {
    clear: () => realm.clear(),
    run(code: string): Promise<ScriptResult> {
      const { promise, resolve } = Promise.withResolvers<ScriptResult>();
      finished = resolve;
      const { code: _, response: answer, ...rest } = scriptRequest(code);
      const { bodyBase64 = "", ...head } = answer ?? {};
      const context = {
        ...rest,
        response: { ...head, decodedBytes: 1 },
        maxConsoleBytes: 100_000,
        usesPromises: true,
      };
      realm.execute({ code, context: JSON.stringify(context), bodyBase64, timeoutMs: 30_000 });
      return promise;
    },
  };
}

/** What the script printed last, with `console.info`. */
const printed = ({ console }: ScriptResult) =>
  console.findLast(({ level }) => level === "info")?.messages.map((text) => JSON.parse(text) as unknown);

describe("the realm that modest scripts of several runs share", () => {
  test("keeps nothing of a script that tries to leave a mark on everything it can reach", async () => {
    expect([isModest(mark), isModest(look)]).toEqual([true, true]);

    const realm = makeSharedRealm();
    const marked = await realm.run(mark);
    const isUsable = realm.clear();
    const looked = await realm.run(look);

    expect(isUsable).toBe(true);
    expect([marked.error, looked.error]).toEqual([undefined, undefined]);
    expect(printed(marked)?.[0]).toBeGreaterThan(1300);
    expect(printed(looked)).toEqual([expect.any(Number), []]);
    expect(printed(looked)?.[0]).toBeGreaterThan(1300);
  }, 120_000);

  test("the search finds a mark", async () => {
    const looked = await makeSharedRealm().run(
      `pm.leaked = "leaked"; Object.assign(pm.request.url, { leaked: "leaked" });${look}`,
    );

    expect(printed(looked)?.[1]).not.toEqual([]);
  }, 120_000);

  test("counters begin anew with each run", async () => {
    const code = `console.count("a"); console.log(typeof setTimeout(() => {}, 0), setTimeout(() => {}, 0))`;
    const first = await inRun(({ run }) => run(code));
    const second = await inRun(({ run }) => run(code));

    expect(second.console.map(({ messages }) => messages)).toEqual(
      first.console.map(({ messages }) => messages),
    );
  });

  test.each([
    ["RegExp.$1", "/(secret)/.exec('secret')", "RegExp.$1 + RegExp.lastMatch + RegExp.input"],
    [
      "a library that was asked for by a hidden name",
      "this['requ' + 'ire']('lodash').leaked = 1",
      "String(this['requ' + 'ire']('lodash').leaked ?? '')",
    ],
    [
      "a global that cannot be removed",
      "Object['defineProp' + 'erty'](this, 'leaked', { value: 1 })",
      "typeof leaked === 'undefined' ? '' : leaked",
    ],
    [
      "a method of lists",
      "[]['__pro' + 'to__'].leaked = () => 1",
      "typeof [].leaked === 'function' ? 1 : ''",
    ],
    ["a changed method of lists", "[]['__pro' + 'to__'].map = () => 'leaked'", "[''].map(String)[0]"],
    [
      "a method of lists that only looks the same",
      "Object['defineProp' + 'erty']([]['__pro' + 'to__'], 'map', { enumerable: true })",
      "Object.keys([]['__pro' + 'to__']).join()",
    ],
    [
      "another prototype of lists",
      "Object['setProto' + 'typeOf']([]['__pro' + 'to__'], { leaked: 1 })",
      "[].leaked ?? ''",
    ],
    ["a mark on Array", "[].constructor.leaked = 'leaked'", "Array.leaked ?? ''"],
    [
      "a changed loop",
      "[].values()['__pro' + 'to__'].next = () => ({ done: true })",
      "(() => { for (const item of ['']) return item; return 'leaked' })()",
    ],
    [
      "a pattern that throws",
      "/x/['__pro' + 'to__'].exec = () => { throw new Error('leaked') }",
      "/^$/.test('') ? '' : 'leaked'",
    ],
    ["a changed pattern", "/x/['__pro' + 'to__'].exec = () => null", "/^$/.test('') ? '' : 'leaked'"],
    ["a mark on patterns", "/x/.constructor.leaked = 'leaked'", "RegExp.leaked ?? ''"],
    ["a closed global object", "Object['prevent' + 'Extensions'](this)", "(open = '', open)"],
    [
      "another prototype of the global object",
      "Object['setProto' + 'typeOf'](this, { leaked: 1 })",
      "typeof leaked === 'undefined' ? '' : leaked",
    ],
  ])("%s is gone in the next run", async (_, leave, read) => {
    expect([isModest(leave), isModest(read)]).toEqual([true, true]);
    await inRun(({ run }) => run(leave));

    expect(await inRun(({ evaluate }) => evaluate(read))).toBe("");
  });
});

describe("in that realm a script finds its built-ins as usable as ever", () => {
  test.each([
    [
      "an error gets a name",
      "(() => { const e = new Error('a'); e.name = 'B'; e.message = 'c'; return String(e) })()",
      "B: c",
    ],
    [
      "a class of errors names itself",
      "(() => { class E extends Error { get [Symbol.toStringTag]() { return 'E' } }; const e = new E('x'); e.name = 'E'; return String(e) })()",
      "E: x",
    ],
    [
      "an object has its own toString",
      "(() => { const o = {}; o.toString = () => 'own'; return `${o}` })()",
      "own",
    ],
    [
      "a member may be called constructor or hasOwnProperty",
      "(() => { const o = {}; o.constructor = 1; o.hasOwnProperty = 2; return [o.constructor, o.hasOwnProperty, Object.keys(o)] })()",
      [1, 2, ["constructor", "hasOwnProperty"]],
    ],
    [
      "JSON with such names is read",
      'Object.keys(JSON.parse(\'{"toString":1,"constructor":2}\'))',
      ["toString", "constructor"],
    ],
    [
      "a function has its own call",
      "(() => { const f = () => 1; f.call = () => 2; f.toString = () => 'f'; return [f.call(), String(f)] })()",
      [2, "f"],
    ],
    [
      "a list has its own toString",
      "(() => { const a = [1]; a.toString = () => 'a'; return String(a) })()",
      "a",
    ],
    ["a name without a declaration", "(() => { data2 = 5; return data2 + this.data2 })()", 10],
    [
      "a name of the first script API is assigned",
      "(() => { data = { a: 1 }; responseBody = 'x'; return [data.a, responseBody] })()",
      [1, "x"],
    ],
    [
      "hasOwnProperty works",
      "[({ a: 1 }).hasOwnProperty('a'), ({}).hasOwnProperty('toString'), 'toString' in {}]",
      [true, false, true],
    ],
    [
      "inherited members are not listed",
      "(() => { const names = []; for (const name in { a: 1 }) names.push(name); return names })()",
      ["a"],
    ],
  ])("%s", async (_, expression, expected) => {
    expect(isModest(expression)).toBe(true);

    expect(await inRun(({ evaluate }) => evaluate(expression))).toEqual(expected);
  });
});
