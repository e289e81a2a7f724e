import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sampleFleet } from "../../src/fleet/history.ts";
import { createPrograms } from "../../src/fleet/programs.ts";
import { isOlder } from "../../src/fleet/runner.ts";
import { VERSION } from "../../src/lib/version.ts";
import { silentLog } from "../support/database.ts";
import { type Session, startSession } from "../support/form-session.ts";

setDefaultTimeout(120_000);

let admin: Session;
let member: Session;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-programs-"));
  await Bun.write(join(folder, "app-linux-arm64"), "the program");
  admin = await startSession("admin", { programs: createPrograms({ folder }, silentLog) });
  member = await startSession("member");
});

const textOf = (html: string): string => html.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
const namesIn = (html: string): string[] =>
  [...html.matchAll(/<a href="\/runners\/[\da-f-]{36}">([^<]+)<\/a>/g)].map(([, name = ""]) => name);

describe("the list", () => {
  test("is filtered by the numbers above it, and by search", async () => {
    const { user, make, database } = admin;
    await database.sql`delete from runners`;
    await make.runner({ name: "berlin", createdBy: user.id, lastPingedAt: new Date() });
    await make.runner({ name: "oslo", createdBy: user.id, lastPingedAt: new Date(Date.now() - 3_600_000) });
    await make.runner({ name: "bergen", description: "by the fjord", createdBy: user.id });

    const all = await admin.get("/runners");
    const silent = await admin.get("/runners?health=unhealthy");
    const found = await admin.get("/runners?q=FJORD");
    const none = await admin.get("/runners?q=fjord&health=healthy");

    expect(namesIn(all.html)).toEqual(["oslo", "bergen", "berlin"]);
    expect(textOf(all.html)).toMatch(/1 ✕ unhealthy 1 \? unknown 1 ✓ healthy/);
    expect(namesIn(silent.html)).toEqual(["oslo"]);
    expect(silent.html).toContain('aria-current="true"');
    expect(namesIn(found.html)).toEqual(["bergen"]);
    expect(textOf(none.html)).toContain("No runner fits");
    // A refresh in place asks for the same.
    expect(none.html).toContain('hx-get="/runners?health=healthy&amp;q=fjord"');
  });

  test("marks a runner that is silent, and one that is older than the control plane", async () => {
    const { user, make } = admin;
    const silentSince = new Date(Date.now() - 7_200_000);
    const silent = await make.runner({ name: "silent", createdBy: user.id, lastPingedAt: silentSince });
    const old = await make.runner({ name: "old", createdBy: user.id, lastPingedAt: new Date() });
    await make.runnerInstance({ runnerId: old.id, version: "0.0.1" });
    await make.runnerInstance({ runnerId: old.id, version: VERSION });

    const { html } = await admin.get("/runners");

    const rowOf = (id: string) => new RegExp(`<tr id="runner-${id}"[^]*?</tr>`).exec(html)?.[0] ?? "";
    expect(rowOf(silent.id)).toContain('class="tone-fail"');
    expect(textOf(rowOf(silent.id))).toContain("silent for 2 h");
    expect(textOf(rowOf(old.id))).toContain(`0.0.1, ${VERSION} ! older than the control plane`);
  });

  test("tells who has none what to do", async () => {
    const empty = await startSession("admin");

    expect(textOf((await empty.get("/runners")).html)).toContain("Create one here");
  });
});

test.each([
  ["0.1.0", "0.1.1", true],
  ["0.9.0", "0.10.0", true],
  ["1.0.0", "0.9.9", false],
  ["0.1.0", "0.1.0", false],
  ["dev", "0.1.0", false],
])("whether %s is older than %s: %p", (version, other, expected) => {
  expect(isOlder(version, other)).toBe(expected);
});

describe("the page of a runner", () => {
  test("shows what it executes and what waits, each with its run and a way to cancel it", async () => {
    const { user, workspace, make } = admin;
    const runner = await make.runner({ createdBy: user.id, lastPingedAt: new Date() });
    const monitor = await make.monitor({ name: "Orders", ownerId: user.id, workspaceId: workspace.id });
    const running = await make.run({
      monitorId: monitor.id,
      runnerId: runner.id,
      status: "leased",
      attempt: 1,
      claimedAt: new Date(Date.now() - 40_000),
    });
    const waiting = await make.run({ monitorId: monitor.id, runnerId: runner.id });

    const { html } = await admin.get(`/runners/${runner.id}`);

    for (const { id } of [running, waiting]) {
      expect(html).toContain(`href="/runs/${id}"`);
      expect(html).toContain(`action="/runs/${id}/cancel"`);
    }
    await admin.post(`/runs/${waiting.id}/cancel`);
    expect((await admin.get(`/runners/${runner.id}`)).html).not.toContain(`href="/runs/${waiting.id}"`);
  });

  test("draws its load over a day and a week, and refreshes it by itself", async () => {
    const { user, make, database } = admin;
    const runner = await make.runner({ createdBy: user.id });
    await database.sql`
      insert into fleet_samples (runner_id, sampled_at, queued, oldest_queued_seconds, running, concurrency, instances)
      select ${runner.id}, date_trunc('minute', now()) - make_interval(mins => g), 12, 125, 3, 4, 2
        from generate_series(0, 60) g`;

    const day = await admin.get(`/runners/${runner.id}`);
    const week = await admin.get(`/runners/${runner.id}/load?range=7d`);

    expect(textOf(day.html)).toContain("Runs that wait last 12, most 12");
    expect(textOf(day.html)).toContain("Oldest of them last 2 min, most 2 min");
    expect(week.html).toStartWith('<section id="load"');
    expect(week.html).toContain(`hx-get="/runners/${runner.id}/load?range=7d"`);
  });

  test("says what its instances use, and that older ones do not tell", async () => {
    const { user, make, database } = admin;
    const { id: runnerId } = await make.runner({ createdBy: user.id });
    await make.runnerInstance({ runnerId, cpuShare: 0.125, memoryBytes: 180_400_000 });
    const older = await make.runner({ createdBy: user.id });
    await make.runnerInstance({ runnerId: older.id });
    await database.sql`delete from fleet_samples`;
    await sampleFleet(database);

    const known = textOf((await admin.get(`/runners/${runnerId}`)).html);
    const unknown = textOf((await admin.get(`/runners/${older.id}`)).html);

    expect(known).toContain("12.5 % 180 MB");
    expect(known).toContain("CPU of the busiest last 12.5 %, most 12.5 %");
    expect(known).toContain("Memory of the largest last 180 MB, most 180 MB");
    expect(unknown).toContain("unknown unknown");
    expect(unknown).toContain("CPU of the busiest unknown: no instance has told it");
  });

  test("has the command that starts an instance, without the key", async () => {
    const { id } = await admin.make.runner({ createdBy: admin.user.id });

    const { html } = await admin.get(`/runners/${id}`);

    expect(html).toContain(`app runner start --server http://127.0.0.1:4600 --id ${id}<`);
    expect(textOf(html)).toContain("It asks for the key");
  });
});

describe("a runner", () => {
  test("is edited: name, description and who sees it", async () => {
    const { user, workspace, make } = admin;
    const { id } = await make.runner({ name: "before", createdBy: user.id });
    const form = await admin.get(`/runners/${id}/edit`);

    const saved = await admin.post(`/runners/${id}/edit`, {
      name: "after",
      description: "moved",
      visibility: "selected",
      workspaces: [workspace.id],
    });

    expect(form.html).toContain('value="before"');
    expect([saved.status, saved.location]).toEqual([303, `/runners/${id}`]);
    const text = textOf((await admin.get(`/runners/${id}`)).html);
    expect(text).toContain("after");
    expect(text).toContain("visible to Payments");
  });

  test("is not saved without a name, nor visible to nobody", async () => {
    const { id } = await admin.make.runner({ createdBy: admin.user.id });

    const nameless = await admin.post(`/runners/${id}/edit`, { name: " ", visibility: "all" });
    const unseen = await admin.post(`/runners/${id}/edit`, { name: "x", visibility: "selected" });

    expect([nameless.status, unseen.status]).toEqual([400, 400]);
    expect(textOf(nameless.html)).toContain("Give the runner a name.");
    expect(textOf(unseen.html)).toContain("needs at least one workspace");
  });

  test("is edited by admins only", async () => {
    const { id } = await member.make.runner({ createdBy: member.user.id });

    const answers = [
      await member.get(`/runners/${id}/edit`),
      await member.post(`/runners/${id}/edit`, { name: "mine", visibility: "all" }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect((await member.get(`/runners/${id}`)).html).not.toContain("/edit");
  });
});

describe("the program", () => {
  test("is downloaded from the page, as it is", async () => {
    const list = await admin.get("/runners/programs");
    const { status, html, headers } = await admin.get("/runners/programs/linux-arm64");

    expect(list.html).toContain('href="/runners/programs/linux-arm64"');
    expect(list.html).toContain(new Bun.CryptoHasher("sha256").update("the program").digest("hex"));
    expect([status, html]).toEqual([200, "the program"]);
    expect(headers.get("content-disposition")).toBe('attachment; filename="app-linux-arm64"');
  });

  test("for another platform is not there, and without any the page says how one comes there", async () => {
    expect((await admin.get("/runners/programs/..%2Fsecret")).status).toBe(404);
    expect(textOf((await member.get("/runners/programs")).html)).toContain("--programs-dir");
  });
});
