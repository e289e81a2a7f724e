import { serviceUrls } from "../channel.ts";
import { cut } from "../message.ts";
import { textOf } from "./email.ts";
import { detailsOf } from "./pagerduty.ts";
import { isLast, type Parcel, type Receipt, refuseSummary, type Sender, type SenderDeps } from "./sender.ts";

/** Opsgenie's Alert API. All messages of an alert have one alias: it is opened once, and closed by its recovery. */
export const sendOpsgenie: Sender<"opsgenie"> = async (deps, { apiKey, url }, parcel) => {
  refuseSummary(parcel.message, "Opsgenie");
  const { event } = parcel.message;
  const service = { address: (url ?? serviceUrls.opsgenie).replace(/\/+$/, ""), apiKey };
  if (event === "test") await open(deps, service, parcel);
  return await (event === "test" || isLast(event) ? close : open)(deps, service, parcel);
};

interface Service {
  address: string;
  apiKey: string;
}

/** Limits of Opsgenie. */
const limits = { message: 130, description: 15_000, entity: 512, note: 25_000 } as const;
const priorities = { critical: "P1", warning: "P3", info: "P5" } as const;

const open = (
  deps: SenderDeps,
  { address, apiKey }: Service,
  { id, alertId, message }: Parcel,
): Promise<Receipt> =>
  deps.postJson(
    `${address}/v2/alerts`,
    JSON.stringify({
      message: cut(message.title, limits.message),
      alias: alertId,
      description: cut(textOf(message), limits.description),
      ...(message.monitor && { entity: cut(message.monitor.name, limits.entity) }),
      source: "Sallyport",
      priority: priorities[message.severity],
      tags: [...(message.condition ? [message.condition] : []), "sallyport"],
      details: { ...detailsOf(message), ...(message.links[0] && { Link: message.links[0].url }) },
    }),
    headersOf(apiKey, `${id}-open`),
  );

const close = (
  deps: SenderDeps,
  { address, apiKey }: Service,
  { id, alertId, message }: Parcel,
): Promise<Receipt> =>
  deps.postJson(
    `${address}/v2/alerts/${encodeURIComponent(alertId)}/close?identifierType=alias`,
    JSON.stringify({ source: "Sallyport", note: cut(`${message.title}. ${message.summary}`, limits.note) }),
    headersOf(apiKey, `${id}-close`),
  );

const headersOf = (apiKey: string, key: string) => ({
  authorization: `GenieKey ${apiKey}`,
  "idempotency-key": key,
});
