import { afterAll, describe, expect, test } from "bun:test";
import { createHmac, X509Certificate } from "node:crypto";
import { join } from "node:path";

import { type ChannelConfig, channelConfig, shownTarget } from "../../src/alerts/channel.ts";
import type { AlertMessage } from "../../src/alerts/message.ts";
import { oneLine } from "../../src/alerts/message.ts";
import { htmlOf, textOf } from "../../src/alerts/senders/email.ts";
import { createPoster } from "../../src/alerts/senders/http.ts";
import { createMailer } from "../../src/alerts/senders/mailer.ts";
import { sendThrough } from "../../src/alerts/senders/send.ts";
import { parseSmtpUrl } from "../../src/lib/smtp-url.ts";
import { httpReceiver, mailReceiver, silentReceiver } from "./receivers.ts";

const running: { stop(): Promise<unknown> }[] = [];
const started = <T extends { stop(): Promise<unknown> }>(thing: T): T => {
  running.push(thing);
  return thing;
};
afterAll(async () => {
  for (const thing of running) await thing.stop();
});

const receiver = started(httpReceiver());

/** What an API that wants to harm whoever reads about it would answer. */
const HOSTILE = `<!channel> <https://evil.test|click> [click](https://evil.test) <script>alert(1)</script> & "quotes"`;

const message: AlertMessage = {
  event: "firing",
  condition: "failure",
  state: "firing",
  severity: "critical",
  title: "Orders is failing",
  summary: "1 of 3 assertions failed.",
  since: "2026-03-02T10:00:00.000Z",
  number: 1,
  workspace: { id: "w", name: "Shop", url: "http://sallyport.test/workspaces/w" },
  monitor: { id: "m", name: "Orders", url: "http://sallyport.test/monitors/m", uid: "1-m" },
  collection: { name: "Orders API", uid: "1-c" },
  environment: null,
  user: { id: 1, name: "Ada" },
  run: {
    id: "r",
    url: "http://sallyport.test/runs/r",
    outcome: "failed",
    reason: "assertion_failed",
    trigger: "scheduled",
    runner: "Berlin",
    startedAt: "2026-03-02T10:00:01.000Z",
    durationMs: 120,
    runs: 1,
    runsFailed: 1,
    errors: 0,
    failedTests: 1,
    passedTests: 2,
    requests: 3,
    totalLatencyMs: 90,
  },
  failure: { step: "Create order", assertion: "status is 201", message: HOSTILE },
  cause: { fault: "target", sentence: "The API answered 500.", advice: "Look at its log." },
  changes: ["The collection was changed by Ada."],
  facts: [{ label: "Runner", value: "Berlin" }],
  links: [
    { label: "Open the run", url: "http://sallyport.test/runs/r" },
    { label: "Open the monitor", url: "http://sallyport.test/monitors/m" },
  ],
};

const poster = createPoster({ timeoutMs: 2_000 });
afterAll(() => poster.close());
const deps = { postJson: poster.postJson, sendMail: undefined, nowSeconds: () => 1_772_445_600 };

/** What the receiver got, of one message sent through a channel. */
async function sent(config: ChannelConfig, changes: Partial<AlertMessage> = {}) {
  const before = receiver.calls.length;
  await sendThrough(deps, config, { id: "delivery", alertId: "alert", message: { ...message, ...changes } });
  return receiver.calls.slice(before);
}

describe("a webhook", () => {
  test("gets Postman's fields and ours, signed", async () => {
    const [call] = await sent({
      kind: "webhook",
      url: `${receiver.url}/hook`,
      secret: "s3cret",
      headers: { "X-Team": "a" },
    });

    expect(call?.body).toMatchObject({
      collection_name: "Orders API",
      collection_uid: "1-c",
      environment_name: null,
      environment_uid: null,
      metrics: { errors: 0, failedTests: 1, passedTests: 2, requestCount: 3, totalLatency: 90, warnings: 0 },
      monitor_name: "Orders",
      monitor_uid: "1-m",
      user_id: 1,
      user_name: "Ada",
      event: "firing",
      state: "firing",
      since: "2026-03-02T10:00:00.000Z",
      run_url: "http://sallyport.test/runs/r",
      failed_assertion: { step: "Create order", assertion: "status is 201" },
      cause: { sentence: "The API answered 500." },
    });
    const signed = createHmac("sha256", "s3cret").update(`1772445600.${call?.text}`).digest("hex");
    expect(call?.headers).toMatchObject({
      "x-sallyport-signature": `t=1772445600,v1=${signed}`,
      "idempotency-key": "delivery",
      "x-team": "a",
      "content-type": "application/json",
    });
  });

  test("without a secret is not signed", async () => {
    const [call] = await sent({ kind: "webhook", url: receiver.url });

    expect(call?.headers["x-sallyport-signature"]).toBeUndefined();
  });
});

describe("Slack", () => {
  test("gets blocks, and a text for chat servers that know no blocks", async () => {
    const [call] = await sent({ kind: "slack", url: `${receiver.url}/services/T/B/x` });

    expect(call?.body.blocks[0]).toEqual({
      type: "header",
      text: { type: "plain_text", text: "✕ Orders is failing", emoji: false },
    });
    expect(call?.body.blocks.at(-1).elements).toMatchObject([
      { type: "button", url: "http://sallyport.test/runs/r" },
      { type: "button", url: "http://sallyport.test/monitors/m" },
    ]);
    expect(call?.body.text).toContain("<http://sallyport.test/runs/r|Open the run>");
    expect(call?.body.text).toContain("The API answered 500.");
  });

  test("calls nobody and links nowhere because an API said so", async () => {
    const [call] = await sent({ kind: "slack", url: receiver.url });

    expect(call?.text).not.toContain("<!channel>");
    expect(call?.text).not.toContain("<https://evil.test");
    expect(call?.text).toContain("&lt;!channel&gt;");
  });

  test("gets no more than it takes, however much there is to say", async () => {
    const long = "x".repeat(5_000);
    const facts = Array.from({ length: 25 }, (_, index) => ({ label: `Fact ${index}`, value: "1" }));
    const [call] = await sent({ kind: "slack", url: receiver.url }, { title: long, summary: long, facts });

    const blocks: { type: string; text?: { text: string }; fields?: unknown[] }[] = call?.body.blocks;
    expect(blocks[0]?.text?.text.length).toBeLessThanOrEqual(150);
    expect(Math.max(...blocks.map(({ text }) => text?.text.length ?? 0))).toBeLessThanOrEqual(3_000);
    expect(blocks.map(({ fields }) => fields?.length ?? 0).filter(Boolean)).toEqual([10, 10, 5]);
  });
});

test("Teams gets an Adaptive Card whose foreign texts are no Markdown", async () => {
  const [call] = await sent({ kind: "teams", url: receiver.url });

  const [attachment] = call?.body.attachments ?? [];
  expect(call?.body.type).toBe("message");
  expect(attachment.contentType).toBe("application/vnd.microsoft.card.adaptive");
  expect(attachment.content).toMatchObject({ type: "AdaptiveCard", version: "1.4" });
  expect(attachment.content.body.map(({ type }: { type: string }) => type)).not.toContain("TextBlock");
  expect(attachment.content.actions).toEqual([
    { type: "Action.OpenUrl", title: "Open the run", url: "http://sallyport.test/runs/r" },
    { type: "Action.OpenUrl", title: "Open the monitor", url: "http://sallyport.test/monitors/m" },
  ]);
});

describe("PagerDuty", () => {
  const config = { kind: "pagerduty", routingKey: "key", url: receiver.url } as const;

  test("opens one incident per alert and resolves it with its recovery", async () => {
    const [trigger] = await sent(config);
    const [resolve] = await sent(config, { event: "recovered", state: "ok", severity: "info" });

    expect(trigger?.path).toBe("/v2/enqueue");
    expect(trigger?.body).toMatchObject({
      routing_key: "key",
      event_action: "trigger",
      dedup_key: "alert",
      links: [{ href: "http://sallyport.test/runs/r", text: "Open the run" }, {}],
      payload: {
        summary: "Orders is failing: 1 of 3 assertions failed.",
        source: "Orders",
        severity: "critical",
      },
    });
    expect(resolve?.body).toEqual({ routing_key: "key", event_action: "resolve", dedup_key: "alert" });
  });

  test("a test opens one and resolves it at once, a summary is refused", async () => {
    const calls = await sent(config, { event: "test" });
    const summary = sent(config, { event: "summary" });

    expect(calls.map(({ body }) => body.event_action)).toEqual(["trigger", "resolve"]);
    await expect(summary).rejects.toMatchObject({ mayRetry: false });
  });
});

test("Opsgenie opens an alert by its alias and closes it by the same", async () => {
  const config = { kind: "opsgenie", apiKey: "key", url: `${receiver.url}/` } as const;

  const [open] = await sent(config);
  const [close] = await sent(config, { event: "recovered", state: "ok" });

  expect(open).toMatchObject({
    path: "/v2/alerts",
    headers: { authorization: "GenieKey key" },
    body: { message: "Orders is failing", alias: "alert", priority: "P1", entity: "Orders" },
  });
  expect(close?.path).toBe("/v2/alerts/alert/close?identifierType=alias");
});

describe("mail", () => {
  test("has a text and an HTML part, and the HTML runs nothing that an API answered", () => {
    expect(textOf(message)).toContain(
      "What failed:\n  Step: Create order\n  Assertion: status is 201\n  <!channel>",
    );
    expect(htmlOf(message)).not.toContain("<script>");
    expect(htmlOf(message)).toContain("&lt;script&gt;");
    expect(htmlOf(message)).toContain('<a href="http://sallyport.test/runs/r"');
  });

  test("a subject cannot add a header", async () => {
    const mail = started(await mailReceiver());
    const send = createMailer(parseSmtpUrl(`smtp://127.0.0.1:${mail.port}`, "a@example.test"), {
      publicUrl: "https://sallyport.test",
    });

    const subject = "Orders\r\nBcc: evil@example.test\r\n\r\nbody";
    await send({ to: ["b@example.test"], subject, text: "t", html: "h", id: "delivery", threadId: "alert" });

    expect(mail.mails[0]?.to).toEqual(["b@example.test"]);
    expect(mail.mails[0]?.raw).not.toMatch(/^Bcc:/im);
    expect(mail.mails[0]?.raw).toContain("Message-ID: <delivery@sallyport.test>");
  });

  test("goes over STARTTLS with a password, to a server that is trusted, and not at all without", async () => {
    const folder = join(import.meta.dir, "../support/tls");
    const [key, cert, ca] = await Promise.all(
      ["server.key.pem", "server.pem", "ca.pem"].map((name) => Bun.file(join(folder, name)).text()),
    );
    if (!key || !cert || !ca) throw new Error("no certificates");
    const secure = started(await mailReceiver({ key, cert, disabledCommands: [], authOptional: false }));
    const plain = started(await mailReceiver());
    const url = (port: number) => `smtp://user:pa%40ss@localhost:${port}`;
    const mailer = (port: number, extraCaCerts?: string[]) =>
      createMailer(parseSmtpUrl(url(port), "a@example.test"), {
        publicUrl: "https://s.test",
        extraCaCerts,
        timeoutMs: 3_000,
      });
    const mail = { to: ["b@example.test"], subject: "s", text: "t", html: "h", id: "d", threadId: "a" };

    await mailer(secure.port, [ca])(mail);
    const untrusted = await mailer(secure.port)(mail).catch((error: unknown) => error);
    const withoutTls = await mailer(plain.port, [ca])(mail).catch((error: unknown) => error);

    expect(new X509Certificate(cert).checkHost("localhost")).toBe("localhost");
    expect(secure.mails).toMatchObject([{ secure: true, user: "user" }]);
    expect(untrusted).toMatchObject({ mayRetry: true });
    expect(String(untrusted)).toMatch(/certificate/i);
    expect(withoutTls).toMatchObject({ mayRetry: true });
    expect(plain.mails).toEqual([]);
  });
});

describe("a call", () => {
  test("ends after its time limit", async () => {
    const hanging = started(await silentReceiver());
    const impatient = createPoster({ timeoutMs: 200 });

    const error = await impatient.postJson(hanging.url, "{}").catch((thrown: unknown) => thrown);
    await impatient.close();

    expect(error).toMatchObject({
      mayRetry: true,
      message: "The receiver did not answer within 0.2 seconds.",
    });
  });

  test("goes through the proxy of the environment, except to what needs none", async () => {
    const calls = receiver.calls.length;
    const proxied = createPoster({ httpProxy: "http://127.0.0.1:1", noProxy: "" });
    const direct = createPoster({ httpProxy: "http://127.0.0.1:1", noProxy: "127.0.0.1" });

    const error = await proxied.postJson(receiver.url, "{}").catch((thrown: unknown) => thrown);
    const receipt = await direct.postJson(receiver.url, "{}");
    await Promise.all([proxied.close(), direct.close()]);

    expect(error).toMatchObject({ mayRetry: true });
    expect(receipt.status).toBe(200);
    expect(receiver.calls.length).toBe(calls + 1);
  });
});

describe("channels", () => {
  test.each<[string, unknown]>([
    ["another protocol", { kind: "slack", url: "file:///etc/passwd" }],
    ["credentials in the address", { kind: "webhook", url: "http://user:pass@chat.test/" }],
    [
      "a line break in a header",
      { kind: "webhook", url: "http://chat.test/", headers: { "x-a": "1\r\nx-b: 2" } },
    ],
    [
      "a header that frames the message",
      { kind: "webhook", url: "http://chat.test/", headers: { "Transfer-Encoding": "chunked" } },
    ],
    ["no recipient", { kind: "email", recipients: [] }],
    ["a recipient that is two", { kind: "email", recipients: ["a@b.test, c@d.test"] }],
    ["an empty key", { kind: "pagerduty", routingKey: " " }],
  ])("are refused: %s", (_, config) => {
    expect(channelConfig.safeParse(config).success).toBe(false);
  });

  test("show their host and nothing of the path, which is the secret", () => {
    expect(shownTarget({ kind: "slack", url: "https://hooks.slack.com/services/T/B/secret" })).toBe(
      "hooks.slack.com",
    );
    expect(shownTarget({ kind: "opsgenie", apiKey: "secret" })).toBe("api.opsgenie.com");
  });
});

describe("the address of a mail server", () => {
  test.each([
    ["smtp://mail.test", { port: 25, tls: "offered" }],
    ["smtp://u:p@mail.test", { port: 587, tls: "required", credentials: { user: "u", pass: "p" } }],
    ["smtps://u:p@mail.test", { port: 465, tls: "implicit" }],
    ["smtp://mail.test:2525?starttls=required", { port: 2525, tls: "required" }],
    ["smtp://u:p@mail.test?starttls=off", { tls: "off" }],
  ])("%s", (text, expected) => {
    expect(parseSmtpUrl(text, "a@b.test")).toMatchObject(expected);
  });

  test.each([
    ["http://mail.test", "a@b.test"],
    ["smtp://", "a@b.test"],
    ["smtp://mail.test?starttls=maybe", "a@b.test"],
    ["smtp://mail.test", "nobody"],
    ["smtp://mail.test", "a@b.test\r\nBcc: c@d.test"],
    ["smtp://mail.test", "a@b.test, c@d.test"],
  ])("is refused: %p from %p", (text, from) => {
    expect(() => parseSmtpUrl(text, from)).toThrow();
  });
});

test("a line of a message has no line breaks, turns no text around and ends within its limit", () => {
  expect(oneLine("a\r\nb\u2028c\u202ed")).toBe("a b c d");
  expect(oneLine("x".repeat(20), 10)).toBe(`${"x".repeat(9)}…`);
  expect(oneLine(`${"x".repeat(8)}😀y`, 10)).toBe(`${"x".repeat(8)}…`);
});
