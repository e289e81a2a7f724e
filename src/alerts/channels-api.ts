import { type Context, Hono } from "hono";

import { systemActor } from "../access/audit/audit.ts";
import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { missing, parseFields, readFields } from "../access/fields.ts";
import { requireAdmin } from "../access/rights.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { isUuid } from "../lib/ids.ts";
import { findWorkspace } from "../workspaces/store.ts";
import { changeParts, configChangeBody, readParts } from "./channel-config.ts";
import { type Channel, channelInput } from "./channel.ts";
import { createChannel, deleteChannel, findChannel, listChannels, updateChannel } from "./channels-store.ts";
import { alertDocs as docs, newChannelBody, placeQuery } from "./docs.ts";
import { showChannel } from "./shown.ts";
import { sendTest } from "./test-message.ts";

/** `/alert-channels`: where people are told. */
export function channelsApi(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/alert-channels", documented(docs.channels), async (c) => {
    const { workspace } = parseFields(placeQuery, c.req.query());
    if (workspace !== undefined && !isUuid(workspace)) return c.json({ alertChannels: [] });
    const filter = workspace === undefined ? {} : { workspaceId: workspace };
    const found = await listChannels(database, c.get("actor"), filter);
    return c.json({ alertChannels: found.map(showChannel) });
  });

  routes.post("/alert-channels", documented(docs.createChannel), async (c) => {
    const { workspace, ...input } = await readFields(c, newChannelBody);
    const workspaceId = workspace ? await existing(workspace) : null;
    const created = await createChannel(deps, c.get("actor"), { ...input, workspaceId });
    return c.json({ alertChannel: showChannel(created) }, 201);
  });

  routes.get("/alert-channels/:id", documented(docs.channel), async (c) =>
    c.json({ alertChannel: showChannel(await reach(c, "viewer")) }),
  );

  routes.patch("/alert-channels/:id", documented(docs.changeChannel), async (c) => {
    const { id } = await reach(c, "editor");
    const { name, active, config } = await readFields(c, channelInput.partial());
    const updated = await updateChannel(deps, c.get("actor"), id, {
      ...(name !== undefined && { name }),
      ...(active !== undefined && { active }),
      ...(config && { config }),
    });
    return c.json({ alertChannel: showChannel(updated) });
  });

  routes.get("/alert-channels/:id/config", documented(docs.channelConfig), async (c) =>
    c.json({ config: await readParts(deps, await reach(c, "viewer")) }),
  );

  routes.patch("/alert-channels/:id/config", documented(docs.changeChannelConfig), async (c) => {
    const channel = await reach(c, "editor");
    const change = await readFields(c, configChangeBody);
    return c.json({ config: { changed: await changeParts(deps, c.get("actor"), channel, change) } });
  });

  routes.post("/alert-channels/:id/test", documented(docs.testChannel), async (c) => {
    const { id } = await reach(c, "editor");
    const { deliveryId: _d, responseStatus, ...test } = await sendTest(deps, c.get("actor"), id);
    return c.json({ test: { ok: test.status === "sent", ...test, responseStatus } });
  });

  routes.delete("/alert-channels/:id", documented(docs.deleteChannel), async (c) => {
    const { id } = await reach(c, "editor");
    await deleteChannel(deps, c.get("actor"), id);
    return c.json({ alertChannel: { id } });
  });

  async function reach(c: Context<AppEnv, "/alert-channels/:id">, role: WorkspaceRole): Promise<Channel> {
    return await reachChannel(deps, c.get("actor"), { id: c.req.param("id"), role });
  }

  async function existing(id: string): Promise<string> {
    const found = isUuid(id) ? await findWorkspace(database, id) : undefined;
    if (!found) throw missing("There is no such workspace.");
    return found.id;
  }

  return routes;
}

/**
 * The channel, for whoever has the role in its workspace; one of the team is seen by everybody and changed by admins. 404,
 * 403.
 */
export async function reachChannel(
  { database }: Pick<Deps, "database">,
  actor: Actor,
  { id, role }: { id: string; role: WorkspaceRole },
): Promise<Channel> {
  const found = isUuid(id) ? await findChannel(database, systemActor, id) : undefined;
  if (!found) throw missing("There is no such alert channel; it may have been deleted.");
  if (found.workspaceId !== null) await requireWorkspaceRole(database, actor, found.workspaceId, role);
  else if (role !== "viewer") requireAdmin(actor);
  return found;
}
