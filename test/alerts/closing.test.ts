import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { closeBeforeDeletion } from "../../src/alerts/before-deletion.ts";
import { deleteChannel, updateChannel } from "../../src/alerts/channels-store.ts";
import { listAlertStates, listDeliveries } from "../../src/alerts/log-store.ts";
import { resendDelivery } from "../../src/alerts/resend.ts";
import { deleteRule, updateRule } from "../../src/alerts/rules-store.ts";
import { startAlerts } from "../../src/alerts/start.ts";
import { closeUnwatched } from "../../src/alerts/unwatched.ts";
import { createFork } from "../../src/collections/forks/store.ts";
import { mergeCollections } from "../../src/collections/forks/sync.ts";
import { eventually } from "../support/eventually.ts";
import { type Session, startSession } from "../support/form-session.ts";
import { type AlertHarness, alertHarness } from "./harness.ts";
import { type HttpReceiver, httpReceiver } from "./receivers.ts";

setDefaultTimeout(120_000);

let session: Session;
let h: AlertHarness;
let pager: HttpReceiver;
let hook: HttpReceiver;
const running: { stop(): Promise<unknown> }[] = [];
beforeAll(async () => {
  session = await startSession();
  h = await alertHarness(session.database);
  pager = httpReceiver();
  hook = httpReceiver();
  running.push(pager, hook, startAlerts(h.deps, {}), startAlerts(h.deps, {}));
});
afterAll(async () => {
  for (const thing of running.toReversed()) await thing.stop();
});

const newPager = () => h.newChannel({ kind: "pagerduty", routingKey: "key", url: pager.url });
const newHook = () => h.newChannel({ kind: "webhook", url: hook.url });

/** A monitor that fails, and what was told of it: an incident and a webhook. */
async function openAlert(change: { rule?: Record<string, unknown>; monitor?: Record<string, unknown> } = {}) {
  const [pagerId, hookId] = [await newPager(), await newHook()];
  const monitor = await h.newMonitor(change.monitor);
  const rule = await h.newRule({
    monitorId: monitor.id,
    name: "Night watch",
    channelIds: [pagerId, hookId],
    inARow: 1,
    ...change.rule,
  });
  await h.end(monitor.id, "failed");
  await eventually(async () => (await callsOf(rule.id)).length === 2);
  expect(await settled(rule.id)).toEqual(["hook firing", "pager trigger"]);
  return { monitorId: monitor.id, ruleId: rule.id, pagerId, hookId };
}

type Alert = Awaited<ReturnType<typeof openAlert>>;

/** Of every message of the rule that was taken. */
async function callsOf(ruleId: string): Promise<string[]> {
  const alerts = await h.database.sql<{ id: string }[]>`
    select distinct alert_id as id from alert_deliveries where rule_id = ${ruleId}`;
  const ids = new Set(alerts.map(({ id }) => id));
  return [
    ...pager.calls
      .filter(({ body }) => ids.has(body.dedup_key))
      .map(({ body }) => `pager ${body.event_action}`),
    ...hook.calls.filter(({ body }) => ids.has(body.alert_id)).map(({ body }) => `hook ${body.event}`),
  ].toSorted();
}

const closed = ["hook closed", "hook firing", "pager resolve", "pager trigger"];

/** What was sent in the end, when nothing waits any more. */
async function settled(ruleId: string): Promise<string[]> {
  await eventually(async () => {
    const [row] = await h.database.sql<{ waiting: number }[]>`
      select count(*)::int as waiting from alert_deliveries
       where rule_id = ${ruleId} and status in ('pending', 'sending')`;
    return row?.waiting === 0;
  });
  return await callsOf(ruleId);
}

const lastOf = (ruleId: string) =>
  h.database.sql<{ message: { title: string; summary: string; links: { url: string }[] } }[]>`
    select message from alert_deliveries where rule_id = ${ruleId} order by position desc limit 1`.then(
    ([row]) => row?.message,
  );

const deletePage = async (path: string) => {
  await session.get(path);
  expect((await session.post(path)).status).toBe(303);
};

const collectionOf = async (monitorId: string) => {
  const [row] = await h.database.sql`select collection_id as id from monitors where id = ${monitorId}`;
  return String(row?.["id"]);
};

/** Lets the monitor run a fork of another collection, and merges it with what deletes the fork. */
async function mergeAway(monitorId: string): Promise<void> {
  const [row] = await h.database.sql<{ workspaceId: string }[]>`
    select workspace_id as "workspaceId" from monitors where id = ${monitorId}`;
  const workspaceId = row?.workspaceId ?? "";
  const { id: destinationId } = await h.make.collection({
    workspaceId,
    document: { info: { name: "Shop" }, item: [] },
  });
  const forked = await createFork(h.database, h.actor, {
    sourceId: destinationId,
    workspaceId,
    label: "mine",
  });
  const sourceId = forked?.head.id ?? "";
  await h.database.sql`update monitors set collection_id = ${sourceId} where id = ${monitorId}`;
  await mergeCollections(
    { database: h.database, beforeDeletion: closeBeforeDeletion(h.deps.publicUrl) },
    h.actor,
    { sourceId, destinationId, strategy: "deleteSource", prefer: undefined },
  );
}

const endings: [string, string, (alert: Alert) => Promise<unknown>][] = [
  [
    "its rule is deleted",
    'deleted the rule "Night watch".',
    ({ ruleId }) => deleteRule(h.deps, h.actor, ruleId),
  ],
  [
    "its rule is switched off",
    'switched the rule "Night watch" off.',
    ({ ruleId }) => updateRule(h.deps, h.actor, ruleId, { active: false }),
  ],
  [
    "its rule watches something else",
    'changed the rule "Night watch": it does not watch this any more.',
    ({ ruleId }) => updateRule(h.deps, h.actor, ruleId, { onFailure: false }),
  ],
  [
    "its monitor is deleted",
    "deleted the monitor.",
    ({ monitorId }) => deletePage(`/monitors/${monitorId}/delete`),
  ],
  [
    "its collection is deleted",
    "deleted the collection that the monitor ran.",
    async ({ monitorId }) => deletePage(`/collections/${await collectionOf(monitorId)}/delete`),
  ],
  [
    "its collection is a fork that goes when it is merged",
    "deleted the collection that the monitor ran.",
    ({ monitorId }) => mergeAway(monitorId),
  ],
];

describe("an open alert is closed once for everybody who was told, when", () => {
  test.each(endings)("%s", async (_, reason, end) => {
    const alert = await openAlert();

    await end(alert);

    expect(await settled(alert.ruleId)).toEqual(closed);
    const message = await lastOf(alert.ruleId);
    expect(message?.title).toEndWith("is closed; it was failing");
    expect(message?.summary).toContain(reason);
    expect(message?.summary).toEndWith(
      "No more messages of this alert follow; whether it is over is not known.",
    );
    expect(await listAlertStates(h.database, h.actor, { monitorId: alert.monitorId, all: true })).toEqual([]);
  });

  test("its monitor is moved to where its rule does not watch", async () => {
    const { id: elsewhere } = await h.make.workspace({ createdBy: h.actor.userId });
    const alert = await openAlert({ rule: { monitorId: null } });
    await h.database.sql`update monitors set workspace_id = ${elsewhere} where id = ${alert.monitorId}`;

    await Promise.all([closeUnwatched(h.deps), closeUnwatched(h.deps)]);

    expect(await settled(alert.ruleId)).toEqual(closed);
    await deleteRule(h.deps, h.actor, alert.ruleId);
  });
});

describe("a channel", () => {
  test("that a rule loses is told so, and the others go on", async () => {
    const alert = await openAlert();

    await updateRule(h.deps, h.actor, alert.ruleId, { channelIds: [alert.hookId] });
    await h.end(alert.monitorId, "passed");
    await eventually(async () => (await callsOf(alert.ruleId)).includes("hook recovered"));

    expect(await settled(alert.ruleId)).toEqual([
      "hook firing",
      "hook recovered",
      "pager resolve",
      "pager trigger",
    ]);
  });

  test.each([
    ["deleted", "deleted", (id: string) => deleteChannel(h.deps, h.actor, id)],
    ["switched off", "switched", (id: string) => updateChannel(h.deps, h.actor, id, { active: false })],
  ])("that is %s still sends the end of what it opened, and its secret goes then", async (_, said, end) => {
    const alert = await openAlert();
    pager.answers.push({ status: 503 });

    await end(alert.pagerId);
    await eventually(async () => {
      await h.database.sql`update alert_deliveries set next_attempt_at = now() where status = 'pending'`;
      return (await callsOf(alert.ruleId)).filter((call) => call === "pager resolve").length === 2;
    });

    expect(await settled(alert.ruleId)).toEqual([
      "hook firing",
      "pager resolve",
      "pager resolve",
      "pager trigger",
    ]);
    const { deliveries } = await listDeliveries(h.database, h.actor, { ruleId: alert.ruleId });
    expect(deliveries[0]).toMatchObject({
      kind: "closed",
      status: "sent",
      attempt: 2,
      channelName: "Channel",
      channelKind: "pagerduty",
      isCarried: true,
    });
    expect(deliveries[0]?.message.summary).toContain(`${said} this channel`);
    const stored = await h.database.sql`
      select message::text as message from alert_deliveries where rule_id = ${alert.ruleId} and kind = 'closed'`;
    expect(JSON.stringify(stored)).not.toContain("sealedConfig");
    await expect(resendDelivery(h.database, h.actor, deliveries[0]?.id ?? "")).rejects.toThrow(
      "switched off or deleted",
    );
  });

  test("that is deleted sends a recovery that waits", async () => {
    const alert = await openAlert();
    await h.database.sql.begin(async (tx) => {
      // Nobody takes it before the channel is gone.
      await tx`lock table alert_deliveries in exclusive mode`;
      await tx`insert into alert_deliveries (id, workspace_id, kind, alert_id, condition, rule_id, monitor_id, channel_id,
                                             message, next_attempt_at)
               select gen_random_uuid(), workspace_id, 'recovered', alert_id, condition, rule_id, monitor_id, channel_id,
                      jsonb_set(message, '{event}', '"recovered"'), now() + interval '1 hour'
                 from alert_deliveries where rule_id = ${alert.ruleId} and channel_id = ${alert.pagerId}`;
    });
    await h.database.sql`update alert_states set state = 'ok' where rule_id = ${alert.ruleId}`;

    await deleteChannel(h.deps, h.actor, alert.pagerId);
    await h.database.sql`update alert_deliveries set next_attempt_at = now() where status = 'pending'`;

    expect(await settled(alert.ruleId)).toEqual(["hook firing", "pager resolve", "pager trigger"]);
  });
});

test("the end that leaves its channel waits for what is being sent through it", async () => {
  const alert = await openAlert();
  await h.database.sql`
    update alert_deliveries set status = 'sending', next_attempt_at = now() + interval '25 seconds'
     where rule_id = ${alert.ruleId} and channel_id = ${alert.pagerId}`;

  await deleteChannel(h.deps, h.actor, alert.pagerId);

  const [row] = await h.database.sql`
    select status, next_attempt_at > now() + interval '15 seconds' as waits from alert_deliveries
     where rule_id = ${alert.ruleId} and kind = 'closed'`;
  expect(row).toEqual({ status: "pending", waits: true });
});

describe("nobody is told of the end of", () => {
  test("what a rule that tells no recovery has told", async () => {
    const alert = await openAlert({ rule: { onRecovery: false } });

    await deleteRule(h.deps, h.actor, alert.ruleId);

    expect(await settled(alert.ruleId)).toEqual(["hook firing", "pager trigger"]);
  });

  test("what they never heard of: a channel that came later, a muted alert", async () => {
    const alert = await openAlert();
    const later = await newPager();
    await updateRule(h.deps, h.actor, alert.ruleId, { channelIds: [alert.pagerId, alert.hookId, later] });
    await h.database.sql`update alert_deliveries set status = 'muted'
                          where rule_id = ${alert.ruleId} and channel_id = ${alert.hookId}`;

    await deleteRule(h.deps, h.actor, alert.ruleId);

    expect(await settled(alert.ruleId)).toEqual(["hook firing", "pager resolve", "pager trigger"]);
  });
});

// Last: everything of the others goes with it.
test("of a workspace that is deleted every open alert is closed, through its own channels, too", async () => {
  const alert = await openAlert();

  await deletePage(`/workspaces/${h.workspaceId}/delete`);

  expect(await settled(alert.ruleId)).toEqual(closed);
  const message = await lastOf(alert.ruleId);
  expect(message?.summary).toContain("deleted the workspace.");
  expect(message?.links).toEqual([]);
});
