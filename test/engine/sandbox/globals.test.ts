import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import type { ScriptSession } from "../../../src/engine/sandbox/protocol.ts";
import { prerequest, runnerOf, scriptRequest, testHost } from "./support.ts";

const host = testHost();
let session: ScriptSession;
beforeAll(async () => {
  session = await host.open();
});
afterAll(() => host.close());
const { run, evaluate } = runnerOf(() => session);

describe("Postman's first script API", () => {
  test.each([
    ["responseBody", '{"id":7,"tags":["a","b"]}'],
    ["responseCode.code", 200],
    ["responseCode.name", "OK"],
    ["responseTime", 12],
    ["responseHeaders['Content-Type']", "application/json; charset=utf-8"],
    ["postman.getResponseHeader('content-type')", "application/json; charset=utf-8"],
    ["postman.getResponseCookie('a').value", "1"],
    ["responseCookies.count()", 1],
    ["request.url", "https://api.test/users?page=1"],
    ["request.method", "GET"],
    ["iteration", 0],
    ["environment.e", "5"],
    ["xml2Json('<a><b>1</b></a>')", { a: { b: "1" } }],
    ["_.chunk([1, 2, 3], 2)", [[1, 2], [3]]],
    ["CryptoJS.SHA256('a').toString().slice(0, 8)", "ca978112"],
    ["cheerio.load('<p>x</p>')('p').text()", "x"],
    ["tv4.validate(1, { type: 'number' })", true],
  ])("%s", async (expression, value) => {
    const scopes = {
      local: [],
      environment: [{ key: "e", value: "5", enabled: true }],
      collection: [],
      globals: [],
    };

    expect(await evaluate(expression, { scopes, cookies: [{ name: "a", value: "1" }] })).toEqual(value);
  });

  test("tests[...] become assertions", async () => {
    const { assertions } = await run("tests['good'] = responseCode.code === 200; tests['bad'] = 0");

    expect(assertions).toEqual([
      { name: "good", status: "passed" },
      {
        name: "bad",
        status: "failed",
        error: { name: "AssertionError", message: "expected 0 to be truthy" },
      },
    ]);
  });

  test("postman.* writes variables as text", async () => {
    const { scopes } = await run(
      "postman.setEnvironmentVariable('a', 5); postman.setGlobalVariable('g', false)",
    );

    expect(scopes.environment?.[0]?.value).toBe("5");
    expect(scopes.globals?.[0]?.value).toBe("false");
  });
});

describe("require", () => {
  test.each([
    ["require('chai').expect(1).to.be.a('number') && 1", 1],
    ["require('lodash').VERSION.split('.')[0]", "4"],
    ["require('crypto-js').MD5('a').toString()", "0cc175b9c0f1b6a831c399e269772661"],
    ["new (require('ajv'))().validate({ type: 'string' }, 'x')", true],
    ["require('tv4').validate('x', { type: 'number' })", false],
    ["require('moment')('2020-01-02').format('YYYY/MM')", "2020/01"],
    ["require('uuid').v4().length", 36],
    ["require('csv-parse/lib/sync')('a,b\\n1,2', { columns: true })[0]", { a: "1", b: "2" }],
    ["require('cheerio').load('<i>x</i>').html().includes('<i>x</i>')", true],
    [
      "(() => { let out; require('xml2js').parseString('<a>1</a>', (e, r) => { out = r }); return out })()",
      { a: "1" },
    ],
    ["new (require('postman-collection').Url)('http://a.b/c?d=1').getPath()", "/c"],
    ["require('atob')('YQ==') + require('btoa')('a')", "aYQ=="],
    ["require('assert').strictEqual(1, 1) ?? 1", 1],
    ["require('buffer').Buffer.from('a').toString('hex')", "61"],
    ["new (require('events'))().on('x', () => {}).listenerCount('x')", 1],
    ["require('path').join('a', '..', 'b')", "b"],
    ["require('querystring').parse('a=1').a", "1"],
    ["require('url').parse('http://a.b/c').pathname", "/c"],
    ["require('util').inspect({ a: 1 })", "{ a: 1 }"],
    ["typeof require('stream').Readable", "function"],
    ["new (require('string_decoder').StringDecoder)('utf8').write(Buffer.from('ü'))", "ü"],
    ["require('punycode').toASCII('mañana.com')", "xn--maana-pta.com"],
    ["typeof require('timers').setTimeout", "function"],
    ["pm.require('lodash') === require('lodash')", true],
  ])("%s", async (expression, value) => {
    expect(await evaluate(expression)).toEqual(value);
  });

  test("of anything else fails as in Postman", async () => {
    const { error } = await run("require('fs')");

    expect(error?.message).toBe("Cannot find module 'fs'");
  });
});

describe("globals of the platform", () => {
  test.each([
    ["btoa('ab') + atob('YWI=')", "YWI=ab"],
    ["new TextDecoder().decode(new TextEncoder().encode('ü€'))", "ü€"],
    ["new URL('../x?a=1&b=2#h', 'https://u:p@h.test:8/y/z').href", "https://u:p@h.test:8/x?a=1&b=2#h"],
    ["new URL('https://a.test/?a=1').searchParams.get('a')", "1"],
    [
      "(() => { const u = new URL('https://a.test/'); u.searchParams.set('q', 'a b'); u.port = '99'; return u.href })()",
      "https://a.test:99/?q=a+b",
    ],
    ["new URLSearchParams({ a: 'ü', b: '1' }).toString()", "a=%C3%BC&b=1"],
    ["URL.canParse('nope')", false],
    ["crypto.randomUUID().length", 36],
    ["crypto.getRandomValues(new Uint8Array(8)).length", 8],
    ["structuredClone({ a: [new Date(0)], m: new Map([[1, 2]]) }).m.get(1)", 2],
    ["typeof queueMicrotask + typeof setImmediate + typeof performance.now()", "functionfunctionnumber"],
    ["Buffer.from('a').toString('base64')", "YQ=="],
  ])("%s", async (expression, value) => {
    expect(await evaluate(expression)).toEqual(value);
  });

  test("timers hold the script until they have ended", async () => {
    const { console } = await run(`let n = 0;
      const every = setInterval(() => { console.log(++n); if (n === 3) clearInterval(every) }, 1);
      setTimeout((text) => console.log(text), 20, "late");
      clearTimeout(setTimeout(() => console.log("never"), 5000));
      setImmediate(() => console.log("soon"));`);

    expect(
      console.map(({ messages }) => messages[0]).toSorted((a = "", b = "") => a.localeCompare(b)),
    ).toEqual(["1", "2", "3", "late", "soon"]);
  });

  test("an async function without a caller that waits is waited for", async () => {
    const { scopes } = await run(
      `(async () => { for (let i = 0; i < 50; i++) await null; pm.globals.set("x", 1) })()`,
    );

    expect(scopes.globals?.[0]?.value).toBe(1);
  });
});

describe("console", () => {
  test("levels and values read as a person expects", async () => {
    const { console } =
      await run(`const circle = { a: 1n, f() {}, d: new Date(0), u: undefined }; circle.self = circle;
      console.log("text", 1, null, undefined, [1, "a"], circle);
      console.info(new Map([["k", new Set([1])]])); console.warn(new TypeError("no")); console.error(Symbol("s"));
      console.debug(/x/g); console.clear();`);

    expect(console.map(({ level, messages }) => [level, ...messages])).toEqual([
      [
        "log",
        "text",
        "1",
        "null",
        "undefined",
        '[1,"a"]',
        '{"a":1n,"f":[Function: f],"d":"1970-01-01T00:00:00.000Z","u":undefined,"self":[Circular]}',
      ],
      ["info", 'Map{"k"=>Set{1}}'],
      ["warn", "TypeError: no"],
      ["error", "Symbol(s)"],
      ["debug", "/x/g"],
      ["clear"],
    ]);
  });

  test("a value that throws when looked at is still an entry", async () => {
    const { console, error } =
      await run(`console.log(new Proxy({}, { ownKeys() { throw 1 } })); const { proxy, revoke } =
      Proxy.revocable({}, {}); revoke(); console.log(proxy)`);

    expect(console).toHaveLength(2);
    expect(error).toBeUndefined();
  });
});

describe("a script", () => {
  test("may declare what is global elsewhere, return early and await at the top", async () => {
    const { console, error } = await run(
      prerequest(
        "let request = 1; const _ = 2; var tests = 3; console.log(request + _ + tests); if (1) return; throw 1",
      ),
    );
    const awaited = await run("console.log(await Promise.resolve(4))");

    expect(console[0]?.messages).toEqual(["6"]);
    expect(error).toBeUndefined();
    expect(awaited.console[0]?.messages).toEqual(["4"]);
  });

  test.each([
    ["throw new RangeError('far')", "RangeError", "far"],
    ["throw 'text'", "Error", "text"],
    ["throw null", "Error", "null"],
    ["throw { a: 1 }", "Error", '{"a":1}'],
    ["throw { get message() { throw 1 } }", "Error", "the script threw something that cannot be shown"],
    [
      "throw new Proxy({}, { get() { throw 1 } })",
      "Error",
      "the script threw something that cannot be shown",
    ],
    ["setTimeout(() => { throw new Error('in a timer') })", "Error", "in a timer"],
    ["Promise.reject(new Error('unhandled'))", "Error", "unhandled"],
    ["await Promise.reject(new Error('awaited'))", "Error", "awaited"],
  ])("%s ends it with an error", async (code, name, message) => {
    const { error, console } = await run(scriptRequest(`console.log("before"); ${code}`));

    expect(error).toMatchObject({ kind: "script", name, message });
    expect(console).toHaveLength(1);
  });

  test("that cannot be parsed has a SyntaxError", async () => {
    expect((await run("const = 1")).error?.name).toBe("SyntaxError");
    const { error, console } = await run("}); console.log(1); (function () {");
    expect(error).toEqual({ kind: "script", name: "SyntaxError", message: "Unexpected token '}'", line: 1 });
    expect(console).toEqual([]);
  });
});
