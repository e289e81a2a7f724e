import { expect, setDefaultTimeout, test } from "bun:test";

import { systemActor } from "../../../src/access/audit/audit.ts";
import { createUser, setPassword } from "../../../src/access/people/store.ts";
import { createApp } from "../../../src/server/app.ts";
import { testDeps } from "../../support/api.ts";
import { testDatabase } from "../../support/database.ts";

// Argon2 is slow on purpose, and starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

const person = { email: "ada@example.test", name: "Ada", password: "correct horse battery" };

async function signInServer() {
  const deps = testDeps(await testDatabase());
  const user = await createUser(deps.database, systemActor, { ...person, role: "admin" });
  const app = createApp(deps);
  const signIn = (password: string, { email = person.email, address = "192.0.2.1" } = {}) =>
    app.request(
      "/sign-in",
      { method: "POST", body: new URLSearchParams({ email, password }) },
      { requestIP: () => ({ address }) },
    );
  const fail = async (times: number, from: Parameters<typeof signIn>[1] = {}) => {
    for (let attempt = 0; attempt < times; attempt++) {
      expect((await signIn("wrong password", from)).status).toBe(400);
    }
  };
  return { ...deps, user, signIn, fail };
}

test("after ten wrong passwords the right one is refused too, with one sentence", async () => {
  const { signIn, fail } = await signInServer();
  await fail(10, { email: "ADA@example.test " });

  const refused = await signIn(person.password);

  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d{0,2}$/);
  expect(refused.headers.get("set-cookie")).toBeNull();
  expect(await refused.text()).toContain(
    "Too many sign-ins with this email failed; try again in 15 minutes.",
  );
});

test("somebody elsewhere, and somebody else here, still sign in", async () => {
  const { signIn, fail, database } = await signInServer();
  const other = "bob@example.test";
  await createUser(database, systemActor, { ...person, email: other, role: "member" });
  await fail(10);

  expect((await signIn(person.password, { address: "192.0.2.2" })).status).toBe(303);
  expect((await signIn(person.password, { email: other })).status).toBe(303);
});

test("attempts count for a quarter of an hour", async () => {
  const { signIn, fail, database } = await signInServer();
  await fail(10);
  await database.sql`update sign_in_attempts set at = at - interval '15 minutes'`;

  expect((await signIn(person.password)).status).toBe(303);
  expect(await database.sql`select 1 from sign_in_attempts`).toHaveLength(0);
});

test("the right password forgets the wrong ones before it", async () => {
  const { signIn, fail } = await signInServer();
  await fail(9);

  expect((await signIn(person.password)).status).toBe(303);
  await fail(9);
});

test("a new password from the command line opens the door again", async () => {
  const { signIn, fail, database, user } = await signInServer();
  await fail(10);

  await setPassword(database, systemActor, user.id, "another horse battery");

  expect((await signIn("another horse battery")).status).toBe(303);
});

test("attempts at the same time count one by one", async () => {
  const { signIn } = await signInServer();

  const answers = await Promise.all(Array.from({ length: 20 }, () => signIn("wrong password")));

  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 400)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
});

test("an e-mail that does not exist is counted like one that does, and is not stored", async () => {
  const { signIn, fail, database } = await signInServer();
  const email = "my-password-in-the-wrong-field";
  await fail(10, { email });

  expect((await signIn("x", { email })).status).toBe(429);
  const stored = await database.sql`select * from sign_in_attempts`;
  expect(JSON.stringify(stored)).not.toContain(email);
});
