import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";
import { strToU8, zipSync } from "fflate";

import * as schema from "../../db/schema.ts";
import { type ServedSession, startServedSession } from "../support/form-session.ts";
import { stopEverything } from "../support/processes.ts";

// Starting Postgres takes its time on a busy machine, and each conversion starts a process.
setDefaultTimeout(120_000);

let session: ServedSession;
beforeAll(async () => {
  session = await startServedSession();
});
afterAll(stopEverything);

const v1 = (name: string, ...lost: object[]) => ({
  name,
  order: ["r-1"],
  requests: [{ id: "r-1", name: "get", method: "GET", url: "http://x/a" }, ...lost],
});
const environment = (name: string) => ({ name, values: [{ key: "a", value: "1" }] });
const upload = (path: string, name: string, content: string | Uint8Array<ArrayBuffer>) =>
  session.post(path, { file: new File([content], name) });
const collectionNames = async () =>
  (await session.database.db.select({ name: schema.collections.name }).from(schema.collections)).map(
    ({ name }) => name,
  );

describe("a file of another format is converted:", () => {
  const openapi = `openapi: 3.0.3
info: {title: Pets from YAML, version: 1.0}
servers: [{url: http://x}]
paths:
  /pets: {get: {summary: List pets, responses: {200: {description: ok}}}}
`;

  test.each([
    ["format v1", "v1.json", JSON.stringify(v1("One")), "One", "get"],
    ["OpenAPI", "api.yaml", openapi, "Pets from YAML", "List pets"],
  ])("%s", async (_, file, text, name, request) => {
    const { status, location } = await upload("/collections", file, text);
    const { html } = await session.get(location ?? "");
    const found = await session.get(`${location}?q=${encodeURIComponent(request)}`);

    expect(status).toBe(303);
    expect(html).toContain(name);
    expect(found.html).toContain(request);
  });

  test("pasted text, too", async () => {
    const { status } = await session.post("/collections", { text: openapi });

    expect(status).toBe(303);
  });

  test("a zip file with several, whose other documents are named", async () => {
    const zip = zipSync({
      "collection/a.json": strToU8(JSON.stringify(v1("Zipped A"))),
      "collection/b.json": strToU8(JSON.stringify(v1("Zipped B"))),
      "environment/e.json": strToU8(JSON.stringify(environment("Zipped E"))),
    });

    const { status, html } = await upload("/collections", "all.zip", zip);
    const other = await upload("/environments", "all.zip", zip);

    expect(status).toBe(200);
    expect(html).toMatch(/href="\/collections\/[0-9a-f-]{36}">Zipped A<[^]*Zipped B</);
    expect(html).toContain("the environment “Zipped E”. Upload it under Environments, too.");
    expect(await collectionNames()).toContain("Zipped B");
    expect(other.html).toContain(">Zipped E</a>");
  });

  test("what a conversion could not keep is told", async () => {
    const lost = { id: "r-2", name: "lost", method: "GET", url: "http://x" };

    const { status, html } = await upload("/collections", "v1.json", JSON.stringify(v1("Lossy", lost)));

    expect(status).toBe(200);
    expect(html).toContain("1 of its requests are in no folder");
    expect(html).toContain(">Lossy</a>");
  });
});

test("a collection v2.1 is stored as it came, ids aside", async () => {
  const item = [{ name: "a", request: { url: "http://x", "x-own": [1] }, "x-mine": null }];
  const info = {
    name: "As it came",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  };

  const { location } = await upload("/collections", "c.json", JSON.stringify({ info, item, "x-more": 1 }));
  const [row] = await session.database.db
    .select()
    .from(schema.collections)
    .where(eq(schema.collections.id, location?.split("/").at(-1) ?? ""));

  expect(row?.document).toMatchObject({ info, item, "x-more": 1 });
});

test.each([
  ["/collections", "{not json", "The document is not JSON: line 1, column 6"],
  ["/collections", "[1]", "is neither a collection nor an environment"],
  ["/collections", '{"openapi":"3.1.0"}', "info: is not there, or no object"],
  [
    "/collections",
    JSON.stringify(environment("E")),
    "There is no collection in this file: the environment “E”",
  ],
  [
    "/collections",
    JSON.stringify({ info: { name: "C" }, item: [] }),
    "must have required property &#39;schema&#39;",
  ],
  ["/environments", JSON.stringify(v1("C")), "There is no environment in this file: the collection “C”"],
  ["/environments", "", "Choose a file or paste a document."],
])("on %s the upload %p is refused on the same form", async (path, text, sentence) => {
  const before = await collectionNames();

  const { status, html } = await session.post(path, { text });

  expect(status).toBe(400);
  expect(html).toContain(sentence);
  expect(html).toContain("<textarea");
  expect(await collectionNames()).toEqual(before);
});

describe("globals of a workspace", () => {
  const path = () => `/globals/${session.workspace.id}`;

  test("are reached from the environments, set and removed by name; a secret is never shown", async () => {
    const list = await session.get("/environments");
    await session.post(path(), { key: "base", value: "http://one" });
    await session.post(path(), { key: "base", value: "http://two" });
    const secret = await session.post(path(), { key: "token", value: "s3cret-value", secret: "on" });
    const shown = await session.get(path());
    await session.post(`${path()}/remove`, { key: "base" });
    const removed = await session.get(path());

    expect(list.html).toContain(`<a href="${path()}">Payments</a>`);
    expect([secret.status, secret.location]).toEqual([303, path()]);
    expect(shown.html).toContain("http://two");
    expect(shown.html).not.toContain("http://one");
    expect(shown.html).toContain("token");
    expect(shown.html).not.toContain("s3cret-value");
    expect(removed.html).not.toContain("http://two");
    expect(removed.html).toContain("token");
  });

  test("come in as a file beside the environments, to those that are there", async () => {
    await session.post(path(), { key: "kept", value: "here-before" });
    const file = {
      name: "G",
      values: [{ key: "added", value: "from-file" }],
      _postman_variable_scope: "globals",
    };

    const { status, location } = await upload("/environments", "globals.json", JSON.stringify(file));
    const { html } = await session.get(location ?? "");

    expect([status, location]).toEqual([303, path()]);
    expect(html).toContain("here-before");
    expect(html).toContain("from-file");
  });

  test("need a name, and a workspace that is there", async () => {
    const nameless = await session.post(path(), { key: " ", value: "x", secret: "on" });
    const nowhere = await session.get("/globals/00000000-0000-4000-8000-000000000000");

    expect(nameless.status).toBe(400);
    expect(nameless.html).toContain("Give the variable a name.");
    expect(nameless.html).toContain("checked");
    expect(nowhere.status).toBe(404);
  });
});
