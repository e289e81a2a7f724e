import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { strToU8, zipSync } from "fflate";

import { convertText } from "../../../src/engine/formats/convert.ts";
import { convertFile } from "../../../src/engine/formats/file.ts";
import { convertOpenApi, type OpenApiOptions } from "../../../src/engine/formats/openapi.ts";
import { isObject } from "../../../src/engine/json.ts";

const convert = (text: string, options?: OpenApiOptions) =>
  convertText(text, { openApi: (document) => convertOpenApi(document, options) });
const convertJson = (document: object, options?: OpenApiOptions) =>
  convert(JSON.stringify(document), options);

const pets = `
openapi: 3.0.3
info: { title: Pets, version: 1.0 }
servers: [{ url: https://api.example.com/v1 }]
security: [{ key: [] }]
paths:
  /pets/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer }, example: 7 }]
    get:
      tags: [animals]
      summary: Get a pet
      parameters: [{ name: fields, in: query, schema: { type: string } }]
      responses:
        200: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
    put:
      summary: Change
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } } }
      responses: { 204: { description: done } }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Key } }
  schemas:
    Pet: { type: object, properties: { name: { type: string, example: Rex }, weight: { type: number, example: 1.0 } } }
`;
const spec = (rest: object) => ({
  openapi: "3.1.0",
  info: { title: "T", version: "1" },
  servers: [{ url: "https://x" }],
  paths: { "/a": { get: { responses: {} } } },
  ...rest,
});
const operation = (rest: object) => spec({ paths: { "/a": { post: { responses: {}, ...rest } } } });

/** All requests, however deep. */
const requestsOf = (item: unknown): Record<string, unknown>[] => {
  const items = Array.isArray(item) ? item.filter(isObject) : [];
  return items.flatMap((one) => (Array.isArray(one["item"]) ? requestsOf(one["item"]) : [one]));
};

describe("a specification becomes a collection", () => {
  test("with a request for each operation, its parameters, body and authorization", async () => {
    const { documents, warnings } = await convert(pets, { parametersResolution: "Example" });

    expect(warnings).toEqual([]);
    expect(documents).toMatchObject([
      {
        kind: "collection",
        name: "Pets",
        content: {
          info: { schema: expect.stringContaining("v2.1.0") },
          variable: [{ key: "baseUrl", value: "https://api.example.com/v1" }],
          auth: { type: "apikey" },
        },
      },
    ]);
    expect(requestsOf(documents[0]?.content["item"])).toMatchObject([
      {
        name: "Get a pet",
        request: {
          method: "GET",
          url: {
            host: ["{{baseUrl}}"],
            path: ["pets", ":id"],
            query: [{ key: "fields" }],
            variable: [{ key: "id", value: "7" }],
          },
        },
        response: [{ code: 200 }],
      },
      {
        name: "Change",
        request: { method: "PUT", body: { raw: JSON.stringify({ name: "Rex", weight: 1 }, null, 2) } },
      },
    ]);
  });

  test("in folders by path, or by tag when that is asked for", async () => {
    const byPath = await convert(pets);
    const byTag = await convert(pets, { folderStrategy: "Tags" });

    expect(byPath.documents[0]?.content["item"]).toMatchObject([{ name: "pets" }]);
    expect(byTag.documents[0]?.content["item"]).toMatchObject([{ name: "animals" }, { name: "Change" }]);
  });

  test.each([
    [
      "OpenAPI",
      spec({
        security: [{ b: [] }],
        components: { securitySchemes: { b: { type: "http", scheme: "bearer" } } },
      }),
    ],
    [
      "Swagger",
      {
        swagger: "2.0",
        info: { title: "T", version: "1" },
        host: "x",
        security: [{ b: [] }],
        securityDefinitions: { b: { type: "basic" } },
      },
    ],
  ])("where an operation is open to all, with no authorization: %s", async (_, document) => {
    const paths = { "/a": { get: { responses: {} }, post: { security: [], responses: {} } } };

    const { documents } = await convertJson({ ...document, paths });

    expect(requestsOf(documents[0]?.content["item"]).map(({ request }) => request)).toMatchObject([
      { method: "GET", auth: null },
      { method: "POST", auth: { type: "noauth" } },
    ]);
  });

  test.each([
    ["OpenAPI 3.0", spec({ openapi: "3.0.3" })],
    ["OpenAPI 3.1", spec({})],
    ["OpenAPI 3.2", spec({ openapi: "3.2.0" })],
    ["Swagger 2.0", { ...spec({ swagger: "2.0", host: "x" }), openapi: undefined, servers: undefined }],
  ])("of %s", async (_, document) => {
    const { documents, warnings } = await convertJson(document);

    expect(requestsOf(documents[0]?.content["item"])).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test("also when YAML takes its version for a number", async () => {
    const { documents } = await convert(
      "swagger: 2.0\ninfo: {title: Old, version: 1.10}\nhost: x\npaths:\n  /a:\n    get: {responses: {}}\n",
    );

    expect(documents[0]?.name).toBe("Old");
  });
});

describe("a broken specification is refused by place and reason:", () => {
  test.each([
    ["an unknown version", spec({ openapi: "4.0.0" }), "openapi: version 4.0.0 cannot be read"],
    ["no info", spec({ info: undefined }), "info: is not there"],
    ["no title", spec({ info: { version: "1" } }), "info.title: is not there"],
    ["no paths", spec({ paths: undefined }), "paths: is not there"],
    ["empty paths", spec({ paths: {} }), "paths: is empty"],
    ["servers that are no list", spec({ servers: "http://x" }), "servers: is no list"],
    ["a path without a slash", spec({ paths: { a: {} } }), "paths.a: a path begins with a slash"],
    ["a path item", spec({ paths: { "/a": null } }), "paths./a: is no object"],
    ["an operation", spec({ paths: { "/a": { get: "x" } } }), "paths./a.get: is no object"],
    ["parameters", operation({ parameters: {} }), "paths./a.post.parameters: is no list"],
    ["a parameter", operation({ parameters: [null] }), "paths./a.post.parameters.0: is no object"],
    [
      "a parameter without a name",
      operation({ parameters: [{ in: "query" }] }),
      "paths./a.post.parameters.0: has no name",
    ],
    [
      "a parameter that goes nowhere",
      operation({ parameters: [{ name: "p" }] }),
      'paths./a.post.parameters.0: "p" does not say where it goes',
    ],
    ["a body", operation({ requestBody: [] }), "paths./a.post.requestBody: is no object"],
    [
      "several",
      operation({ requestBody: [], responses: 5 }),
      "paths./a.post.responses: is no object (and 1 more).",
    ],
  ])("%s", async (_, document, expected) => {
    await expect(convertJson(document)).rejects.toThrow(
      `is an OpenAPI document that cannot be converted: ${expected}`,
    );
  });

  test.each([
    ["YAML", `${pets}  bad: [1\n`, /is not YAML: .+ at line 24, column 1\.$/],
    [
      "a key that stands twice",
      `${pets}info: {}\n`,
      /is not YAML: Map keys must be unique at line 23, column 1\.$/,
    ],
    [
      "JSON",
      '{\n "openapi": "3.0.0",\n "info": x}',
      /is not JSON: line 3, column 10: no value found for key info\.$/,
    ],
  ])("%s that cannot be parsed, by its line", async (_, text, expected) => {
    await expect(convert(text)).rejects.toThrow(expected);
  });
});

test("what breaks the whole conversion is told by its place, and nothing is printed", async () => {
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "../../../src/main.ts"), "convert-process", "x.json"],
    { stdin: Buffer.from(JSON.stringify(spec({ openapi: "3.0.3", security: [null] }))), stderr: "pipe" },
  );
  const [out, err] = await Promise.all([
    new Response(child.stdout).json(),
    new Response(child.stderr).text(),
  ]);

  expect(out).toEqual({
    refused: expect.stringContaining('must be object {"type":"object"} at "/security/0"'),
  });
  expect(err).toBe("");
}, 120_000);

describe("what the collection will lack is a warning:", () => {
  const schema = (value: object) =>
    operation({ requestBody: { content: { "application/json": { schema: value } } } });

  test.each([
    [
      "a reference that leads nowhere",
      schema({ $ref: "#/components/schemas/None" }),
      'paths./a.post.requestBody.content.application/json.schema: "#/components/schemas/None" is not in the document.',
    ],
    [
      "a reference into another file",
      schema({ $ref: "other.yaml#/Pet" }),
      '"other.yaml#/Pet" lies in another file',
    ],
    [
      "a reference of a property that is called default",
      schema({ properties: { default: { $ref: "#/nowhere" } }, default: { $ref: "#/nowhere" } }),
      'schema.properties.default: "#/nowhere" is not in the document.',
    ],
    [
      "an operation that the conversion stumbles over",
      spec({
        paths: {
          "/a/{id}": { get: { security: [null], responses: {} }, post: { responses: {} } },
          "/b": { get: { responses: {} } },
        },
      }),
      "paths: 1 of 3 operations could not be converted and are left out: GET /a/{id}.",
    ],
    ["a cookie", operation({ parameters: [{ name: "sid", in: "cookie" }] }), '"sid" is left out'],
    ["callbacks", operation({ callbacks: {} }), "paths./a.post.callbacks: are left out"],
    ["webhooks", spec({ webhooks: {} }), "webhooks: are left out"],
    ["no address", spec({ servers: [{ url: "/v1" }] }), "servers: the first one is no full address"],
    [
      "the method QUERY",
      spec({ openapi: "3.2.0", paths: { "/a": { query: {}, get: {} } } }),
      "paths./a.query: the method QUERY is left out",
    ],
    [
      "an authorization that is none",
      spec({ components: { securitySchemes: { o: { type: "openIdConnect" } } } }),
      "components.securitySchemes.o: requests with it get no authorization",
    ],
    [
      "a key in a cookie",
      spec({ components: { securitySchemes: { k: { type: "apiKey", in: "cookie", name: "k" } } } }),
      "components.securitySchemes.k: its key goes into a header",
    ],
  ])("%s", async (_, document, expected) => {
    const { documents, warnings } = await convertJson(document);

    expect(documents).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining(expected)]);
  });

  test("references that are good, encoded, anchored, recursive or inside an example are none", async () => {
    const node = {
      $anchor: "node",
      type: "object",
      properties: { next: { $ref: "#/components/schemas/No~1de%20x" } },
      example: { $ref: "#/nowhere" },
    };
    const document = {
      ...schema({ oneOf: [{ $ref: "#/components/schemas/No~1de%20x" }, { $ref: "#node" }] }),
      components: { schemas: { "No/de x": node } },
    };

    const { warnings } = await convertJson(document);

    expect(warnings).toEqual([]);
  });

  test("twenty at most", async () => {
    const parameters = Array.from({ length: 30 }, (_, index) => ({ name: `c${index}`, in: "cookie" }));

    const { warnings } = await convertJson(operation({ parameters }));

    expect([warnings.length, warnings.at(-1)]).toEqual([21, "and 10 more."]);
  });
});

describe("schemas that refer to each other", () => {
  /** Each of the schemas refers to four others, in circles. */
  const dense = (names: number, prefix = "#/components/schemas/") =>
    Object.fromEntries(
      Array.from({ length: names }, (_, index) => [
        `S${index}`,
        {
          type: "object",
          properties: Object.fromEntries(
            [1, 3, 7, 12].map((step) => [`p${step}`, { $ref: `${prefix}S${(index + step) % names}` }]),
          ),
        },
      ]),
    );
  const uses = (reference: string) =>
    Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [
        `/r${index}`,
        {
          post: {
            requestBody: {
              content: { "application/json": { schema: { $ref: `${reference}S${index % 20}` } } },
            },
            responses: {},
          },
        },
      ]),
    );

  const swagger = (names: number) => ({
    swagger: "2.0",
    info: { title: "T", version: "1" },
    host: "x",
    paths: Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [
        `/r${index}`,
        {
          post: {
            parameters: [{ in: "body", name: "b", schema: { $ref: `#/definitions/S${index % names}` } }],
          },
        },
      ]),
    ),
    definitions: dense(names, "#/definitions/"),
  });

  test.each([
    ["OpenAPI", spec({ paths: uses("#/components/schemas/"), components: { schemas: dense(20) } })],
    ["Swagger", swagger(20)],
  ])(
    "are cut where they would fill the memory, which is told: %s",
    async (_, document) => {
      const { documents, warnings } = await convertJson(document);
      const text = JSON.stringify(documents);

      expect(warnings).toEqual([expect.stringMatching(/^schemas: they refer .* cut at a depth of \d\.$/)]);
      expect(requestsOf(documents[0]?.content["item"])).toHaveLength(200);
      expect(text).toContain("p12");
      expect(text.length).toBeLessThan(20_000_000);
    },
    60_000,
  );

  test("are written out where that is little", async () => {
    const { documents, warnings } = await convertJson(
      schemaOf(
        { $ref: "#/components/schemas/S0" },
        { S0: chain(1), S1: chain(2), S2: { type: "string", example: "end" } },
      ),
      { parametersResolution: "Example" },
    );

    expect(warnings).toEqual([]);
    expect(JSON.stringify(documents)).toContain("end");
  });

  const chain = (next: number) => ({
    type: "object",
    properties: { next: { $ref: `#/components/schemas/S${next}` } },
  });
  const schemaOf = (schema: object, schemas: object) => ({
    ...operation({ requestBody: { content: { "application/json": { schema } } } }),
    components: { schemas },
  });
});

test("a specification that nests without end is refused", async () => {
  let schema: object = { type: "string" };
  for (let depth = 0; depth < 400; depth++) schema = { allOf: [schema] };

  await expect(convertJson(spec({ components: { schemas: { S: schema } } }))).rejects.toThrow(
    "nests more than 300 levels deep",
  );
});

test("a zip file may hold specifications; a broken one is told", async () => {
  const broken = strToU8(JSON.stringify(spec({ paths: 5 })));
  const zip = (files: Record<string, Uint8Array>) =>
    convertFile(zipSync(files), "all.zip", { openApi: convertOpenApi });

  const { documents, warnings } = await zip({
    "api/pets.yaml": strToU8(pets),
    "api/broken.json": broken,
    "notes.yaml": strToU8("a: [1\n"),
    "settings.json": strToU8("{}"),
  });

  expect(documents.map(({ name }) => name)).toEqual(["Pets"]);
  expect(warnings).toEqual([
    expect.stringMatching(/^"api\/broken\.json" is an OpenAPI .* paths: is not there/),
  ]);
  await expect(zip({ "a.json": broken })).rejects.toThrow(
    'is a zip file of which nothing can be used: "a.json" is an OpenAPI document',
  );
});

test("no address and no file of the machine is read for a reference", async () => {
  let asked = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => {
      asked++;
      return Response.json({ type: "object", properties: { stolen: { type: "string" } } });
    },
  });
  const refs = [`${server.url.href}schema.json`, import.meta.path, `file://${import.meta.path}`];
  const content = Object.fromEntries(
    refs.map(($ref, index) => [`application/x-${index}+json`, { schema: { $ref } }]),
  );

  const { documents } = await convertJson(operation({ requestBody: { content } }));
  await server.stop(true);

  expect(asked).toBe(0);
  expect(JSON.stringify(documents)).not.toMatch(/stolen|import/);
});
