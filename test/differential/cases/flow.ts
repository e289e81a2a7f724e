import {
  BASE,
  collection,
  environment,
  folder,
  get,
  item,
  pairs,
  post,
  table,
  testScripts,
  type Case,
} from "../case.ts";

const log = (text: string): string => `console.log(${JSON.stringify(text)});`;
const three = (first: { pre?: string; test?: string }) => [
  item("One", get("/1"), first),
  item("Two", get("/2"), { test: log("two") }),
  item("Three", get("/3"), { test: log("three") }),
];

const nextRequest: Record<string, string> = {
  "by name": `pm.execution.setNextRequest("Three");`,
  "by legacy name": `postman.setNextRequest("Three");`,
  "by id": `pm.execution.setNextRequest("id-Three");`,
  null: `pm.execution.setNextRequest(null);`,
  nothing: `pm.execution.setNextRequest();`,
  unknown: `pm.execution.setNextRequest("Nobody");`,
  twice: `pm.execution.setNextRequest("Two"); pm.execution.setNextRequest("Three");`,
  empty: `pm.execution.setNextRequest("");`,
  number: `pm.execution.setNextRequest(5);`,
  "itself, three times": `
    const count = Number(pm.environment.get("count") || 0) + 1; pm.environment.set("count", count);
    if (count < 3) pm.execution.setNextRequest("One");
  `,
};

const sendRequest: Record<string, string> = {
  url: `pm.sendRequest("${BASE}/echo?a=b", (error, response) => { console.log(error, response.code, response.json()); });`,
  options: `
    pm.sendRequest({ url: "${BASE}/echo", method: "POST", header: { "X-A": "1", "Content-Type": "application/json" }, body: { mode: "raw", raw: JSON.stringify({ x: 1 }) } },
      (error, response) => console.log(error, response.json()));
  `,
  "header list": `pm.sendRequest({ url: "${BASE}/echo", header: [{ key: "X-A", value: "1" }, { key: "X-B", value: "2" }] }, (error, response) => console.log(response.json().headers));`,
  "header texts": `pm.sendRequest({ url: "${BASE}/echo", header: ["X-A: 1", "X-B: 2"] }, (error, response) => console.log(response.json().headers));`,
  "header text": `pm.sendRequest({ url: "${BASE}/echo", header: "X-A: 1" }, (error, response) => console.log(response.json().headers));`,
  urlencoded: `pm.sendRequest({ url: "${BASE}/echo", method: "POST", body: { mode: "urlencoded", urlencoded: [{ key: "a", value: "b c" }] } }, (error, response) => console.log(response.json()));`,
  "urlencoded text": `pm.sendRequest({ url: "${BASE}/echo", method: "POST", body: { mode: "urlencoded", urlencoded: "a=b&c=d" } }, (error, response) => console.log(response.json()));`,
  "body text": `pm.sendRequest({ url: "${BASE}/echo", method: "PUT", body: "plain" }, (error, response) => console.log(response.json()));`,
  "body object": `pm.sendRequest({ url: "${BASE}/echo", method: "POST", body: { mode: "raw", raw: { a: 1 } } }, (error, response) => console.log(response.json()));`,
  formdata: `pm.sendRequest({ url: "${BASE}/x", method: "POST", body: { mode: "formdata", formdata: [{ key: "a", value: "b" }] } }, (error, response) => console.log(response.code));`,
  graphql: `pm.sendRequest({ url: "${BASE}/echo", method: "POST", body: { mode: "graphql", graphql: { query: "{ a }", variables: "{}" } } }, (error, response) => console.log(response.json()));`,
  "GET with body": `pm.sendRequest({ url: "${BASE}/echo", method: "GET", body: { mode: "raw", raw: "x" } }, (error, response) => console.log(response.json()));`,
  "basic auth": `pm.sendRequest({ url: "${BASE}/echo", auth: { type: "basic", basic: [{ key: "username", value: "u" }, { key: "password", value: "p" }] } }, (error, response) => console.log(response.json().headers.authorization));`,
  variables: `pm.environment.set("v", "x y"); pm.sendRequest("${BASE}/echo?v={{v}}", (error, response) => console.log(response.json().target));`,
  promise: `const response = await pm.sendRequest("${BASE}/json"); console.log(response.code, response.json().n); pm.test("sent", () => pm.expect(response).to.have.status(200));`,
  then: `pm.sendRequest("${BASE}/json").then((response) => console.log(response.code));`,
  sequence: `
    pm.sendRequest("${BASE}/first", () => { console.log("first"); pm.sendRequest("${BASE}/second", () => { console.log("second"); pm.environment.set("done", "1"); }); });
  `,
  "not found": `pm.sendRequest("${BASE}/status/404", (error, response) => { console.log(error, response.code, response.status); pm.test("404", () => pm.response ? 0 : 0); });`,
  refused: `pm.sendRequest("http://127.0.0.1:1/", (error, response) => console.log(error.code, error.message, response));`,
  "refused promise": `try { await pm.sendRequest("http://127.0.0.1:1/"); } catch (error) { console.log(error.code, error.message, error.name); }`,
  "refused, nobody looks": `pm.sendRequest("http://127.0.0.1:1/", () => {});`,
  redirect: `pm.sendRequest("${BASE}/redirect/302?to=/json", (error, response) => console.log(response.code, response.json().n));`,
  cookies: `pm.sendRequest("${BASE}/cookies?set=a=1", (error, response) => { console.log(response.cookies.map((cookie) => cookie.name)); pm.sendRequest("${BASE}/echo", (inner, echoed) => console.log(echoed.json().headers.cookie)); });`,
  "throws in the callback": `pm.sendRequest("${BASE}/json", () => { throw new Error("in the callback"); });`,
  "assertions in the callback": `pm.sendRequest("${BASE}/json", (error, response) => { pm.test("later", () => pm.expect(response.json().n).to.equal(43)); });`,
  "no callback": `pm.sendRequest("${BASE}/quiet");`,
  "wrong url": `pm.sendRequest("http://", (error, response) => console.log(error ? "error" : "none", response));`,
  empty: `pm.sendRequest("", (error) => console.log(error ? "error" : "none"));`,
  nothing: `pm.sendRequest();`,
  "sdk request": `const { Request } = require("postman-collection"); pm.sendRequest(new Request({ url: "${BASE}/echo", method: "POST" }), (error, response) => console.log(response.json().method));`,
  "url object": `pm.sendRequest({ url: { protocol: "http", host: "127.0.0.1", port: "${"@@PORT@@"}", path: ["echo"], query: [{ key: "a", value: "b" }] } }, (error, response) => console.log(response.json().target));`,
  "disabled header": `pm.sendRequest({ url: "${BASE}/echo", header: [{ key: "X-Off", value: "1", disabled: true }] }, (error, response) => console.log(response.json().headers));`,
};

const everywhere = { pre: log("pre"), test: log("test") };

export const flowCases: Case[] = [
  ...table("next request", nextRequest, (test) => ({ collection: collection(three({ test })) })),
  ...table("next request, said before", nextRequest, (pre) => ({ collection: collection(three({ pre })) })),
  {
    id: "next request: backwards, with a way out",
    collection: collection([
      item("One", get("/1"), { test: `pm.environment.set("n", Number(pm.environment.get("n") || 0) + 1);` }),
      item("Two", get("/2"), {
        test: `if (pm.environment.get("n") < 3) pm.execution.setNextRequest("One");`,
      }),
      item("Three", get("/3")),
    ]),
  },
  {
    id: "next request: into a folder",
    collection: collection([
      item("One", get("/1"), { test: `pm.execution.setNextRequest("Inner two");` }),
      folder("Folder", [item("Inner one", get("/i1")), item("Inner two", get("/i2"))]),
      item("Last", get("/last")),
    ]),
  },
  {
    id: "next request: a folder",
    collection: collection([
      item("One", get("/1"), { test: `pm.execution.setNextRequest("Folder");` }),
      item("Two", get("/2")),
      folder("Folder", [item("Inner one", get("/i1")), item("Inner two", get("/i2"))]),
    ]),
  },
  {
    id: "next request: names that are not unique",
    collection: collection([
      item("One", get("/1"), { test: `pm.execution.setNextRequest("Same");` }),
      { ...item("Same", get("/s1")), id: "same-1" },
      item("Between", get("/b"), { test: `pm.execution.setNextRequest(null);` }),
      { ...item("Same", get("/s2")), id: "same-2" },
    ]),
  },
  {
    id: "next request: over iterations",
    collection: collection(
      three({ test: `pm.execution.setNextRequest(pm.info.iteration === 0 ? "Three" : null);` }),
    ),
    options: { iterationCount: 2 },
  },
  {
    id: "next request: set by a folder's script",
    collection: collection([
      folder("Folder", [item("One", get("/1")), item("Two", get("/2"))], {
        test: `pm.execution.setNextRequest("Last");`,
      }),
      item("Between", get("/b")),
      item("Last", get("/l"), { test: log("last") }),
    ]),
  },
  {
    id: "skip: a request",
    collection: collection([
      item("One", get("/1"), {
        pre: `${log("before")} pm.execution.skipRequest(); ${log("never")}`,
        test: log("never"),
      }),
      item("Two", get("/2"), everywhere),
    ]),
  },
  {
    id: "skip: with folder and collection scripts",
    collection: collection(
      [
        folder(
          "Folder",
          [
            item("One", get("/1"), { pre: log("request pre"), test: log("request test") }),
            item("Two", get("/2")),
          ],
          {
            pre: `${log("folder pre")} if (pm.info.requestName === "One") pm.execution.skipRequest();`,
            test: log("folder test"),
          },
        ),
      ],
      { pre: log("collection pre"), test: log("collection test") },
    ),
  },
  {
    id: "skip: with tests and variables before it",
    collection: collection([
      item("One", get("/1"), {
        pre: `pm.test("early", () => {}); pm.environment.set("a", "1"); pm.execution.skipRequest();`,
      }),
      item("Two", get("/{{a}}")),
    ]),
  },
  { id: "skip: in a test script", collection: collection(three({ test: "pm.execution.skipRequest();" })) },
  {
    id: "events: three levels",
    collection: collection(
      [
        folder(
          "Outer",
          [
            folder(
              "Inner",
              [item("Request", get("/1"), { pre: log("4 request pre"), test: log("8 request test") })],
              {
                pre: log("3 inner pre"),
                test: log("7 inner test"),
              },
            ),
            item("Beside", get("/2")),
          ],
          { pre: log("2 outer pre"), test: log("6 outer test") },
        ),
        item("Outside", get("/3")),
      ],
      { pre: log("1 collection pre"), test: log("5 collection test") },
    ),
  },
  {
    id: "events: several of one kind",
    collection: collection([
      item("Request", get("/1"), {
        event: [
          { listen: "test", script: { exec: [log("a")] } },
          { listen: "prerequest", script: { exec: [log("b")] } },
          { listen: "test", script: { exec: [log("c")] } },
          { listen: "prerequest", script: { exec: log("d") } },
        ],
      }),
    ]),
  },
  {
    id: "events: disabled, empty, unknown",
    collection: collection([
      item("Request", get("/1"), {
        event: [
          { listen: "test", disabled: true, script: { exec: [log("off")] } },
          { listen: "test", script: { exec: [""] } },
          { listen: "test", script: { exec: [] } },
          { listen: "test" },
          { listen: "nothing", script: { exec: [log("never")] } },
          { listen: "test", script: { exec: [log("on")] } },
        ],
      }),
    ]),
  },
  {
    id: "events: an error in an outer script",
    collection: collection([item("Request", get("/1"), everywhere)], {
      pre: "throw new Error('outer');",
      test: "missing;",
    }),
  },
  {
    id: "events: variables of a script stay its own",
    collection: collection(
      [
        item("One", get("/1"), {
          pre: "var a = 1; leaked = 2; globalThis.more = 3;",
          test: "console.log(typeof a, typeof leaked, typeof globalThis.more);",
        }),
      ],
      { test: "console.log(typeof a, typeof leaked, typeof globalThis.more);" },
    ),
  },
  {
    id: "events: the local variables of a run",
    collection: collection(
      [
        item("One", get("/{{l}}"), {
          pre: "pm.variables.set('l', 'x');",
          test: "console.log(pm.variables.get('l'));",
        }),
        item("Two", get("/{{l}}"), { test: "console.log(pm.variables.get('l'), pm.variables.toObject());" }),
      ],
      { pre: "console.log(pm.variables.get('l'));" },
    ),
    options: { iterationCount: 2 },
  },
  {
    id: "events: the request as scripts change it, level by level",
    collection: collection(
      [
        folder(
          "Folder",
          [
            item("Request", get("/1"), {
              pre: "console.log(pm.request.headers.get('X-C'), pm.request.headers.get('X-F')); pm.request.headers.upsert({ key: 'X-C', value: 'r' });",
            }),
          ],
          {
            pre: "pm.request.headers.add({ key: 'X-F', value: 'f' });",
          },
        ),
      ],
      { pre: "pm.request.headers.add({ key: 'X-C', value: 'c' });" },
    ),
  },
  {
    id: "iterations: data",
    collection: collection([
      item("Request", get("/{{name}}?n={{n}}&x={{nested}}"), {
        pre: "console.log(pm.iterationData.get('name'), pm.info.iteration, data);",
        test: "console.log(pm.iterationData.toObject(), pm.variables.get('name'));",
      }),
    ]),
    data: [
      { name: "first", n: 1, nested: { a: 1 } },
      { name: "second", n: 2.5, extra: null },
      { name: "", n: false },
    ],
  },
  {
    id: "iterations: fewer than rows",
    collection: collection([item("Request", get("/{{name}}"))]),
    data: [{ name: "a" }, { name: "b" }, { name: "c" }],
    options: { iterationCount: 2 },
  },
  {
    id: "iterations: more than rows",
    collection: collection([item("Request", get("/{{name}}"))]),
    data: [{ name: "a" }, { name: "b" }],
    options: { iterationCount: 4 },
  },
  {
    id: "iterations: what scripts set",
    collection: collection([
      item("Request", get("/{{count}}"), {
        pre: "pm.environment.set('count', Number(pm.environment.get('count') || 0) + 1); pm.variables.set('l', pm.info.iteration);",
        test: "console.log(pm.info.iteration, pm.info.iterationCount, pm.variables.get('l'));",
      }),
    ]),
    options: { iterationCount: 3 },
  },
  {
    id: "iterations: data set in a script",
    collection: collection([
      item("Request", get("/{{name}}"), {
        pre: "pm.iterationData.set && pm.iterationData.set('name', 'changed'); pm.iterationData.unset && pm.iterationData.unset('n'); console.log(pm.iterationData.toObject());",
      }),
      item("Second", get("/{{name}}/{{n}}")),
    ]),
    data: [{ name: "row", n: 1 }],
  },
  {
    id: "selection: a folder",
    collection: collection(
      [
        folder("A", [item("A1", get("/a1"))]),
        folder("B", [item("B1", get("/b1")), folder("C", [item("C1", get("/c1"))])], everywhere),
      ],
      everywhere,
    ),
    options: { folder: ["B"] },
  },
  {
    id: "selection: a request",
    collection: collection(
      [folder("A", [item("A1", get("/a1")), item("A2", get("/a2"))], everywhere)],
      everywhere,
    ),
    options: { folder: ["A2"] },
  },
  {
    id: "selection: two folders",
    collection: collection([
      folder("A", [item("A1", get("/a1"))]),
      folder("B", [item("B1", get("/b1"))]),
      folder("C", [item("C1", get("/c1"))]),
    ]),
    options: { folder: ["C", "A"] },
  },
  {
    id: "selection: unknown",
    collection: collection([item("A", get("/a"))]),
    options: { folder: ["Nobody"] },
  },
  {
    id: "bail: at the first failure",
    collection: collection([
      item("One", get("/1"), {
        test: "pm.test('fails', () => pm.expect(1).to.equal(2)); pm.test('runs', () => {});",
      }),
      item("Two", get("/2")),
    ]),
    options: { bail: "failure" },
  },
  {
    id: "bail: on an error of a script",
    collection: collection([
      item("One", get("/1"), { pre: "throw new Error('x');", test: log("test") }),
      item("Two", get("/2")),
    ]),
    options: { bail: "failure" },
  },
  {
    id: "bail: folder, on a failed test",
    collection: collection([
      item("One", get("/1"), { test: "pm.test('fails', () => pm.expect(1).to.equal(2));" }),
      item("Two", get("/2")),
    ]),
    options: { bail: "folder" },
  },
  {
    id: "bail: folder, no answer",
    collection: collection([
      item("One", { method: "GET", url: "http://127.0.0.1:1/" }, { test: log("test") }),
      item("Two", get("/2")),
    ]),
    options: { bail: "folder" },
  },
  {
    id: "time: a script that waits too long",
    collection: collection([
      item("One", get("/1"), {
        test: "await new Promise((r) => setTimeout(r, 3000)); console.log('never');",
      }),
      item("Two", get("/2")),
    ]),
    options: { timeoutScript: 200 },
  },
  ...testScripts("sendRequest", sendRequest),
  ...table(
    "sendRequest before the request",
    { url: sendRequest["url"] ?? "", promise: sendRequest["promise"] ?? "" },
    (pre) => ({
      collection: collection([
        item("Request", get("/after/{{token}}"), {
          pre: `${pre}\npm.sendRequest("${BASE}/echo?x=token", (error, response) => pm.environment.set("token", response.json().target.length));`,
        }),
      ]),
    }),
  ),
  {
    id: "variables: every scope has its rank",
    collection: collection(
      [
        item("Request", get("/{{g}}/{{c}}/{{e}}/{{d}}/{{l}}"), {
          pre: "pm.variables.set('l', 'local'); for (const n of ['g', 'c', 'e', 'd', 'l']) console.log(n, pm.variables.get(n));",
          test: "console.log(pm.variables.toObject());",
        }),
      ],
      { variable: pairs({ c: "collection", e: "collection", d: "collection", l: "collection" }) },
    ),
    globals: { values: pairs({ g: "globals", c: "globals", e: "globals", d: "globals", l: "globals" }) },
    environment: environment({ e: "environment", d: "environment", l: "environment" }),
    data: [{ d: "data", l: "data" }],
  },
  {
    id: "variables: disabled ones",
    collection: collection(
      [
        item("Request", get("/{{on}}/{{off}}"), {
          test: "console.log(pm.environment.get('off'), pm.environment.has('off'), pm.environment.toObject(), pm.variables.get('off'));",
        }),
      ],
      {
        variable: [
          { key: "off", value: "collection" },
          { key: "coff", value: "1", disabled: true },
        ],
      },
    ),
    environment: environment([
      { key: "on", value: "on", enabled: true },
      { key: "off", value: "off", enabled: false },
    ]),
  },
  {
    id: "variables: types",
    collection: collection(
      [
        item("Request", get("/{{n}}/{{b}}/{{o}}/{{s}}/{{nil}}"), {
          test: "for (const n of ['n', 'b', 'o', 's', 'nil', 'none']) console.log(n, typeof pm.collectionVariables.get(n), pm.collectionVariables.get(n), pm.variables.get(n));",
        }),
      ],
      {
        variable: [
          { key: "n", value: 5 },
          { key: "b", value: false },
          { key: "o", value: { a: 1 } },
          { key: "s", value: "5", type: "string" },
          { key: "nil", value: null },
          { key: "none" },
        ],
      },
    ),
  },
  {
    id: "variables: secret, default, boolean and number types",
    collection: collection([
      item("Request", get("/{{s}}/{{n}}/{{b}}"), {
        test: "console.log(pm.environment.toObject(), typeof pm.environment.get('n'), typeof pm.environment.get('b'));",
      }),
    ]),
    environment: environment([
      { key: "s", value: "secret", type: "secret", enabled: true },
      { key: "d", value: "default", type: "default", enabled: true },
      { key: "n", value: "5", type: "number", enabled: true },
      { key: "b", value: "true", type: "boolean", enabled: true },
    ]),
  },
  {
    id: "variables: circles and depth",
    collection: collection([
      item("Request", get("/{{a}}/{{d1}}/{{self}}"), {
        test: "console.log(pm.variables.replaceIn('{{a}}').length > 0, pm.variables.replaceIn('{{d1}}'));",
      }),
    ]),
    environment: environment({
      a: "{{b}}",
      b: "{{a}}",
      self: "{{self}}x",
      d1: "{{d2}}",
      d2: "{{d3}}",
      d3: "{{d4}}",
      d4: "deep",
    }),
  },
  {
    id: "variables: names put together",
    collection: collection([item("Request", get("/{{{{inner}}}}/{{pre{{inner}}}}"))]),
    environment: environment({ inner: "name", name: "value", prename: "joined" }),
  },
  {
    id: "variables: odd names",
    collection: collection([item("Request", get("/{{a b}}/{{a.b}}/{{a-b}}/{{ü}}/{{ spaced }}/{{a:b}}"))]),
    environment: environment({
      "a b": "1",
      "a.b": "2",
      "a-b": "3",
      ü: "4",
      " spaced ": "5",
      spaced: "6",
      "a:b": "7",
    }),
  },
  {
    id: "variables: the same key twice",
    collection: collection(
      [
        item("Request", get("/{{a}}/{{c}}"), {
          test: "console.log(pm.environment.get('a'), pm.environment.toObject()); pm.environment.set('a', '3'); pm.environment.unset('c');",
        }),
      ],
      {
        variable: [...pairs({ c: "1" }), ...pairs({ c: "2" })],
      },
    ),
    environment: environment([
      { key: "a", value: "1", enabled: true },
      { key: "a", value: "2", enabled: true },
    ]),
  },
  {
    id: "variables: in bodies, headers and auth",
    collection: collection([
      item(
        "Request",
        post("/x", {
          header: pairs({ "{{h}}": "{{v}}" }),
          body: {
            mode: "raw",
            raw: '{"v":"{{v}}","j":{{j}},"q":"{{quoted}}"}',
            options: { raw: { language: "json" } },
          },
          auth: { type: "apikey", apikey: pairs({ key: "{{h2}}", value: "{{v}}" }) },
        }),
      ),
    ]),
    environment: environment({ h: "X-H", h2: "X-H2", v: "value", j: '{"a":1}', quoted: 'a "b"' }),
  },
];
