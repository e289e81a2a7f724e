import type { ChannelValues } from "../../web/pages/channel-form.tsx";
import type { ChannelKind } from "../../web/pages/channel-kinds.tsx";
import { wrongField } from "../access/fields.ts";
import type { SentForm } from "../access/pages-form.ts";
import type { Channel } from "./channel.ts";

export const emptyValues = (workspaceId: string): ChannelValues => ({
  name: "",
  workspaceId,
  active: true,
  recipients: "",
  url: "",
  routingKey: "",
  apiKey: "",
  secret: "",
  headers: "",
});

/** Without what is secret: only addresses of e-mail are shown again. */
export const storedValues = (channel: Channel): ChannelValues => ({
  ...emptyValues(channel.workspaceId ?? ""),
  name: channel.name,
  active: channel.active,
  recipients: channel.kind === "email" ? channel.shownTarget.split(", ").join("\n") : "",
});

export const sentValues = (form: SentForm): ChannelValues => ({
  name: form.text("name"),
  workspaceId: form.text("workspace"),
  active: form.text("active") !== "",
  recipients: form.raw("recipients"),
  url: form.text("url"),
  routingKey: form.text("routingKey"),
  apiKey: form.text("apiKey"),
  secret: form.text("secret"),
  headers: form.raw("headers"),
});

/** What the form says of the configuration; undefined when it says nothing, and what is stored stays. */
export function configOf(kind: ChannelKind, values: ChannelValues): Record<string, unknown> | undefined {
  const url = values.url === "" ? {} : { url: values.url };
  if (kind === "email") return { kind, recipients: linesOf(values.recipients.replaceAll(",", "\n")) };
  if (kind === "pagerduty")
    return given(values.routingKey, url) && { kind, routingKey: values.routingKey, ...url };
  if (kind === "opsgenie") return given(values.apiKey, url) && { kind, apiKey: values.apiKey, ...url };
  if (kind === "webhook") return webhookOf(values);
  return values.url === "" ? undefined : { kind, ...url };
}

/** A part of what belongs together is refused by the schema, which names the field. */
const given = (key: string, url: object): true | undefined =>
  key !== "" || Object.keys(url).length > 0 ? true : undefined;

function webhookOf({ url, secret, headers }: ChannelValues): Record<string, unknown> | undefined {
  const lines = linesOf(headers);
  if (url === "" && secret === "" && lines.length === 0) return undefined;
  return {
    kind: "webhook",
    url,
    ...(secret !== "" && { secret }),
    ...(lines.length > 0 && { headers: headersOf(lines) }),
  };
}

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

function headersOf(lines: string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      if (at < 1) throw wrongField("headers", "Write each header as Name: value, one on each line.");
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/** Fields of the body by the field of the form that they come from. */
export const fieldOfParam = (param: string): string => {
  const [first, second = ""] = param.split(".");
  return first === "config" ? second : (first ?? "");
};
