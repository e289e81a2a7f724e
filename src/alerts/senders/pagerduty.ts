import { serviceUrls } from "../channel.ts";
import { type AlertMessage, cut } from "../message.ts";
import { isLast, type Parcel, refuseSummary, type Sender } from "./sender.ts";
import { failureLines } from "./text.ts";

/**
 * PagerDuty's Events API v2. All messages of an alert have one `dedup_key`: it opens one incident, and its recovery resolves
 * it. A test opens one and resolves it at once, so that nobody has to.
 */
export const sendPagerDuty: Sender<"pagerduty"> = async ({ postJson }, { routingKey, url }, parcel) => {
  refuseSummary(parcel.message, "PagerDuty");
  const { event } = parcel.message;
  const address = `${(url ?? serviceUrls.pagerduty).replace(/\/+$/, "")}/v2/enqueue`;
  const post = (action: "trigger" | "resolve") =>
    postJson(address, JSON.stringify(eventOf(action, routingKey, parcel)), {
      "idempotency-key": `${parcel.id}-${action}`,
    });
  if (event === "test") await post("trigger");
  return await post(event === "test" || isLast(event) ? "resolve" : "trigger");
};

/** Limit of PagerDuty. */
const MAX_SUMMARY = 1024;

function eventOf(action: "trigger" | "resolve", routingKey: string, { alertId, message }: Parcel) {
  const common = { routing_key: routingKey, event_action: action, dedup_key: alertId };
  if (action === "resolve") return common;
  return {
    ...common,
    client: "Sallyport",
    ...(message.links[0] && { client_url: message.links[0].url }),
    links: message.links.map(({ label, url }) => ({ href: url, text: label })),
    payload: {
      summary: cut(`${message.title}: ${message.summary}`, MAX_SUMMARY),
      source: message.monitor?.name ?? message.workspace?.name ?? "Sallyport",
      severity: message.severity,
      timestamp: message.since,
      ...(message.collection && { component: message.collection.name }),
      ...(message.workspace && { group: message.workspace.name }),
      ...(message.condition && { class: message.condition }),
      custom_details: detailsOf(message),
    },
  };
}

/** Texts by their names, for services that show such a list. */
export const detailsOf = ({ failure, cause, changes, facts }: AlertMessage): Record<string, string> => ({
  ...(failure && { "What failed": failureLines(failure).join(" · ") }),
  ...(cause && { "Likely cause": cause.sentence, "What to do": cause.advice }),
  ...(changes.length > 0 && { "Changed since the last pass": changes.join(" · ") }),
  ...Object.fromEntries(facts.map(({ label, value }) => [label, value])),
});
