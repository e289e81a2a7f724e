import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { connect } from "../../db/connect.ts";
import { secretKey } from "../runs/harness.ts";
import { eventually } from "../support/eventually.ts";
import { externalPostgres } from "../support/external-postgres.ts";
import { startServer } from "../support/installation.ts";
import { stopEverything, temporaryFolder } from "../support/processes.ts";
import { alertHarness } from "./harness.ts";
import { httpReceiver, mailReceiver, silentReceiver } from "./receivers.ts";

setDefaultTimeout(120_000);

const running: { stop(): Promise<unknown> }[] = [];
const started = <T extends { stop(): Promise<unknown> }>(thing: T): T => {
  running.push(thing);
  return thing;
};
afterAll(async () => {
  await stopEverything();
  for (const thing of running.toReversed()) await thing.stop();
});

/** A database that servers of the real program share, and a monitor on it whose failures are told to a webhook and by mail. */
async function installation() {
  const postgres = started(await externalPostgres());
  const database = connect({ target: postgres.url, max: 3 });
  started({ stop: () => database.close() });
  const h = await alertHarness(database);
  const mail = started(await mailReceiver());
  const dataDir = join(temporaryFolder(), "data");
  const start = () =>
    startServer(["--port", "0", "--data-dir", dataDir, "--database-url", postgres.url], {
      APP_SECRET_KEY: secretKey.toString("hex"),
      APP_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
      APP_SMTP_FROM: "Sallyport <alerts@example.test>",
    });
  const watch = async (url: string) => {
    const channelId = await h.newChannel({ kind: "webhook", url });
    const notifications = { onFailure: [{ email: "night@example.test" }], onError: [] };
    const monitor = await h.newMonitor({ name: "Orders", notifications });
    await h.newRule({ monitorId: monitor.id, channelIds: [channelId], inARow: 1 });
    return monitor.id;
  };
  const statuses = async (monitorId: string) =>
    (
      await database.sql<{ status: string }[]>`
        select status from alert_deliveries where monitor_id = ${monitorId} order by position`
    ).map(({ status }) => status);
  return { ...h, mail, start, watch, statuses };
}

test("a server that is killed while it sends: the next one sends it, once", async () => {
  const h = await installation();
  const blocked = started(await silentReceiver());
  const monitorId = await h.watch(blocked.url);
  const { server } = await h.start();

  await h.end(monitorId, "failed");
  await eventually(() => blocked.connections() === 1);
  // What was taken and not noted yet would be sent again, with the same Message-ID.
  await eventually(async () => (await h.statuses(monitorId)).toSorted().join() === "sending,sent");
  server.kill("SIGKILL");
  await server.ended;
  await blocked.stop();
  const receiver = started(httpReceiver(blocked.port));
  // For the database, the lease of the dead server is over.
  await h.database.sql`update alert_deliveries set next_attempt_at = now() where status = 'sending'`;
  await Promise.all([h.start(), h.start()]);
  await eventually(async () => (await h.statuses(monitorId)).join() === "sent,sent");
  await h.end(monitorId, "passed");
  await eventually(() => receiver.calls.length === 2);

  expect(receiver.calls.map(({ body }) => body.event)).toEqual(["firing", "recovered"]);
  // The address of the monitor hears of a recovery only after as many failures as its limit.
  expect(h.mail.mails).toHaveLength(1);
  expect(h.mail.mails[0]?.raw).toContain("Orders is failing");
});

test("a server that dies after a change is stored and before it is sent: the next one sends it, once", async () => {
  const h = await installation();
  const receiver = started(httpReceiver());
  const monitorId = await h.watch(receiver.url);
  await h.end(monitorId, "failed");
  await h.evaluate();

  await Promise.all([h.start(), h.start()]);
  await eventually(async () => (await h.statuses(monitorId)).join() === "sent,sent");

  expect(receiver.calls).toHaveLength(1);
  expect(h.mail.mails).toHaveLength(1);
});
