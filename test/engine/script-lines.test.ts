import { afterAll, expect, test } from "bun:test";

import { createEngine } from "../../src/engine/engine.ts";
import { createEventRedactor } from "../../src/runner/redact-event.ts";
import { runItems, startServer, testScriptHost } from "./support.ts";

const scripts = testScriptHost(2);
const engine = createEngine({ scripts });
afterAll(() => engine.close());

const script = (listen: "prerequest" | "test", exec: string | string[]) => ({ listen, script: { exec } });

/** Lines of what one test script fails with, errors first. */
async function linesOf(exec: string | string[]) {
  await using server = await startServer((_, response) => void response.end('{"id":1}'));
  const item = [{ name: "r", event: [script("test", exec)], request: server.url }];
  const { steps } = await runItems(item, { engine });
  const { errors = [], assertions = [] } = steps[0] ?? {};
  const failed = assertions.filter(({ status }) => status === "failed");
  return [...errors, ...failed.map(({ error }) => error)].map((error) => error?.location?.line);
}

test.each<[what: string, code: string | string[], line: number | undefined]>([
  ["an unknown name", "const a = 1;\n\nmissing.call();", 3],
  ["an unknown name in the first line", "missing", 1],
  ["a thrown error", "const a = 1;\nthrow new Error('no');", 2],
  ["an assertion outside of a test", "\npm.expect(1).to.equal(2);", 2],
  ["a failing test", "pm.test('a', () => {\n  pm.expect(1).to.equal(2);\n});", 2],
  ["a failing test of the response", "\n\npm.test('a', () => pm.response.to.have.status(201));", 3],
  ["a failing test by a property", "pm.test('a', () => {\n\n pm.expect(null).to.be.ok;\n});", 3],
  [
    "a failing test after a chain",
    "pm.test('a', () => {\n pm.expect([1])\n .to.be.an('array')\n .that.includes(2);\n});",
    4,
  ],
  ["a type error of the engine", "pm.test('a', () => {\n const x = null;\n x.y();\n});", 3],
  ["JSON that is none", "const text = '{';\nJSON.parse(text);", 2],
  ["Windows line ends", "const a = 1;\r\nconst b = 2;\r\nmissing();\r\n", 3],
  ["lines of a list with Windows line ends", ["const a = 1;\r", "\r", "missing();\r"], 3],
  ["a text over several lines", "const a = `1\n2\r\n3`;\nconst b = 'x\\\ny';\nmissing();", 6],
  ["a comment over several lines", "/* 1\n2\n3 */ missing();", 3],
  [
    "behind a catch that is reworded",
    "try {\n null.x;\n} catch (error) { console.log(error); }\nmissing();",
    4,
  ],
  ["an error that was caught and thrown again", "try {\n null.x;\n} catch (error) {\n throw error;\n}", 2],
  ["a function above", "function check(x) {\n  return x.y.z;\n}\n\ncheck({});", 2],
  ["a callback of a library", "\n_.each([1], () => {\n  missing();\n});", 3],
  ["what a library refuses", "\n\n_.template('<% if %>')();", 3],
  ["a timer", "setTimeout(() => {\n\n  missing();\n}, 1);", 3],
  ["behind an await", "await Promise.resolve();\n\nmissing();", 3],
  [
    "an await that is refused",
    "const wait = async () => {\n  await 1;\n  missing();\n};\n\nawait wait();",
    3,
  ],
  ["a test that awaits", "pm.test('a', async () => {\n  await 1;\n  pm.expect(1).to.equal(2);\n});", 3],
  [
    "a test with a callback",
    "pm.test('a', (done) => {\n  setTimeout(() => done(\n    new Error('no')), 1);\n});",
    3,
  ],
  [
    "strict code that calls last",
    "const f = (x) => {\n 'use strict';\n return x.y.z;\n};\n\n(() => { 'use strict';\n return f({});\n})();",
    3,
  ],
  ["no end of calls", "const f = () => {\n  f();\n  return 1;\n};\nf();", 2],
  ["a function made of text", "\nnew Function('\\n\\nmissing()')();", 2],
  ["evaluated text", "\neval('missing()');", 2],
  ["a syntax error", "const a = 1;\nconst b = ;\nconst c = 3;", 2],
  ["a syntax error behind a return", "if (true) return;\n\nconst b = ;", 3],
  ["a syntax error beside an await", "await 1;\n\nconst b = ;", 3],
  ["a brace too many", "const a = 1;\nif (a) { } }\nconst b = 2;\nconst c = 3;", 2],
  ["a brace too few", "const a = 1;\nif (a) {\n  a.b();\n", 4],
  ["a text without an end", "const a = 1;\nconst b = 'x;\nconst c = 3;", 2],
  ["something that is no error", "throw 'no';", undefined],
  ["an old way of testing", "tests['a'] = false;", undefined],
])("%s is told with its line", async (_, code, line) => {
  expect(await linesOf(code)).toEqual([line]);
});

test("each script tells its own place: of the collection, a folder, the request, before and after it", async () => {
  await using server = await startServer();
  const failing = (name: string) => `\npm.test("${name}", () => {\n  pm.expect("${name}").to.equal("");\n});`;
  const both = (name: string) => [
    script("prerequest", failing(`before ${name}`)),
    script("test", `\n${failing(`after ${name}`)}`),
  ];
  const request = { id: "r1", name: "Create order", event: both("request"), request: server.url };
  const folder = { id: "f1", name: "Orders", event: both("folder"), item: [request] };

  const { steps } = await runItems([folder], { engine, collection: { event: both("all") } });

  const places = steps[0]?.assertions.map(({ name, source, error }) => [name, source, error?.location]);
  const own = (place: object, line: number, name: string) => ({
    ...place,
    line,
    text: `pm.expect("${name}").to.equal("");`,
  });
  const all = { kind: "collection", name: "Collection" };
  const orders = { kind: "folder", itemId: "f1", name: "Orders" };
  const create = { kind: "request", itemId: "r1", name: "Create order" };
  expect(places as unknown[]).toEqual([
    ["before all", "prerequest", own(all, 3, "before all")],
    ["before folder", "prerequest", own(orders, 3, "before folder")],
    ["before request", "prerequest", own(create, 3, "before request")],
    ["after all", "test", own(all, 4, "after all")],
    ["after folder", "test", own(orders, 4, "after folder")],
    ["after request", "test", own(create, 4, "after request")],
  ]);
});

test("what a function of an earlier script throws is told where the later one calls it", async () => {
  await using server = await startServer();
  const item = [
    { name: "one", event: [script("test", "\n\nhelp = () => {\n  missing();\n};")], request: server.url },
    { name: "two", event: [script("test", "const a = 1;\nhelp();")], request: server.url },
  ];

  const { steps } = await runItems(item, { engine });

  expect(steps[1]?.errors[0]?.location).toEqual({ kind: "request", name: "two", line: 2, text: "help();" });
});

test("a line that can be forged is only ever a number, and does not end the script process", async () => {
  const forged = `const error = new Error("x");
    Object.defineProperty(error, "stack", { get: () => { throw new Error("never"); } });
    throw error;`;
  expect(await linesOf(forged)).toEqual([undefined]);
  expect(await linesOf('throw { message: "x", stack: "script-abc:99999999999999999999:1" }')).toEqual([
    undefined,
  ]);
});

test("a long line is cut, and a secret in it is not shown", async () => {
  await using server = await startServer();
  const code = `missing("s3cret-value", "${"x".repeat(1000)}");`;
  const { events, steps } = await runItems(
    [{ name: "r", event: [script("test", code)], request: server.url }],
    { engine },
  );

  const redact = createEventRedactor([{ name: "token", value: "s3cret-value" }]);
  const shown = events.map(redact).find((event) => event.type === "step_finished");

  expect(steps[0]?.errors[0]?.location?.text).toHaveLength(201);
  expect(shown?.type === "step_finished" && shown.step.errors[0]?.location).toMatchObject({
    kind: "request",
    text: expect.stringContaining('missing("«token»", "xxx'),
  });
});
