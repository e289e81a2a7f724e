import { expect, test } from "bun:test";

import { loadRealmSources } from "../../../../src/engine/sandbox/libraries/load.ts";
import type { ScriptHttpResponse, ScriptResult } from "../../../../src/engine/sandbox/protocol.ts";
import { createRealmFactory, type ScriptRealm } from "../../../../src/engine/sandbox/script-realm.ts";
import { response, scriptRequest } from "../support.ts";
import { publishedSource } from "./implementations.ts";

const own = await loadRealmSources();
const published = { ...own, libraries: { ...own.libraries, chai: await publishedSource() } };

function makeRunner(sources: typeof own) {
  let finished: (result: ScriptResult) => void = () => {};
  const realm: ScriptRealm = createRealmFactory(sources)({
    call() {},
    partial() {},
    finished: (text) => finished(JSON.parse(text) as ScriptResult),
    timedOut() {},
  });
  return (code: string, answer: ScriptHttpResponse): Promise<ScriptResult> => {
    const { promise, resolve } = Promise.withResolvers<ScriptResult>();
    finished = resolve;
    const { code: _, response: __, ...rest } = scriptRequest(code);
    const { bodyBase64, ...head } = answer;
    const context = {
      ...rest,
      response: { ...head, decodedBytes: bodyBase64.length },
      maxConsoleBytes: 10_000,
      usesPromises: false,
    };
    realm.execute({ code, context: JSON.stringify(context), bodyBase64, timeoutMs: 30_000 });
    return promise;
  };
}

const responses: ScriptHttpResponse[] = [
  response('{"id":7,"tags":["a","b"],"owner":{"name":"x"}}'),
  response("not json", { code: 404, status: "Not Found", header: [["X-Reason", "gone"]] }),
  response("", { code: 204, status: "No Content", header: [] }),
  response("oops", { code: 503, status: "Service Unavailable" }),
];

const calls =
  `ok accepted badRequest clientError error forbidden info json notFound rateLimited redirection serverError success
  unauthorized withBody withoutContent status(200) status("OK") statusCode(404) statusCodeClass(2) statusReason("OK")
  header("content-type") header("X-Reason","gone") header("x-reason","here") body() body("oops") body(/json/) body({id:7})
  jsonBody() jsonBody("owner.name") jsonBody("owner.name","y") jsonBody("tags[1]","b") responseTime(12) responseTime.below(5)
  responseSize(5) responseSize.above(1) jsonSchema({required:["id"]}) a.postmanResponse postmanRequest stauts(200) status.foo
  header.length an.error be.eql then`.split(/\s+/);

const codes = calls.flatMap((call) => [
  `pm.response.to.have.${call}`,
  `pm.response.to.not.have.${call}`,
  `pm.expect(pm.response, "why").to.be.${call}`,
  `pm.expect(5).to.be.${call}`,
]);

const thrown = [
  "pm.expect(() => null.x).to.throw(TypeError, /properties of null/)",
  "pm.expect(() => { throw new Error('a') }).to.throw('b')",
  "pm.expect(() => 1).to.throws()",
  "pm.expect(1).to.Throw()",
  "pm.test('t', () => { pm.expect({ price: 'x' }).to.have.property('price').that.is.a('number') })",
  "pm.test('t', () => { pm.expect(pm.response.json().tags).to.include('c') })",
  "pm.test('t', () => { pm.expect(1).to.eqal(1) })",
  "pm.test('t', () => { pm.expect.fail('why') })",
];

/** Beside its result: the message and the first lines of the stack of what the code throws. */
const evaluating = (code: string): string =>
  `try { const value = (${code}\n); console.log(typeof value) } catch (error) {
     console.log(error.name, error.message, error.actual, error.expected, error.showDiff, error.operator);
     console.log(String(error.stack).split("\\n").filter((line) => line.includes("script"))) }`;

const [runOwn, runPublished] = [makeRunner(own), makeRunner(published)];

async function observe(run: typeof runOwn, code: string, answer: ScriptHttpResponse) {
  const { assertions, console } = await run(evaluating(code), answer);
  const printed = JSON.stringify(console.map(({ messages }) => messages));
  // Each response gets an id of its own.
  return { assertions, printed: printed.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "id") };
}

test.each([...codes, ...thrown])("%s is the same on both cores", async (code) => {
  for (const answer of responses) {
    expect(await observe(runOwn, code, answer)).toEqual(await observe(runPublished, code, answer));
  }
});
