import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import type { RunRequest, RunRequestResult, ScriptSession } from "../../../src/engine/sandbox/protocol.ts";
import { noCallbacks, prerequest, response, runnerOf, scriptRequest, testHost } from "./support.ts";

const host = testHost();
let session: ScriptSession;
beforeAll(async () => {
  session = await host.open();
});
afterAll(() => host.close());
const { run, evaluate } = runnerOf(() => session);

describe("pm.test", () => {
  test("a passing, a failing and a skipped test are reported in the order of their ends", async () => {
    const { assertions } = await run(`
      pm.test("late", async () => { await null; await null; });
      pm.test("bad", () => pm.expect(1).to.equal(2));
      pm.test.skip("not now", () => {});
      pm.test("done", (done) => setTimeout(done, 1));
      pm.test("done with an error", (done) => setTimeout(() => done(new Error("no")), 1));`);

    expect(assertions).toEqual([
      {
        name: "bad",
        status: "failed",
        error: { name: "AssertionError", message: "expected 1 to equal 2", line: 3 },
      },
      { name: "not now", status: "skipped" },
      { name: "late", status: "passed" },
      { name: "done", status: "passed" },
      { name: "done with an error", status: "failed", error: { name: "Error", message: "no", line: 6 } },
    ]);
  });

  test("a test that rejects has failed, and the script goes on", async () => {
    const result = await run(`pm.test("x", async () => { await null; throw new TypeError("late") });
      pm.test("y", () => {})`);

    expect(result.error).toBeUndefined();
    expect(result.assertions.map(({ status }) => status)).toEqual(["passed", "failed"]);
  });

  test("calls can be chained and counted", async () => {
    expect(await evaluate(`pm.test("a", () => {}).test.index()`)).toBe(1);
  });
});

describe("pm.expect and pm.response.to", () => {
  test.each([
    `pm.response.to.have.status(200)`,
    `pm.response.to.have.status("OK")`,
    `pm.response.to.have.statusCode(200)`,
    `pm.response.to.have.statusReason("OK")`,
    `pm.response.to.have.statusCodeClass(2)`,
    `pm.response.to.be.ok`,
    `pm.response.to.be.success`,
    `pm.response.to.not.be.error`,
    `pm.response.to.be.json`,
    `pm.response.to.be.withBody`,
    `pm.response.to.have.header("content-type")`,
    `pm.response.to.have.header("Content-Type", "application/json; charset=utf-8")`,
    `pm.response.to.have.jsonBody()`,
    `pm.response.to.have.jsonBody("tags[1]")`,
    `pm.response.to.have.jsonBody("id", 7)`,
    `pm.response.to.have.body('{"id":7,"tags":["a","b"]}')`,
    `pm.response.to.have.body(/"id":\\d/)`,
    `pm.response.to.have.jsonSchema({ type: "object", required: ["id"] })`,
    `pm.response.to.have.responseTime.below(100)`,
    `pm.expect(pm.response).to.have.property("code", 200)`,
    `pm.expect([1, 2]).to.include(2).and.have.lengthOf(2)`,
  ])("%s holds, and its opposite fails", async (assertion) => {
    const negated = assertion.includes(".not.")
      ? assertion.replace(".not.", ".")
      : assertion.replace(".to.", ".to.not.");

    const { assertions } = await run(
      `pm.test("is", () => { ${assertion} }); pm.test("is not", () => { ${negated} })`,
    );

    expect(assertions.map(({ status }) => status)).toEqual(["passed", "failed"]);
    expect(assertions[1]?.error?.name).toBe("AssertionError");
  });

  test.each([
    [404, "notFound", "Not Found"],
    [404, "clientError", "x"],
    [503, "serverError", "x"],
    [301, "redirection", "x"],
    [401, "unauthorized", "Unauthorized"],
    [429, "rateLimited", "Too Many Requests"],
  ])("an answer with %d is %s", async (code, name, status) => {
    const { assertions } = await run(
      scriptRequest(`pm.test("is", () => { pm.response.to.be.${name} })`, {
        response: response("", { code, status }),
      }),
    );

    expect(assertions).toEqual([{ name: "is", status: "passed" }]);
  });
});

describe("pm.response", () => {
  test.each([
    ["pm.response.code", 200],
    ["pm.response.status", "OK"],
    ["pm.response.reason()", "OK"],
    ["pm.response.json().tags[1]", "b"],
    ["pm.response.text()", '{"id":7,"tags":["a","b"]}'],
    ["pm.response.headers.get('CONTENT-type')", "application/json; charset=utf-8"],
    ["pm.response.headers.has('nope')", false],
    ["pm.response.headers.toObject()", { "content-type": "application/json; charset=utf-8" }],
    ["pm.response.responseTime", 12],
    ["pm.response.responseSize", 25],
    ["pm.response.size().total", 91],
    ["pm.response.dataURI().slice(0, 40)", "data:application/json;base64, eyJpZCI6Ny"],
  ])("%s is %p", async (expression, value) => {
    expect(await evaluate(expression)).toEqual(value);
  });

  test("a body that is not JSON fails with a JSONError, and text survives as UTF-8", async () => {
    const body = response("<h1>Grüße 👋</h1>");

    const { error, console } = await run(
      scriptRequest("console.log(pm.response.text()); pm.response.json()", { response: body }),
    );

    expect(console[0]?.messages).toEqual(["<h1>Grüße 👋</h1>"]);
    expect(error).toMatchObject({ kind: "script", name: "JSONError" });
  });

  test("a pre-request script has no response", async () => {
    const { console } = await run(prerequest("console.log(pm.response, pm.info.eventName)"));

    expect(console[0]?.messages).toEqual(["undefined", "prerequest"]);
  });
});

describe("pm.info, pm.execution", () => {
  test("say where the script stands", async () => {
    const info =
      "[pm.info.eventName, pm.info.iteration, pm.info.iterationCount, pm.info.requestName, pm.info.requestId]";
    expect(await evaluate(`[${info}, pm.execution.location, pm.execution.location.current]`)).toEqual([
      ["test", 0, 3, "Get users", "r1"],
      ["Shop", "Users", "Get users"],
      "Get users",
    ]);
  });

  test.each([
    ["pm.execution.setNextRequest('Login')", "Login"],
    ["postman.setNextRequest('Login')", "Login"],
    ["pm.execution.setNextRequest(null)", null],
  ])("%s decides what comes next", async (code, nextRequest) => {
    expect(await run(code)).toMatchObject({ nextRequest });
  });

  test("without a call nothing is decided", async () => {
    expect(await run("1")).not.toHaveProperty("nextRequest");
  });

  test("skipRequest skips, and is refused after the request", async () => {
    expect(await run(prerequest("pm.execution.skipRequest()"))).toMatchObject({ skipRequest: true });
    expect((await run("pm.execution.skipRequest()")).error?.name).toBe("TypeError");
  });

  test("pm.vault is refused where the runner gives no secrets, pm.visualizer is accepted", async () => {
    const { error } = await run("pm.visualizer.set('<b></b>', {}); await pm.vault.get('x')");

    expect(error?.message).toBe("Vault access denied");
  });

  test("pm.vault gives what the runner allows, and nothing can be changed", async () => {
    const vault = (name: string) => Promise.resolve(name === "key" ? { value: "s3cret" } : {});

    const { console, error } = await run(
      `console.log(await pm.vault.get("key"), await pm.vault.get("other")); await pm.vault.set("key", "x")`,
      {},
      { ...noCallbacks, vault },
    );

    expect(console[0]?.messages).toEqual(["s3cret", "undefined"]);
    expect(error?.message).toContain("can only be read");
  });

  test("runRequest gives the response, and what the request changed", async () => {
    const asked: unknown[] = [];
    const runRequest = (request: RunRequest): Promise<RunRequestResult> => {
      asked.push(request);
      const environment = [{ key: "token", value: "t", enabled: true }];
      return Promise.resolve({ response: response('{"id":1}'), scopes: { environment } });
    };

    const { console, scopes } = await run(
      `pm.environment.set("before", "1");
       const answer = await pm.execution.runRequest("Login", { variables: { user: "u" } });
       console.log(answer.json().id, pm.environment.get("token"))`,
      {},
      { ...noCallbacks, runRequest },
    );

    expect(asked).toMatchObject([
      { id: "Login", variables: { user: "u" }, scopes: { environment: [{ key: "before", value: "1" }] } },
    ]);
    expect(console[0]?.messages).toEqual(["1", "t"]);
    expect(scopes.environment).toMatchObject([{ key: "token", value: "t" }]);
  });
});
