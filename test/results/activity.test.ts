import { beforeAll, describe, expect, test } from "bun:test";

import * as schema from "../../db/schema.ts";
import { updateMonitor } from "../../src/monitors/store.ts";
import { entryOf } from "../../src/results/activity/entry.ts";
import { type ActivityRecord, listActivity, parseActivityCursor } from "../../src/results/activity/store.ts";
import { enumeration, settingChanges } from "../../src/results/changes/words.ts";
import { type TestApi, testApi } from "../support/api.ts";

let api: TestApi;

beforeAll(async () => {
  api = await testApi();
});

/** All pages, one after the other. */
async function readAll(monitorId: string, limit: number): Promise<ActivityRecord[]> {
  const found: ActivityRecord[] = [];
  for (;;) {
    const cursor = parseActivityCursor(found.at(-1)?.cursor);
    const page = await listActivity(api.database, monitorId, { cursor, limit });
    found.push(...page);
    if (page.length < limit) return found;
  }
}

test("pages hold every line once, also those of one instant", async () => {
  const { id: monitorId } = await api.make.monitor();
  const at = new Date();
  const line = {
    at,
    via: "api_key",
    subjectType: "monitor",
    subjectId: monitorId,
    action: "monitor.updated",
  };
  await api.database.db.insert(schema.auditRecords).values(Array.from({ length: 5 }, () => line));
  for (const state of ["passed", "failed"]) {
    await api.database.sql`update monitors set state = ${state}, state_since = ${at} where id = ${monitorId}`;
  }

  const paged = await readAll(monitorId, 2);
  const whole = await readAll(monitorId, 100);

  expect(paged.map(({ cursor }) => cursor)).toEqual(whole.map(({ cursor }) => cursor));
  // Five deeds, and the state that the instant ended with.
  expect(whole).toHaveLength(6);
});

test("what a person changed is told before and after, with names instead of ids", async () => {
  const { id: monitorId } = await api.make.monitor();
  const { id: runnerId } = await api.make.runner({ name: "Berlin" });
  await updateMonitor(api.database, api.actor, monitorId, { runnerIds: [runnerId], retryAttempts: 1 });

  const [record] = await listActivity(api.database, monitorId, { limit: 10 });
  const entry = record && entryOf(record, new Map([[runnerId, "Berlin"]]));

  expect(entry).toMatchObject({
    who: api.actor.name,
    settings: expect.arrayContaining([
      { name: "runners", before: "any runner", after: "Berlin" },
      { name: "retries", before: "never", after: "1" },
    ]),
  });
});

describe("a state is told", () => {
  const at = new Date("2026-11-20T12:00:00Z");
  const since = (minutes: number) => new Date(at.getTime() - minutes * 60_000);

  test.each([
    [
      { state: "passed", before: "failed", beforeSince: since(12) },
      "Passing again, after it was failing for 12 min.",
    ],
    [
      { state: "failed", before: "passed", beforeSince: since(180) },
      "Now failing, after it was passing for 3 h.",
    ],
    [
      { state: "errored", before: "failed", beforeSince: since(1) },
      "Now in error, after it was failing for 1 min.",
    ],
    [{ state: "passed", before: null, beforeSince: null }, "The first state was passing."],
  ] as const)("%p", (change, sentence) => {
    expect(entryOf({ at, cursor: "", source: "state", ...change }, new Map()).sentence).toBe(sentence);
  });
});

describe("settings in words", () => {
  test.each([
    [
      { cron: "0 * * * *" },
      { cron: null },
      { name: "schedule", before: "0 * * * *", after: "only when triggered" },
    ],
    [
      { options: { strictSSL: true } },
      { options: { strictSSL: false } },
      { name: "certificate check", before: "on", after: "off" },
    ],
    [
      { options: { runTimeout: 300_000 } },
      { options: { runTimeout: 900 } },
      { name: "time limit of a run", before: "5 min", after: "900 ms" },
    ],
    [
      { notifications: { onFailure: [], onError: [] } },
      { notifications: { onFailure: [{ email: "a@example.com" }], onError: [{ email: "a@example.com" }] } },
      { name: "e-mail recipients", before: "none", after: "a@example.com" },
    ],
    [{ newSetting: 1 }, { newSetting: 2 }, { name: "new setting", before: "1", after: "2" }],
  ])("%p", (before, after, change) => {
    expect(settingChanges({ before, after })).toEqual([change]);
  });

  test("leave out what stayed the same inside of options", () => {
    const change = {
      before: { options: { strictSSL: true, requestDelay: 0 } },
      after: { options: { strictSSL: true, requestDelay: 5 } },
    };

    expect(settingChanges(change).map(({ name }) => name)).toEqual(["delay between requests"]);
  });

  test("are listed as people do", () => {
    expect(enumeration(["a", "b", "c"])).toBe("a, b and c");
  });
});

test.each(["", "1-9-1", "x", "1-1", `${"9".repeat(18)}-1-1`, undefined])(
  "%p is no place in the activity",
  (text) => {
    expect(parseActivityCursor(text)).toBeUndefined();
  },
);
