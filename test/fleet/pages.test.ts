import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type Session, startSession } from "../support/form-session.ts";

setDefaultTimeout(120_000);

let admin: Session;
let member: Session;
beforeAll(async () => {
  admin = await startSession("admin");
  member = await startSession("member");
});

/** The text of a page without its markup. */
const textOf = (html: string): string => html.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");

const stage = async ({ make, user }: Session) => {
  const runner = await make.runner({ createdBy: user.id, name: "Cellar" });
  const instance = await make.runnerInstance({
    runnerId: runner.id,
    hostname: "gate-7",
    keyHash: runner.keyHash,
  });
  return { runner, instance };
};

describe("a new key", () => {
  test("is asked about before it is made, with what becomes of the old one", async () => {
    const { runner } = await stage(admin);

    const { html } = await admin.get(`/runners/${runner.id}/reset-key`);

    expect(html).toContain('name="grace"');
    expect(textOf(html)).toContain("Goes on working for a day");
  });

  test("leaves the old key alive as long as was chosen, and the page names who still uses it", async () => {
    const { runner } = await stage(admin);

    const made = await admin.post(`/runners/${runner.id}/reset-key`, { grace: "86400" });
    const page = await admin.get(`/runners/${runner.id}`);

    expect(textOf(made.html)).toContain("Instances with the old key go on for 24 h, then they stop.");
    expect(textOf(page.html)).toContain("1 instance still uses it: gate-7.");
    expect(textOf(page.html)).toContain("started with the old key");
  });

  test("ends the old one at once when nothing was chosen", async () => {
    const { runner } = await stage(admin);

    const made = await admin.post(`/runners/${runner.id}/reset-key`);

    expect(textOf(made.html)).toContain("Instances with the old key stop at their next call.");
    expect((await admin.get(`/runners/${runner.id}`)).html).not.toContain("revoke-previous-key");
  });

  test("can be the only one before the time is over", async () => {
    const { runner } = await stage(admin);
    await admin.post(`/runners/${runner.id}/reset-key`, { grace: "3600" });
    const before = await admin.get(`/runners/${runner.id}`);

    await admin.post(`/runners/${runner.id}/revoke-previous-key`);

    expect(before.html).toContain(`action="/runners/${runner.id}/revoke-previous-key"`);
    expect(textOf((await admin.get(`/runners/${runner.id}`)).html)).not.toContain("works until");
  });
});

test("an instance, or all of them, can be drained from the page", async () => {
  const { runner, instance } = await stage(admin);
  const { html } = await admin.get(`/runners/${runner.id}`);
  expect(html).toContain(`action="/runners/${runner.id}/instances/${instance.id}/drain"`);

  await admin.post(`/runners/${runner.id}/instances/${instance.id}/drain`);

  expect(textOf((await admin.get(`/runners/${runner.id}`)).html)).toContain("draining: finishes its runs");
  await admin.make.runnerInstance({ runnerId: runner.id, hostname: "gate-8" });
  await admin.post(`/runners/${runner.id}/drain`);
  const { html: after } = await admin.get(`/runners/${runner.id}`);
  expect(after.match(/draining: finishes its runs/g)).toHaveLength(2);
});

test("a self-test that failed is shown with its instance", async () => {
  const { runner, instance } = await stage(admin);
  await admin.database.sql`
    update runner_instances set self_test_at = now(), self_test_failure = 'Scripts do not run here.'
     where id = ${instance.id}`;

  const { html } = await admin.get(`/runners/${runner.id}`);

  expect(textOf(html)).toContain("self-test failed: Scripts do not run here.");
});

test("the page shows how many runs wait and how long the oldest has", async () => {
  const { runner } = await stage(admin);
  const queuedAt = new Date(Date.now() - 125_000);
  await admin.make.run({ runnerId: runner.id, queuedAt });
  await admin.make.run({ runnerId: runner.id });

  const page = textOf((await admin.get(`/runners/${runner.id}`)).html);
  const list = textOf((await admin.get("/runners")).html);

  expect(page).toContain("Queue 2 Oldest in queue 2 min");
  expect(list).toContain("oldest 2 min");
  expect(list).toContain("Healthy: heard of in the last 90 seconds.");
});

describe("a member", () => {
  test("is offered nothing that only admins may do", async () => {
    const { runner } = await stage(member);
    await member.make.collection({ workspaceId: member.workspace.id });

    const list = await member.get("/runners");
    const page = await member.get(`/runners/${runner.id}`);
    const form = await member.get("/monitors/new");

    expect(list.html).not.toContain('href="/runners/new"');
    for (const action of ["reset-key", "/delete", "/drain"]) expect(page.html).not.toContain(action);
    expect(form.html).not.toContain("newRunnerName");
    expect((await admin.get("/runners")).html).toContain('href="/runners/new"');
  });

  test("is refused all of it", async () => {
    const { runner, instance } = await stage(member);
    const path = `/runners/${runner.id}`;

    const answers = [
      await member.get(`${path}/reset-key`),
      await member.post(`${path}/reset-key`),
      await member.post(`${path}/revoke-previous-key`),
      await member.post(`${path}/drain`),
      await member.post(`${path}/instances/${instance.id}/drain`),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  });
});
