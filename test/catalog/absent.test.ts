import { describe, expect, test } from "bun:test";

import { absent } from "../../src/catalog/absent-api.ts";
import { testApi } from "../support/api.ts";

const endpoints = absent.flatMap((group) => group.endpoints);

const api = await testApi();

describe("what means nothing on-prem", () => {
  test.each(endpoints)("%s says so in a problem of one sentence", async (endpoint) => {
    const [method = "", path = ""] = endpoint.replaceAll(/:\w+/g, "some-id").split(" ");

    const answer = await api.call(method, path, method === "GET" ? undefined : {});

    expect(answer.status).toBe(501);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.parse(answer.body)).toEqual({
      type: "https://api.postman.com/problems/not-implemented",
      title: "Not Implemented",
      status: 501,
      detail: expect.stringMatching(/^[A-Z][^.]+ (is|are|has|belong)\b[^.]*\.$/),
      instance: `/api${path}`,
    });
  });

  test("is no secret either: it takes a key like everything else", async () => {
    expect(await api.call("GET", "/sdks", undefined, {})).toMatchObject({ status: 401 });
  });
});
