import { describe, expect, test } from "bun:test";

import { checkOpenApi } from "../../../src/engine/formats/openapi-check.ts";
import { convertOpenApi } from "../../../src/engine/formats/openapi.ts";
import { type OpenApiVersion, toOpenApi } from "../../../src/engine/formats/to-openapi.ts";
import { asArray, asObject, asObjects, type JsonObject, toText } from "../../../src/engine/json.ts";

const versions: OpenApiVersion[] = ["2.0", "3.0", "3.1"];

const shop: JsonObject = {
  info: {
    name: "Shop",
    description: "All that is sold.",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  auth: {
    type: "apikey",
    apikey: [
      { key: "key", value: "X-Key" },
      { key: "in", value: "header" },
    ],
  },
  variable: [{ key: "baseUrl", value: "https://shop.example.test/v1" }],
  item: [
    {
      name: "goods",
      item: [
        {
          name: "Read one",
          request: {
            method: "GET",
            url: {
              raw: "{{baseUrl}}/goods/:id?limit=3&q=tea",
              query: [
                { key: "limit", value: "3", description: "how many" },
                { key: "q", value: "tea" },
              ],
              variable: [{ key: "id", value: "5" }],
            },
            header: [{ key: "X-Trace", value: "abc" }],
          },
          response: [
            {
              name: "found",
              status: "OK",
              code: 200,
              header: [{ key: "Content-Type", value: "application/json; charset=utf-8" }],
              body: '{"id":5,"name":"tea","tags":["a"],"price":1.5}',
            },
          ],
        },
        {
          name: "Add",
          request: {
            method: "POST",
            url: "{{baseUrl}}/goods",
            auth: { type: "noauth" },
            header: [{ key: "Content-Type", value: "application/json" }],
            body: { mode: "raw", raw: '{"name":"{{name}}","price":{{price}},"stock":2}' },
          },
        },
        {
          name: "Change",
          request: {
            method: "PUT",
            url: "{{baseUrl}}/goods/{{goodsId}}",
            auth: { type: "basic", basic: [{ key: "username", value: "u" }] },
            body: {
              mode: "urlencoded",
              urlencoded: [
                { key: "name", value: "tea" },
                { key: "stock", value: "4" },
              ],
            },
          },
        },
        {
          name: "Add a picture",
          request: {
            method: "POST",
            url: "{{baseUrl}}/goods/:id/pictures",
            body: {
              mode: "formdata",
              formdata: [
                { key: "picture", type: "file", src: "a.png" },
                { key: "title", value: "front", type: "text" },
              ],
            },
          },
        },
      ],
    },
  ],
};

const only = (item: JsonObject): JsonObject => ({ ...shop, auth: undefined, item: [item] });

describe("a collection as OpenAPI", () => {
  test.each(versions)("of version %s is a document without mistakes", (version) => {
    const { document, warnings } = toOpenApi(shop, version);

    expect(checkOpenApi(document)).toEqual({ problems: [], warnings: [] });
    expect(warnings).toEqual([]);
  });

  test.each(versions)(
    "of version %s and back keeps paths, methods, parameters, bodies and auth",
    async (version) => {
      const { documents } = await convertOpenApi(toOpenApi(shop, version).document);

      const back = asObject(documents[0]?.content);
      expect(
        requestsOf(back)
          .map(outline)
          .toSorted((one, other) => (one.at < other.at ? -1 : 1)),
      ).toEqual([
        {
          at: "GET /goods/:id",
          query: ["limit", "q"],
          header: ["X-Trace"],
          body: "none",
          auth: "inherited",
        },
        { at: "POST /goods", query: [], header: [], body: "raw name,price,stock", auth: "noauth" },
        {
          at: "POST /goods/:id/pictures",
          query: [],
          header: [],
          body: "formdata picture,title",
          auth: "inherited",
        },
        { at: "PUT /goods/:id", query: [], header: [], body: "urlencoded name,stock", auth: "basic" },
      ]);
      expect(asObject(back["auth"])["type"]).toBe("apikey");
      expect(asObjects(back["variable"])).toContainEqual(
        expect.objectContaining({ key: "baseUrl", value: "https://shop.example.test/v1" }),
      );
    },
  );

  test("requests of one path and method become one operation with all their examples", () => {
    const request = (name: string, code: number) => ({
      name,
      request: { method: "GET", url: `{{baseUrl}}/goods/:${name}?${name}=1` },
      response: [{ name: "answer", code, status: "said", header: [], body: "x" }],
    });

    const { document } = toOpenApi({ ...shop, item: [request("one", 200), request("two", 404)] }, "3.0");

    const paths = asObject(document["paths"]);
    expect(Object.keys(paths)).toEqual(["/goods/{one}"]);
    const operation = asObject(asObject(paths["/goods/{one}"])["get"]);
    expect(
      asObjects(operation["parameters"])
        .map((one) => `${toText(one["in"])} ${toText(one["name"])}`)
        .toSorted(),
    ).toEqual(["path one", "query one", "query two"]);
    expect(Object.keys(asObject(operation["responses"]))).toEqual(["200", "404"]);
  });

  test("what OpenAPI has no word for is left out and told", () => {
    const signed = { name: "Signed", request: { method: "GET", url: "/x", auth: { type: "awsv4" } } };
    const odd = { name: "Odd", request: { method: "PURGE", url: "/y" } };

    const { document, warnings } = toOpenApi({ ...shop, item: [signed, odd] }, "3.1");

    expect(Object.keys(asObject(document["paths"]))).toEqual(["/x"]);
    expect(warnings).toEqual([
      "Signed: its way to authenticate, awsv4, has no word in OpenAPI and is left out.",
      "Odd: the method PURGE has no word in OpenAPI and is left out.",
    ]);
  });

  test.each([
    ["{{base}}/a", "/a", undefined],
    ["https://api.example.test:8443/v2/a?x=1#top", "/v2/a", "https://api.example.test:8443"],
    ["localhost:3000/a/{{b}}-{{c}}", "/a/{b}-{c}", "https://localhost:3000"],
    ["/only/path", "/only/path", undefined],
    ["https://x.example.test", "/", "https://x.example.test"],
  ])("the URL %s has the path %s", (url, path, server) => {
    const { document } = toOpenApi(only({ name: "R", request: { method: "GET", url } }), "3.0");

    expect(Object.keys(asObject(document["paths"]))).toEqual([path]);
    if (server !== undefined) expect(document["servers"]).toEqual([{ url: server }]);
  });

  test("nothing in a document makes it throw", () => {
    const odd = {
      name: 5,
      request: { method: {}, url: { query: "x", variable: 3 }, header: "a", body: [] },
      response: {},
    };

    expect(() => toOpenApi({ item: [odd, null, { item: {} }], auth: [], variable: 7 }, "2.0")).not.toThrow();
  });
});

const requestsOf = (group: JsonObject): JsonObject[] =>
  asObjects(group["item"]).flatMap((item) => (Array.isArray(item["item"]) ? requestsOf(item) : [item]));

function outline(item: JsonObject) {
  const request = asObject(item["request"]);
  const url = asObject(request["url"]);
  const names = (list: unknown) => asObjects(list).map(({ key }) => toText(key));
  const auth = asObject(request["auth"])["type"];
  return {
    at: `${toText(request["method"])} /${asArray(url["path"]).map(toText).join("/")}`,
    query: names(url["query"]),
    header: names(request["header"]).filter((name) => !["Accept", "Content-Type"].includes(name)),
    body: bodyOf(asObject(request["body"])),
    auth: auth === undefined ? "inherited" : toText(auth),
  };
}

function bodyOf(body: JsonObject): string {
  const mode = toText(body["mode"] ?? "none");
  if (mode === "raw") return `raw ${Object.keys(JSON.parse(toText(body["raw"]))).join(",")}`;
  const names = asObjects(body[mode]).map(({ key }) => toText(key));
  return names.length === 0 ? mode : `${mode} ${names.join(",")}`;
}
