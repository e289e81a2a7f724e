import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";

import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await api.make.workspace({ createdBy: api.actor.userId });
});

const stored = async (more: object = {}): Promise<string> => {
  const collection = { info: { name: "Shop", schema }, item: [], ...more };
  return (await api.call("POST", "/collections", { collection })).body.collection.id;
};

const get = async (id: string, accepts?: string): Promise<Response> =>
  await api.app.request(`/api/collections/${id}`, {
    headers: { "x-api-key": api.key, ...(accepts !== undefined && { "accept-encoding": accepts }) },
  });

/** Nothing can make it smaller, so that its answer has several parts. */
const incompressible = () => ({ "x-noise": randomBytes(1_500_000).toString("base64") });

describe("the answer of a collection", () => {
  test.each([
    ["gzip", true],
    ["deflate, GZIP;q=0.5", true],
    ["*", true],
    ["gzip;q=0", false],
    ["identity", false],
    ["br", false],
    [undefined, false],
  ] as const)("to Accept-Encoding %s is compressed: %p", async (accepts, isCompressed) => {
    const id = await stored({ "x-kept": "é📚" });

    const first = await get(id, accepts);
    const second = await get(id, accepts);

    for (const answer of [first, second]) {
      const bytes = await answer.bytes();
      expect(answer.headers.get("content-encoding")).toBe(isCompressed ? "gzip" : null);
      expect(answer.headers.get("content-type")).toContain("application/json");
      expect(answer.headers.get("vary")).toContain("Accept-Encoding");
      const text = new TextDecoder().decode(isCompressed ? gunzipSync(bytes) : bytes);
      expect(JSON.parse(text)).toMatchObject({ collection: { info: { name: "Shop" }, "x-kept": "é📚" } });
    }
  });

  test("is made once and then given as it was kept", async () => {
    const id = await stored();
    const before = await (await get(id)).text();

    await api.database.sql`update collections set document = '{}' where id = ${id}`;

    expect(await (await get(id)).text()).toBe(before);
  });

  test.each([
    [
      "PUT",
      (id: string) => `/collections/${id}`,
      { collection: { info: { name: "New", schema }, item: [] } },
    ],
    ["PATCH", (id: string) => `/collections/${id}`, { collection: { info: { name: "New" } } }],
    ["POST", (id: string) => `/collections/${id}/folders`, { name: "New" }],
  ] as const)("is another one after %s", async (method, path, body) => {
    const id = await stored();
    expect(await (await get(id)).text()).not.toContain("New");

    await api.call(method, path(id), body);

    expect(await (await get(id)).text()).toContain('"name":"New"');
  });

  test("comes in parts when it is large, and is the same", async () => {
    const noise = incompressible();
    const id = await stored(noise);

    const answers = [await get(id), await get(id), await get(id, "gzip")];

    const texts = await Promise.all(answers.slice(0, 2).map((answer) => answer.text()));
    expect(texts.map((text) => text.includes(noise["x-noise"]))).toEqual([true, true]);
    const zipped = await answers[2]?.bytes();
    expect(gunzipSync(zipped ?? new Uint8Array()).includes(noise["x-noise"])).toBe(true);
  });

  test("breaks off when the collection changes in the middle of it", async () => {
    const id = await stored(incompressible());
    await (await get(id)).text();
    const body = (await get(id, "gzip")).body?.getReader();
    expect((await body?.read())?.value?.byteLength).toBe(512 * 1024);

    await api.call("PATCH", `/collections/${id}`, { collection: { info: { name: "New" } } });
    await (await get(id)).text();

    const rest = async () => {
      for (let part = await body?.read(); part && !part.done; part = await body?.read());
    };
    expect(rest()).rejects.toThrow("changed while it was read");
  });

  test("goes with the collection", async () => {
    const id = await stored();
    await (await get(id)).text();

    await api.call("DELETE", `/collections/${id}`);

    expect((await get(id)).status).toBe(404);
    const rows = await api.database.sql`select 1 from collection_answers where collection_id = ${id}`;
    expect(rows).toHaveLength(0);
  });
});
