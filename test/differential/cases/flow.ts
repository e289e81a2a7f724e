import { collection, folder, get, item, table, type Case } from "../case.ts";

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
          pre: "var a = 1; leaked = 2;",
          test: "console.log(typeof a, typeof leaked);",
        }),
      ],
      { test: "console.log(typeof a, typeof leaked);" },
    ),
  },
  {
    id: "events: names without a declaration are there for later scripts",
    collection: collection(
      [
        item("One", get("/1"), {
          pre: "count = 1; tools = { double: function (n) { return n * 2; } };",
          test: "count++; console.log(count, tools.double(4));",
        }),
        item("Two", get("/2"), {
          pre: "if (typeof later === 'undefined') later = function () { return 'set'; };",
          test: "console.log(later(), typeof tools, count);",
        }),
      ],
      { pre: "console.log(typeof count, typeof tools, typeof later);" },
    ),
    options: { iterationCount: 2 },
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
];
