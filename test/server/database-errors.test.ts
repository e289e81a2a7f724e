import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { asUnavailable } from "../../src/server/database-errors.ts";
import { instanceOf } from "../runs/harness.ts";
import { testApi } from "../support/api.ts";
import { type Session, startSession } from "../support/form-session.ts";

setDefaultTimeout(120_000);

/** Makes every change of a table fail as Postgres does on a full disk. */
const fillDisk = (sql: Session["database"]["sql"], table: string) =>
  sql.unsafe(`
    create function fill_disk() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
    create trigger full_disk before insert or update on ${table} for each row execute function fill_disk()`);

describe("a database whose disk is full", () => {
  let session: Session;
  beforeAll(async () => {
    session = await startSession();
    await fillDisk(session.database.sql, "collections");
  });

  test("answers a person with 503 and what to do, not with a bug of ours", async () => {
    const info = {
      name: "Full",
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    };

    const { status, html, headers } = await session.post("/collections", {
      text: JSON.stringify({ info, item: [] }),
    });

    expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
    expect(html).toContain("The disk of the database is full");
  });

  test("still answers whoever only reads", async () => {
    expect((await session.get("/collections")).status).toBe(200);
  });
});

test("a program gets 503 in the form of the API, through the object mapper, too", async () => {
  const api = await testApi();
  await fillDisk(api.database.sql, "workspaces");

  const { status, body, headers } = await api.call("POST", "/workspaces", {
    workspace: { name: "W", type: "team" },
  });

  expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
  expect(body.error).toMatchObject({
    name: "serviceUnavailableError",
    message: expect.stringContaining("disk of the database is full"),
  });
});

test("a runner gets 503, on which it keeps its results and tries again", async () => {
  const api = await testApi();
  const runner = await api.make.runner();
  await fillDisk(api.database.sql, "runner_instances");

  const { status, body } = await instanceOf(api.app, runner).register();

  expect(status).toBe(503);
  expect(body).toMatchObject({ error: { name: "unavailable" } });
});

test("a database that is gone is 503, too", async () => {
  const api = await testApi();
  await api.database.close();

  const { status, body } = await api.call("GET", "/me");

  expect(status).toBe(503);
  expect(body.error.message).toContain("The database cannot be reached");
});

test("a connection that the database ends is told from a mistake in a statement", async () => {
  const api = await testApi();
  const { sql } = api.database;

  const ended: unknown = await sql`select pg_terminate_backend(pg_backend_pid())`.catch(
    (error: unknown) => error,
  );
  const wrong: unknown = await sql`select * from nothing_like_it`.catch((error: unknown) => error);

  expect(asUnavailable(ended)).toMatchObject({ code: "unavailable" });
  expect(asUnavailable(wrong)).toBeUndefined();
});

test.each([
  ["a file that is missing", { code: "ENOENT", syscall: "open" }, false],
  ["the socket of a Postgres that is down", { code: "ENOENT", syscall: "connect" }, true],
  ["no code", {}, false],
  ["a code that is no text", { code: 5 }, false],
])("%s: %j", (_case, facts, expected) => {
  expect(asUnavailable(Object.assign(new Error("x"), facts)) !== undefined).toBe(expected);
});
