import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import { webhooksPage, type WebhooksProps } from "../../web/pages/webhooks.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { formErrorsOf, noStore, readForm } from "../access/pages-form.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { listCollections } from "../collections/store.ts";
import { listEnvironments } from "../environments/store.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { loadShell, workspaceName } from "../workspaces/pages-shell.ts";
import { webhookUrlOf } from "./api.ts";
import {
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  renewToken,
  type Webhook,
} from "./store.ts";
import { readNewWebhook, webhookFields } from "./webhook.ts";

const emptyValues = { name: "", collection: "", environment: "" };

/** `/webhooks`: list, create with the URL shown once, another URL, revoke. */
export function webhooksPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  const show = async (
    c: Context<AppEnv>,
    change: Partial<Pick<WebhooksProps, "values" | "errors" | "created">>,
    status: 200 | 400 = 200,
  ) => {
    const shell = await loadShell(c, deps);
    const filter = shell.workspaceId === undefined ? {} : { workspaceId: shell.workspaceId };
    const visible = { ...filter, visibleTo: c.get("actor") };
    const [found, collections, environments] = await Promise.all([
      listWebhooks(database, c.get("actor"), filter),
      listCollections(database, visible),
      listEnvironments(database, visible),
    ]);
    const placed = <T extends { workspaceId: string }>(one: T) => ({
      ...one,
      workspaceName: workspaceName(shell, one.workspaceId),
    });
    const props = {
      shell,
      rows: found.map(placed),
      collections: collections.map(placed),
      environments: environments.map(placed),
      values: emptyValues,
      ...change,
    };
    return c.html(webhooksPage(props), status, noStore);
  };

  routes.get("/webhooks", (c) => show(c, {}));

  // Answers with the page itself: after a redirect the URL could not be shown any more.
  routes.post("/webhooks", async (c) => {
    const form = await readForm(c);
    const [name = "", collection = "", environment = ""] = ["name", "collection", "environment"].map(
      (field) => form.text(field),
    );
    const values = { name, collection, environment };
    if (name === "") return show(c, { values, errors: { name: "Say what calls it." } }, 400);
    try {
      const input = readNewWebhook(webhookFields.parse(values));
      const { token } = await createWebhook(database, c.get("actor"), input);
      return await show(c, { created: { name, url: webhookUrlOf(deps.publicUrl, token) } });
    } catch (error) {
      return show(c, { values, errors: formErrorsOf(error) }, 400);
    }
  });

  routes.post("/webhooks/:id/token", async (c) => {
    const { id, name } = await open(c);
    const token = await renewToken(database, c.get("actor"), id);
    if (token === undefined) throw notFound();
    return show(c, { created: { name, url: webhookUrlOf(deps.publicUrl, token) } });
  });

  routes.get("/webhooks/:id/delete", async (c) => {
    const { id, name } = await open(c);
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "webhooks",
        title: `Revoke ${name}?`,
        consequence: "Calls of its URL are refused from then on. Its monitor stays, with its runs.",
        action: `/webhooks/${id}/delete`,
        label: `Revoke ${name}`,
        back: "/webhooks",
      }),
    );
  });

  routes.post("/webhooks/:id/delete", async (c) => {
    const { id } = await open(c);
    await deleteWebhook(database, c.get("actor"), id);
    return c.redirect("/webhooks", 303);
  });

  async function open(c: Context<AppEnv, "/webhooks/:id">): Promise<Webhook> {
    const id = c.req.param("id");
    const webhook = isUuid(id) ? await findWebhook(database, id) : undefined;
    if (!webhook) throw notFound();
    await requireWorkspaceRole(database, c.get("actor"), webhook.workspaceId, "editor");
    return webhook;
  }

  return routes;
}

const notFound = (): AppError =>
  new AppError("not_found", "There is no such webhook; it may have been revoked.");
