import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { ruleInput } from "../../src/alerts/alert.ts";
import { createMute, endMute, muteFields } from "../../src/alerts/mutes-store.ts";
import { createRule, updateRule } from "../../src/alerts/rules-store.ts";
import { readTelling } from "../../src/alerts/telling.ts";
import { type Session, startSession } from "../support/form-session.ts";
import { type AlertHarness, alertHarness } from "./harness.ts";

setDefaultTimeout(120_000);

let session: Session;
let alerts: AlertHarness;
beforeAll(async () => {
  session = await startSession();
  alerts = await alertHarness(session.database);
});

/** One that fails, and a run of it that did. */
async function failingMonitor() {
  const monitor = await alerts.newMonitor();
  const [runId] = await alerts.end(monitor.id, "failed");
  return { id: monitor.id, runId: runId ?? "" };
}

const mute = (body: Record<string, unknown>) =>
  createMute(alerts.database, alerts.actor, muteFields.parse(body));

const newRule = async (monitorId: string | null, change: Record<string, unknown> = {}) =>
  await createRule(
    alerts.database,
    alerts.actor,
    alerts.workspaceId,
    ruleInput.parse({ monitorId, channelIds: [await alerts.newChannel()], ...change }),
  );

const tellingOf = (monitorId: string) => readTelling(alerts.database, monitorId);

const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ([.:,])/g, "$1");

describe("pages", () => {
  test("say that a monitor is muted, by whom and why, and where that is ended", async () => {
    const { id, runId } = await failingMonitor();
    const other = await failingMonitor();
    const muteId = await mute({ monitor: id, minutes: 299, reason: "release" });

    const [overview, monitor, run] = [
      await session.get("/"),
      await session.get(`/monitors/${id}`),
      await session.get(`/runs/${runId}`),
    ];

    const rowOf = (monitorId: string) =>
      new RegExp(`id="monitor-${monitorId}".*?</tr>`, "s").exec(overview.html)?.[0] ?? "";
    expect(rowOf(id)).toContain(`href="/monitors/${id}/alerts"`);
    expect(textOf(rowOf(id))).toContain("muted, ends in 4 h");
    expect(rowOf(other.id)).not.toContain("muted");
    for (const { html } of [monitor, run]) {
      expect(textOf(html)).toContain(`Muted by ${alerts.actor.name}: nobody is told of this monitor until`);
      expect(textOf(html)).toContain("The reason: release. Unmute it");
    }

    await endMute(alerts.database, alerts.actor, muteId);
    expect((await session.get(`/monitors/${id}`)).html).not.toContain("Unmute it");
  });

  test("say that nobody is told of what fails, until a rule tells", async () => {
    const { id, runId } = await failingMonitor();
    const paths = [`/monitors/${id}`, `/runs/${runId}`];

    for (const path of paths) {
      const { html } = await session.get(path);
      expect(textOf(html)).toContain("Nobody is told: no rule and no address hears of this monitor");
      expect(html).toContain(`/monitors/${id}/alerts#new-rule`);
    }

    await newRule(id);
    for (const path of paths) expect((await session.get(path)).html).not.toContain("Nobody is told");
  });
});

describe("somebody is told", () => {
  test("by a rule of the monitor or of its workspace, while it is on and has a channel that is", async () => {
    const monitor = await alerts.newMonitor();
    const rule = await newRule(monitor.id, { onError: false });

    expect(await tellingOf(monitor.id)).toEqual({ failure: true, error: false, mute: null });
    await alerts.database.sql`update alert_channels set active = false where id = any(${rule.channelIds})`;
    expect(await tellingOf(monitor.id)).toMatchObject({ failure: false });
    await updateRule(alerts.deps, alerts.actor, rule.id, { active: false });

    const ofWorkspace = await newRule(null);
    expect(await tellingOf(monitor.id)).toMatchObject({ failure: true, error: true });
    await updateRule(alerts.deps, alerts.actor, ofWorkspace.id, { active: false });
  });

  test("by addresses that stand in the monitor", async () => {
    const notifications = { onFailure: [{ email: "a@example.test" }], onError: [] };
    const monitor = await alerts.newMonitor({ notifications });

    expect(await tellingOf(monitor.id)).toEqual({ failure: true, error: false, mute: null });
  });

  test("as long as one of the rules is not muted", async () => {
    const monitor = await alerts.newMonitor();
    const [one, two] = [await newRule(monitor.id), await newRule(monitor.id)];

    await mute({ rule: one.id, minutes: 600, reason: "long" });
    expect((await tellingOf(monitor.id)).mute).toBeNull();

    await mute({ rule: two.id, minutes: 60, reason: "short" });
    expect((await tellingOf(monitor.id)).mute).toMatchObject({ reason: "short" });
  });
});
