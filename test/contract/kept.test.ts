import { expect, test } from "bun:test";

import { isMarked, leaveOut } from "../../src/contract/kept.ts";

const step = ({ failed = false, errors = [] as unknown[] } = {}) => ({
  name: "List",
  request: {
    url: "http://api/",
    headers: [
      ["Content-Type", "text/plain"],
      ["x-id", "7"],
    ] as [string, string][],
    body: { bytes: 3, text: "abc", truncated: true },
  },
  response: {
    code: 200,
    headers: [["set-cookie", "sid=1"]] as [string, string][],
    body: { bytes: 9, text: "long text" },
    shape: { hash: "h" },
  },
  assertions: [{ status: failed ? "failed" : "passed" }],
  errors,
});

const ofFailed = { requests: "failed", responses: "failed" } as const;

test("of a step that passed, sizes, facts and the kind of content are kept, and that the rest is left out", () => {
  expect(leaveOut(step(), ofFailed)).toEqual({
    ...step(),
    request: {
      url: "http://api/",
      headers: [["Content-Type", "text/plain"]],
      body: { bytes: 3 },
      omitted: true,
    } as never,
    response: { code: 200, headers: [], body: { bytes: 9 }, shape: { hash: "h" }, omitted: true } as never,
  });
});

test.each([
  ["a failed assertion", step({ failed: true })],
  ["an error", step({ errors: [{ kind: "script" }] })],
])("%s keeps request and response", (_what, failed) => {
  expect(leaveOut(failed, ofFailed)).toEqual({
    ...failed,
    request: { ...failed.request, omitted: false } as never,
    response: { ...failed.response, omitted: false } as never,
  });
});

test("requests and responses are decided on their own", () => {
  const kept = leaveOut(step({ failed: true }), { requests: "none", responses: "all" });

  expect(kept.request.body).toEqual({ bytes: 3 } as never);
  expect(kept.response.body.text).toBe("long text");
  expect(leaveOut(step(), { requests: "all", responses: "none" }).request.body.text).toBe("abc");
});

test("a step shows whether the program that sent it knows what is kept", () => {
  const { request, response, ...bare } = step();

  expect(isMarked(step())).toBe(false);
  expect(isMarked(leaveOut(step(), ofFailed))).toBe(true);
  expect(isMarked(leaveOut({ ...bare, request }, ofFailed))).toBe(true);
  expect(isMarked({ ...bare, response })).toBe(false);
  expect(isMarked(bare)).toBe(true);
});
