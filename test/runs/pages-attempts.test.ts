import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { type Session, startSession } from "../support/form-session.ts";
import { eventsOf } from "./harness.ts";

setDefaultTimeout(120_000);

let session: Session;
beforeAll(async () => {
  session = await startSession();
});

const textOf = (html: string): string => html.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");

/** A run whose first attempt failed and whose second passed, each with its step. */
async function retriedRun() {
  const { make, database } = session;
  const now = new Date();
  const run = await make.run({
    status: "finished",
    outcome: "passed",
    attempt: 2,
    claimedAt: now,
    finishedAt: now,
    assertionsTotal: 1,
  });
  await make.events(run.id, 1, eventsOf("failed"));
  await make.events(run.id, 2, eventsOf("passed"));
  await database.sql`
    insert into run_attempts (run_id, attempt, outcome, reason, detail, claimed_at, requests_total, requests_failed,
                              assertions_total, assertions_failed, duration_ms)
    values (${run.id}, 1, 'failed', 'assertion_failed', '1 assertion failed.', now(), 1, 1, 1, 1, 25)`;
  return run;
}

test("a run that was retried shows its attempts, and the steps of the last", async () => {
  const run = await retriedRun();

  const { html } = await session.get(`/runs/${run.id}`);

  expect(textOf(html)).toContain("✕ failed");
  expect(textOf(html)).toContain("1 assertion failed.");
  expect(html).toContain(`href="/runs/${run.id}?attempt=1"`);
  expect(textOf(html)).toContain("Steps of attempt 2");
  expect(html).not.toContain("expected 0 to be above 0");
});

test("the steps of an earlier attempt are kept and can be looked at", async () => {
  const run = await retriedRun();

  const { html } = await session.get(`/runs/${run.id}?attempt=1`);

  expect(textOf(html)).toContain("Steps of attempt 1");
  expect(html).toContain("expected 0 to be above 0");
});

test("an attempt that never was is the last one", async () => {
  const run = await retriedRun();

  const { status, html } = await session.get(`/runs/${run.id}?attempt=9`);

  expect(status).toBe(200);
  expect(textOf(html)).toContain("Steps of attempt 2");
});

test("a run that waits for its second attempt says so", async () => {
  const run = await retriedRun();
  await session.database.sql`
    update runs set status = 'queued', outcome = null, attempt = 1, claimed_at = null where id = ${run.id}`;

  const { html } = await session.get(`/runs/${run.id}`);

  expect(textOf(html)).toContain("Waiting to be run again, after attempt 1");
});

test("the form of a monitor keeps what shall happen when a run does not pass", async () => {
  const collection = await session.make.collection({ workspaceId: session.workspace.id });
  const fields = {
    name: "Twice",
    collection: collection.id,
    schedule: "none",
    retries: "2",
    rerunLost: "yes",
  };

  const { location } = await session.post("/monitors", fields);

  const id = location?.replace("/monitors/", "") ?? "";
  const [stored] = await session.database.sql`
    select retry_attempts as retries, rerun_lost as "rerunLost" from monitors where id = ${id}`;
  expect({ ...stored }).toEqual({ retries: 2, rerunLost: true });
  const { html } = await session.get(`/monitors/${id}/edit`);
  expect(html).toMatch(/<option value="2" selected/);
  expect(html).toMatch(/name="rerunLost" value="yes" checked/);
  expect(textOf((await session.get(`/monitors/${id}`)).html)).toContain(
    "; run again up to twice when it does not pass; run again when its runner dies",
  );
  await session.post(`/monitors/${id}`, { name: "Twice", schedule: "none", retries: "0" });
  const [changed] = await session.database.sql`
    select retry_attempts as retries, rerun_lost as "rerunLost" from monitors where id = ${id}`;
  expect({ ...changed }).toEqual({ retries: null, rerunLost: false });
});
