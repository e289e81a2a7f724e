import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type TestApi, testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;

beforeAll(async () => {
  api = await testApi();
});

const newWorkspace = async (type = "private"): Promise<string> =>
  (await api.call("POST", "/workspaces", { workspace: { name: "W", type } })).body.workspace.id;

const patch = (id: string, roles: unknown, key = api.key) =>
  api.call(
    "PATCH",
    `/workspaces/${id}/roles`,
    { roles },
    { "x-api-key": key, "content-type": "application/json-patch+json" },
  );

const add = (userId: number, role: string) => ({
  op: "add",
  path: "/user",
  value: [{ id: String(userId), role }],
});

const usersOf = (body: { roles: { displayName: string; user: string[] }[] }) =>
  Object.fromEntries(body.roles.map(({ displayName, user }) => [displayName, user]));

test("there are three roles for users, and none for groups and partners", async () => {
  const { body } = await api.call("GET", "/workspaces-roles");

  expect(body.roles.user.map(({ id, displayName }: Record<string, string>) => [id, displayName])).toEqual([
    ["1", "Viewer"],
    ["2", "Editor"],
    ["3", "Admin"],
  ]);
  expect([body.roles.usergroup, body.roles.partner]).toEqual([[], []]);
});

describe("roles in a workspace", () => {
  test("are given, changed and taken away as Postman's client does it", async () => {
    const id = await newWorkspace();
    const { actor, key } = await api.newKey({ role: "member" });
    const see = async () =>
      (await api.call("GET", `/workspaces/${id}`, undefined, { "x-api-key": key })).status;

    const before = await see();
    const given = await patch(id, [add(actor.userId, "1")]);
    const during = await see();
    const changed = await patch(id, [
      { op: "update", path: "/user", value: [{ id: String(actor.userId), role: "2" }] },
    ]);
    await patch(id, [{ op: "remove", path: "/user", value: [{ id: String(actor.userId), role: "2" }] }]);

    expect([before, during, await see()]).toEqual([403, 200, 403]);
    expect(usersOf(given.body)).toEqual({
      Viewer: [String(actor.userId)],
      Editor: [],
      Admin: [String(api.actor.userId)],
    });
    expect(usersOf(changed.body)["Editor"]).toEqual([String(actor.userId)]);
  });

  test("are listed for whoever sees the workspace", async () => {
    const id = await newWorkspace("team");
    const { key } = await api.newKey({ role: "member" });

    const { status, body } = await api.call("GET", `/workspaces/${id}/roles`, undefined, {
      "x-api-key": key,
    });

    expect([status, usersOf(body)["Admin"]]).toEqual([200, [String(api.actor.userId)]]);
  });

  test("can be sent as a bare list, as the media type says", async () => {
    const id = await newWorkspace();
    const { actor } = await api.newKey({ role: "member" });

    const { status } = await api.call("PATCH", `/workspaces/${id}/roles`, [add(actor.userId, "1")]);

    expect(status).toBe(200);
  });

  test("are changed by admins of the workspace only", async () => {
    const id = await newWorkspace();
    const { actor, key } = await api.newKey({ role: "member" });
    await patch(id, [add(actor.userId, "2")]);

    const asEditor = await patch(id, [add(actor.userId, "3")], key);
    await patch(id, [add(actor.userId, "3")]);
    const asAdmin = await patch(id, [add(api.actor.userId, "1")], key);

    expect([asEditor.status, asAdmin.status]).toEqual([403, 200]);
  });

  test.each([
    [
      "no admin is left",
      async () => [{ op: "remove", path: "/user", value: [{ id: String(api.actor.userId) }] }],
    ],
    ["somebody is unknown", async () => [add(9, "1")]],
    [
      "somebody is named twice",
      async () => {
        const { actor } = await api.newKey();
        return [
          add(actor.userId, "1"),
          { op: "remove", path: "/user", value: [{ id: String(actor.userId) }] },
        ];
      },
    ],
    ["it is about a group", async () => [{ op: "add", path: "/usergroup", value: [{ id: "1", role: "1" }] }]],
  ])("are refused with 422 when %s, and nothing changes", async (_, operations) => {
    const id = await newWorkspace();
    const { actor } = await api.newKey({ role: "member" });

    const { status } = await patch(id, [add(actor.userId, "1"), ...(await operations())]);

    const { body } = await api.call("GET", `/workspaces/${id}/roles`);
    expect(status).toBe(422);
    expect(usersOf(body)).toEqual({ Viewer: [], Editor: [], Admin: [String(api.actor.userId)] });
  });

  test("of a personal workspace cannot be given", async () => {
    const id = await newWorkspace("personal");
    const { actor } = await api.newKey({ role: "member" });

    expect((await patch(id, [add(actor.userId, "1")])).status).toBe(422);
  });

  test("go when the workspace becomes personal", async () => {
    const id = await newWorkspace();
    const { actor, key } = await api.newKey({ role: "member" });
    await patch(id, [add(actor.userId, "3")]);

    await api.call("PUT", `/workspaces/${id}`, { workspace: { type: "personal" } });

    expect((await api.call("GET", `/workspaces/${id}`, undefined, { "x-api-key": key })).status).toBe(403);
  });

  test.each([
    [{ roles: [] }],
    [{}],
    [{ roles: [{ op: "add", path: "/user", value: [{ id: "x", role: "1" }] }] }],
    [{ roles: [{ op: "add", path: "/user", value: [{ id: "1000001", role: "9" }] }] }],
    [{ roles: [{ op: "add", path: "/elsewhere", value: [] }] }],
  ])("are refused with 400 when the body is %j", async (body) => {
    const id = await newWorkspace();

    expect((await api.call("PATCH", `/workspaces/${id}/roles`, body)).status).toBe(400);
  });

  test("leave what was before and after in the audit trail", async () => {
    const id = await newWorkspace();
    const { actor } = await api.newKey({ role: "member" });
    await patch(id, [add(actor.userId, "1")]);

    await patch(id, [add(actor.userId, "2")]);

    const [record] = await api.database.sql`
      select change from audit_records where subject_id = ${id} order by id desc limit 1`;
    expect(record?.["change"]).toEqual({
      before: { [actor.userId]: "viewer" },
      after: { [actor.userId]: "editor" },
    });
  });
});
