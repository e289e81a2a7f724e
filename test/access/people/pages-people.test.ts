import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { systemActor } from "../../../src/access/audit/audit.ts";
import { createUser, findUserByEmail } from "../../../src/access/people/store.ts";
import { type Session, startSession } from "../../support/form-session.ts";
import { person } from "../../support/pages.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let admin: Session;

beforeAll(async () => {
  admin = await startSession();
});

const pathIn = (html: string): string =>
  /http:\/\/127\.0\.0\.1:4600(\/[\w-]+\?token=[\w-]+)/.exec(html)?.[1] ?? "";

/** Without a cookie: somebody who has never been here. */
const visit = (path: string, fields?: Record<string, string>) =>
  admin.app.request(path, {
    headers: { accept: "text/html" },
    ...(fields && { method: "POST", body: new URLSearchParams(fields) }),
  });

const tokenOf = (path: string): string => path.split("token=")[1] ?? "";

const member = (email: string) =>
  createUser(admin.database, systemActor, { email, name: "Member", password: "long enough", role: "member" });

describe("an invitation", () => {
  test("is shown once, and makes a user who is signed in", async () => {
    const made = await admin.post("/users/invitations", { email: "Grace@example.test", role: "member" });
    const path = pathIn(made.html);
    const opened = await visit(path);

    const joined = await visit("/invitation", {
      token: tokenOf(path),
      name: "Grace",
      password: "compiler is mine",
    });
    const cookie = joined.headers.get("set-cookie")?.split(";")[0] ?? "";
    const home = await admin.app.request("/", { headers: { cookie, accept: "text/html" } });

    expect(made.headers.get("cache-control")).toBe("no-store");
    expect(await opened.text()).toContain("grace@example.test");
    expect([joined.status, joined.headers.get("location")]).toEqual([303, "/"]);
    expect(await home.text()).toContain("Grace");
    expect((await admin.get("/users")).html).not.toContain(tokenOf(path));
  });

  test("that opens nothing any more is 403", async () => {
    const opened = await visit("/invitation?token=wrong");
    const sent = await visit("/invitation", { token: "wrong", name: "x", password: "long enough" });

    expect([opened.status, sent.status]).toEqual([403, 403]);
  });

  test("asks again for a name or a password that will not do, and keeps what was typed", async () => {
    const path = pathIn((await admin.post("/users/invitations", { email: "a@b.test" })).html);
    const join = (name: string, password: string) =>
      visit("/invitation", { token: tokenOf(path), name, password });

    const short = await join("Somebody", "short");
    const nameless = await join("", "long enough");

    expect([short.status, nameless.status]).toEqual([400, 400]);
    expect(await short.text()).toContain('value="Somebody"');
    expect(await nameless.text()).toContain("Say how others shall call you.");
  });

  test("for a user who is there is refused beside the field", async () => {
    const { status, html } = await admin.post("/users/invitations", { email: person.email });

    expect(status).toBe(400);
    expect(html).toContain("exists already");
  });

  test("can be taken back", async () => {
    const path = pathIn((await admin.post("/users/invitations", { email: "back@b.test" })).html);
    const id = /invitations\/([\w-]{36})\/revoke/.exec(
      (await admin.get("/users")).html.split("back@b.test")[1] ?? "",
    )?.[1];

    const { status } = await admin.post(`/users/invitations/${id}/revoke`);

    expect(status).toBe(303);
    expect((await visit(path)).status).toBe(403);
  });
});

describe("users", () => {
  test("are made admins, removed and let back in", async () => {
    const { id } = await member("changed@example.test");
    const state = () => findUserByEmail(admin.database, "changed@example.test");

    await admin.post(`/users/${id}/role`, { role: "admin" });
    const promoted = await state();
    const asked = await admin.get(`/users/${id}/remove`);
    await admin.post(`/users/${id}/remove`);
    const removed = await state();
    await admin.post(`/users/${id}/restore`);

    expect(promoted?.role).toBe("admin");
    expect(asked.html).toContain("Remove Member?");
    expect(removed?.deactivatedAt).toBeInstanceOf(Date);
    expect((await state())?.deactivatedAt).toBeNull();
  });

  test("who cannot sign in get a link to a new password", async () => {
    const { id, email } = await member("forgot@example.test");
    const path = pathIn((await admin.post(`/users/${id}/reset-password`)).html);
    await visit(path);

    const changed = await visit("/reset-password", { token: tokenOf(path), password: "remembered now" });
    const signIn = await visit("/sign-in", { email, password: "remembered now" });

    expect([changed.status, signIn.status]).toEqual([303, 303]);
    expect((await visit(path)).status).toBe(403);
  });

  test("who were removed cannot sign in", async () => {
    const { id, email } = await member("left@example.test");
    await admin.post(`/users/${id}/remove`);

    const { status } = await visit("/sign-in", { email, password: "long enough" });

    expect(status).toBe(400);
  });
});

test("a sign-in stands in the audit trail, a wrong password does not", async () => {
  const own = await startSession();
  await own.app.request("/sign-in", {
    method: "POST",
    body: new URLSearchParams({ email: person.email, password: "wrong" }),
  });

  const records = await own.database.sql`
    select actor_id as actor, subject_id as subject from audit_records where action = 'user.signed_in'`;

  expect([...records]).toEqual([{ actor: own.user.id, subject: String(own.user.id) }]);
});

describe("one's own account", () => {
  test("has a name that others see", async () => {
    const own = await startSession();

    const saved = await own.post("/account/name", { name: "Ada L." });

    expect(saved.location).toBe("/account?saved=name");
    expect((await own.get("/account?saved=name")).html).toContain("Ada L.");
  });

  test("gets a new password from whoever knows the present one, and only this session goes on", async () => {
    const own = await startSession();
    const other = await own.app.request("/sign-in", {
      method: "POST",
      body: new URLSearchParams({ email: person.email, password: person.password }),
    });
    const elsewhere = { cookie: other.headers.get("set-cookie")?.split(";")[0] ?? "", accept: "text/html" };

    const wrong = await own.post("/account/password", { current: "guess", password: "a new password" });
    const right = await own.post("/account/password", {
      current: person.password,
      password: "a new password",
    });

    expect([wrong.status, right.location]).toEqual([400, "/account?saved=password"]);
    expect(wrong.html).toContain("not your present password");
    expect((await own.get("/account")).status).toBe(200);
    expect((await own.app.request("/", { headers: elsewhere })).status).toBe(302);
  });

  test("stops answering guesses at the present password", async () => {
    const own = await startSession();
    const guess = () => own.post("/account/password", { current: "guess", password: "a new password" });
    for (let tries = 0; tries < 10; tries++) await guess();

    const { status, html } = await guess();

    expect(status).toBe(429);
    expect(html).toContain("Too many wrong passwords");
  });

  test("is signed out everywhere with one button", async () => {
    const own = await startSession();

    const { location } = await own.post("/account/sign-out-everywhere");

    expect(location).toBe("/sign-in");
    expect((await own.get("/account")).status).toBe(302);
  });
});

test("members see no users page and no link to it", async () => {
  const own = await startSession("member");

  const statuses = [
    (await own.get("/users")).status,
    (await own.post("/users/invitations", { email: "x@example.test" })).status,
    (await own.post(`/users/${own.user.id}/role`, { role: "admin" })).status,
    (await own.post(`/users/${own.user.id}/reset-password`)).status,
    (await own.post(`/users/${own.user.id}/remove`)).status,
  ];

  expect(statuses).toEqual([403, 403, 403, 403, 403]);
  expect((await own.get("/account")).html).not.toContain('href="/users"');
});
