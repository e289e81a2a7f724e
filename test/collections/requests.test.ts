import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId, toUid } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await api.make.workspace({ createdBy: api.actor.userId });
});

// Documents of any shape are taken apart here.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>;

async function stored(item: unknown[]): Promise<{ id: string; document: () => Promise<Json> }> {
  const sent = { collection: { info: { name: "Shop", schema }, item } };
  const { body } = await api.call("POST", "/collections", sent);
  const { id } = body.collection;
  return { id, document: async () => (await api.call("GET", `/collections/${id}`)).body.collection };
}

const folder = (id: string, item: unknown[] = []) => ({ id, name: `folder ${id.slice(0, 4)}`, item });

/** A request with everything that v2.1 and v1 say differently, and with what only one of them knows. */
const rich = () => ({
  id: newId(),
  name: "Find books",
  "x-owner": "search",
  event: [{ listen: "test", script: { type: "text/javascript", exec: ["pm.test('ok')"], packages: {} } }],
  protocolProfileBehavior: { disableBodyPruning: true },
  request: {
    method: "POST",
    header: [
      { key: "X-A", value: "1", type: "text", description: { content: "why", type: "text/markdown" } },
      { key: "X-B", value: "2", disabled: true },
    ],
    url: {
      raw: "{{base}}/books/:id?q=a&empty=",
      host: ["{{base}}"],
      path: ["books", ":id"],
      query: [
        { key: "q", value: "a", "x-hint": true },
        { key: "empty", value: "" },
        { key: "off", value: "1", disabled: true },
      ],
      variable: [{ key: "id", value: "7", description: "of the book" }],
    },
    body: {
      mode: "formdata",
      formdata: [
        { key: "file", type: "file", src: "/tmp/a" },
        { key: "text", type: "text", value: "b", contentType: "text/plain" },
      ],
      options: { raw: { language: "json" } },
    },
    auth: { type: "bearer", bearer: [{ key: "token", value: "t", type: "string" }] },
    description: { content: "# Docs", type: "text/markdown" },
  },
  response: [],
});

const withoutTimes = (item: Json) => {
  const { uid: _u, createdAt: _c, updatedAt: _a, ...rest } = item;
  return rest;
};

describe("requests", () => {
  test("what was read can be written back without a change to the document", async () => {
    const sent = rich();
    const { id, document } = await stored([sent]);
    const { body } = await api.call("GET", `/collections/${id}/requests/${sent.id}`);

    const put = await api.call("PUT", `/collections/${id}/requests/${sent.id}`, body.data);

    expect(put.status).toBe(200);
    expect(put.body.meta).toEqual({ model: "request", action: "update" });
    expect(withoutTimes((await document())["item"][0])).toEqual(sent);
  });

  test("are shown in the v1 model", async () => {
    const sent = rich();
    const { id } = await stored([sent]);

    const { body } = await api.call("GET", `/collections/${id}/requests/${toUid(1, sent.id)}`);

    expect(body.data).toMatchObject({
      id: sent.id,
      method: "POST",
      url: "{{base}}/books/:id?q=a&empty=",
      description: "# Docs",
      headerData: [
        { key: "X-A", value: "1", description: "why", enabled: true },
        { key: "X-B", value: "2", enabled: false },
      ],
      queryParams: [
        { key: "q", enabled: true },
        { key: "empty", value: "", enabled: true },
        { key: "off", enabled: false },
      ],
      pathVariableData: [{ key: "id", value: "7" }],
      dataMode: "formdata",
      data: [
        { key: "file", type: "file", value: "/tmp/a", enabled: true },
        { key: "text", value: "b", enabled: true },
      ],
      rawModeData: null,
      auth: { type: "bearer" },
      events: [{ listen: "test" }],
      responses_order: [],
      folder: null,
      lastRevision: 1,
    });
  });

  test.each([
    ["name", { name: "New" }, { name: "New" }],
    ["method", { method: "PATCH" }, { request: { method: "PATCH" } }],
    [
      "url",
      { url: "https://{{host}}:8443/a/:id/b?x=1&q=a#top" },
      {
        request: {
          url: {
            raw: "https://{{host}}:8443/a/:id/b?x=1&q=a#top",
            protocol: "https",
            host: ["{{host}}"],
            port: "8443",
            path: ["a", ":id", "b"],
            hash: "top",
            query: [
              { key: "x", value: "1" },
              { key: "q", value: "a", "x-hint": true },
              { key: "off", value: "1", disabled: true },
            ],
            variable: [{ key: "id", value: "7", description: "of the book" }],
          },
        },
      },
    ],
    [
      "parameters",
      {
        queryParams: [
          { key: "a", value: "1", enabled: true },
          { key: "b", value: "2", enabled: false },
        ],
      },
      {
        request: {
          url: {
            raw: "{{base}}/books/:id?a=1",
            query: [
              { key: "a", value: "1" },
              { key: "b", value: "2", disabled: true },
            ],
          },
        },
      },
    ],
    [
      "a raw body",
      { dataMode: "raw", rawModeData: "{}", dataOptions: { raw: { language: "xml" } } },
      { request: { body: { mode: "raw", raw: "{}", options: { raw: { language: "xml" } } } } },
    ],
    [
      "graphql",
      { dataMode: "graphql", graphqlModeData: { query: "{a}", variables: "" } },
      { request: { body: { mode: "graphql", graphql: { query: "{a}", variables: "" } } } },
    ],
    [
      "a binary body",
      { dataMode: "binary", rawModeData: "/tmp/b" },
      { request: { body: { mode: "file", file: { src: "/tmp/b" } } } },
    ],
    [
      "headers as a text",
      { headers: "Accept: */*\n// Off: 1\n" },
      {
        request: {
          header: [
            { key: "Accept", value: "*/*" },
            { key: "Off", value: "1", disabled: true },
          ],
        },
      },
    ],
    [
      "headers",
      { headerData: [{ key: "X-New", value: "n" }] },
      { request: { header: [{ key: "X-New", value: "n" }] } },
    ],
    [
      "scripts",
      { events: [{ listen: "prerequest", script: { exec: ["1"] } }] },
      { event: [{ listen: "prerequest", script: { exec: ["1"] } }] },
    ],
  ] as [string, Json, Json][])("take %s and keep the rest", async (_, fields, expected) => {
    const sent = rich();
    const { id, document } = await stored([sent]);

    const { status } = await api.call("PUT", `/collections/${id}/requests/${sent.id}`, fields);

    expect(status).toBe(200);
    const [item] = (await document())["item"];
    expect(item).toMatchObject(expected);
    expect(item).toMatchObject({
      "x-owner": "search",
      protocolProfileBehavior: { disableBodyPruning: true },
    });
  });

  test.each([
    ["description", { description: null }],
    ["auth", { auth: null }],
    ["body", { dataMode: null }],
  ])("lose their %s by null", async (name, fields) => {
    const sent = rich();
    const { id, document } = await stored([sent]);

    await api.call("PUT", `/collections/${id}/requests/${sent.id}`, fields);

    const { [name]: _, ...rest } = sent.request as Json;
    expect((await document())["item"][0].request).toEqual(rest);
  });

  test.each(["folder", "folderId"])("are made in the folder that ?%s= names", async (name) => {
    const target = folder(newId());
    const { id, document } = await stored([target]);

    const made = await api.call("POST", `/collections/${id}/requests?${name}=${target.id}`, {
      name: "Made",
      method: "POST",
      url: "http://127.0.0.1:1/a?b=c",
      headerData: [{ key: "X", value: "1" }],
      dataMode: "urlencoded",
      data: [{ key: "k", value: "v", enabled: false }],
    });

    expect(made.body).toMatchObject({
      data: { name: "Made", folder: target.id, responses_order: [] },
      meta: { model: "request", action: "import" },
    });
    expect((await document())["item"][0].item).toMatchObject([
      {
        id: made.body.data.id,
        name: "Made",
        request: {
          method: "POST",
          url: { raw: "http://127.0.0.1:1/a?b=c", query: [{ key: "b", value: "c" }] },
          header: [{ key: "X", value: "1" }],
          body: { mode: "urlencoded", urlencoded: [{ key: "k", value: "v", disabled: true }] },
        },
        response: [],
      },
    ]);
  });

  test("an id of one's own is kept, and refused when it is taken", async () => {
    const own = newId();
    const { id } = await stored([]);

    const first = await api.call("POST", `/collections/${id}/requests`, { id: own, name: "a" });
    const second = await api.call("POST", `/collections/${id}/requests`, { id: own, name: "b" });

    expect(first.body.data.id).toBe(own);
    expect(second.status).toBe(400);
    expect(second.body.error).toMatchObject({ name: "instanceFoundError", details: { model_id: own } });
  });

  test("a request that is a text stays one until something of it changes", async () => {
    const item = { id: newId(), name: "t", request: "http://127.0.0.1:1/x?y=1" };
    const { id, document } = await stored([item]);
    const path = `/collections/${id}/requests/${item.id}`;

    await api.call("PUT", path, { name: "u" });
    expect((await document())["item"][0]).toMatchObject({ name: "u", request: item.request });
    await api.call("PUT", path, { method: "HEAD" });

    expect((await document())["item"][0].request).toEqual({ method: "HEAD", url: item.request });
  });
});

describe("saved responses", () => {
  test("are made below a request and remember what it sent", async () => {
    const sent = rich();
    const { id, document } = await stored([sent]);

    const made = await api.call("POST", `/collections/${id}/responses?request=${sent.id}`, {
      name: "Created",
      responseCode: { code: 201, name: "Created" },
      headers: [{ key: "Content-Type", value: "application/json" }],
      text: '{"id":1}',
      language: "json",
      mime: "application/json",
      time: "12",
    });

    expect(made.body).toMatchObject({
      data: { name: "Created", request: sent.id, responseCode: { code: 201, name: "Created" } },
      meta: { model: "response", action: "create" },
    });
    expect((await document())["item"][0].response).toMatchObject([
      {
        name: "Created",
        code: 201,
        status: "Created",
        body: '{"id":1}',
        _postman_previewlanguage: "json",
        mime: "application/json",
        responseTime: 12,
        originalRequest: sent.request,
        header: [{ key: "Content-Type", value: "application/json" }],
      },
    ]);
  });

  test("what was read can be written back without a change, and what is sent changes", async () => {
    const response = {
      id: newId(),
      name: "ok",
      "x-kept": 1,
      originalRequest: rich().request,
      code: 200,
      status: "OK",
      header: [{ key: "A", value: "b", "x-h": 1 }],
      cookie: [],
      responseTime: null,
      body: "[]",
      _postman_previewlanguage: "json",
    };
    const { id, document } = await stored([{ ...rich(), response: [response] }]);
    const path = `/collections/${id}/responses/${response.id}`;
    const read = await api.call("GET", path);

    await api.call("PUT", path, read.body.data);
    expect(withoutTimes((await document())["item"][0].response[0])).toEqual(response);
    await api.call("PUT", path, { text: "{}", url: "http://127.0.0.1:1/z" });

    const [changed] = (await document())["item"][0].response;
    expect(changed).toMatchObject({ ...response, body: "{}", originalRequest: { url: { path: ["z"] } } });
  });

  test("take the request that they answered from the body, and what stands beside it wins", async () => {
    const sent = rich();
    const { id, document } = await stored([sent]);

    await api.call("POST", `/collections/${id}/responses?request=${sent.id}`, {
      name: "x",
      url: null,
      method: "PUT",
      requestObject: '{"method":"HEAD","headerData":[{"key":"A","value":"b"}]}',
    });

    expect((await document())["item"][0].response[0].originalRequest).toMatchObject({
      method: "PUT",
      header: [{ key: "A", value: "b" }],
      url: sent.request.url,
    });
  });

  test.each(["{broken", '{"method":5}'])("refuse the requestObject %s", async (requestObject) => {
    const sent = rich();
    const { id } = await stored([sent]);

    const { status, body } = await api.call("POST", `/collections/${id}/responses?request=${sent.id}`, {
      requestObject,
    });

    expect([status, body.error.message]).toEqual([400, expect.stringMatching(/JSON|requestObject\.method/)]);
  });

  test("need a request that is there", async () => {
    const { id } = await stored([]);

    const none = await api.call("POST", `/collections/${id}/responses`, { name: "x" });
    const unknown = await api.call("POST", `/collections/${id}/responses?request=${newId()}`, { name: "x" });

    expect([none.status, none.body.error.name]).toEqual([400, "paramMissingError"]);
    expect([unknown.status, unknown.body.error.details.model]).toEqual([404, "request"]);
  });
});
