import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { arrange, type Arrangement, listFolders } from "../../../src/collections/edit/arrange.ts";
import { type Session, startSession } from "../../support/form-session.ts";

setDefaultTimeout(120_000);

const request = (id: string) => ({
  id,
  name: `Request ${id}`,
  request: { method: "GET", url: `http://a/${id}` },
});
const shop = () => ({
  info: { name: "Shop", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [
    request("a"),
    {
      id: "f",
      name: "Folder f",
      item: [request("b"), request("c"), { id: "g", name: "Folder g", item: [] }],
    },
    request("d"),
  ],
});
type Listed = { id: string; item?: Listed[] };
/** Ids in order, what is in a folder in brackets. */
const outline = (items: Listed[]): string =>
  items.map(({ id, item }) => (item ? `${id}(${outline(item)})` : id)).join(" ");
const after = (order: Arrangement) => {
  const document = shop();
  const done = arrange(document, order, { now: "2026-01-01T00:00:00Z" });
  return { ...done, document, outline: outline(document.item) };
};

describe("moving", () => {
  test.each([
    ["a", "", "down", "f(b c g()) a d"],
    ["d", "", "up", "a d f(b c g())"],
    ["d", "", "first", "d a f(b c g())"],
    ["a", "", "last", "f(b c g()) d a"],
    ["a", "f", "first", "f(a b c g()) d"],
    ["a", "g", "last", "f(b c g(a)) d"],
    ["c", "", "last", "a f(b g()) d c"],
    ["g", "", "first", "g() a f(b c) d"],
  ] as const)("%s into “%s”, %s, leads to %s", (id, into, place, expected) => {
    expect(after({ deed: "move", id, into, place }).outline).toBe(expected);
  });

  test.each([
    ["f", "g", "last", "cannot go into itself"],
    ["f", "f", "last", "cannot go into itself"],
    ["a", "", "up", "the first already"],
    ["d", "", "down", "the last already"],
    ["a", "f", "up", "within its own folder"],
    ["a", "gone", "last", "not there any more"],
    ["gone", "", "last", "no such folder or request"],
  ] as const)("%s into “%s”, %s, is refused", (id, into, place, message) => {
    expect(() => after({ deed: "move", id, into, place })).toThrow(message);
  });

  test("says how the lists change that it left and that it came to", () => {
    const { changes } = after({ deed: "move", id: "b", into: "", place: "first" });

    expect(changes).toMatchObject([
      {
        status: "moved",
        name: "Request b",
        fields: [
          { label: "What is in Folder f", before: "Request b\nRequest c\nFolder g" },
          { label: "What is in the collection", after: "Request b\nRequest a\nFolder f\nRequest d" },
        ],
      },
    ]);
  });

  test("to where it stands changes nothing", () => {
    expect(after({ deed: "move", id: "d", into: "", place: "last" }).changes).toEqual([]);
  });
});

test("a duplicate stands after the original, and everything in it has an id of its own", () => {
  const { document, element } = after({ deed: "duplicate", id: "f", name: "Again" });

  expect(document.item.map(({ name }) => name)).toEqual(["Request a", "Folder f", "Again", "Request d"]);
  expect(outline([element as unknown as Listed])).not.toMatch(/\b[fbcg]\b/);
});

test("folders are listed in reading order, without one and what is in it", () => {
  expect(listFolders(shop())).toEqual([
    { id: "f", name: "Folder f", depth: 0 },
    { id: "g", name: "Folder g", depth: 1 },
  ]);
  expect(listFolders(shop(), "f")).toEqual([]);
});

describe("on its pages", () => {
  let session: Session;
  let id: string;

  beforeAll(async () => {
    session = await startSession();
  });
  beforeEach(async () => {
    const { workspace, user } = session;
    ({ id } = await session.make.collection({
      workspaceId: workspace.id,
      ownerId: user.id,
      name: "Shop",
      document: shop(),
    }));
  });

  const at = (path: string) => `/collections/${id}${path}`;
  const stored = async () => {
    const [row] = await session.database.sql`select document, revision from collections where id = ${id}`;
    return {
      outline: outline(row?.["document"].item),
      document: row?.["document"],
      revision: row?.["revision"],
    };
  };

  test("a request is added after its difference was seen, and can be undone", async () => {
    const fields = {
      revision: "1",
      kind: "request",
      name: "New one",
      method: "POST",
      url: "http://a/new",
      into: "f",
    };
    const form = await session.get(at("/add?in=f"));
    expect(form.html).toMatch(/<option value="f" selected/);
    const preview = await session.post(at("/add"), { ...fields, action: "preview" });
    expect(preview.html).toContain("Save as revision 2");
    expect(preview.html).toContain("http://a/new");
    expect((await stored()).revision).toBe(1);

    const { status, location } = await session.post(at("/add"), {
      ...fields,
      action: "save",
      message: "why",
    });

    expect(status).toBe(303);
    const { document } = await stored();
    const added = document.item[1].item[3];
    expect(added).toMatchObject({ name: "New one", request: { method: "POST" } });
    expect(location).toBe(`/collections/${id}/items/${added.id}?saved=2`);
    expect((await session.get(location ?? "")).html).toContain("Undo");
    const [trail] = await session.database.sql`
      select action, change from audit_records where subject_id = ${added.id}`;
    expect(trail).toMatchObject({ action: "request.created", change: { name: "New one" } });
    await session.post(at("/revisions/1/restore"));
    expect((await stored()).document).toEqual(shop());
  });

  test("a deletion names the monitors, says what goes, and is a revision", async () => {
    const { make, workspace, user } = session;
    await make.monitor({
      workspaceId: workspace.id,
      ownerId: user.id,
      collectionId: id,
      name: "Shop at night",
    });

    const { html } = await session.get(at("/items/f/delete"));

    expect(html).toContain("Shop at night</a>");
    expect(html).toContain("It holds 2 requests and 1 folder.");
    const { location } = await session.post(at("/items/f/delete"), { revision: "1", action: "save" });
    expect(location).toBe(`/collections/${id}?saved=2`);
    expect(await stored()).toMatchObject({ outline: "a d", revision: 2 });
  });

  test("what somebody changed meanwhile is seen before it is deleted", async () => {
    await session.get(at("/items/a/delete"));
    await session.post(at("/items/a/edit"), {
      revision: "1",
      name: "Theirs",
      method: "GET",
      url: "http://a/a",
      action: "save",
    });

    const { status, html } = await session.post(at("/items/a/delete"), { revision: "1", action: "save" });

    expect(status).toBe(409);
    expect(html).toContain("Look again at what would change now");
    expect(html).toContain("Theirs");
    expect((await stored()).outline).toBe("a f(b c g()) d");
    const again = await session.post(at("/items/a/delete"), { revision: "2", action: "save" });
    expect(again.status).toBe(303);
  });

  test("changes elsewhere disturb nobody", async () => {
    await session.post(at("/items/d/move"), { revision: "1", into: "f", place: "last", action: "save" });

    const copy = await session.post(at("/items/a/duplicate"), {
      revision: "1",
      name: "Again",
      action: "save",
    });

    expect(copy.status).toBe(303);
    expect((await stored()).document.item.map(({ name }: { name: string }) => name)).toEqual([
      "Request a",
      "Again",
      "Folder f",
    ]);
  });

  test("what does not fit is said beside the field, with what was chosen", async () => {
    const move = await session.post(at("/items/a/move"), {
      revision: "1",
      into: "f",
      place: "up",
      action: "save",
    });
    const nothing = await session.post(at("/items/d/move"), { revision: "1", into: "", place: "last" });
    const nameless = await session.post(at("/add"), {
      revision: "1",
      kind: "folder",
      name: " ",
      action: "save",
    });

    expect([move.status, nothing.status, nameless.status]).toEqual([400, 400, 400]);
    expect(move.html).toContain(`id="message-place"`);
    expect(move.html).toMatch(/<option value="up" selected/);
    expect(nothing.html).toContain("It stands there already.");
    expect(nameless.html).toContain(`id="message-name"`);
    expect((await stored()).revision).toBe(1);
  });

  test("what is gone is a page that says so", async () => {
    expect((await session.post(at("/items/gone/delete"), { revision: "1", action: "save" })).status).toBe(
      404,
    );
  });

  test("whoever may only look is refused", async () => {
    const viewer = await startSession("member");
    const { database, make } = viewer;
    const owner = await make.user({ role: "admin" });
    const other = await make.workspace({ createdBy: owner.id, name: "Theirs" });
    await database.sql`
      insert into workspace_members (workspace_id, user_id, role) values (${other.id}, ${viewer.user.id}, 'viewer')`;
    const made = await make.collection({ workspaceId: other.id, ownerId: owner.id, document: shop() });
    const path = `/collections/${made.id}`;
    await viewer.get("/");

    for (const one of [
      `${path}/add`,
      `${path}/items/a/move`,
      `${path}/items/a/duplicate`,
      `${path}/items/a/delete`,
    ]) {
      expect([one, (await viewer.get(one)).status]).toEqual([one, 403]);
      expect([one, (await viewer.post(one, { revision: "1", action: "save" })).status]).toEqual([one, 403]);
    }
    const { html } = await viewer.get(`${path}/items/a`);
    expect(html).not.toContain("/items/a/delete");
  });
});
