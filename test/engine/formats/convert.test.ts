import { describe, expect, test } from "bun:test";

import { zipSync, strToU8 } from "fflate";

import { convertArchive } from "../../../src/engine/formats/archive.ts";
import { convertText, convertValue } from "../../../src/engine/formats/convert.ts";
import type { Converted } from "../../../src/engine/formats/document.ts";

const schema = (version: string) =>
  `https://schema.getpostman.com/json/collection/v${version}/collection.json`;
const v21 = (name = "Books") => ({ info: { name, schema: schema("2.1.0") }, item: [] });
const v1 = () => ({
  id: "c-1",
  name: "Old",
  order: ["r-1"],
  folders: [{ id: "f-1", name: "Folder", order: ["r-2"] }],
  requests: [
    {
      id: "r-1",
      name: "Get",
      method: "GET",
      url: "http://127.0.0.1/books?page=1",
      headers: "Accept: application/json\n",
      tests: "tests['ok'] = responseCode.code === 200;",
    },
    {
      id: "r-2",
      name: "Post",
      method: "POST",
      url: "http://127.0.0.1/books",
      dataMode: "raw",
      rawModeData: "{}",
    },
  ],
});
const environment = { id: "e-1", name: "Local", values: [{ key: "a", value: "1", enabled: true }] };

const kinds = ({ documents }: Converted) => documents.map(({ kind, name }) => `${kind} ${name}`);

describe("one file is recognized by what it holds:", () => {
  test.each([
    ["v2.1", v21(), "collection Books"],
    ["v2.1 as the API answers it", { collection: v21() }, "collection Books"],
    ["v2.0", { info: { name: "B", schema: schema("2.0.0") }, item: [] }, "collection B"],
    ["v1", v1(), "collection Old"],
    ["an environment", environment, "environment Local"],
    ["an environment as the API answers it", { environment }, "environment Local"],
    ["globals", { name: "My globals", values: [], _postman_variable_scope: "globals" }, "globals My globals"],
    ["a collection without a name", { info: {}, item: [] }, "collection unnamed"],
  ])("%s", async (_, value, expected) => {
    expect(kinds(await convertText(`\uFEFF${JSON.stringify(value)}`))).toEqual([expected]);
  });

  test("a v3 environment in YAML", async () => {
    const converted = await convertText("name: Local\nvalues:\n  - key: base\n    value: http://x\n");

    expect(converted.documents).toEqual([
      {
        kind: "environment",
        name: "Local",
        content: {
          name: "Local",
          values: [{ key: "base", value: "http://x", type: "default", enabled: true }],
          _postman_variable_scope: "environment",
        },
      },
    ]);
  });
});

test.each([
  ["text", "hello", "is not JSON"],
  ["nothing", "", "is not JSON"],
  ["a list", "[]", "is neither a collection"],
  ["a number", "1", "is neither a collection"],
  ["another document", '{"a":1}', "is neither a collection"],
  ["OpenAPI", '{"openapi":"3.1.0"}', "OpenAPI"],
  ["OpenAPI in YAML", "openapi: 3.1.0\ninfo:\n  title: x\n", "OpenAPI"],
  ["one file of a v3 collection", "$kind: http-request\nurl: http://x\n", "give the folder"],
  ["broken YAML", "a: [1\nb: }\n", "is not YAML"],
])("%s is refused", async (_, text, why) => {
  await expect(convertText(text)).rejects.toThrow(why);
});

test("v1 becomes v2.1 with its ids, folders, headers, bodies and scripts", async () => {
  const { documents } = await convertValue(v1());

  expect(documents[0]?.content).toMatchObject({
    info: { _postman_id: "c-1", name: "Old", schema: schema("2.1.0") },
    item: [
      {
        name: "Folder",
        item: [{ id: "r-2", request: { method: "POST", body: { mode: "raw", raw: "{}" } } }],
      },
      {
        id: "r-1",
        event: [{ listen: "test", script: { exec: ["tests['ok'] = responseCode.code === 200;"] } }],
        request: { header: [{ key: "Accept", value: "application/json" }] },
      },
    ],
  });
});

test("requests of v1 that no order names are warned of, a circle of folders ends", async () => {
  const folder = (id: string, inner: string) => ({ id, name: id, order: ["r-1"], folders_order: [inner] });
  const converted = await convertValue({
    ...v1(),
    order: [],
    folders_order: ["a"],
    folders: [folder("a", "b"), folder("b", "a")],
  });

  expect(converted.warnings).toEqual([expect.stringContaining("2 of its requests are in no folder")]);
});

test("v2.0 becomes v2.1: authorization is listed on every level, all else stays", async () => {
  const item = {
    name: "Get",
    request: { url: "http://x", auth: { type: "basic", basic: { username: "u", password: 1 } } },
    unknown: { kept: true },
  };
  const { documents } = await convertValue({
    info: { name: "B", schema: schema("2.0.0"), description: "d" },
    auth: { type: "bearer", bearer: { token: "t" } },
    item: [{ name: "Folder", auth: { type: "noauth" }, item: [item, null, "odd"] }],
  });

  expect(documents[0]?.content).toEqual({
    info: { name: "B", schema: schema("2.1.0"), description: "d" },
    auth: { type: "bearer", bearer: [{ key: "token", value: "t", type: "string" }] },
    item: [
      {
        name: "Folder",
        auth: { type: "noauth" },
        item: [
          {
            ...item,
            request: {
              url: "http://x",
              auth: {
                type: "basic",
                basic: [
                  { key: "username", value: "u", type: "string" },
                  { key: "password", value: 1, type: "any" },
                ],
              },
            },
          },
          null,
          "odd",
        ],
      },
    ],
  });
});

test("a v2.1 document passes through untouched", async () => {
  const collection = { ...v21(), auth: { type: "basic", basic: { odd: true } }, extra: [1] };

  expect((await convertValue(collection)).documents[0]?.content).toBe(collection);
});

describe("a data dump", () => {
  test("gives its collections, environments and globals; a bad one is warned of", async () => {
    const converted = await convertValue({
      version: 1,
      collections: [v1(), v21(), { name: "Broken" }],
      environments: [environment],
      headerPresets: [{ id: "h" }],
      globals: [{ key: "g", value: "1", enabled: true }],
    });

    expect(kinds(converted)).toEqual([
      "collection Old",
      "collection Books",
      "environment Local",
      "globals Globals",
    ]);
    expect(converted.warnings).toEqual([
      expect.stringContaining('"Broken" of the data dump is neither'),
      expect.stringContaining("header presets"),
    ]);
  });

  test("that holds nothing is refused", async () => {
    await expect(convertValue({ version: 1, collections: [], environments: [] })).rejects.toThrow("nothing");
  });
});

describe("a zip file", () => {
  const pack = (files: Record<string, string>) =>
    zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])));

  test("of a data export gives what is in it; lists beside it do not count", async () => {
    const converted = await convertArchive(
      pack({
        "archive.json": '{"collection":{"a":true}}',
        "collection/a.json": JSON.stringify(v21()),
        "collection/b.json": "{broken",
        "environment/e.json": JSON.stringify(environment),
        "readme.txt": "hello",
      }),
      "export.zip",
    );

    expect(kinds(converted)).toEqual(["collection Books", "environment Local"]);
    expect(converted.warnings).toEqual([expect.stringContaining('"collection/b.json" is not JSON')]);
  });

  test("of a v3 folder gives its collection", async () => {
    const converted = await convertArchive(
      pack({
        "books/.resources/definition.yaml": "$kind: collection\nname: Books\n",
        "books/Get.request.yaml": "$kind: http-request\nurl: http://x\n",
      }),
      "books.zip",
    );

    expect(kinds(converted)).toEqual(["collection Books"]);
  });

  test.each([
    ["that is cut off", pack({ "a.json": JSON.stringify(v21()) }).slice(0, 60), "cannot be unpacked"],
    ["without documents", pack({ "a.txt": "x" }), "without collections"],
  ])("%s is refused", async (_, bytes, why) => {
    await expect(convertArchive(bytes, "x.zip")).rejects.toThrow(why);
  });
});
