import { describe, expect, test } from "bun:test";

import { allTools } from "../../src/mcp/catalog.ts";
import { toApiCall } from "../../src/mcp/request.ts";
import { toResult } from "../../src/mcp/result.ts";
import type { ApiAnswer, ApiCall, Arguments, Tool } from "../../src/mcp/tool.ts";

const toolNamed = (name: string): Tool => {
  const tool = allTools.find((each) => each.name === name);
  if (!tool) throw new Error(`there is no tool ${name}`);
  return tool;
};

describe("where an argument goes", () => {
  test.each<[string, string, Arguments, ApiCall]>([
    [
      "a file name with a slash is one segment",
      "getSpecFile",
      { specId: "s", filePath: "components/schemas.yaml" },
      { method: "GET", path: "/specs/s/files/components%2Fschemas.yaml" },
    ],
    [
      "of a GET all others go into the query, what is not given nowhere",
      "getCollections",
      { workspace: "w", name: "a&b", limit: undefined },
      { method: "GET", path: "/collections?workspace=w&name=a%26b" },
    ],
    [
      "of a POST the named ones go into the query, the others into the body",
      "createCollection",
      { workspace: "w", collection: { info: {} } },
      { method: "POST", path: "/collections?workspace=w", body: { collection: { info: {} } } },
    ],
    [
      "a forgotten document is an empty body, so that the API says what is missing",
      "createCollection",
      { workspace: "w" },
      { method: "POST", path: "/collections?workspace=w", body: {} },
    ],
    [
      "an endpoint without fields is sent no body",
      "publishMock",
      { mockId: "m" },
      { method: "POST", path: "/mocks/m/publish" },
    ],
    [
      "a header is a header",
      "putCollection",
      { collectionId: "c", Prefer: "respond-async", collection: {} },
      {
        method: "PUT",
        path: "/collections/c",
        headers: { prefer: "respond-async" },
        body: { collection: {} },
      },
    ],
    [
      "the body of a patch is the whole document",
      "patchEnvironment",
      { environmentId: "e", body: [{ op: "remove", path: "/values/0" }] },
      { method: "PATCH", path: "/environments/e", body: [{ op: "remove", path: "/values/0" }] },
    ],
    [
      "a field has the name of the wire",
      "searchPostmanElements",
      { entityType: "mocks", q: "shop", limit: 5, continueAt: 7 },
      { method: "POST", path: "/search?limit=5", body: { elementType: "mocks", q: "shop" } },
    ],
    [
      "a DELETE with fields has a body",
      "removeApiCatalogSystemEnvironmentAssociations",
      { systemEnvironmentId: "s", workspaceEnvironmentIds: ["e"] },
      {
        method: "DELETE",
        path: "/api-catalog/system-environments/s/associations",
        body: { workspaceEnvironmentIds: ["e"] },
      },
    ],
  ])("%s", (_, name, args, call) => {
    expect(toApiCall(toolNamed(name), args)).toEqual(call);
  });
});

const textOf = (name: string, answer: ApiAnswer, args: Arguments = {}) =>
  toResult(toolNamed(name), args, answer).content.map(({ text }) => text);

describe("what an agent reads", () => {
  test.each<[string, ApiAnswer, string]>([
    [
      "the classic error with its details",
      { status: 400, body: { error: { message: "Parameter is missing.", details: { param: ["name"] } } } },
      '400: Parameter is missing. {"param":["name"]}',
    ],
    [
      "the newer error",
      { status: 501, body: { title: "Not Implemented", detail: "There is none here." } },
      "501: There is none here.",
    ],
    [
      "how long to wait",
      { status: 429, body: { error: "rateLimited", message: "Rate limit exceeded." }, retryAfter: "7" },
      "429: Rate limit exceeded. Wait 7 seconds, then call again.",
    ],
    [
      "that an outcome is unknown",
      { status: 503, body: { error: { message: "No database." } } },
      "503: No database. Nothing is known about the outcome: look before you repeat it.",
    ],
  ])("%s", (_, answer, text) => {
    expect(textOf("getMocks", answer)).toEqual([text]);
  });

  test("an empty answer is done", () => {
    expect(textOf("deleteSpec", { status: 204, body: "" })).toEqual(["Done."]);
  });

  test("a cursor is said, the end of a list is not", () => {
    const page = (nextCursor: unknown) => ({ status: 200, body: { specs: [], meta: { nextCursor } } });

    expect(textOf("getAllSpecs", page("abc"))).toContain('More: call getAllSpecs again with cursor: "abc".');
    expect(textOf("getAllSpecs", page(null))).toHaveLength(1);
    expect(textOf("getAllSpecs", page(""))).toHaveLength(1);
  });
});
