import { createHmac } from "node:crypto";

import type { AlertMessage } from "../message.ts";
import type { Parcel, Sender } from "./sender.ts";

/** Any HTTP receiver: Postman's payload and more, signed when the channel has a secret. */
export const sendWebhook: Sender<"webhook"> = (
  { postJson, nowSeconds },
  { url, secret, headers },
  parcel,
) => {
  const body = JSON.stringify(webhookBody(parcel));
  return postJson(url, body, {
    ...headers,
    "idempotency-key": parcel.id,
    ...(secret !== undefined && { "x-sallyport-signature": signatureOf(secret, nowSeconds(), body) }),
  });
};

/** `t=<seconds>,v1=<hex of HMAC-SHA256(secret, "<seconds>.<body>")>`: whoever checks it refuses old ones, too. */
export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;

/** The first ten fields are those of Postman's "Post monitoring results"; without a monitor they are null. */
export const webhookBody = ({ id, alertId, message }: Parcel) => ({
  ...postmanFields(message),
  delivery_id: id,
  alert_id: alertId,
  event: message.event,
  condition: message.condition,
  state: message.state,
  severity: message.severity,
  since: message.since,
  title: message.title,
  summary: message.summary,
  workspace: message.workspace,
  monitor_url: message.monitor?.url ?? null,
  run_url: message.run?.url ?? null,
  run: message.run,
  failed_assertion: message.failure,
  cause: message.cause,
  changes: message.changes,
  facts: message.facts,
  links: message.links,
});

const postmanFields = ({ collection, environment, monitor, user, ...message }: AlertMessage) => ({
  ...namedFields("collection", collection),
  ...namedFields("environment", environment),
  metrics: metricsOf(message),
  ...namedFields("monitor", monitor),
  user_id: user?.id ?? null,
  user_name: user?.name ?? null,
});

const namedFields = (prefix: string, thing: { name: string; uid: string } | null) => ({
  [`${prefix}_name`]: thing?.name ?? null,
  [`${prefix}_uid`]: thing?.uid ?? null,
});

const metricsOf = ({ run }: Pick<AlertMessage, "run">) => ({
  errors: run?.errors ?? 0,
  failedTests: run?.failedTests ?? 0,
  passedTests: run?.passedTests ?? 0,
  requestCount: run?.requests ?? 0,
  totalLatency: run?.totalLatencyMs ?? 0,
  warnings: 0,
});
