import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { readWrapped } from "../access/request.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { bareId, isUuid, toUid } from "../lib/ids.ts";
import { parseOrThrow } from "../lib/parse.ts";
import { findWorkspace } from "../workspaces/store.ts";
import {
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  renewToken,
  type Webhook,
} from "./store.ts";
import { readNewWebhook, webhookBody, webhookFields } from "./webhook.ts";

const tag = "Webhooks";

const query = z.object({ workspace: z.string().optional() });
const webhookAnswer = z.looseObject({
  id: z.uuid(),
  name: z.string(),
  collection: z.string(),
  uid: z.string(),
  monitor: z.string(),
});
const one = z.looseObject({ webhook: webhookAnswer });
const withUrl = z.looseObject({ webhook: webhookAnswer.extend({ webhookUrl: z.string() }) });
const many = z.looseObject({ webhooks: z.array(webhookAnswer) });
const reference = z.looseObject({ webhook: z.looseObject({ id: z.uuid(), uid: z.string() }) });

/** `/webhooks`: `POST` as in Postman's API; the rest, which it has not, in the same style. */
export function webhooksApi({ database, publicUrl }: Pick<Deps, "database" | "publicUrl">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/webhooks", documented({ summary: "List webhooks", tag, query, answer: many }), async (c) => {
    const { workspace } = parseOrThrow(query, c.req.query());
    if (workspace !== undefined && !isUuid(workspace)) return c.json({ webhooks: [] });
    const filter = workspace === undefined ? {} : { workspaceId: workspace };
    const found = await listWebhooks(database, c.get("actor"), filter);
    return c.json({ webhooks: found.map(describe) });
  });

  routes.post(
    "/webhooks",
    documented({
      summary: "Create a webhook",
      tag,
      description:
        "Creates a monitor of the same name, too, which each call of `webhookUrl` starts. The URL is shown here only.",
      query,
      body: webhookBody,
      answer: withUrl,
    }),
    async (c) => {
      const fields = parseOrThrow(webhookFields, await readWrapped(c, "webhook"), "webhook");
      const input = readNewWebhook(fields);
      const { workspace } = parseOrThrow(query, c.req.query());
      const workspaceId = workspace ? await existingWorkspace(workspace) : undefined;
      if (workspaceId) await requireWorkspaceRole(database, c.get("actor"), workspaceId, "editor");
      const { webhook, token } = await createWebhook(database, c.get("actor"), {
        ...input,
        ...(workspaceId && { workspaceId }),
      });
      return c.json({ webhook: { ...describe(webhook), webhookUrl: webhookUrlOf(publicUrl, token) } });
    },
  );

  routes.get(
    "/webhooks/:webhookId",
    documented({ summary: "Get a webhook", tag, answer: one }),
    async (c) => {
      return c.json({ webhook: describe(await open(c, "viewer")) });
    },
  );

  routes.post(
    "/webhooks/:webhookId/token",
    documented({
      summary: "Replace the token of a webhook",
      tag,
      description: "The old URL is refused from now on. The new one is shown here only.",
      answer: withUrl,
    }),
    async (c) => {
      const webhook = await open(c, "editor");
      const token = await renewToken(database, c.get("actor"), webhook.id);
      if (token === undefined) throw notFound();
      return c.json({ webhook: { ...describe(webhook), webhookUrl: webhookUrlOf(publicUrl, token) } });
    },
  );

  routes.delete(
    "/webhooks/:webhookId",
    documented({
      summary: "Delete a webhook",
      tag,
      description: "Its monitor stays, with its runs.",
      answer: reference,
    }),
    async (c) => {
      const { id } = await open(c, "editor");
      const deleted = await deleteWebhook(database, c.get("actor"), id);
      if (!deleted) throw notFound();
      return c.json({ webhook: { id: deleted.id, uid: toUid(deleted.ownerId, deleted.id) } });
    },
  );

  async function open(c: Context<AppEnv, "/webhooks/:webhookId">, role: WorkspaceRole): Promise<Webhook> {
    const id = bareId(c.req.param("webhookId"));
    const webhook = id === undefined ? undefined : await findWebhook(database, id);
    if (!webhook) throw notFound();
    await requireWorkspaceRole(database, c.get("actor"), webhook.workspaceId, role);
    return webhook;
  }

  async function existingWorkspace(id: string): Promise<string> {
    const workspace = await findWorkspace(database, id);
    if (!workspace) throw new AppError("not_found", "The specified workspace does not exist.");
    return workspace.id;
  }

  return routes;
}

const notFound = (): AppError =>
  new AppError("not_found", "The specified webhook does not exist.", { name: "instanceNotFoundError" });

export const webhookUrlOf = (publicUrl: string, token: string): string => `${publicUrl}/hooks/${token}`;

/** `webhookUrl` is not in it: of the token only a hash is stored. */
const describe = (webhook: Webhook) => ({
  id: webhook.id,
  name: webhook.name,
  collection: toUid(webhook.collectionOwnerId, webhook.collectionId),
  uid: toUid(webhook.ownerId, webhook.id),
  monitor: toUid(webhook.monitorOwnerId, webhook.monitorId),
  createdAt: webhook.createdAt.toISOString(),
  updatedAt: webhook.updatedAt.toISOString(),
  lastCalledAt: webhook.lastCalledAt?.toISOString() ?? null,
});
