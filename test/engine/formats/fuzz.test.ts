import { expect, setDefaultTimeout, test } from "bun:test";

import * as fc from "fast-check";

import { convertArchive } from "../../../src/engine/formats/archive.ts";
import { checkCollection } from "../../../src/engine/formats/compatibility.ts";
import { convertText, convertValue } from "../../../src/engine/formats/convert.ts";
import { parseDataRows } from "../../../src/engine/formats/data-rows.ts";
import { FormatError } from "../../../src/engine/formats/document.ts";
import { convertOpenApi } from "../../../src/engine/formats/openapi.ts";
import { convertV3 } from "../../../src/engine/formats/v3.ts";

// Hundreds of documents each, on a machine that may be busy.
setDefaultTimeout(120_000);

/** Nothing that a person may have in a file is a crash: it is converted, or refused in words. */
async function converts(convert: () => unknown): Promise<void> {
  try {
    await convert();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toMatch(/^(is|has|holds|begins|nests) /);
  }
}

/** Documents that look right at first: known names with anything behind them. */
const lookalike = (...names: string[]) =>
  fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.jsonValue(), fc.array(nested, { maxLength: 3 })), {
    maxKeys: 8,
  });
const names = [
  "name",
  "id",
  "auth",
  "type",
  "request",
  "url",
  "header",
  "body",
  "mode",
  "event",
  "listen",
  "script",
];
const nested: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.dictionary(
    fc.constantFrom(
      ...names,
      "exec",
      "item",
      "key",
      "value",
      "raw",
      "formdata",
      "src",
      "order",
      "basic",
      "packages",
    ),
    fc.oneof(
      { depthSize: "small" },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie("node"), { maxLength: 2 }),
      tie("node"),
    ),
    { maxKeys: 5 },
  ),
}))["node"];

test("any document", async () => {
  const documents = fc.oneof(
    lookalike("info", "item", "auth", "event", "variable"),
    lookalike("requests", "order", "folders", "folders_order", "auth", "variables"),
    lookalike("values", "name", "_postman_variable_scope"),
    lookalike("version", "collections", "environments", "globals", "headerPresets"),
    fc.jsonValue(),
  );

  await fc.assert(
    fc.asyncProperty(documents, (document) => converts(() => convertValue(document))),
    { numRuns: 500 },
  );
});

test("any text, as a file and as rows", async () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.string().map((text) => `name: ${text}\n- [`),
  );

  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      await converts(() => convertText(text));
      await converts(() => parseDataRows(text));
    }),
    { numRuns: 500 },
  );
});

test("any v3 folder", async () => {
  const texts = fc.oneof(
    fc.string(),
    nested.map((value) => JSON.stringify(value)),
    lookalike(
      "$kind",
      "url",
      "headers",
      "queryParams",
      "pathVariables",
      "body",
      "auth",
      "scripts",
      "settings",
    ).map((value) => JSON.stringify(value)),
  );
  const paths = fc.constantFrom(
    ".resources/definition.yaml",
    "a.request.yaml",
    "F/.resources/definition.yaml",
    "F/b.request.yaml",
    ".resources/a.resources/examples/x.example.yaml",
    "environments/e.yaml",
  );

  await fc.assert(
    fc.asyncProperty(fc.dictionary(paths, texts), (files) =>
      converts(() => convertV3(new Map(Object.entries(files)), "folder")),
    ),
    { numRuns: 100 },
  );
});

const openApiNames = [
  "$ref",
  "name",
  "in",
  "schema",
  "type",
  "properties",
  "items",
  "allOf",
  "oneOf",
  "parameters",
  "requestBody",
  "content",
  "application/json",
  "responses",
  "200",
  "example",
  "examples",
  "enum",
  "security",
  "servers",
  "tags",
  "description",
  "format",
  "default",
];
const openApiValues = fc.oneof(
  fc.constantFrom("#/components/schemas/a", "#/paths", "object", "array", "string", "query", "path", "body"),
  fc.jsonValue({ maxDepth: 2 }),
);
const openApiNode: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.dictionary(
    fc.constantFrom(...openApiNames),
    fc.oneof({ depthSize: "small" }, openApiValues, fc.array(tie("node"), { maxLength: 2 }), tie("node")),
    { maxKeys: 5 },
  ),
}))["node"];

test("any OpenAPI document", async () => {
  const documents = fc.record(
    {
      openapi: fc.constantFrom("3.0.3", "3.1.0", "3.2.0"),
      swagger: fc.constant("2.0"),
      info: fc.oneof(fc.constant({ title: "T", version: "1" }), fc.jsonValue()),
      servers: fc.oneof(fc.constant([{ url: "http://x" }]), fc.jsonValue()),
      paths: fc.dictionary(
        fc.constantFrom("/a", "/a/{id}", "/{b}", "/"),
        fc.dictionary(fc.constantFrom("get", "post", "parameters", "servers", "summary"), openApiNode),
      ),
      components: fc.record({
        schemas: fc.dictionary(fc.constantFrom("a", "b"), openApiNode),
        parameters: fc.oneof(openApiNode, fc.jsonValue()),
        securitySchemes: fc.dictionary(fc.constantFrom("s"), fc.oneof(openApiNode, fc.jsonValue())),
      }),
      security: fc.oneof(fc.constant([{ s: [] }]), fc.jsonValue()),
      tags: fc.jsonValue(),
    },
    { requiredKeys: ["info", "paths"] },
  );

  await fc.assert(
    fc.asyncProperty(documents, (document) =>
      converts(() => convertValue(document, { openApi: (value) => convertOpenApi(value) })),
    ),
    { numRuns: 100, interruptAfterTimeLimit: 20_000 },
  );
});

test("any bytes that begin like a zip file", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) =>
      converts(() => convertArchive(Uint8Array.of(0x50, 0x4b, 3, 4, ...bytes), "x.zip")),
    ),
  );
});

test("the compatibility report reads anything", () => {
  fc.assert(
    fc.property(fc.oneof(nested, fc.dictionary(fc.string(), fc.jsonValue())), (document) => {
      for (const { what } of checkCollection(document as Record<string, unknown>))
        expect(what).toMatch(/\.$/);
    }),
    { numRuns: 1000 },
  );
});
