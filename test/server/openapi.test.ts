import { describe, expect, test } from "bun:test";

import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv } from "../../src/access/context.ts";
import { documented } from "../../src/access/endpoint.ts";
import { describeApi, listEndpoints, operationId } from "../../src/server/openapi.ts";

const shelf = () => {
  const api = new Hono<AppEnv>();
  const inner = new Hono<AppEnv>();
  inner.get(
    "/books/:id/files/:path{.+}",
    documented({
      summary: "Get a file",
      tag: "Books",
      query: z.object({ limit: z.coerce.number().int().max(25).optional(), name: z.string() }),
      answer: z.object({ content: z.string() }),
    }),
    (c) => c.json({ content: "" }),
  );
  inner.delete(
    "/books/:id",
    documented({ summary: "Delete a book", tag: "Books", status: 204, answer: null }),
    (c) => c.body(null, 204),
  );
  inner.post(
    "/books",
    documented({ summary: "Add a book", tag: "Books", body: z.object({ title: z.string() }) }),
    (c) => c.json({}),
  );
  inner.get("/secret", (c) => c.json({}));
  api.use((_c, next) => next());
  api.route("/", inner);
  return api.all("*", (c) => c.json({}, 404));
};

describe("what the API says of itself", () => {
  test("names every route once, without middleware and catch-alls", () => {
    expect(listEndpoints(shelf()).map(({ method, path, doc }) => [method, path, doc?.summary])).toEqual([
      ["GET", "/books/{id}/files/{path}", "Get a file"],
      ["DELETE", "/books/{id}", "Delete a book"],
      ["POST", "/books", "Add a book"],
      ["GET", "/secret", undefined],
    ]);
  });

  test("has parameters, bodies and answers from the schemas of the handlers", () => {
    const { paths } = describeApi(listEndpoints(shelf()), "http://here/api") as {
      paths: Record<string, never>;
    };

    expect(paths["/books/{id}/files/{path}"]).toMatchObject({
      get: {
        parameters: [
          { name: "id", in: "path", required: true },
          { name: "path", in: "path", required: true },
          { name: "limit", in: "query", required: false, schema: { type: "integer", maximum: 25 } },
          { name: "name", in: "query", required: true, schema: { type: "string" } },
        ],
        responses: { 200: { content: { "application/json": { schema: { required: ["content"] } } } } },
      },
    });
    expect(paths["/books"]).toMatchObject({
      post: { requestBody: { content: { "application/json": { schema: { required: ["title"] } } } } },
    });
    expect(paths["/books/{id}"]).toMatchObject({ delete: { responses: { 204: {} } } });
    expect(JSON.stringify(paths["/books/{id}"])).not.toContain('"requestBody"');
  });

  test("leaves out what does not describe itself", () => {
    expect(Object.keys(describeApi(listEndpoints(shelf()), "")["paths"] as object)).not.toContain("/secret");
  });

  test.each([
    ["GET", "/monitors/{id}/runs", "getMonitorsByIdRuns"],
    ["POST", "/collection-folders-transfers", "postCollectionFoldersTransfers"],
  ])("calls %s %s %s", (method, path, name) => {
    expect(operationId(method, path)).toBe(name);
  });
});
