import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { collections } from "../../../db/schema.ts";
import { type Session, startSession } from "../../support/form-session.ts";

setDefaultTimeout(120_000);

let session: Session;
let id: string;

beforeAll(async () => {
  session = await startSession();
});

beforeEach(async () => {
  const made = await session.make.collection({
    workspaceId: session.workspace.id,
    ownerId: session.user.id,
    name: "Shop",
    document: {
      info: { name: "Shop", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
      item: [
        {
          id: "ping",
          name: "Ping",
          event: [{ listen: "test", script: { exec: ["one();"] } }],
          request: {
            method: "GET",
            url: "http://a/ping",
            auth: { type: "bearer", bearer: [{ key: "token", value: "s3cr3t-token" }] },
          },
        },
        { id: "other", name: "Other", request: { method: "GET", url: "http://a/other" } },
      ],
    },
  });
  ({ id } = made);
});

const path = (item = "ping") => `/collections/${id}/items/${item}`;
type Fields = Record<string, string | string[]>;
const form = (changes: Fields = {}): Fields => ({
  revision: "1",
  name: "Ping",
  method: "GET",
  url: "http://a/ping",
  auth: "bearer",
  prerequest: "",
  test: "one();",
  description: "",
  ...changes,
});
const send = (changes: Fields, item = "ping") => session.post(`${path(item)}/edit`, form(changes));
/** A table with one new row. */
const newRow = (name: string, key: string, value: string): Fields => ({
  [`${name}.was`]: [""],
  [`${name}.key`]: [key],
  [`${name}.value`]: [value],
  [`${name}.sealed`]: [""],
  [`${name}.state`]: ["on"],
});
const stored = async () =>
  (await session.database.sql`select document from collections where id = ${id}`)[0]?.["document"];
const revision = async () =>
  (await session.database.sql`select revision from collections where id = ${id}`)[0]?.["revision"];

describe("an edit", () => {
  test("shows what it would change, and saves nothing before", async () => {
    await session.get(`${path()}/edit`);

    const { status, html } = await send({ action: "preview", test: "two();" });

    expect(status).toBe(200);
    expect(html).toContain("<h3>Test script</h3>");
    expect(html).toContain(`<del class="line removed">`);
    expect(html).toContain("Save as revision 2");
    expect(await revision()).toBe(1);
  });

  test("is saved as a revision with its note, and leaves a line in the trail without values", async () => {
    const { status, location } = await send({ action: "save", test: "two();", message: "because" });

    expect([status, location]).toEqual([303, `${path()}?saved=2`]);
    const { html } = await session.get(`${path()}?saved=2`);
    expect(html).toContain("Undo");
    const list = await session.get(`/collections/${id}/revisions`);
    expect(list.html).toContain("edited here");
    expect(list.html).toContain("because");
    const [trail] = await session.database.sql`
      select change, workspace_id from audit_records where action = 'request.updated' order by id desc limit 1`;
    expect(trail?.["change"]).toMatchObject({ collectionId: id, fields: ["test"], before: { revision: 1 } });
    expect(trail?.["workspace_id"]).toBe(session.workspace.id);
  });

  test("that changes nothing says so", async () => {
    const { status, html } = await send({ action: "preview" });

    expect(status).toBe(400);
    expect(html).toContain("Nothing in it has changed.");
  });

  test("with something wrong in it is shown again, with what was typed", async () => {
    const { status, html } = await send({ action: "preview", method: "NO SUCH", test: "typed();" });

    expect(status).toBe(400);
    expect(html).toContain("A method is a word such as GET or POST");
    expect(html).toContain("typed();");
  });

  test("never shows a secret of an authorization", async () => {
    const pages = [
      await session.get(path()),
      await session.get(`${path()}/edit`),
      await send({ action: "preview", test: "two();" }),
    ];

    for (const { html } of pages) expect(html).not.toContain("s3cr3t-token");
  });
});

describe("somebody who saved meanwhile", () => {
  const meanwhile = (item: string, changes: Record<string, string>) =>
    send({ action: "save", ...changes }, item);

  test("is a conflict that shows both changes and saves nothing", async () => {
    await meanwhile("ping", { test: "theirs();" });

    const { status, html } = await send({ action: "save", test: "mine();" });

    expect(status).toBe(409);
    expect(html).toContain("after you had opened the");
    expect(html).toContain("theirs();");
    expect(html).toContain("mine();");
    expect(await revision()).toBe(2);
  });

  test("keeps what they changed elsewhere when mine goes on top", async () => {
    await meanwhile("ping", { description: "theirs" });
    const conflict = await send({ action: "save", test: "mine();" });
    expect(conflict.status).toBe(409);

    const again = await session.post(`${path()}/edit`, {
      ...form({ revision: "2", description: "theirs", test: "mine();" }),
      action: "save",
    });

    expect(again.status).toBe(303);
    const { html } = await session.get(path());
    expect(html).toContain("theirs");
    expect(html).toContain("mine();");
  });

  test("in another request is none: both changes stand", async () => {
    await meanwhile("other", { name: "Renamed", url: "http://a/other", test: "", auth: "" });

    const { status } = await send({ action: "save", test: "mine();" });

    expect(status).toBe(303);
    const { html } = await session.get(`/collections/${id}`);
    expect(html).toContain("Renamed");
    expect(await revision()).toBe(3);
  });

  test("and took the request away leaves a page that says so", async () => {
    await session.database.sql`
      update collections set document = '{"info":{"name":"Shop"},"item":[]}'::json, revision = 2 where id = ${id}`;

    expect((await send({ action: "save", test: "mine();" })).status).toBe(404);
  });
});

test("undo brings back exactly what was there", async () => {
  const before = await session.database.db.select().from(collections);
  await send({ action: "save", test: "two();", ...newRow("headers", "A", "b") });

  const { location } = await session.post(`/collections/${id}/revisions/1/restore`);

  expect(location).toBe(`/collections/${id}?saved=3`);
  const after = await session.database.db.select().from(collections);
  const mine = (rows: typeof before) => rows.find((row) => row.id === id)?.document;
  expect(mine(after)).toEqual(mine(before));
});

test("variables of the collection are edited in rows", async () => {
  const sent = {
    revision: "1",
    name: "Shop",
    ...newRow("variables", "base", "http://b"),
    prerequest: "",
    test: "",
    description: "",
  };
  const { location } = await session.post(`/collections/${id}/edit`, { ...sent, action: "save" });

  expect(location).toBe(`/collections/${id}?saved=2`);
  const { html } = await session.get(`/collections/${id}`);
  expect(html).toContain("http://b");
});

describe("an authorization", () => {
  const hiddenOf = (html: string, name: string) =>
    new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";

  test("with a new secret is saved without a page that shows it", async () => {
    const preview = await send({ action: "preview", "auth.bearer.token": "n3w-token" });
    expect(preview.html).not.toContain("n3w-token");
    const sealed = hiddenOf(preview.html, "auth.bearer.token");

    const again = await send({ action: "edit", "auth.bearer.token": sealed });
    expect(again.html).toContain("as typed before");
    const { status } = await send({ action: "save", "auth.bearer.token": ["", sealed] });

    expect(status).toBe(303);
    expect((await stored()).item[0].request.auth).toEqual({
      type: "bearer",
      bearer: [{ key: "token", value: "n3w-token" }],
    });
  });

  test("that is inherited says from where, on the page and in the form", async () => {
    await session.post(`/collections/${id}/edit`, {
      revision: "1",
      name: "Shop",
      auth: "apikey",
      "auth.apikey.key": "X-Key",
      "auth.apikey.value": "{{key}}",
      action: "save",
    });

    for (const path of ["/items/other", "/items/other/edit"]) {
      const { html } = await session.get(`/collections/${id}${path}`);
      expect(html.replaceAll(/<[^>]+>/g, "")).toContain("apikey is inherited from the collection");
    }
  });

  test("of a type that cannot sign without a field says so beside it", async () => {
    const { status, html } = await send({ action: "preview", auth: "apikey", "auth.apikey.value": "v" });

    expect(status).toBe(400);
    expect(html).toContain(`id="message-auth.apikey.key"`);
  });
});

describe("rows", () => {
  test("are more when they are asked for, and what was typed stays", async () => {
    const { status, html } = await send({ action: "more:headers", ...newRow("headers", "X-Typed", "typed") });

    expect(status).toBe(200);
    expect(html).toContain(`value="X-Typed"`);
    expect(html.match(/name="headers.key"/g)).toHaveLength(7);
    expect(await revision()).toBe(1);
  });

  test("follow the URL, and the URL follows them, before anything is saved", async () => {
    const url = await send({ action: "more:params", url: "http://a/ping?page=2" });
    const rows = await send({ action: "more:params", ...newRow("params", "page", "3") });

    expect(url.html).toContain(`value="page"`);
    expect(rows.html).toContain(`value="http://a/ping?page=3"`);
  });

  test("with something wrong in one of them say it there", async () => {
    const { status, html } = await send({ action: "preview", ...newRow("headers", "", "value") });

    expect(status).toBe(400);
    expect(html).toContain(`id="message-headers.key-0"`);
    expect(html).toContain(`href="#field-headers.key-0"`);
  });
});

test("another mode of the body takes away what the one before held, and the preview shows it", async () => {
  await send({ action: "save", bodyMode: "raw", body: "raw text" });
  const changes = {
    revision: "2",
    bodyMode: "urlencoded",
    body: "raw text",
    ...newRow("urlencoded", "a", "1"),
  };

  const preview = await send({ action: "preview", ...changes });
  await send({ action: "save", ...changes });

  expect(preview.html).toContain("<h3>Body mode</h3>");
  expect(preview.html).toMatch(/<del[^>]*>.*raw text/s);
  expect((await stored()).item[0].request.body).toEqual({
    mode: "urlencoded",
    urlencoded: [{ key: "a", value: "1" }],
  });
});

test("a big collection opens closed, in pages, and finds what is asked for", async () => {
  const item = Array.from({ length: 2000 }, (_, index) => ({
    id: `r${index}`,
    name: `Request number ${index}`,
    event: [{ listen: "test", script: { exec: ["x".repeat(800)] } }],
    request: { method: "GET", url: `http://a/${index}` },
  }));
  const inFolder = { id: "big", name: "Big folder", item: item.slice(0, 900) };
  const { id: big } = await session.make.collection({
    workspaceId: session.workspace.id,
    ownerId: session.user.id,
    document: { info: { name: "Big", schema: "s" }, item: [inFolder, ...item.slice(900)] },
  });

  const page = await session.get(`/collections/${big}`);
  const contents = await session.get(`/collections/${big}/items/big/contents?page=5`);
  const found = await session.get(`/collections/${big}?q=number+1234`);

  expect(page.html.length).toBeLessThan(150_000);
  expect(page.html).toContain("2000 requests");
  expect(page.html).toContain(`href="/collections/${big}?page=2"`);
  expect(page.html).not.toContain("Request number 5<");
  expect(contents.html).toContain("Request number 899<");
  expect(contents.html).not.toContain("page=6");
  expect(found.html).toContain("Request number 1234<");
  expect(found.html).not.toContain("Request number 1235<");
});

test("whoever may only look is offered no edit, and is refused one", async () => {
  const viewer = await startSession("member");
  const owner = await viewer.make.user();
  const workspace = await viewer.make.workspace({ createdBy: owner.id, visibility: "private" });
  const collection = await viewer.make.collection({ workspaceId: workspace.id, ownerId: owner.id });
  await viewer.database.sql`
    insert into workspace_members (workspace_id, user_id, role) values (${workspace.id}, ${viewer.user.id}, 'viewer')`;

  const page = await viewer.get(`/collections/${collection.id}`);
  const edit = await viewer.get(`/collections/${collection.id}/edit`);
  const post = await viewer.post(`/collections/${collection.id}/edit`, { action: "save", name: "No" });
  const restore = await viewer.post(`/collections/${collection.id}/revisions/1/restore`);

  expect(page.status).toBe(200);
  expect(page.html).not.toContain('/edit"');
  expect([edit.status, post.status, restore.status]).toEqual([403, 403, 403]);
});
