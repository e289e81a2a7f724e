import { expect, setDefaultTimeout, test } from "bun:test";

import * as fc from "fast-check";

import { convertArchive } from "../../../src/engine/formats/archive.ts";
import { checkCollection } from "../../../src/engine/formats/compatibility.ts";
import { convertText, convertValue } from "../../../src/engine/formats/convert.ts";
import { parseDataRows } from "../../../src/engine/formats/data-rows.ts";
import { FormatError } from "../../../src/engine/formats/document.ts";
import { convertV3 } from "../../../src/engine/formats/v3.ts";

// Hundreds of documents each, on a machine that may be busy.
setDefaultTimeout(60_000);

/** Nothing that a person may have in a file is a crash: it is converted, or refused in words. */
async function converts(convert: () => unknown): Promise<void> {
  try {
    await convert();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toMatch(/^(is|has|holds|begins) /);
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
