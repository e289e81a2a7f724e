import type { Child } from "hono/jsx";

export type ChannelKind = "email" | "slack" | "teams" | "pagerduty" | "opsgenie" | "webhook";

export interface ChannelKindWords {
  kind: ChannelKind;
  name: string;
  /** In a few words, for the choice. */
  about: string;
  /** How one comes to what the form asks for. */
  steps: Child[];
}

/** Every kind of channel, in the order in which it is offered. */
export const channelKinds: readonly ChannelKindWords[] = [
  {
    kind: "email",
    name: "E-mail",
    about: "to one address or many",
    steps: [
      "One address on each line. A list of your mail server saves changing the channel when people come and go.",
    ],
  },
  {
    kind: "slack",
    name: "Slack",
    about: "a message in a channel",
    steps: [
      <>
        At <code>api.slack.com/apps</code> make an app for your workspace, or open one that you have.
      </>,
      "Switch on “Incoming Webhooks” and choose “Add New Webhook to Workspace”.",
      "Pick the channel, and copy the webhook URL.",
    ],
  },
  {
    kind: "teams",
    name: "Microsoft Teams",
    about: "a card in a channel or chat",
    steps: [
      "In Teams open the channel, its menu “…”, then “Workflows”.",
      "Choose “Send webhook alerts to a channel” (in older versions: “Post to a channel when a webhook request is received”).",
      "Finish the steps, and copy the URL that is shown at the end.",
    ],
  },
  {
    kind: "pagerduty",
    name: "PagerDuty",
    about: "an incident, resolved on recovery",
    steps: [
      "In PagerDuty open the service that is to be alerted, then “Integrations”.",
      "Add the integration “Events API V2”.",
      "Copy its integration key.",
    ],
  },
  {
    kind: "opsgenie",
    name: "Opsgenie",
    about: "an alert, closed on recovery",
    steps: [
      "In Opsgenie open the team, then “Integrations”, and add the integration “API”.",
      "It needs the rights to create and to close alerts.",
      "Copy its API key.",
    ],
  },
  {
    kind: "webhook",
    name: "Webhook",
    about: "JSON to a program of yours, signed",
    steps: [
      "The message is sent as JSON by POST, with the fields that Postman's webhooks have and ours.",
      "With a secret each call is signed, so that your program knows that it came from here.",
      "Any answer from 200 to 299 means that it was taken; others are tried again for a day.",
    ],
  },
];
