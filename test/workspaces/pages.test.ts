import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { systemActor } from "../../src/access/audit/audit.ts";
import { createUser } from "../../src/access/people/store.ts";
import { listMembers } from "../../src/workspaces/members-store.ts";
import { type Session, startSession } from "../support/form-session.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let own: Session;
let graceId: number;

beforeAll(async () => {
  own = await startSession("member");
  const grace = {
    email: "grace@example.test",
    name: "Grace",
    password: "long enough",
    role: "member" as const,
  };
  graceId = (await createUser(own.database, systemActor, grace)).id;
});

/** Made by the person of the session, who is no admin of the team. */
const newWorkspace = async (type = "private"): Promise<string> => {
  const { location } = await own.post("/workspaces", { name: "Billing", type });
  return location?.split("/").at(-1) ?? "";
};
const rolesIn = async (id: string) =>
  (await listMembers(own.database, id)).map(({ name, role }) => [name, role]);

describe("a workspace", () => {
  test("is made and listed with who sees it", async () => {
    const id = await newWorkspace();

    const { html } = await own.get("/workspaces");

    expect(html).toContain(`/workspaces/${id}`);
    expect(html).toContain("Members only");
    expect(await rolesIn(id)).toEqual([["Ada", "admin"]]);
  });

  test("without a name is refused beside the field", async () => {
    const { status, html } = await own.post("/workspaces", { name: "", type: "team", about: "kept" });

    expect(status).toBe(400);
    expect(html).toContain('id="message-name"');
    expect(html).toContain('value="kept"');
  });

  test("is renamed and opened to the team", async () => {
    const id = await newWorkspace();

    await own.post(`/workspaces/${id}`, { name: "Payments", type: "team", about: "all of them" });

    const { html } = await own.get(`/workspaces/${id}`);
    expect(html).toContain("<h1>Payments</h1>");
    expect(html).toContain("Everybody in the team");
  });

  test("is deleted after a question", async () => {
    const id = await newWorkspace();
    const asked = await own.get(`/workspaces/${id}/delete`);

    await own.post(`/workspaces/${id}/delete`);

    expect(asked.html).toContain("Delete Billing?");
    expect((await own.get(`/workspaces/${id}`)).status).toBe(404);
  });

  test("of others can be read and not changed by whoever sees it by its visibility", async () => {
    const { id } = await own.make.workspace({ visibility: "public", name: "Theirs" });

    const { status, html } = await own.get(`/workspaces/${id}`);
    const changed = await own.post(`/workspaces/${id}`, { name: "Mine", type: "team" });
    const added = await own.post(`/workspaces/${id}/members`, { user: String(graceId), role: "admin" });

    expect([status, changed.status, added.status]).toEqual([200, 403, 403]);
    expect(html).not.toContain("Settings");
    expect(html).not.toContain("Add a member");
  });
});

describe("members", () => {
  test("are added, get another role and are removed", async () => {
    const id = await newWorkspace();
    const path = `/workspaces/${id}/members`;

    await own.post(path, { user: String(graceId), role: "viewer" });
    const added = await rolesIn(id);
    await own.post(path, { user: String(graceId), role: "editor" });
    const changed = await rolesIn(id);
    await own.post(`${path}/${graceId}/remove`);

    expect(added).toEqual([
      ["Ada", "admin"],
      ["Grace", "viewer"],
    ]);
    expect(changed[1]).toEqual(["Grace", "editor"]);
    expect(await rolesIn(id)).toEqual([["Ada", "admin"]]);
  });

  test("that are the last admin stay, and the page says why", async () => {
    const id = await newWorkspace();

    const { status, html } = await own.post(`/workspaces/${id}/members/${own.user.id}/remove`);

    expect(status).toBe(400);
    expect(html).toContain("A workspace needs an admin");
  });

  test("are not offered in a personal workspace", async () => {
    const id = await newWorkspace("personal");

    expect((await own.get(`/workspaces/${id}`)).html).not.toContain("Add a member");
  });
});
