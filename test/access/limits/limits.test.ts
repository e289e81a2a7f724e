import { describe, expect, test } from "bun:test";

import {
  type LimitName,
  limitsOfCall,
  noLimits,
  parseLimits,
  postmanLimits,
} from "../../../src/access/limits/limits.ts";

describe("--rate-limit", () => {
  test("changes what it names, and leaves the rest as in Postman", () => {
    expect(parseLimits("user=600/30s, monitors=off,month=5000")).toEqual({
      ...postmanLimits,
      user: { allowed: 600, windowSeconds: 30 },
      monitors: null,
      month: { allowed: 5000, windowSeconds: null },
    });
    expect(parseLimits("")).toEqual(postmanLimits);
  });

  test("off switches off all, except what comes after it", () => {
    expect(parseLimits("off")).toEqual(noLimits);
    expect(parseLimits("off,mocks=5/1m")).toEqual({
      ...noLimits,
      mocks: { allowed: 5, windowSeconds: 60 },
    });
  });

  test.each([
    ["users=1/1s", 'knows no limit "users": there are user, collections,'],
    ["user=many/1s", "--rate-limit user must be a whole number from 1"],
    ["user=0/1s", "--rate-limit user must be a whole number from 1"],
    ["user=300", "--rate-limit user=300 is not understood: write user=300/60s or user=off."],
    ["month=1/30d", "--rate-limit month=1/30d is not understood: write month=100000 or month=off."],
    ["user=1/10ms", "needs a window of whole seconds, 1s to 1d."],
    ["user=1/2w", "needs a window of whole seconds, 1s to 1d."],
    ["user=1/soon", '"soon" is not a duration'],
  ])("%s is refused with what to write", (text, says) => {
    expect(() => parseLimits(text)).toThrow(says);
  });
});

test.each<[string, string, LimitName[]]>([
  ["GET", "/me", []],
  ["GET", "/collections", ["collections"]],
  ["POST", "/collections", []],
  ["GET", "/collections/1", []],
  ["GET", "/workspaces", ["workspaces"]],
  ["HEAD", "/workspaces/1", ["workspaces"]],
  ["GET", "/workspaces/1/tags", []],
  ["POST", "/workspaces", []],
  ["PUT", "/workspaces/1", ["workspace-updates"]],
  ["PATCH", "/workspaces/1/roles", ["workspace-updates"]],
  ["DELETE", "/workspaces/1", []],
  ["GET", "/monitors", ["monitors"]],
  ["POST", "/monitors/1/run", ["monitors"]],
  ["GET", "/monitorsx", []],
  ["POST", "/import/openapi", ["import"]],
])("%s %s falls under the limits of its user, its month and %j", (method, path, names) => {
  expect(limitsOfCall(method, path)).toEqual(["month", "user", ...names]);
});
