import { type AlertMessage, cut } from "../message.ts";
import type { Sender } from "./sender.ts";
import { failureLines, markOf, partsOf, shownInstant } from "./text.ts";

/** An incoming webhook of Slack, or of a chat server that takes the same (Mattermost, Rocket.Chat), which reads `text` alone. */
export const sendSlack: Sender<"slack"> = ({ postJson }, { url }, { id, message }) =>
  postJson(url, JSON.stringify(slackBody(message)), { "idempotency-key": id });

/** Limits of Slack, in characters. */
const limits = { header: 150, section: 2900, field: 1900, text: 3500 } as const;

/** These three characters carry all of Slack's markup that calls people, links or runs. */
export const escapeMrkdwn = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const mrkdwn = (text: string, max: number = limits.section) => ({
  type: "mrkdwn",
  text: cut(text, max),
  // No names or channels are made out of what an API answered.
  verbatim: true,
});
const section = (text: string) => ({ type: "section", text: mrkdwn(text) });
const bold = (heading: string, lines: readonly string[]) =>
  `*${escapeMrkdwn(heading)}*\n${lines.map(escapeMrkdwn).join("\n")}`;

export function slackBody(message: AlertMessage) {
  const { failure, cause, changes, facts, links, summary } = message;
  const title = `${markOf(message)} ${message.title}`;
  return {
    text: cut(plainText(message), limits.text),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "header", text: { type: "plain_text", text: cut(title, limits.header), emoji: false } },
      ...(summary === "" ? [] : [section(escapeMrkdwn(summary))]),
      ...(failure ? [section(bold("What failed", failureLines(failure)))] : []),
      ...(cause ? [section(bold("Likely cause", [cause.sentence, cause.advice]))] : []),
      ...(changes.length > 0 ? [section(bold("Changed since the last pass", changes))] : []),
      ...fieldSections(facts),
      { type: "context", elements: [mrkdwn(`Since ${shownInstant(message.since)}`)] },
      ...(links.length > 0 ? [{ type: "actions", elements: links.map(button) }] : []),
    ],
  };
}

const FIELDS_OF_A_SECTION = 10;

/** A section takes ten fields. */
const fieldSections = (facts: AlertMessage["facts"]) =>
  Array.from({ length: Math.ceil(facts.length / FIELDS_OF_A_SECTION) }, (_, index) => ({
    type: "section",
    fields: facts
      .slice(index * FIELDS_OF_A_SECTION, (index + 1) * FIELDS_OF_A_SECTION)
      .map(({ label, value }) => mrkdwn(bold(label, [value]), limits.field)),
  }));

const button = ({ label, url }: { label: string; url: string }, index: number) => ({
  type: "button",
  text: { type: "plain_text", text: label, emoji: false },
  url,
  action_id: `open_${index}`,
});

function plainText(message: AlertMessage): string {
  const parts = partsOf(message).map(({ heading, lines }) =>
    heading === null ? lines.map(escapeMrkdwn).join("\n") : bold(heading, lines),
  );
  const links = message.links.map(({ label, url }) => `<${url}|${escapeMrkdwn(label)}>`).join(" · ");
  return [`*${escapeMrkdwn(`${markOf(message)} ${message.title}`)}*`, ...parts, links]
    .filter(Boolean)
    .join("\n");
}
