import { describe, expect, test } from "bun:test";

import { assert as check, property, string } from "fast-check";

import { demoCollection } from "../../../src/commands/demo/collection.ts";
import { freeFileName, writeV3, writeV3Variables } from "../../../src/engine/formats/v3-write.ts";
import { convertV3 } from "../../../src/engine/formats/v3.ts";
import { asObject, asObjects, type JsonObject } from "../../../src/engine/json.ts";

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

const back = (collection: JsonObject): JsonObject =>
  asObject(convertV3(writeV3(collection).files, "folder").documents[0]?.content);

const everything: JsonObject = {
  info: { name: "Every: thing?", description: "What\nit is.", schema },
  auth: { type: "bearer", bearer: [{ key: "token", value: "{{t}}", type: "string" }] },
  event: [
    { listen: "prerequest", script: { type: "text/javascript", exec: ["const a = `x`;", "", "  // end "] } },
  ],
  variable: [
    { key: "base", value: "https://x.example.test" },
    { key: "number", value: "007", disabled: true },
  ],
  item: [
    {
      name: "b/first",
      description: "A folder",
      auth: { type: "noauth" },
      item: [
        { name: "same", request: { method: "GET", url: "{{base}}/a", header: [] }, response: [] },
        { name: "Same", request: { method: "GET", url: "{{base}}/b", header: [] }, response: [] },
      ],
    },
    {
      name: "a second",
      event: [{ listen: "test", script: { type: "text/javascript", exec: ["pm.test('x', () => {});"] } }],
      protocolProfileBehavior: { followRedirects: false },
      request: {
        method: "POST",
        description: "Says what.",
        auth: {
          type: "apikey",
          apikey: [
            { key: "key", value: "X-Key", type: "string" },
            { key: "in", value: "query", type: "string" },
          ],
        },
        url: {
          raw: "https://x.example.test:8443/v1/:id?flag&q=1#top",
          protocol: "https",
          host: ["x.example.test"],
          port: "8443",
          path: ["v1", ":id"],
          query: [
            { key: "flag" },
            { key: "q", value: "1", description: "asked" },
            { key: "off", value: "2", disabled: true },
          ],
          variable: [{ key: "id", value: "5" }],
          hash: "top",
        },
        header: [
          { key: "X-A", value: "1" },
          { key: "X-B", value: "", disabled: true },
        ],
        body: { mode: "raw", raw: '{\n  "a": 1\n}', options: { raw: { language: "json" } } },
      },
      response: [
        {
          name: "fine",
          originalRequest: { method: "GET", url: "{{base}}/a", header: [] },
          status: "OK",
          code: 200,
          _postman_previewlanguage: "json",
          header: [{ key: "Content-Type", value: "application/json" }],
          cookie: [],
          body: '{"a":1}',
        },
      ],
    },
    {
      name: "forms",
      request: {
        method: "PUT",
        url: "{{base}}/f",
        header: [],
        body: {
          mode: "formdata",
          formdata: [
            { key: "f", type: "file", src: ["a", "b"] },
            { key: "t", value: "1", type: "text" },
          ],
        },
      },
      response: [],
    },
    {
      name: "query language",
      request: {
        method: "POST",
        url: "{{base}}/g",
        header: [],
        body: { mode: "graphql", graphql: { query: "{ a }", variables: "{}" } },
      },
      response: [],
    },
  ],
};

describe("a collection as a folder of format v3", () => {
  test("is the same when it is read again", () => {
    const { warnings } = writeV3(everything);

    expect(back(everything)).toEqual(everything);
    expect(warnings).toEqual([]);
  });

  test("has one file for each request, named after it", () => {
    expect([...writeV3(everything).files.keys()]).toEqual([
      ".resources/definition.yaml",
      "b-first/.resources/definition.yaml",
      "b-first/same.request.yaml",
      "b-first/Same 2.request.yaml",
      "a second.request.yaml",
      ".resources/a second.resources/examples/fine.example.yaml",
      "forms.request.yaml",
      "query language.request.yaml",
    ]);
  });

  test("gives the same files again after it was read", () => {
    const demo: JsonObject = { ...demoCollection };

    const once = writeV3(demo).files;

    expect(writeV3(back(demo)).files).toEqual(once);
  });

  test("keeps any texts of requests", () => {
    const text = string({ unit: "grapheme", maxLength: 40 });
    check(
      property(text, text, text, (name, raw, value) => {
        const item = {
          name: `n${name}`,
          request: {
            method: "GET",
            url: raw,
            header: [{ key: "X", value }],
            body: { mode: "raw", raw: value },
          },
          response: [],
        };

        const [found] = asObjects(back({ info: { name: "c", schema }, item: [item] })["item"]);

        expect(found).toEqual(item);
      }),
      { numRuns: 200 },
    );
  });

  test("warns of scripts that nothing starts", () => {
    const event = [{ listen: "test", disabled: true, script: { exec: ["a"] } }];

    const { warnings } = writeV3({ info: { name: "c" }, item: [], event });

    expect(warnings).toEqual(["c: a script that is switched off, or that nothing starts, is left out."]);
  });
});

test("an environment is the same when it is read again", () => {
  const values = [
    { key: "a", value: "1", type: "default", enabled: true },
    { key: "b", value: "s", type: "secret", enabled: false },
  ];

  const files = new Map([
    ["environments/x.environment.yaml", writeV3Variables("environment", "Stage: 1", values)],
  ]);

  expect(convertV3(files, "folder").documents).toEqual([
    {
      kind: "environment",
      name: "Stage: 1",
      content: { name: "Stage: 1", values, _postman_variable_scope: "environment" },
    },
  ]);
});

test.each([
  ["a/b:c", "a-b-c"],
  ["..", "_"],
  ["", "_"],
  ["CON", "_CON"],
  [".hidden ", "hidden"],
  ["ünïcode ✓", "ünïcode ✓"],
])("the file of %j is called %s", (name, file) => {
  expect(freeFileName(name, new Set())).toBe(file);
});
