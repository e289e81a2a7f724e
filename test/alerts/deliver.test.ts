import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { claimDeliveries, markEnded } from "../../src/alerts/deliver-store.ts";
import { listDeliveries } from "../../src/alerts/log-store.ts";
import { type AlertOptions, startAlerts } from "../../src/alerts/start.ts";
import { sendTest } from "../../src/alerts/test-message.ts";
import { eventually } from "../support/eventually.ts";
import { type AlertHarness, alertHarness } from "./harness.ts";
import { type HttpReceiver, httpReceiver, mailReceiver, silentReceiver } from "./receivers.ts";

const running: { stop(): Promise<unknown> }[] = [];
const started = <T extends { stop(): Promise<unknown> }>(thing: T): T => {
  running.push(thing);
  return thing;
};
afterAll(async () => {
  for (const thing of running.toReversed()) await thing.stop();
});

/** Loops of one server. */
const server = (h: AlertHarness, options: AlertOptions = {}) => started(startAlerts(h.deps, options));

/** A monitor whose first failure is told to a webhook. */
async function watched(h: AlertHarness, url: string) {
  const channelId = await h.newChannel({ kind: "webhook", url, secret: "s3cret" });
  const monitor = await h.newMonitor({ name: "Orders" });
  await h.newRule({ monitorId: monitor.id, channelIds: [channelId], inARow: 1 });
  return { monitorId: monitor.id, channelId };
}

const statuses = async (h: AlertHarness, monitorId: string) =>
  (await listDeliveries(h.database, h.actor, { monitorId })).deliveries
    .map(({ status }) => status)
    .toReversed();

/** For the database, the time of the next attempt has come. */
const becomeDue = ({ database }: AlertHarness) =>
  database.sql`update alert_deliveries set next_attempt_at = now() where status = 'pending'`;

const eventsOf = (receiver: HttpReceiver) => receiver.calls.map(({ body }) => body.event);

describe("on a database of several servers", () => {
  let h: AlertHarness;
  let receiver: HttpReceiver;
  beforeAll(async () => {
    h = await alertHarness();
    receiver = started(httpReceiver());
    server(h);
    server(h);
    server(h);
  });

  test("each change of state is told once, and in order", async () => {
    const { monitorId } = await watched(h, receiver.url);

    for (const end of ["failed", "passed", "failed", "passed"] as const) await h.end(monitorId, end);
    await eventually(async () => (await statuses(h, monitorId)).join() === "sent,sent,sent,sent");

    const calls = receiver.calls.filter(({ body }) => body.monitor_uid.endsWith(monitorId));
    expect(calls.map(({ body }) => body.event)).toEqual(["firing", "recovered", "firing", "recovered"]);
    expect(new Set(calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(4);
    expect(new Set(calls.map(({ body }) => body.alert_id)).size).toBe(2);
  });

  test("a test of a channel answers with what the receiver said", async () => {
    const { channelId } = await watched(h, receiver.url);
    receiver.answers.push({ status: 200, body: "thank you" }, { status: 503, body: "not today" });

    const good = await sendTest(h.deps, h.actor, channelId);
    const bad = await sendTest(h.deps, h.actor, channelId);

    expect(good).toMatchObject({ status: "sent", responseStatus: 200, response: "thank you" });
    // Whoever tests a channel looks now: it is not tried again.
    expect(bad).toMatchObject({ status: "failed", responseStatus: 503, response: "not today" });
  });
});

describe("a receiver", () => {
  test("that is down gets every message once when it is back, none before the one that it follows", async () => {
    const h = await alertHarness();
    const receiver = started(httpReceiver());
    const { monitorId } = await watched(h, receiver.url);
    await receiver.stop();
    server(h);

    await h.end(monitorId, "failed");
    await h.end(monitorId, "passed");
    await eventually(async () => {
      const { deliveries } = await listDeliveries(h.database, h.actor, { monitorId });
      return deliveries[1]?.attempt === 1 && deliveries[1].status === "pending";
    });
    await h.evaluate();
    const whileDown = await statuses(h, monitorId);
    const back = started(httpReceiver(Number(new URL(receiver.url).port)));
    await becomeDue(h);
    await eventually(async () => (await statuses(h, monitorId)).join() === "sent,sent");

    expect(whileDown).toEqual(["pending", "pending"]);
    expect(eventsOf(back)).toEqual(["firing", "recovered"]);
  });

  test("that answers with a server error or a limit is tried again, as late as it asks for", async () => {
    const h = await alertHarness();
    const receiver = started(httpReceiver());
    const { monitorId } = await watched(h, receiver.url);
    receiver.answers.push({ status: 500 }, { status: 429, headers: { "retry-after": "120" } });
    server(h);

    await h.end(monitorId, "failed");
    await eventually(async () => (await h.told(monitorId)).length === 1);
    await eventually(() => receiver.calls.length === 1);
    await eventually(async () => (await statuses(h, monitorId)).join() === "pending");
    await becomeDue(h);
    await eventually(() => receiver.calls.length === 2);
    const waiting = await eventually(async () => {
      const [row] = await h.database.sql<{ status: string; inSeconds: number }[]>`
        select status, extract(epoch from next_attempt_at - now())::int as "inSeconds" from alert_deliveries`;
      return row?.status === "pending" && row;
    });
    await becomeDue(h);
    await eventually(async () => (await statuses(h, monitorId)).join() === "sent");

    expect(waiting.inSeconds).toBeGreaterThan(110);
    expect(new Set(receiver.calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  });

  test("that refuses the message for good is not asked again, and a redirect is not followed", async () => {
    const h = await alertHarness();
    const receiver = started(httpReceiver());
    const { monitorId } = await watched(h, receiver.url);
    const elsewhere = `${receiver.url}/elsewhere`;
    receiver.answers.push(
      { status: 400, body: "invalid_payload" },
      { status: 302, headers: { location: elsewhere } },
    );
    server(h);

    await h.end(monitorId, "failed");
    await h.end(monitorId, "passed");
    await eventually(async () => (await statuses(h, monitorId)).join() === "failed,failed");

    const { deliveries } = await listDeliveries(h.database, h.actor, { monitorId });
    expect(deliveries.map(({ response }) => response).toReversed()).toEqual([
      "invalid_payload",
      "The receiver answered 302, a redirect, which is not followed: give the address it points to.",
    ]);
    expect(receiver.calls).toHaveLength(2);
  });

  test("that stays away for a day is given up on, which the log shows", async () => {
    const h = await alertHarness();
    const { monitorId } = await watched(h, "http://127.0.0.1:1/");
    await h.end(monitorId, "failed");
    await h.evaluate();
    await h.database.sql`update alert_deliveries set created_at = now() - interval '25 hours'`;

    server(h);
    await eventually(async () => (await statuses(h, monitorId)).join() === "given_up");

    const { deliveries } = await listDeliveries(h.database, h.actor, { monitorId });
    expect(deliveries[0]?.response).toContain("could not be reached");
  });

  test("that hangs keeps no other from being told", async () => {
    const h = await alertHarness();
    const hanging = started(await silentReceiver());
    const receiver = started(httpReceiver());
    const slowChannel = await h.newChannel({ kind: "webhook", url: hanging.url });
    const quick = await watched(h, receiver.url);
    for (let count = 0; count < 8; count++) {
      const slow = await h.newMonitor();
      await h.newRule({ monitorId: slow.id, channelIds: [slowChannel], inARow: 1 });
      await h.end(slow.id, "failed");
    }
    server(h, { timeoutMs: 60_000 });
    await eventually(() => hanging.connections() === 4);

    await h.end(quick.monitorId, "failed");
    await eventually(() => receiver.calls.length === 1);

    expect(hanging.connections()).toBe(4);
    await hanging.stop();
  });
});

describe("an evaluation", () => {
  test("that failed once is tried again soon, and nothing of it is told twice", async () => {
    const h = await alertHarness();
    const receiver = started(httpReceiver());
    const { monitorId } = await watched(h, receiver.url);
    const { sql } = h.database;
    await sql`create sequence evaluations`;
    // A sequence counts on when its transaction is rolled back.
    await sql.unsafe(`
      create function fail_once() returns trigger language plpgsql as $$ begin
        if nextval('evaluations') = 1 then raise exception 'planted'; end if;
        return new;
      end $$;
      create trigger fail_once before insert on alert_deliveries for each row execute function fail_once()`);
    await h.end(monitorId, "failed");

    server(h);
    await eventually(async () => (await statuses(h, monitorId)).join() === "sent");

    const [counted] = await sql<
      { evaluations: number }[]
    >`select last_value::int as evaluations from evaluations`;
    expect(counted?.evaluations).toBe(2);
    expect(eventsOf(receiver)).toEqual(["firing"]);
  });
});

describe("a lease", () => {
  test("is held by one server, and only its holder says how the attempt ended", async () => {
    const h = await alertHarness();
    const { monitorId } = await watched(h, "http://127.0.0.1:1/");
    await h.end(monitorId, "failed");
    await h.evaluate();

    const claims = await Promise.all(Array.from({ length: 5 }, () => claimDeliveries(h.database, 10)));
    const [first] = claims.flat();
    await h.database.sql`update alert_deliveries set next_attempt_at = now() - interval '1 second'`;
    const [second] = await claimDeliveries(h.database, 10);
    if (!first || !second) throw new Error("nothing was claimed");
    const receipt = { status: 200, response: "" };
    const late = await markEnded(h.database, first, { outcome: "sent", receipt });
    const inTime = await markEnded(h.database, second, { outcome: "sent", receipt });

    expect(claims.flat()).toHaveLength(1);
    expect(second.attempt).toBe(2);
    expect([late, inTime]).toEqual([false, true]);
  });
});

describe("mail", () => {
  const smtp = (port: number) => ({
    host: "127.0.0.1",
    port,
    tls: "offered" as const,
    credentials: undefined,
    from: "Sallyport <alerts@example.test>",
  });

  test("to the addresses of a monitor comes from the installation, in one thread, each with its own id", async () => {
    const h = await alertHarness();
    const mail = started(await mailReceiver());
    const notifications = { onFailure: [{ email: "night@example.test" }], onError: [] };
    const { id } = await h.newMonitor({ name: "Orders", notifications, notificationLimit: 1 });
    server(h, { smtp: smtp(mail.port) });

    await h.end(id, "failed");
    await h.end(id, "passed");
    await eventually(() => mail.mails.length === 2);

    const [failed, passed] = mail.mails;
    expect(failed).toMatchObject({ from: "alerts@example.test", to: ["night@example.test"] });
    expect(failed?.raw).toContain("Orders is failing");
    expect(failed?.raw).toContain("expected 0 to be above 0");
    expect(passed?.raw).toContain("Orders passes again");
    const ids = mail.mails.map(({ raw }) => /^Message-ID: (.*)$/im.exec(raw)?.[1]);
    const threads = mail.mails.map(({ raw }) => /^References: (.*)$/im.exec(raw)?.[1]);
    expect(new Set(ids).size).toBe(2);
    expect(new Set(threads).size).toBe(1);
  });

  test("waits while there is no mail server, and comes with the same id when it is tried again", async () => {
    const h = await alertHarness();
    const mail = started(await mailReceiver());
    mail.refuse.push({ code: 451, message: "try later" });
    const notifications = { onFailure: [{ email: "night@example.test" }], onError: [] };
    const { id } = await h.newMonitor({ notifications });
    const without = server(h);
    await h.end(id, "failed");
    await eventually(async () => {
      const { deliveries } = await listDeliveries(h.database, h.actor, { monitorId: id });
      return deliveries[0]?.response?.includes("--smtp-url");
    });
    await without.stop();

    server(h, { smtp: smtp(mail.port) });
    await becomeDue(h);
    await eventually(async () => {
      const { deliveries } = await listDeliveries(h.database, h.actor, { monitorId: id });
      return deliveries[0]?.responseStatus === 451 && deliveries[0].status === "pending";
    });
    await becomeDue(h);
    await eventually(() => mail.mails.length === 1);

    const [delivery] = (await listDeliveries(h.database, h.actor, { monitorId: id })).deliveries;
    expect(mail.mails[0]?.raw).toContain(`Message-ID: <${delivery?.id}@127.0.0.1>`);
  });

  test("that the server refuses for good has failed", async () => {
    const h = await alertHarness();
    const mail = started(await mailReceiver());
    mail.refuse.push({ code: 554, message: "no such mailbox" });
    const { id } = await h.newMonitor({
      notifications: { onFailure: [{ email: "gone@example.test" }], onError: [] },
    });
    server(h, { smtp: smtp(mail.port) });

    await h.end(id, "failed");
    await eventually(async () => (await statuses(h, id)).join() === "failed");

    const [delivery] = (await listDeliveries(h.database, h.actor, { monitorId: id })).deliveries;
    expect(delivery).toMatchObject({ responseStatus: 554 });
    expect(delivery?.response).toContain("no such mailbox");
  });
});
