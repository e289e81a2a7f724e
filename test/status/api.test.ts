import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { stageStatusPage } from "../support/status.ts";

setDefaultTimeout(120_000);

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const stage = (options: Parameters<typeof stageStatusPage>[2] = {}) =>
  stageStatusPage(api.database, api.make, options);

describe("a status page", () => {
  test("is private, in UTC, unlisted and without automatic incidents unless somebody says otherwise", async () => {
    const { id } = await api.make.workspace({ createdBy: api.actor.userId });

    const { status, body } = await api.call("POST", `/status-pages?workspace=${id}`, {
      statusPage: { slug: "plain", title: "Plain" },
    });

    expect(status).toBe(200);
    expect(body.statusPage).toMatchObject({
      visibility: "private",
      timezone: "UTC",
      indexed: false,
      incidentAfterMinutes: null,
      monitors: [],
      url: "http://127.0.0.1:4600/status/plain",
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["a slug with capitals", { slug: "Acme" }, "statusPage.slug must be"],
    ["a slug that ends with a hyphen", { slug: "acme-" }, "statusPage.slug must be"],
    ["no title", { title: "" }, "statusPage.title"],
    ["a title of two lines", { title: "a\nb" }, "statusPage.title must be one line"],
    ["a title with a control character", { title: "a\u0007b" }, "statusPage.title must not hold control"],
    ["a time zone that is none", { timezone: "Mars/Olympus" }, "statusPage.timezone must be the IANA name"],
    ["an audience that is none", { visibility: "friends" }, "statusPage.visibility"],
    ["incidents after no time", { incidentAfterMinutes: 0 }, "statusPage.incidentAfterMinutes"],
    ["a monitor that is no id", { monitors: [{ monitor: "x", name: "X" }] }, "statusPage.monitors.0.monitor"],
    [
      "a monitor without a name",
      { monitors: [{ monitor: newId(), name: " " }] },
      "statusPage.monitors.0.name",
    ],
    ["a monitor of nowhere", { monitors: [{ monitor: newId(), name: "X" }] }, "There is no monitor"],
    [
      "too many monitors",
      { monitors: Array.from({ length: 101 }, () => ({ monitor: newId(), name: "X" })) },
      "statusPage.monitors",
    ],
  ])("is refused with %s, by the name of the field", async (_, fields, message) => {
    const { page } = await stage();

    const { status, body, headers } = await api.call("PUT", `/status-pages/${page.id}`, {
      statusPage: fields,
    });

    expect(status).toBe(400);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(JSON.parse(body).detail).toContain(message);
  });

  test("cannot show the same monitor twice, nor one of another workspace", async () => {
    const [one, other] = [await stage(), await stage()];
    const put = (monitors: unknown) =>
      api.call("PUT", `/status-pages/${one.page.id}`, { statusPage: { monitors } });

    const twice = await put([
      { monitor: one.monitorId, name: "A" },
      { monitor: `7-${one.monitorId}`, name: "B" },
    ]);
    const foreign = await put([{ monitor: other.monitorId, name: "A" }]);

    expect([twice.status, foreign.status]).toEqual([400, 400]);
    expect(JSON.parse(twice.body).detail).toContain("must not name a monitor twice");
    expect(JSON.parse(foreign.body).detail).toContain("in the workspace of the status page");
  });

  test("has an address that no other page has", async () => {
    const [one, other] = [await stage(), await stage()];

    const taken = await api.call("PUT", `/status-pages/${one.page.id}`, {
      statusPage: { slug: other.page.slug },
    });
    const race = await Promise.all(
      [one, other].map(({ page }) =>
        api.call("PUT", `/status-pages/${page.id}`, { statusPage: { slug: "wanted-by-both" } }),
      ),
    );

    expect(taken.status).toBe(409);
    expect(race.map(({ status }) => String(status)).toSorted()).toEqual(["200", "409"]);
  });

  test("keeps the addresses of badges when its monitors are renamed and moved", async () => {
    const { page, monitorId, workspaceId, actor } = await stage();
    const { id: second } = await api.make.monitor({ workspaceId, ownerId: actor.userId });
    const before = await api.call("GET", `/status-pages/${page.id}`);

    const after = await api.call("PUT", `/status-pages/${page.id}`, {
      statusPage: {
        monitors: [
          { monitor: second, name: "New" },
          { monitor: monitorId, name: "Renamed" },
        ],
      },
    });

    expect(after.body.statusPage.monitors[1]).toMatchObject({
      id: before.body.statusPage.monitors[0].id,
      name: "Renamed",
    });
  });

  test("keeps what a change does not speak of", async () => {
    const { page } = await stage({
      page: { indexed: true, timezone: "Asia/Tokyo", incidentAfterMinutes: 7 },
    });

    const { body } = await api.call("PUT", `/status-pages/${page.id}`, { statusPage: { title: "Other" } });

    expect(body.statusPage).toMatchObject({
      title: "Other",
      indexed: true,
      timezone: "Asia/Tokyo",
      incidentAfterMinutes: 7,
      visibility: "public",
    });
    expect(body.statusPage.monitors).toHaveLength(1);
  });

  test("loses a monitor that is deleted, and its place is not a hole", async () => {
    const { page, monitorId } = await stage();
    await api.database.sql`delete from monitors where id = ${monitorId}`;

    const { body } = await api.call("GET", `/status-pages/${page.id}`);

    expect(body.statusPage.monitors).toEqual([]);
    expect((await api.app.request(`/status/${page.slug}`)).status).toBe(200);
  });

  test("and its changes are in the audit trail, with before and after", async () => {
    const { page, workspaceId } = await stage();
    await api.call("PUT", `/status-pages/${page.id}`, { statusPage: { visibility: "private" } });
    await api.call("DELETE", `/status-pages/${page.id}`);

    const lines = await api.database.sql<{ action: string; change: unknown; workspaceId: string }[]>`
      select action, change, workspace_id as "workspaceId" from audit_records
       where subject_id = ${page.id} order by id`;

    expect(lines.map(({ action }) => action)).toEqual([
      "status_page.created",
      "status_page.updated",
      "status_page.deleted",
    ]);
    expect(lines[1]).toMatchObject({
      change: { before: { visibility: "public" }, after: { visibility: "private" } },
      workspaceId,
    });
  });
});

describe("rights", () => {
  test("viewers read, editors change, a narrowed key does what it says", async () => {
    const { page, workspaceId } = await stage();
    const viewer = await api.newKey({ role: "member" });
    await api.database.sql`
      insert into workspace_members (workspace_id, user_id, role)
      values (${workspaceId}, ${viewer.actor.userId}, 'viewer')`;
    const reader = await api.newKey({ scopes: ["status:read"] });
    const ask = async (key: string) => {
      const headers = { "x-api-key": key };
      const read = await api.call("GET", `/status-pages/${page.id}`, undefined, headers);
      const write = await api.call(
        "PUT",
        `/status-pages/${page.id}`,
        { statusPage: { title: "X" } },
        headers,
      );
      return [read.status, write.status];
    };

    expect([await ask(viewer.key), await ask(reader.key), await ask(api.key)]).toEqual([
      [200, 403],
      [200, 403],
      [200, 200],
    ]);
  });

  test("a list holds the pages of workspaces that the caller sees", async () => {
    const { page, workspaceId } = await stage();
    const member = await api.newKey({ role: "member" });
    const idsOf = async (path: string, key: string) => {
      const { body } = await api.call("GET", path, undefined, { "x-api-key": key });
      return body.statusPages.map(({ id }: { id: string }) => id);
    };

    expect(await idsOf("/status-pages", member.key)).not.toContain(page.id);
    expect(await idsOf(`/status-pages?workspace=${workspaceId}`, api.key)).toEqual([page.id]);
  });
});

describe("an incident", () => {
  const report = async (pageId: string, fields: Record<string, unknown> = {}) =>
    api.call("POST", `/status-pages/${pageId}/incidents`, {
      incident: { title: "Slow", state: "investigating", message: "We look.", ...fields },
    });

  test("goes on by updates, is resolved and can be opened again", async () => {
    const { page, monitorId } = await stage();
    const { body: made } = await report(page.id, { monitors: [monitorId] });
    const path = `/status-pages/${page.id}/incidents/${made.incident.id}`;
    const say = async (state: string) =>
      (await api.call("POST", `${path}/updates`, { update: { state, message: state } })).body.incident;

    const resolved = await say("resolved");
    const again = await say("monitoring");

    expect(resolved.resolvedAt).not.toBeNull();
    expect(again).toMatchObject({ state: "monitoring", resolvedAt: null, monitors: [monitorId] });
    expect(again.updates.map(({ state }: { state: string }) => state)).toEqual([
      "monitoring",
      "resolved",
      "investigating",
    ]);
    const open = await api.call("GET", `/status-pages/${page.id}/incidents?open=true`);
    expect(open.body.incidents).toHaveLength(1);
  });

  test("is about monitors of its page only", async () => {
    const [one, other] = [await stage(), await stage()];

    const { status, body } = await report(one.page.id, { monitors: [other.monitorId] });

    expect(status).toBe(400);
    expect(JSON.parse(body).detail).toContain("monitors that are on the status page");
  });

  test("of another page is not found by this one", async () => {
    const [one, other] = [await stage(), await stage()];
    const { body } = await report(other.page.id);

    for (const method of ["GET", "PUT", "DELETE"]) {
      const path = `/status-pages/${one.page.id}/incidents/${body.incident.id}`;
      const { status } = await api.call(method, path, method === "PUT" ? { incident: {} } : undefined);

      expect([method, status]).toEqual([method, 404]);
    }
  });

  test.each(["limit=0", "limit=101", "limit=x", "offset=-1", "open=maybe"])(
    "list refuses %s by its name",
    async (query) => {
      const { page } = await stage();

      const { status, body } = await api.call("GET", `/status-pages/${page.id}/incidents?${query}`);

      expect(status).toBe(400);
      expect(JSON.parse(body).detail).toContain(`query.${query.split("=")[0]}`);
    },
  );
});
