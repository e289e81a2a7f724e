import { beforeAll, describe, expect, test } from "bun:test";

import { zipSync } from "fflate";

import type { TestApi } from "../support/api.ts";
import { petsYaml, specsTestApi } from "./support.ts";

let api: TestApi;
let path: string;

beforeAll(async () => {
  api = await specsTestApi();
  path = `/import/openapi?workspace=${(await api.make.workspace()).id}`;
});

const petsJson = {
  openapi: "3.1.0",
  info: { title: "Pets", version: "1" },
  paths: { "/pets": { get: { responses: { "200": { description: "ok" } } } } },
};

const sendFile = (content: Uint8Array<ArrayBuffer>, name: string) => {
  const form = new FormData();
  form.set("type", "file");
  form.set("input", new File([content], name));
  return api.app.request(`/api${path}`, { method: "POST", headers: { "x-api-key": api.key }, body: form });
};

describe("POST /import/openapi", () => {
  test.each([
    ["a text", { type: "string", input: JSON.stringify(petsJson) }],
    ["YAML as text", { type: "string", input: petsYaml }],
    ["JSON", { type: "json", input: petsJson }],
  ])("makes a collection of %s", async (_, body) => {
    const { status, body: answer } = await api.call("POST", path, body);

    expect([status, answer]).toEqual([
      200,
      {
        collections: [
          { id: expect.any(String), name: "Pets", uid: `${api.actor.userId}-${answer.collections[0].id}` },
        ],
      },
    ]);
    expect((await api.call("GET", `/collections/${answer.collections[0].uid}`)).status).toBe(200);
  });

  test("takes options by today's names and by those of the documentation's sample", async () => {
    const options = { folderStrategy: "Tags", disableOptionalParameters: true, requestNameSource: "URL" };

    const { body } = await api.call("POST", path, { type: "string", input: petsYaml, options });

    const { collection } = (await api.call("GET", `/collections/${body.collections[0].uid}`)).body;
    expect([collection.item[0].name, collection.item[0].item[0].name]).toEqual(["pets", "/pets"]);
    expect(collection.item[0].item[0].request.url.query[0].disabled).toBe(true);
  });

  test.each([
    ["pets.yaml", new TextEncoder().encode(petsYaml)],
    ["pets.zip", new Uint8Array(zipSync({ "pets.yaml": new TextEncoder().encode(petsYaml) }))],
  ])("takes the file %s", async (name, content) => {
    const answer = await sendFile(content, name);

    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ collections: [{ name: "Pets" }] });
  });

  test.each<[string, object, string]>([
    ["paramMissingError", { input: "x" }, "The request body is missing a value for the type parameter."],
    [
      "invalidParamsError",
      { type: "yaml", input: "x" },
      "The request body has invalid values for the type parameter. Value must be one of file, string, json",
    ],
    ["paramMissingError", { type: "json" }, "The request body is missing a value for the input parameter."],
    [
      "invalidParamsError",
      { type: "string", input: "openapi: 4.0.0" },
      "Unsupported OpenAPI version: 4.0.0.",
    ],
    ["badRequest", { type: "string", input: "hello" }, "OpenAPI"],
  ])("answers %s for %j", async (name, body, message) => {
    const answer = await api.call("POST", path, body);

    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ name, message: expect.stringContaining(message) });
  });
});
