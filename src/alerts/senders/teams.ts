import type { AlertMessage } from "../message.ts";
import type { Sender } from "./sender.ts";
import { markOf, partsOf, type TextPart } from "./text.ts";

/** A workflow of Microsoft Teams that starts "when a Teams webhook request is received", with an Adaptive Card. */
export const sendTeams: Sender<"teams"> = ({ postJson }, { url }, { id, message }) =>
  postJson(url, JSON.stringify(teamsBody(message)), { "idempotency-key": id });

const colours = { critical: "Attention", warning: "Warning", info: "Good" } as const;

export const teamsBody = (message: AlertMessage) => ({
  type: "message",
  attachments: [
    {
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.4",
        msteams: { width: "Full" },
        // Mail clients and notifications show this alone.
        fallbackText: message.title,
        body: [titleBlock(message), ...partsOf(message).map(textBlock)],
        actions: message.links.map(({ label, url }) => ({ type: "Action.OpenUrl", title: label, url })),
      },
    },
  ],
});

/** Rich text, because a plain `TextBlock` makes links out of Markdown, whoever wrote it. */
const richText = (inlines: object[]) => ({ type: "RichTextBlock", inlines });
const run = (text: string, look: object = {}) => ({ type: "TextRun", text, ...look });

const titleBlock = (message: AlertMessage) =>
  richText([
    run(`${markOf(message)} ${message.title}`, {
      size: "Large",
      weight: "Bolder",
      color: colours[message.severity],
    }),
  ]);

const textBlock = ({ heading, lines }: TextPart) => ({
  ...richText([
    ...(heading === null ? [] : [run(`${heading}\n`, { weight: "Bolder" })]),
    run(lines.join("\n")),
  ]),
  spacing: "Medium",
});
