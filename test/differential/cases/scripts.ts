import {
  BASE,
  collection,
  environment,
  get,
  item,
  pairs,
  post,
  preScripts,
  table,
  testScripts,
  type Case,
} from "../case.ts";

const api: Record<string, string> = {
  info: "console.log(pm.info.eventName, pm.info.iteration, pm.info.iterationCount, pm.info.requestName, pm.info.requestId);",
  "info as JSON": "console.log(JSON.stringify(pm.info));",
  environment: `
    pm.environment.set("a", "1"); pm.environment.set("n", 5); pm.environment.set("o", { x: 1 }); pm.environment.set("u"); pm.environment.set("nil", null);
    pm.environment.set("t", true); pm.environment.set("list", [1, 2]); pm.environment.set("", "empty name");
    console.log(pm.environment.get("a"), pm.environment.get("n"), pm.environment.get("o"), pm.environment.get("u"), pm.environment.get("nil"));
    console.log(pm.environment.get("t"), pm.environment.get("list"), pm.environment.get("none"), pm.environment.has("a"), pm.environment.has("none"));
    console.log(typeof pm.environment.get("n"), typeof pm.environment.get("o"), typeof pm.environment.get("t"));
  `,
  "environment toObject and unset": `
    pm.environment.set("a", "1"); pm.environment.set("b", 2); pm.environment.unset("a"); pm.environment.unset("none");
    console.log(pm.environment.toObject(), pm.environment.name, pm.environment.has("a"));
  `,
  "environment clear": `pm.environment.set("a", "1"); pm.environment.clear(); console.log(pm.environment.toObject());`,
  globals: `
    pm.globals.set("a", "1"); pm.globals.set("b", { x: [1] }); console.log(pm.globals.get("a"), pm.globals.get("b"), pm.globals.has("a"), pm.globals.toObject());
    pm.globals.unset("a"); console.log(pm.globals.toObject());
  `,
  "collection variables": `
    pm.collectionVariables.set("a", "1"); pm.collectionVariables.set("b", 2); console.log(pm.collectionVariables.get("a"), pm.collectionVariables.toObject());
    pm.collectionVariables.unset("a"); console.log(pm.collectionVariables.has("a"));
  `,
  variables: `
    pm.variables.set("a", "local"); pm.environment.set("a", "env"); console.log(pm.variables.get("a"), pm.environment.get("a"), pm.variables.has("a"), pm.variables.toObject());
    console.log(pm.variables.replaceIn("{{a}} {{none}} {{{a}}}"));
  `,
  replaceIn: `
    pm.environment.set("e", "E"); pm.globals.set("g", "{{e}}"); pm.collectionVariables.set("c", "{{g}}!");
    console.log(pm.variables.replaceIn("{{c}}"), pm.environment.replaceIn("{{e}} {{g}}"), pm.globals.replaceIn("{{g}} {{e}}"));
    console.log(pm.variables.replaceIn({ a: "{{e}}", list: ["{{g}}", 5] }), pm.variables.replaceIn(5), pm.variables.replaceIn(""), pm.variables.replaceIn("{{}}"));
  `,
  "dynamic variables": `
    const of = (name) => pm.variables.replaceIn("{{$" + name + "}}");
    console.log(/^[0-9a-f-]{36}$/.test(of("guid")), /^\\d+$/.test(of("timestamp")), /^\\d{1,4}$/.test(of("randomInt")), of("nothing"));
    console.log(["randomFirstName", "randomEmail", "randomUUID", "randomBoolean", "randomIP", "isoTimestamp", "randomColor"].map((name) => of(name).length > 0));
  `,
  "iteration data": `console.log(pm.iterationData.get("x"), pm.iterationData.toObject(), pm.iterationData.has("x"));`,
  request: `
    console.log(pm.request.method, pm.request.url.toString(), pm.request.headers.toObject !== undefined);
    console.log(pm.request.headers.get("User-Agent") !== undefined, pm.request.headers.has("accept"), pm.request.headers.get("nope"));
    console.log(pm.request.url.getPath(), pm.request.url.getHost().length > 0, pm.request.url.getQueryString(), pm.request.url.protocol);
    console.log(pm.request.body === undefined, pm.request.name, pm.request.id);
  `,
  response: `
    console.log(pm.response.code, pm.response.status, pm.response.reason(), typeof pm.response.responseTime, typeof pm.response.responseSize);
    console.log(pm.response.text().length, pm.response.json().n, pm.response.headers.get("content-type"), pm.response.headers.has("X-None"));
    console.log(pm.response.size(), pm.response.encoding(), pm.response.mime().type, pm.response.dataURI().slice(0, 40));
    console.log(pm.response.headers.toObject(), pm.response.headers.count(), pm.response.contentInfo());
  `,
  "response methods": `
    console.log(pm.response.isJSON ? 1 : 0, typeof pm.response.stream, typeof pm.response.body, pm.response.describe ? 1 : 0);
    console.log(Object.keys(pm.response.toJSON()).sort());
    try { pm.response.jsonp(); } catch (error) { console.log(error.name, error.message); }
  `,
  "header list": `
    const { headers } = pm.response;
    headers.each((header) => console.log(header.key, header.value));
    console.log(headers.map((header) => header.key), headers.filter((header) => header.key === "Content-Type").length, headers.find((header) => header.key === "Content-Type").value);
    console.log(headers.all().length, headers.one("content-type").value, headers.idx(0).key, headers.indexOf("content-type"), headers.reduce((sum) => sum + 1, 0));
  `,
  "execution location":
    "console.log(pm.execution.location, pm.execution.location.current, Array.from(pm.execution.location));",
  "test gives pm back": `console.log(pm.test("a", () => {}) === pm); pm.test("b", () => {}).test("c", () => {});`,
  "test index": `console.log(pm.test.index()); pm.test("a", () => {}); console.log(pm.test.index());`,
  "keys of pm":
    "console.log(Object.keys(pm).sort().filter((key) => !['vault', 'message', 'datasets', 'state', 'cookies'].includes(key)));",
  visualizer: `pm.visualizer.set("<b>{{a}}</b>", { a: 1 }); pm.visualizer.clear(); console.log("fine");`,
  "setNextRequest by pm": `pm.setNextRequest("Request2"); console.log(typeof pm.execution.setNextRequest);`,
  "globals of a script": `
    console.log(typeof window, typeof global, typeof process, typeof Buffer, typeof setTimeout, typeof setImmediate, typeof fetch, typeof XMLHttpRequest);
    console.log(typeof atob, typeof btoa, typeof URL, typeof TextEncoder, typeof crypto, typeof structuredClone, typeof queueMicrotask, typeof AbortController);
    console.log(typeof require, typeof module, typeof exports, typeof __dirname, typeof eval, typeof Function);
  `,
  encoders: `
    console.log(btoa("žluť".normalize("NFD").slice(0, 1)), atob("aGVsbG8="), Buffer.from("hello").toString("base64"), new TextEncoder().encode("é").length);
    console.log(encodeURIComponent("a b&c"), escape("ü"), new URL("http://a/b?c=d").searchParams.get("c"));
  `,
  this: "console.log(typeof this, this === undefined, (function () { return typeof this; })());",
  globalThis: "console.log(typeof globalThis);",
  "strict mode":
    "'use strict'; try { undeclared = 1; } catch (error) { console.log(error.name, error.message); }",
  "undeclared variables": "leaked = 5; console.log(leaked, typeof leaked, delete leaked);",
  "top-level return": "console.log('before'); if (true) { return; } console.log('after');",
  "top-level await": `const value = await Promise.resolve(5); console.log(value); pm.test("after await", () => pm.expect(value).to.eql(5));`,
  "await of a timer":
    "await new Promise((resolve) => setTimeout(resolve, 20)); console.log('later'); pm.environment.set('late', '1');",
  timers: `
    const last = () => { console.log("last"); pm.environment.set("t", "done"); pm.test("in a timer", () => {}); };
    const cleared = setTimeout(() => console.log("never"), 5); clearTimeout(cleared);
    let count = 0;
    const interval = setInterval(() => { console.log("tick", ++count); if (count === 3) { clearInterval(interval); setTimeout(last, 5); } }, 5);
    console.log("sync");
  `,
  promises: `
    Promise.resolve().then(() => console.log("micro")); console.log("sync");
    (async () => { await null; console.log("async"); pm.test("in a promise", () => {}); })();
  `,
  "async test": `
    pm.test("async", async () => { await new Promise((resolve) => setTimeout(resolve, 10)); pm.expect(1).to.equal(1); });
    pm.test("async fails", async () => { await null; pm.expect(1).to.equal(2); });
    pm.test("sync after", () => {});
  `,
  "done callback": `
    pm.test("done", (done) => { setTimeout(() => { pm.expect(1).to.equal(1); done(); }, 10); });
    pm.test("done with an error", (done) => { setTimeout(() => done(new Error("told")), 5); });
    pm.test("done at once", (done) => done());
  `,
  "skipped test": `pm.test.skip("skipped", () => { throw new Error("never"); }); pm.test("next", () => {});`,
  "test without function": `pm.test("nothing"); pm.test("null", null); pm.test(undefined, () => {}); pm.test(5, () => {}); pm.test("", () => {});`,
  "test in a test": `pm.test("outer", () => { pm.test("inner", () => { pm.expect(1).to.equal(2); }); });`,
  "throws in a test": `
    pm.test("error", () => { throw new Error("boom"); }); pm.test("type error", () => { null.x; }); pm.test("text", () => { throw "a text"; });
    pm.test("reference", () => { missing; }); pm.test("object", () => { throw { name: "Mine", message: "own" }; }); pm.test("undefined", () => { throw undefined; });
  `,
  "many tests": `for (let n = 0; n < 40; n++) pm.test("test " + n, () => pm.expect(n % 7).to.not.equal(3));`,
};

const consoleScripts: Record<string, string> = {
  levels: "console.log('l'); console.info('i'); console.warn('w'); console.error('e'); console.debug('d');",
  values: "console.log(1, 'a', true, null, undefined, [1, 'b'], { a: { b: 'c' } }, -0, NaN, Infinity);",
  nested: "console.log({ a: [{ b: { c: [1, 2, { d: 'e' }] } }] }, [[], {}], { u: undefined, n: null });",
  errors: "console.log(new Error('e').message, String(new TypeError('t')));",
  "no arguments": "console.log(); console.log(''); console.log(' ');",
  "format characters": "console.log('%s is %d', 'a', 5); console.log('100%');",
  "dates and such":
    "console.log(new Date(0).toISOString(), JSON.stringify(/a/), String(Symbol('s')), 10n.toString());",
  order: "console.log(1); pm.test('t', () => console.log(2)); console.log(3);",
  unicode: "console.log('žluťoučký 🐎', { 'ключ': '値' });",
  long: "console.log('x'.repeat(5000).length, 'y'.repeat(2000));",
  "response object": "console.log(pm.response.json());",
};

const errors: Record<string, string> = {
  reference: "missing.x;",
  type: "undefined.x;",
  "type of null": "null.x.y;",
  "not a function": "pm.nothing();",
  "not a function on a value": "const a = {}; a.b.c();",
  const: "const a = 1; a = 2;",
  syntax: "const a = ;",
  "syntax: brace": "if (true) {",
  "syntax: redeclared": "let a = 1; let a = 2;",
  range: "new Array(-1);",
  json: "JSON.parse('{a');",
  "json of a response": "JSON.parse(pm.response.text() + 'x');",
  own: "throw new Error('mine');",
  text: "throw 'a text';",
  number: "throw 5;",
  object: "throw { message: 'm', name: 'N' };",
  null: "throw null;",
  "custom class":
    "class Mine extends Error { constructor(m) { super(m); this.name = 'Mine'; } } throw new Mine('own');",
  "after tests": "pm.test('before', () => {}); throw new Error('mine'); pm.test('never', () => {});",
  "in a timer": "setTimeout(() => { throw new Error('late'); }, 5);",
  "in a promise": "Promise.reject(new Error('unhandled'));",
  "in an async function": "(async () => { throw new Error('unhandled'); })();",
  "after await": "await null; throw new Error('after await');",
  "assertion outside of a test": "pm.expect(1).to.equal(2);",
  recursion: "const f = () => f(); try { f(); } catch (error) { console.log(error.name, error.message); }",
  uri: "decodeURIComponent('%');",
  "invalid regular expression": "new RegExp('(');",
  "iterate nothing": "for (const x of undefined) {}",
  "destructure nothing": "const { a } = undefined;",
  "call of undefined": "let f; f();",
  "read of a text": "'text'.foo.bar;",
  "new of no constructor": "new (() => {})();",
  instanceof: "({}) instanceof 5;",
  "in of a text": "'a' in 'b';",
  spread: "Math.max(...5);",
  "bigint mixed": "1n + 1;",
  "symbol as text": "'' + Symbol('a');",
  "frozen in strict mode": "'use strict'; Object.freeze([1]).push(2);",
  "toString of null": "null.toString();",
  "json missing field": "pm.response.json().nothing.deeper;",
  "json index": "pm.response.json().list[9].x;",
  circular: "const a = {}; a.a = a; JSON.stringify(a);",
  "body is not JSON":
    "pm.test('parse', () => { JSON.parse('<html>'); }); pm.test('empty', () => { JSON.parse(''); });",
  "set of undefined": "undefined.x = 1;",
  "delete of null": "delete null.x;",
  "array length": "[].length = -1;",
  reduce: "[].reduce((a, b) => a);",
  repeat: "'x'.repeat(-1);",
  toFixed: "(1).toFixed(200);",
  date: "new Date('x').toISOString();",
  "generator twice": "const p = new Proxy({}, null);",
  "class without new": "class A {} A();",
  "super missing": "class A {} class B extends A { constructor() { this.x = 1; } } new B();",
  "getter only": "'use strict'; const o = { get a() { return 1; } }; o.a = 2;",
  "before declaration": "x; let x = 1;",
  "eval syntax": "eval('1 +');",
  "await in a plain function": "function f() { await 1; }",
};

const libraries: Record<string, string> = {
  lodash:
    "const _ = require('lodash'); console.log(_.get({ a: [{ b: 1 }] }, 'a[0].b'), _.chunk([1, 2, 3], 2), _.VERSION.split('.')[0]);",
  "crypto-js":
    "const C = require('crypto-js'); console.log(C.MD5('a').toString(), C.HmacSHA256('a', 'k').toString(C.enc.Base64), C.SHA1('x').toString(C.enc.Hex), C.AES.decrypt(C.AES.encrypt('t', 'p').toString(), 'p').toString(C.enc.Utf8));",
  moment:
    "const m = require('moment'); console.log(m.utc('2020-01-31').add(1, 'month').format('YYYY-MM-DD'), m.duration(90, 'minutes').humanize());",
  ajv: "const Ajv = require('ajv'); const ajv = new Ajv(); const v = ajv.compile({ type: 'object', required: ['a'] }); console.log(v({}), v.errors[0].message, v({ a: 1 }));",
  tv4: "const tv4 = require('tv4'); console.log(tv4.validate({ a: 1 }, { required: ['b'] }), tv4.error.message, tv4.validate(1, { type: 'integer' }));",
  cheerio:
    "const $ = require('cheerio').load('<ul><li class=\"a\">1</li><li>2</li></ul>'); console.log($('li').length, $('.a').text(), $('li').eq(1).html());",
  uuid: "const uuid = require('uuid'); console.log(/^[0-9a-f-]{36}$/.test(uuid.v4()));",
  xml2js:
    "require('xml2js').parseString('<a b=\"c\"><d>e</d></a>', (error, result) => console.log(error, result));",
  "csv-parse sync":
    "const parse = require('csv-parse/lib/sync'); console.log(parse('a,b\\n1,2', { columns: true }));",
  "atob and btoa": "console.log(require('atob')('aGk='), require('btoa')('hi'));",
  chai: "const chai = require('chai'); chai.expect(1).to.equal(1); console.log(typeof chai.assert, typeof chai.should);",
  "postman-collection":
    "const sdk = require('postman-collection'); console.log(new sdk.Url('http://a/b?c=d').getPath(), new sdk.HeaderList(null, 'A: 1').get('a'), sdk.Request ? 1 : 0);",
  "node: path, url, querystring":
    "console.log(require('path').join('a', '..', 'b'), require('url').parse('http://a/b?c').pathname, require('querystring').parse('a=1&b=2'));",
  "node: util, assert, events":
    "console.log(require('util').inspect({ a: 1 }), typeof require('events'), typeof require('assert').equal);",
  "node: buffer, stream, string_decoder, timers, punycode":
    "console.log(require('buffer').Buffer.from('a').toString('hex'), typeof require('stream'), typeof require('string_decoder').StringDecoder, typeof require('timers').setTimeout, require('punycode').toASCII('mañana.com'));",
  unknown: "require('nothing');",
  "unknown in a test": "pm.test('r', () => require('fs'));",
  "no name": "require();",
  "same module twice": "console.log(require('lodash') === require('lodash'));",
  relative: "require('./x');",
};

const legacy: Record<string, string> = {
  tests:
    "tests['passes'] = true; tests['fails'] = false; tests['truthy'] = 1; tests['falsy'] = ''; tests['undefined'] = undefined; tests['null'] = null;",
  "tests and pm.test": "pm.test('pm', () => {}); tests['legacy'] = responseCode.code === 200;",
  "tests with odd names": "tests[''] = true; tests['a b'] = 1 === 1; tests[5] = true;",
  response:
    "console.log(responseBody.length, responseCode, typeof responseTime, responseHeaders['Content-Type']);",
  "response JSON":
    "var data_ = JSON.parse(responseBody); tests['n'] = data_.n === 42; console.log(data_.list);",
  request:
    "console.log(request.method, request.url.length > 0, request.data, request.id, request.name, Object.keys(request.headers).length > 3);",
  environment:
    "postman.setEnvironmentVariable('a', 1); postman.setEnvironmentVariable('o', { x: 1 }); console.log(environment.a, postman.getEnvironmentVariable('a'), typeof environment.a); postman.clearEnvironmentVariable('a'); console.log(environment.a);",
  globals:
    "postman.setGlobalVariable('a', 'b'); console.log(globals.a, postman.getGlobalVariable('a')); postman.clearGlobalVariables(); console.log(Object.keys(globals).length);",
  "clear environment":
    "postman.setEnvironmentVariable('a', 1); postman.clearEnvironmentVariables(); console.log(Object.keys(environment).length, pm.environment.toObject());",
  header:
    "console.log(postman.getResponseHeader('Content-Type'), postman.getResponseHeader('content-type'), postman.getResponseHeader('none'));",
  "data and iteration": "console.log(data, iteration);",
  lodash: "console.log(_.map([1, 2], function (n) { return n * 2; }), _.isEmpty({}), _.pluck ? 'v3' : 'v4');",
  CryptoJS:
    "console.log(CryptoJS.MD5('a').toString(), CryptoJS.enc.Base64.stringify(CryptoJS.enc.Utf8.parse('hi')));",
  cheerio: "console.log(cheerio.load('<p>x</p>')('p').text());",
  tv4: "console.log(tv4.validate({ a: 1 }, { type: 'object' }));",
  xml2Json: "console.log(xml2Json('<a><b>1</b><b>2</b><c d=\"e\"/></a>'));",
  "liquid JSON": "console.log(JSON.parse('{\"a\":1}').a, JSON.stringify({ b: [1] }));",
  setNextRequest: "postman.setNextRequest(null);",
  btoa: "console.log(btoa('a'), atob('YQ=='));",
  Backbone: "console.log(typeof Backbone);",
  "changed globals":
    "environment.direct = 'x'; console.log(pm.environment.get('direct')); globals.direct = 'y'; console.log(pm.globals.get('direct'));",
  should: "console.log(typeof Object.prototype.should);",
};

const requestChanges: Record<string, string> = {
  "header added": `pm.request.headers.add({ key: "X-New", value: "{{value}}" });`,
  "header upserted": `pm.request.headers.upsert({ key: "x-own", value: "changed" }); pm.request.headers.upsert({ key: "X-Other", value: "1" });`,
  "header removed": `pm.request.headers.remove("X-Own");`,
  "header as text": `pm.request.headers.add("X-Text: a: b");`,
  "addHeader, removeHeader, upsertHeader": `pm.request.addHeader({ key: "X-A", value: "1" }); pm.request.upsertHeader({ key: "X-A", value: "2" }); pm.request.removeHeader("X-Own");`,
  method: `pm.request.method = "PUT";`,
  "method in lower case": `pm.request.method = "patch";`,
  url: `pm.request.url = "${BASE}/other?x={{value}}";`,
  "url update": `pm.request.url.update("${BASE}/updated");`,
  "url parts": `pm.request.url.path.push("more"); pm.request.url.query.add({ key: "q", value: "1 2" });`,
  "query added": `pm.request.addQueryParams("a=1&b={{value}}"); pm.request.url.addQueryParams([{ key: "c", value: "d" }]);`,
  "query removed": `pm.request.removeQueryParams("old"); pm.request.url.removeQueryParams(["none"]);`,
  "query read": `console.log(pm.request.url.query.get("old"), pm.request.url.query.toObject(), pm.request.url.getQueryString(), pm.request.url.query.count());`,
  "body as object": `pm.request.body = { mode: "raw", raw: "by {{value}}" };`,
  "body raw": `pm.request.body.raw = JSON.stringify({ changed: true });`,
  "body update": `pm.request.body.update({ mode: "urlencoded", urlencoded: [{ key: "a", value: "b" }] });`,
  "body removed": `pm.request.body = undefined;`,
  "body text": `pm.request.body.update("just text");`,
  auth: `pm.request.auth = { type: "bearer", bearer: [{ key: "token", value: "t" }] };`,
  "auth update": `pm.request.auth && pm.request.auth.update([{ key: "token", value: "t" }], "bearer"); console.log(typeof pm.request.auth);`,
  read: `console.log(pm.request.method, pm.request.url.toString(), pm.request.headers.get("X-Own"), pm.request.body.raw, pm.request.body.mode, pm.request.getHeaders());`,
  toJSON: `console.log(pm.request.toJSON());`,
  "url methods": `const { url } = pm.request; console.log(url.getPath(), url.getPathWithQuery(), url.getRemote().length > 5, url.getHost(), url.variables && url.variables.count(), url.path);`,
  variables: `pm.variables.set("value", "local"); pm.environment.set("other", "env");`,
  "url variable": `pm.environment.set("path", "from/script");`,
  "response is absent": `console.log(typeof pm.response, typeof responseBody, typeof pm.cookies);`,
  "headers cleared": `pm.request.headers.clear();`,
  "headers populate": `pm.request.headers.populate([{ key: "X-P", value: "1" }]); console.log(pm.request.headers.count());`,
  "headers assimilate": `pm.request.headers.assimilate([{ key: "X-Own", value: "2" }, { key: "X-As", value: "1" }]);`,
  "setNextRequest and error": `pm.execution.setNextRequest(null); throw new Error("stop");`,
};

const responses: Record<string, [path: string, code: string]> = {
  text: [
    "/text",
    "console.log(pm.response.text(), pm.response.mime().type); pm.test('json', () => pm.response.json());",
  ],
  html: [
    "/html",
    "const $ = require('cheerio').load(pm.response.text()); console.log($('h1').text(), pm.response.headers.get('Content-Type'));",
  ],
  xml: ["/xml", "console.log(xml2Json(responseBody));"],
  csv: ["/csv", "console.log(require('csv-parse/lib/sync')(pm.response.text(), { columns: true }));"],
  empty: [
    "/empty",
    "console.log(pm.response.text() === '', pm.response.responseSize); pm.test('json', () => pm.response.json());",
  ],
  "no content": [
    "/status/204",
    "console.log(pm.response.code, pm.response.status, pm.response.text()); pm.test('json', () => pm.response.json());",
  ],
  "not modified": ["/status/304", "console.log(pm.response.code, pm.response.status);"],
  "not found": [
    "/status/404",
    "console.log(pm.response.code, pm.response.status, pm.response.json()); pm.test('ok', () => pm.response.to.be.ok);",
  ],
  "own phrase": ["/phrase/Very%20Good", "console.log(pm.response.status, pm.response.reason());"],
  "unknown code": ["/status/299", "console.log(pm.response.code, pm.response.status, pm.response.reason());"],
  "broken JSON": [
    "/broken",
    "pm.test('json', () => pm.response.json()); pm.test('to be json', () => pm.response.to.be.json);",
  ],
  gzip: ["/gzip", "console.log(pm.response.json().n, pm.response.headers.get('content-encoding'));"],
  deflate: ["/deflate", "console.log(pm.response.json().n);"],
  "raw deflate": ["/deflate-raw", "console.log(pm.response.json().n);"],
  brotli: ["/br", "console.log(pm.response.json().n);"],
  latin1: ["/latin1", "console.log(pm.response.text());"],
  "byte order mark": ["/bom", "console.log(pm.response.json());"],
  bytes: ["/bytes", "console.log(pm.response.stream.length, pm.response.size().body);"],
  jsonp: ["/jsonp", "console.log(pm.response.text());"],
  "duplicate headers": [
    "/headers?X-A=1&X-B=2&X-A=3&x-c=",
    "console.log(pm.response.headers.get('X-A'), pm.response.headers.all().map((h) => h.key + '=' + h.value), pm.response.headers.toObject());",
  ],
  echo: ["/echo?a=b", "console.log(pm.response.json());"],
};

export const scriptCases: Case[] = [
  ...testScripts("pm", api),
  ...testScripts("console", consoleScripts),
  ...testScripts("error", errors),
  ...preScripts("error before the request", {
    reference: errors["reference"] ?? "",
    syntax: errors["syntax"] ?? "",
    "in a timer": errors["in a timer"] ?? "",
    own: errors["own"] ?? "",
  }),
  ...testScripts("library", libraries),
  ...testScripts("legacy", legacy),
  ...table("request in a script", requestChanges, (pre) => ({
    collection: collection([
      item(
        "Request",
        post("/r/{{path}}?old=1", {
          header: pairs({ "X-Own": "own" }),
          body: { mode: "raw", raw: "body {{value}}" },
        }),
        { pre, test: "console.log(pm.request.method, pm.request.headers.get('X-New'));" },
      ),
      item("After", get("/after/{{value}}/{{path}}")),
    ]),
    environment: environment({ value: "a value", path: "p" }),
  })),
  ...table("response", responses, ([path, test]) => ({
    collection: collection([item("Request", get(path), { test })]),
  })),
];
