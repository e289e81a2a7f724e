import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import type { Database } from "../../../db/connect.ts";
import { createLimiter, type Limiter } from "../../../src/access/limits/limiter.ts";
import { type Limits, noLimits } from "../../../src/access/limits/limits.ts";
import { newId } from "../../../src/lib/ids.ts";
import { silentLog, testDatabase } from "../../support/database.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

const limitsOf = (limits: Partial<Limits>): Limits => ({ ...noLimits, ...limits });
const tenInTen = limitsOf({ monitors: { allowed: 10, windowSeconds: 10 } });

const running: Limiter[] = [];
afterAll(() => Promise.all(running.map((limiter) => limiter.stop())));

const limiterOn = (database: Database, limits: Limits): Limiter => {
  const limiter = createLimiter({ database, log: silentLog }, limits);
  running.push(limiter);
  return limiter;
};

/** Answers to `count` calls, one after the other. */
async function callsOf(
  limiter: Limiter,
  count: number,
  limit: keyof Limits = "monitors",
  subject = "user:1",
) {
  const answers: boolean[] = [];
  for (let call = 0; call < count; call++) answers.push((await limiter.take([{ limit, subject }])).isAllowed);
  return answers;
}

const passed = (answers: boolean[]): number => answers.filter(Boolean).length;

/** Statements that reach the windows, as the database counts changed rows. */
const storedUse = async ({ sql }: Database, subject: string): Promise<number> =>
  Number(
    (await sql`select coalesce(sum(used), 0) as used from rate_windows where subject = ${subject}`)[0]?.[
      "used"
    ],
  );

describe("one server", () => {
  test("the eleventh of ten is refused, and says when the window ends", async () => {
    const limiter = limiterOn(await testDatabase(), tenInTen);

    expect(passed(await callsOf(limiter, 10))).toBe(10);
    const { isAllowed, standings } = await limiter.take([{ limit: "monitors", subject: "user:1" }]);

    expect(isAllowed).toBe(false);
    expect(standings).toMatchObject([{ limit: "monitors", allowed: 10, remaining: 0, isExceeded: true }]);
    expect(standings[0]?.resetSeconds).toBeWithin(1, 11);
  });

  test("a new window starts afresh with the first call after the old one", async () => {
    const database = await testDatabase();
    const limiter = limiterOn(database, tenInTen);
    await callsOf(limiter, 11);
    await database.sql`update rate_windows set ends_at = now()`;
    const other = limiterOn(database, tenInTen);

    expect(passed(await callsOf(other, 11))).toBe(10);
  });

  test("who is counted by one subject costs another nothing", async () => {
    const limiter = limiterOn(await testDatabase(), tenInTen);
    await callsOf(limiter, 11);

    expect(passed(await callsOf(limiter, 3, "monitors", "user:2"))).toBe(3);
  });

  test("a limit that is switched off refuses nobody and says nothing", async () => {
    const limiter = limiterOn(await testDatabase(), noLimits);

    expect(await limiter.take([{ limit: "monitors", subject: "user:1" }])).toEqual({
      isAllowed: true,
      standings: [],
    });
  });

  test("a call that one limit refuses costs nothing of the others", async () => {
    const limits = limitsOf({ ...tenInTen, user: { allowed: 300, windowSeconds: 60 } });
    const limiter = limiterOn(await testDatabase(), limits);
    const call = () =>
      limiter.take([
        { limit: "user", subject: "user:1" },
        { limit: "monitors", subject: "user:1" },
      ]);
    for (let count = 0; count < 15; count++) await call();

    const { standings } = await call();

    expect(standings.map(({ limit, remaining }) => [limit, remaining])).toEqual([
      ["user", 290],
      ["monitors", 0],
    ]);
  });

  test("calls at the same time are counted each", async () => {
    const limiter = limiterOn(await testDatabase(), tenInTen);

    const answers = await Promise.all(
      Array.from({ length: 40 }, () => limiter.take([{ limit: "monitors", subject: "user:1" }])),
    );

    expect(passed(answers.map(({ isAllowed }) => isAllowed))).toBe(10);
  });

  test("three hundred calls take far fewer statements", async () => {
    const database = await testDatabase();
    const limiter = limiterOn(database, limitsOf({ user: { allowed: 300, windowSeconds: 60 } }));
    await database.sql`create table takes (n int)`;
    await database.sql`create function note() returns trigger language plpgsql as
      'begin insert into takes values (1); return null; end'`;
    await database.sql`create trigger note after insert or update on rate_windows
      for each statement execute function note()`;

    expect(passed(await callsOf(limiter, 310, "user"))).toBe(300);

    // An insert that updates counts as both.
    const [count] = await database.sql`select count(*)::int / 2 as statements from takes`;
    expect(count?.["statements"]).toBeLessThan(80);
  });
});

describe("two servers on one database", () => {
  test("in turns, they let exactly the limit pass", async () => {
    const database = await testDatabase();
    const servers = [limiterOn(database, tenInTen), limiterOn(database, tenInTen)] as const;

    const answers: boolean[] = [];
    for (let call = 0; call < 14; call++)
      answers.push(...(await callsOf(servers[call % 2 === 0 ? 0 : 1], 1)));

    expect(answers).toEqual([...Array<boolean>(10).fill(true), ...Array<boolean>(4).fill(false)]);
  });

  test.each([10, 300])("in a burst on both, never more than %i pass", async (allowed) => {
    const database = await testDatabase();
    const limits = limitsOf({ user: { allowed, windowSeconds: 60 } });
    const servers = [limiterOn(database, limits), limiterOn(database, limits)];

    const answers = await Promise.all(
      servers.flatMap((server) => Array.from({ length: allowed }, () => callsOf(server, 1, "user"))),
    );

    expect(passed(answers.flat())).toBeLessThanOrEqual(allowed);
    expect(passed(answers.flat())).toBeGreaterThanOrEqual(allowed - Math.ceil(allowed / 16));
  });

  test("what a server took ahead and did not use, another gets", async () => {
    const database = await testDatabase();
    const limits = limitsOf({ user: { allowed: 160, windowSeconds: 60 } });
    const [first, second] = [limiterOn(database, limits), limiterOn(database, limits)];
    const subject = newId();

    await callsOf(first, 1, "user", subject);
    const heldAhead = await storedUse(database, subject);
    await first.stop();

    expect(heldAhead).toBe(11);
    expect(await storedUse(database, subject)).toBe(1);
    expect(passed(await callsOf(second, 170, "user", subject))).toBe(159);
  });
});

test("the month ends with the calendar's, in UTC", async () => {
  const limiter = limiterOn(await testDatabase(), limitsOf({ month: { allowed: 5, windowSeconds: null } }));
  const { standings } = await limiter.take([{ limit: "month", subject: "user:1" }]);
  const resetAt = standings[0]?.resetAt ?? new Date(0);

  expect(resetAt.toISOString()).toMatch(/^\d{4}-\d\d-01T00:00:00\.000Z$/);
  expect(resetAt.getTime() - Date.now()).toBeWithin(0, 31 * 86_400_000 + 1);
});

test("a database that is away is an error, and the next call asks again", async () => {
  const database = await testDatabase();
  const limiter = limiterOn(database, tenInTen);
  await database.sql`alter table rate_windows rename to away`;

  await expect(callsOf(limiter, 1)).rejects.toThrow("rate_windows");
  await database.sql`alter table away rename to rate_windows`;

  expect(await callsOf(limiter, 1)).toEqual([true]);
});
