import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type TestApi, testApi } from "../support/api.ts";
import { toolCalls } from "./tool-calls.ts";

setDefaultTimeout(120_000);

/** Words of a path that a server looks at before it looks for an id. */
const known: Record<string, string> = { elementType: "collections", filePath: "index.yaml", slug: "shop" };

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const pathOf = (template: string): string =>
  template.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => known[name] ?? "11111111-1111-4111-8111-111111111111",
  );

describe("every call of Postman's MCP server", () => {
  test("is one of a path that is known here", async () => {
    const unknown: string[] = [];
    for (const [tool, call] of toolCalls) {
      const [method = "", template = ""] = call.split(" ");
      const answer = await api.call(method, pathOf(template), method === "GET" ? undefined : {});
      const name = answer.body?.error?.name;
      if (name === "notFound" || answer.status >= 500 + 2 || answer.status === 500) {
        unknown.push(`${tool}: ${call}: ${answer.status}`);
      }
    }
    expect(unknown).toEqual([]);
  });

  test("would be found out if it were not", async () => {
    const answer = await api.call("GET", "/no-such-path");

    expect(answer.body.error.name).toBe("notFound");
  });
});
