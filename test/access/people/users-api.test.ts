import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { acceptInvitation, resetPassword } from "../../../src/access/people/one-time-links.ts";
import { checkSignIn } from "../../../src/access/people/store.ts";
import { createSession, findSession } from "../../../src/access/store.ts";
import { type TestApi, testApi } from "../../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;

beforeAll(async () => {
  api = await testApi();
});

const tokenOf = (url: string): string => new URL(url).searchParams.get("token") ?? "";
const invite = async (email: string, role = "member") =>
  (await api.call("POST", "/users/invitations", { invitation: { email, role } })).body.invitation;

describe("users", () => {
  test("are listed with Postman's fields, and each can be read", async () => {
    const { actor } = await api.newKey({ role: "member" });
    const shown = {
      id: actor.userId,
      name: actor.name,
      username: actor.email.split("@")[0],
      email: actor.email,
      roles: ["user"],
      joinedAt: expect.stringMatching(/\.\d{3}Z$/),
      active: true,
    };

    const list = await api.call("GET", "/users");
    const one = await api.call("GET", `/users/${actor.userId}`);

    expect(list.body.data).toContainEqual(shown);
    expect([one.status, one.body]).toEqual([200, shown]);
  });

  test.each(["9", "abc", "99999999999999"])(
    "that are not there (%s) are 404 in Postman's words",
    async (id) => {
      const { status, body } = await api.call("GET", `/users/${id}`);

      expect([status, JSON.parse(body).detail]).toEqual([404, "The requested resource does not exist."]);
    },
  );

  test.each([
    ["PUT", "", { user: { role: "admin" } }],
    ["DELETE", "", undefined],
    ["POST", "/password-resets", undefined],
    ["DELETE", "/sessions", undefined],
  ])("of others are left alone by members: %s %s", async (method, path, body) => {
    const { key } = await api.newKey({ role: "member" });

    const { status } = await api.call(method, `/users/${api.actor.userId}${path}`, body, {
      "x-api-key": key,
    });

    expect(status).toBe(403);
  });

  test("a removed one gets in by no password, no session and no key, and comes back without the keys", async () => {
    const { key, actor } = await api.newKey({ role: "member" });
    const token = await createSession(api.database, actor.userId);
    const me = () => api.call("GET", "/me", undefined, { "x-api-key": key });

    const removed = await api.call("DELETE", `/users/${actor.userId}`);
    const without = [await findSession(api.database, token), (await me()).status];
    const back = await api.call("PUT", `/users/${actor.userId}`, { user: { active: true } });

    expect(removed.status).toBe(200);
    expect(without).toEqual([undefined, 401]);
    expect(back.body.user.active).toBe(true);
    expect((await me()).status).toBe(401);
  });

  test("a change leaves what was before and after it in the audit trail", async () => {
    const { actor } = await api.newKey({ role: "member" });

    await api.call("PUT", `/users/${actor.userId}`, { user: { role: "admin" } });

    const [record] = await api.database.sql`
      select actor_id as actor, change from audit_records
       where subject_id = ${String(actor.userId)} and action = 'user.role_changed'`;
    expect(record).toEqual({
      actor: api.actor.userId,
      change: {
        before: { name: actor.name, role: "member", active: true },
        after: { name: actor.name, role: "admin", active: true },
      },
    });
  });
});

describe("the last admin", () => {
  test("can neither be removed nor become a member; of two who remove each other one stays", async () => {
    const own = await testApi();
    const second = await own.newKey({ role: "admin" });
    const remove = (id: number, key: string) =>
      own.call("DELETE", `/users/${id}`, undefined, { "x-api-key": key });

    const both = await Promise.all([
      remove(second.actor.userId, own.key),
      remove(own.actor.userId, second.key),
    ]);
    const [left] = await own.database
      .sql`select id from users where role = 'admin' and deactivated_at is null`;
    const leftKey = left?.["id"] === own.actor.userId ? own.key : second.key;
    const demoted = await own.call(
      "PUT",
      `/users/${left?.["id"]}`,
      { user: { role: "member" } },
      { "x-api-key": leftKey },
    );

    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(demoted.status).toBe(409);
  });
});

describe("an invitation", () => {
  test("makes a user with the role that it names, once", async () => {
    const { url, id, ...rest } = await invite("New.Person@example.test", "admin");

    const user = await acceptInvitation(api.database, tokenOf(url), {
      name: "New Person",
      password: "long enough",
    });
    const again = acceptInvitation(api.database, tokenOf(url), { name: "Other", password: "long enough" });

    expect([id, rest]).toEqual([
      expect.any(String),
      { email: "new.person@example.test", role: "admin", expiresAt: expect.any(String) },
    ]);
    expect(url).toStartWith(`${api.deps.publicUrl}/invitation?token=`);
    expect(user).toMatchObject({ email: "new.person@example.test", name: "New Person", role: "admin" });
    expect(again).rejects.toThrow("used already");
  });

  test("is used by one of two who open it at once", async () => {
    const { url } = await invite("twice@example.test");

    const results = await Promise.allSettled(
      ["One", "Two"].map((name) =>
        acceptInvitation(api.database, tokenOf(url), { name, password: "long enough" }),
      ),
    );

    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("survives a password that is too short", async () => {
    const { url } = await invite("short@example.test");

    const short = acceptInvitation(api.database, tokenOf(url), { name: "S", password: "short" });
    await short.catch(() => undefined);

    expect(short).rejects.toThrow("A password needs");
    expect(
      await acceptInvitation(api.database, tokenOf(url), { name: "S", password: "long enough" }),
    ).toMatchObject({ email: "short@example.test" });
  });

  test.each([
    ["replaced by a newer one", (email: string) => invite(email)],
    [
      "taken back",
      async (email: string) => {
        const { body } = await api.call("GET", "/users/invitations");
        const { id } = body.invitations.find((open: { email: string }) => open.email === email);
        expect((await api.call("DELETE", `/users/invitations/${id}`)).status).toBe(200);
      },
    ],
    [
      "too old",
      (email: string) =>
        api.database
          .sql`update one_time_links set expires_at = now() - interval '1 second' where email = ${email}`,
    ],
  ])("that was %s lets nobody in", async (how, act) => {
    const email = `${how.replaceAll(" ", "-")}@example.test`;
    const { url } = await invite(email);

    await act(email);

    expect(
      acceptInvitation(api.database, tokenOf(url), { name: "Late", password: "long enough" }),
    ).rejects.toThrow("wrong, too old or was used already");
  });

  test.each([
    ["for a user who is there", { email: "user-1@example.test" }, 409],
    ["for what is no address", { email: "nobody" }, 400],
    ["for a role that is none", { email: "x@example.test", role: "owner" }, 400],
    ["without an address", {}, 400],
  ])("%s is refused", async (_, invitation, status) => {
    expect((await api.call("POST", "/users/invitations", { invitation })).status).toBe(status);
  });

  test("is made, listed and taken back by admins only", async () => {
    const { key } = await api.newKey({ role: "member" });
    const headers = { "x-api-key": key };

    const answers = [
      await api.call("POST", "/users/invitations", { invitation: { email: "e@example.test" } }, headers),
      await api.call("GET", "/users/invitations", undefined, headers),
      await api.call("DELETE", "/users/invitations/1", undefined, headers),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  test("and its token stand nowhere in the database", async () => {
    const { url } = await invite("secret@example.test");

    const [row] = await api.database
      .sql`select (select string_agg(t::text, ' ') from one_time_links t) || (select string_agg(a::text, ' ') from audit_records a) as everything`;

    expect(row?.["everything"]).toContain("secret@example.test");
    expect(row?.["everything"]).not.toContain(tokenOf(url));
  });
});

describe("a link to a new password", () => {
  test("sets it once and ends every session", async () => {
    const { actor } = await api.newKey({ role: "member" });
    const token = await createSession(api.database, actor.userId);
    const { body } = await api.call("POST", `/users/${actor.userId}/password-resets`);
    const link = tokenOf(body.passwordReset.url);

    await resetPassword(api.database, link, { password: "a new password" });

    expect(await checkSignIn(api.database, actor.email, "a new password")).toMatchObject({
      id: actor.userId,
    });
    expect(await findSession(api.database, token)).toBeUndefined();
    expect(resetPassword(api.database, link, { password: "another password" })).rejects.toThrow(
      "used already",
    );
  });

  test("of somebody who has left is not made", async () => {
    const { actor } = await api.newKey({ role: "member" });
    await api.call("DELETE", `/users/${actor.userId}`);

    expect((await api.call("POST", `/users/${actor.userId}/password-resets`)).status).toBe(409);
  });
});

test("signing out everywhere ends every session and no key", async () => {
  const { key, actor } = await api.newKey({ role: "member" });
  const tokens = [
    await createSession(api.database, actor.userId),
    await createSession(api.database, actor.userId),
  ];

  const { body } = await api.call("DELETE", `/users/${actor.userId}/sessions`, undefined, {
    "x-api-key": key,
  });

  expect(body).toEqual({ sessions: 2 });
  expect(await Promise.all(tokens.map((token) => findSession(api.database, token)))).toEqual([
    undefined,
    undefined,
  ]);
  expect((await api.call("GET", "/me", undefined, { "x-api-key": key })).status).toBe(200);
});

describe("teams and groups", () => {
  test("there is one team, with everybody in it", async () => {
    const { actor } = await api.newKey({ role: "member" });

    const list = await api.call("GET", "/teams?limit=50&settings=false&userRoles=false");
    const one = await api.call("GET", "/teams/1?include=members");

    expect(list.body).toEqual({
      data: [expect.objectContaining({ id: 1, name: "Sallyport", handle: "127.0.0.1", enabled: true })],
      metadata: { nextCursor: null },
    });
    expect(one.body.team.members).toContainEqual({
      entityType: "user",
      entityId: actor.userId,
      roles: ["TEAM_DEVELOPER"],
    });
    expect((await api.call("GET", "/teams/2")).status).toBe(404);
  });

  test("there are no groups, so nobody is in one", async () => {
    expect((await api.call("GET", "/groups")).body).toEqual({ data: [] });
    expect((await api.call("GET", "/users?groupId=7")).body).toEqual({ data: [] });
    expect((await api.call("GET", "/groups/7")).status).toBe(404);
  });

  test.each([
    ["POST", "/teams"],
    ["GET", "/teams/1/settings"],
    ["PUT", "/teams/1/settings"],
    ["GET", "/teams/1/access-requests"],
    ["POST", "/teams/1/access-requests"],
    ["POST", "/teams/1/access-requests/2"],
    ["POST", "/teams/1/bulk-members"],
    ["DELETE", "/teams/1/bulk-members"],
    ["POST", "/invitations"],
  ])("%s %s has no meaning here, and says what to use instead", async (method, path) => {
    const { status, body } = await api.call(method, path);

    expect([status, JSON.parse(body)]).toEqual([
      501,
      expect.objectContaining({ title: "Not Implemented", detail: expect.stringContaining("/users") }),
    ]);
  });
});
