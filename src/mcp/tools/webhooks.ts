import { inFull, type Tool } from "../tool.ts";
import { document, idOf } from "./arguments.ts";

const webhookId = idOf("webhook");

/** Postman's API can create them, its MCP server has no tool for it. */
export const webhookTools: readonly Tool[] = [
  {
    name: "listWebhooks",
    title: "List webhooks",
    description: "The webhooks of a workspace, each with the monitor that it starts, without their URLs.",
    sets: inFull,
    call: "GET /webhooks",
    input: { workspace: idOf("workspace").optional() },
  },
  {
    name: "getWebhook",
    title: "Get a webhook",
    description: "A webhook and the monitor that it starts.",
    sets: inFull,
    call: "GET /webhooks/{webhookId}",
    input: { webhookId },
    next: "listMonitorExecutions of its monitor shows what its calls started.",
  },
  {
    name: "createWebhook",
    title: "Create a webhook",
    description:
      "Makes a URL; each call of it runs a collection, with the body of the call as data. It makes a monitor, too.",
    sets: inFull,
    call: "POST /webhooks",
    input: {
      workspace: idOf("workspace").optional(),
      webhook: document("name, collection (its uid), and if you like environment."),
    },
    query: ["workspace"],
    next: "hand webhookUrl over now: it is not shown again, and whoever has it can start runs.",
  },
  {
    name: "renewWebhookToken",
    title: "Replace the URL of a webhook",
    description: "Gives a webhook a new URL, shown once; the old one is refused from now on.",
    sets: inFull,
    call: "POST /webhooks/{webhookId}/token",
    input: { webhookId },
    hints: { destructive: true },
  },
  {
    name: "deleteWebhook",
    title: "Delete a webhook",
    description: "Deletes a webhook: its URL is refused. Its monitor stays, with its runs.",
    sets: inFull,
    call: "DELETE /webhooks/{webhookId}",
    input: { webhookId },
  },
];
