import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { Database } from "../../db/connect.ts";
import { systemActor } from "../../src/access/audit/audit.ts";
import type { Actor } from "../../src/access/context.ts";
import { createApiKey, findActorByApiKey, listApiKeys, revokeApiKey } from "../../src/access/keys/store.ts";
import {
  checkSignIn,
  countUsers,
  createFirstAdmin,
  createSetupToken,
  createUser,
  findUserByEmail,
  listUsers,
  setPassword,
} from "../../src/access/people/store.ts";
import { createSession, deleteSession, findSession } from "../../src/access/store.ts";
import { testDatabase } from "../support/database.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

let made = 0;
const newUser = (role: "admin" | "member" = "member") =>
  createUser(database, systemActor, {
    email: `person-${++made}@example.test`,
    name: "Person",
    password: "correct horse",
    role,
  });
const actorOf = async (
  role: "admin" | "member" = "member",
  scopes: string[] | null = null,
): Promise<Actor> => {
  const { id, email, name } = await newUser(role);
  return { userId: id, email, name, role, via: "session", scopes };
};
const audited = async (subjectType: string, subjectId: string) =>
  (
    await database.sql`
      select action, actor_id, via, change from audit_records
      where subject_type = ${subjectType} and subject_id = ${subjectId} order by id`
  ).map(({ action, actor_id, via, change }) => ({ action, actor: actor_id, via, change }));
const wholeDatabase = async (table: string) =>
  JSON.stringify(await database.sql`select * from ${database.sql(table)}`);

describe("users", () => {
  test("sign in with e-mail in any case, and only with their password", async () => {
    const { id, email } = await newUser();

    expect(await checkSignIn(database, ` ${email.toUpperCase()} `, "correct horse")).toMatchObject({ id });
    expect(await checkSignIn(database, email, "wrong horse!")).toBeUndefined();
    expect(await checkSignIn(database, "nobody@example.test", "correct horse")).toBeUndefined();
    expect(await checkSignIn(database, email, "x".repeat(2_000_000))).toBeUndefined();
  });

  test("a password is stored as argon2id only, and never shown", async () => {
    const user = await newUser();

    const stored = await wholeDatabase("users");

    expect(stored).toContain("$argon2id$");
    expect(stored).not.toContain("correct horse");
    expect(
      JSON.stringify([user, await listUsers(database), await findUserByEmail(database, user.email)]),
    ).not.toContain("argon2");
  });

  test("an e-mail belongs to one user", async () => {
    const { email } = await newUser();
    const before = await countUsers(database);

    const again = createUser(database, systemActor, {
      email: email.toUpperCase(),
      name: "",
      password: "correct horse",
      role: "member",
    });

    await expect(again).rejects.toThrow(`A user with the e-mail ${email} exists already.`);
    expect(await countUsers(database)).toBe(before);
  });

  test.each([
    ["no-address", "correct horse", "is not an e-mail address"],
    ["short@example.test", "short", "A password needs 8 to 1000 characters."],
    ["long@example.test", "x".repeat(1001), "A password needs 8 to 1000 characters."],
  ])("%s with the password %.10s is refused", async (email, password, says) => {
    const wanted = createUser(database, systemActor, { email, name: "x", password, role: "member" });

    await expect(wanted).rejects.toThrow(says);
  });

  test("a new password ends every session and the old password", async () => {
    const admin = await actorOf("admin");
    const { id, email } = await newUser();
    const token = await createSession(database, id);

    await setPassword(database, admin, id, "battery staple");

    expect(await findSession(database, token)).toBeUndefined();
    expect(await checkSignIn(database, email, "correct horse")).toBeUndefined();
    expect(await checkSignIn(database, email, "battery staple")).toMatchObject({ id });
    expect(await audited("user", String(id))).toMatchObject([
      { action: "user.created", actor: null, via: "system", change: { email, role: "member" } },
      { action: "user.password_changed", actor: admin.userId, via: "session", change: null },
    ]);
  });
});

describe("the set-up link", () => {
  const person = { email: "first@example.test", name: "First", password: "correct horse" };

  test("makes one admin, once, even when used twice at the same time", async () => {
    const database = await testDatabase();
    const token = await createSetupToken(database);

    const results = await Promise.allSettled([
      createFirstAdmin(database, token, person),
      createFirstAdmin(database, token, { ...person, email: "second@example.test" }),
    ]);

    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  test("a wrong token and an older link are refused", async () => {
    const database = await testDatabase();
    const old = await createSetupToken(database);
    await createSetupToken(database);

    for (const token of ["", "wrong", old]) {
      const wanted = createFirstAdmin(database, token, { ...person, email: "x@example.test" });
      await expect(wanted).rejects.toThrow("This set-up link is wrong or was used already");
    }
  });

  test("a password that is too short does not burn the link", async () => {
    const database = await testDatabase();
    const token = await createSetupToken(database);
    const wanted = { ...person, email: "third@example.test" };

    await expect(createFirstAdmin(database, token, { ...wanted, password: "short" })).rejects.toThrow();

    expect(await createFirstAdmin(database, token, wanted)).toMatchObject({ role: "admin" });
  });

  test("a link that was never used is worth nothing once there is a user", async () => {
    const database = await testDatabase();
    const token = await createSetupToken(database);
    await createUser(database, systemActor, { ...person, role: "admin" });

    const wanted = createFirstAdmin(database, token, { ...person, email: "late@example.test" });

    await expect(wanted).rejects.toThrow("This set-up link is wrong or was used already");
  });
});

describe("sessions", () => {
  test("a token finds its user until it is deleted, and is stored as a hash only", async () => {
    const { id, email } = await newUser("admin");
    const token = await createSession(database, id);

    expect(await findSession(database, token)).toEqual({
      userId: id,
      email,
      name: "Person",
      role: "admin",
      via: "session",
      scopes: null,
    });
    expect(await wholeDatabase("sessions")).not.toContain(token);

    await deleteSession(database, token);
    expect(await findSession(database, token)).toBeUndefined();
  });

  test("a session ends after 30 days", async () => {
    const { id } = await newUser();
    const token = await createSession(database, id);

    const [row] =
      await database.sql`select expires_at - created_at = interval '30 days' as is_thirty from sessions where user_id = ${id}`;
    await database.sql`update sessions set expires_at = now() where user_id = ${id}`;

    expect(row?.["is_thirty"]).toBe(true);
    expect(await findSession(database, token)).toBeUndefined();
  });
});

describe("API keys", () => {
  test("a key speaks for its user, is stored as a hash, and listed by its prefix", async () => {
    const actor = await actorOf();
    const { id, key } = await createApiKey(database, actor, {
      userId: actor.userId,
      name: "CI",
      scopes: ["runs:write"],
    });

    expect(await findActorByApiKey(database, key)).toEqual({
      ...actor,
      keyId: id,
      via: "api_key",
      scopes: ["runs:write"],
    });
    expect(await wholeDatabase("api_keys")).not.toContain(key);
    const [listed] = await listApiKeys(database, { userId: actor.userId });
    expect(listed).toMatchObject({ id, name: "CI", prefix: key.slice(0, 12), revokedAt: null });
  });

  test("its use is noted at most once a minute", async () => {
    const actor = await actorOf();
    const { id, key } = await createApiKey(database, actor, { userId: actor.userId, name: "CI" });
    const lastUsed = async () =>
      (await listApiKeys(database, { userId: actor.userId }))[0]?.lastUsedAt?.getTime();

    await findActorByApiKey(database, key);
    const first = await lastUsed();
    await findActorByApiKey(database, key);
    const second = await lastUsed();
    await database.sql`update api_keys set last_used_at = now() - interval '61 seconds' where id = ${id}`;
    await findActorByApiKey(database, key);

    expect(first).toBeNumber();
    expect(second).toBe(first);
    expect(await lastUsed()).toBeGreaterThanOrEqual(first ?? Number.POSITIVE_INFINITY);
  });

  test("a revoked key is nobody; revoking is audited once", async () => {
    const actor = await actorOf();
    const { id, key } = await createApiKey(database, actor, { userId: actor.userId, name: "CI" });

    await revokeApiKey(database, actor, id);
    await revokeApiKey(database, actor, id);

    expect(await findActorByApiKey(database, key)).toBeUndefined();
    expect((await audited("api_key", id)).map(({ action }) => action)).toEqual([
      "api_key.created",
      "api_key.revoked",
    ]);
  });

  test("members have a say over their own keys only, admins over all", async () => {
    const [member, other, admin] = [await actorOf(), await actorOf(), await actorOf("admin")];
    const { id } = await createApiKey(database, other, { userId: other.userId, name: "theirs" });

    await expect(createApiKey(database, member, { userId: other.userId, name: "x" })).rejects.toThrow(
      "not authorized",
    );
    await expect(revokeApiKey(database, member, id)).rejects.toThrow("not authorized");
    await revokeApiKey(database, admin, id);

    expect((await listApiKeys(database, { userId: other.userId }))[0]?.revokedAt).toBeInstanceOf(Date);
  });

  test.each([[null], [["runs:read", "runs:write"]]])(
    "a key for runs:read cannot make one for %j",
    async (scopes) => {
      const narrow = await actorOf("admin", ["runs:read"]);

      const wanted = createApiKey(database, narrow, { userId: narrow.userId, name: "wider", scopes });

      await expect(wanted).rejects.toThrow("its own scopes");
    },
  );

  test("an unknown scope is refused by name", async () => {
    const actor = await actorOf();

    const wanted = createApiKey(database, actor, {
      userId: actor.userId,
      name: "x",
      scopes: ["collections:all"],
    });

    await expect(wanted).rejects.toThrow('Unknown scope "collections:all"');
  });
});
