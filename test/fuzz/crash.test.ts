import { afterAll, expect, test } from "bun:test";

import {
  anything,
  array,
  assert,
  asyncProperty,
  constantFrom,
  dictionary,
  jsonValue,
  letrec,
  oneof,
  option,
  record,
  string,
  uint8Array,
} from "fast-check";
import { ZodError } from "zod";

import { createEngine } from "../../src/engine/engine.ts";
import { createScriptHost } from "../../src/engine/sandbox/host.ts";
import { parsePartial, parseResult, ResultError } from "../../src/engine/sandbox/result.ts";
import { parseCall } from "../../src/engine/sandbox/script-call.ts";
import { childCommand } from "../engine/sandbox/support.ts";
import { runDocument, startRawServer } from "../engine/support.ts";
import { budget } from "./budget.ts";

const scripts = createScriptHost({ command: childCommand, maxIdle: 2, memoryLimitMb: 400 });
const engine = createEngine({ scripts });
afterAll(() => engine.close());
// Nothing listens there; what matters is that a run ends.
const nowhere = "http://127.0.0.1:1";

const scriptText = constantFrom(
  "pm.test('x', () => pm.expect(1).to.equal(2))",
  "throw null",
  "pm.request.url = null; pm.request.headers = 5; pm.request.method = {}; pm.request.body = []",
  "pm.request.auth = { type: 'basic', basic: 5 }",
  "pm.request.url.query = { toJSON() { return 'x' } }",
  "pm.environment.set({}, () => 1); pm.variables.set('a', Symbol('x'))",
  "console.log(pm, globalThis, new Proxy({}, { get() { throw 1 } }))",
  "pm.execution.setNextRequest({ toString() { throw new Error('no') } })",
  "postman.setNextRequest(undefined); tests[Symbol('x')] = 1; tests.y = { toString: 5 }",
  "const a = {}; a.a = a; pm.globals.set('a', a)",
  "}{",
);

const { document } = letrec((tie) => ({
  value: oneof({ depthSize: "small" }, jsonValue(), tie("request"), scriptText, string()),
  request: record(
    {
      method: oneof(constantFrom("GET", "POST"), jsonValue()),
      url: oneof(
        constantFrom(nowhere, `${nowhere}/:id?q={{x}}`),
        jsonValue(),
        record(
          { raw: jsonValue(), path: jsonValue(), query: jsonValue(), variable: jsonValue() },
          { requiredKeys: [] },
        ),
      ),
      header: oneof(
        array(record({ key: jsonValue(), value: jsonValue(), disabled: jsonValue() }, { requiredKeys: [] })),
        jsonValue(),
      ),
      body: oneof(
        record(
          {
            mode: constantFrom("raw", "urlencoded", "formdata", "file", "graphql", "x"),
            raw: jsonValue(),
            urlencoded: jsonValue(),
            formdata: jsonValue(),
            graphql: jsonValue(),
          },
          { requiredKeys: [] },
        ),
        jsonValue(),
      ),
      auth: oneof(
        record(
          {
            type: constantFrom("basic", "bearer", "apikey", "noauth", "x"),
            basic: jsonValue(),
            bearer: jsonValue(),
            apikey: jsonValue(),
          },
          { requiredKeys: [] },
        ),
        jsonValue(),
      ),
    },
    { requiredKeys: [] },
  ),
  event: record(
    {
      listen: oneof(constantFrom("prerequest", "test"), jsonValue()),
      script: oneof(record({ exec: oneof(scriptText, array(scriptText), jsonValue()) }), jsonValue()),
    },
    { requiredKeys: [] },
  ),
  item: record(
    {
      name: jsonValue(),
      id: jsonValue(),
      request: oneof(tie("request"), jsonValue()),
      event: oneof(array(tie("event"), { maxLength: 2 }), jsonValue()),
      item: option(array(tie("item"), { maxLength: 2 }), { depthIdentifier: "folder", nil: undefined }),
      protocolProfileBehavior: jsonValue(),
    },
    { requiredKeys: [] },
  ),
  document: record(
    {
      info: jsonValue(),
      item: oneof(
        array(oneof({ weight: 5, arbitrary: tie("item") }, { weight: 1, arbitrary: jsonValue() }), {
          maxLength: 3,
        }),
        jsonValue(),
      ),
      variable: jsonValue(),
      event: oneof(array(tie("event"), { maxLength: 2 }), jsonValue()),
      auth: jsonValue(),
    },
    { requiredKeys: [] },
  ),
}));

test("no collection crashes the engine: every run ends with a summary", async () => {
  await assert(
    asyncProperty(document, async (collection) => {
      const { summary } = await runDocument(collection, {
        engine,
        options: { requestTimeoutMs: 500, scriptTimeoutMs: 2000, runTimeoutMs: 4000 },
      });

      expect(summary.reason).not.toBe("internal");
    }),
    budget(150),
  );
}, 120_000);

test("no answer of a server crashes the engine", async () => {
  let answer: Uint8Array = new Uint8Array();
  await using server = await startRawServer((socket) => socket.end(answer));
  const bytes = oneof(
    uint8Array({ maxLength: 200 }),
    array(
      oneof(
        constantFrom(
          "HTTP/1.1 ",
          "200 OK",
          "\r\n",
          "\r\n\r\n",
          "Content-Length: 5",
          "Content-Length: -1",
          "Transfer-Encoding: chunked",
          "Content-Encoding: gzip",
          "Location: http://[",
          "Set-Cookie: a=b; Domain=.",
          "5\r\nabcde\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\n",
          "HTTP/1.1 999 \r\n",
        ),
        string({ maxLength: 5 }),
      ),
      { maxLength: 12 },
    ).map((parts) => Buffer.from(parts.join(""))),
  );
  const events = [{ listen: "test", script: { exec: "pm.response.json(); pm.response.contentInfo()" } }];

  await assert(
    asyncProperty(bytes, async (given) => {
      answer = given;
      const item = [{ name: "r", request: { url: server.url }, event: events }];

      const { summary } = await runDocument(
        { info: { name: "c" }, item },
        { engine, options: { requestTimeoutMs: 300, runTimeoutMs: 2000 } },
      );

      expect(summary.reason).not.toBe("internal");
    }),
    budget(200),
  );
}, 120_000);

test("nothing that a script process says is believed unread", async () => {
  const lie = oneof(
    anything(),
    dictionary(
      constantFrom("scopes", "assertions", "console", "request", "kind", "payload", "nextRequest"),
      anything(),
    ),
  );

  await assert(
    asyncProperty(lie, async (value) => {
      for (const parse of [parseResult, parsePartial, parseCall]) {
        try {
          parse(value);
        } catch (error) {
          expect(error instanceof ResultError || error instanceof ZodError).toBe(true);
        }
      }
    }),
    budget(1000),
  );
});
