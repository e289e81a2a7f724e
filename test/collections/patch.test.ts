import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await api.make.workspace({ createdBy: api.actor.userId });
});

async function stored(): Promise<string> {
  const collection = {
    info: { name: "Shop", schema, description: { content: "# Old", type: "text/markdown" } },
    item: [{ id: "r", name: "r", request: "http://127.0.0.1:1/" }],
    "x-kept": true,
  };
  return (await api.call("POST", "/collections", { collection })).body.collection.id;
}

describe("PATCH of a collection", () => {
  test("changes what is sent and keeps the rest", async () => {
    const id = await stored();
    const collection = {
      info: { name: "Renamed" },
      variable: [{ key: "base", value: "http://127.0.0.1:1" }],
      auth: { type: "apikey", apikey: [{ key: "key", value: "X" }] },
      events: [{ listen: "test", script: { id: "s", type: "text/javascript", exec: ["1"] } }],
    };

    const answer = await api.call("PATCH", `/collections/${id}`, { collection });

    expect([answer.status, answer.body.collection]).toMatchObject([200, { id, name: "Renamed" }]);
    const { collection: after } = (await api.call("GET", `/collections/${id}`)).body;
    expect(after).toMatchObject({
      info: { name: "Renamed", description: { content: "# Old" } },
      variable: collection.variable,
      auth: collection.auth,
      event: collection.events,
      item: [{ id: "r" }],
      "x-kept": true,
    });
    const { body } = await api.call("GET", "/collections?name=Renamed");
    expect(body.collections).toHaveLength(1);
  });

  test("takes a description away by null", async () => {
    const id = await stored();

    const { body } = await api.call("PATCH", `/collections/${id}`, {
      collection: { info: { description: null } },
    });

    expect(body.collection).toEqual({ id, name: "Shop", description: null });
  });

  test.each([
    [{}, "paramMissingError", "'info' key is mandatory when 'collection' is empty."],
    [{ info: { owner: 1 } }, "badRequest", "Invalid parameters: ('owner') for key: 'collection.info'"],
    [{ item: [] }, "badRequest", "Invalid parameters: ('item') for key: 'collection'"],
    [
      { variable: [{ value: 1 }] },
      "badRequest",
      "Parameters required: ('key') for key: 'collection.variable'",
    ],
    [{ events: [{ listen: "never" }] }, "badRequest", "Invalid parameters: ('listen')"],
    [
      { auth: { type: "apikey" } },
      "paramMissingError",
      "The key 'apikey' must be present in 'collection.auth' when 'type' is 'apikey'.",
    ],
  ])("refuses %j", async (collection, name, message) => {
    const id = await stored();

    const { status, body } = await api.call("PATCH", `/collections/${id}`, { collection });

    expect([status, body.error.name]).toEqual([400, name]);
    expect(body.error.message).toStartWith(message);
  });

  test("of an unknown one is 404 and echoes what was asked", async () => {
    const asked = `12345678-${newId()}`;

    const { status, body } = await api.call("PATCH", `/collections/${asked}`, {
      collection: { info: { name: "x" } },
    });

    expect([status, body.error]).toMatchObject([404, { details: { item: "collection", id: asked } }]);
  });
});
