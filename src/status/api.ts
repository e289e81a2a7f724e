import { type Context, Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { isUuid, toUid } from "../lib/ids.ts";
import { resolveWorkspaceId } from "../workspaces/store.ts";
import { statusAnswers } from "./answers.ts";
import { statusDocs as docs } from "./docs.ts";
import { incidentsApi } from "./incidents-api.ts";
import { openStatusPage } from "./open-page.ts";
import { pageFields, parseFields, readObject } from "./page.ts";
import {
  createStatusPage,
  deleteStatusPage,
  listEntries,
  listStatusPages,
  type StatusPage,
  updateStatusPage,
} from "./store.ts";

type ApiDeps = Pick<Deps, "database" | "clock" | "publicUrl">;

/** `/status-pages`: what Postman's API has not, in its style; mistakes are problems (RFC 9457). */
export function statusApi(deps: ApiDeps): Hono<AppEnv> {
  const { database, publicUrl } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/status-pages", documented(docs.list), async (c) => {
    const workspaceId = c.req.query("workspace");
    if (workspaceId !== undefined) {
      if (!isUuid(workspaceId)) return c.json({ statusPages: [] });
      await requireWorkspaceRole(database, c.get("actor"), workspaceId, "viewer");
    }
    const found = await listStatusPages(database, c.get("actor"), { workspaceId });
    return c.json({
      statusPages: found.map((page) => ({
        ...describe(page, publicUrl),
        monitors: page.entries,
        openIncidents: page.openIncidents,
      })),
    });
  });

  routes.post("/status-pages", documented(docs.create), async (c) => {
    const input = parseFields(pageFields, await readObject(c, "statusPage"), "statusPage");
    const workspaceId = await resolveWorkspaceId(database, c.get("actor"), c.req.query("workspace"));
    const page = await createStatusPage(database, c.get("actor"), { ...input, workspaceId });
    statusAnswers(deps).forget();
    return answer(c, page);
  });

  routes.get("/status-pages/:id", documented(docs.read), async (c) =>
    answer(c, await openStatusPage(c, database, "viewer")),
  );

  routes.put("/status-pages/:id", documented(docs.change), async (c) => {
    const page = await openStatusPage(c, database, "editor");
    const sent = await readObject(c, "statusPage");
    const fields = parseFields(pageFields.partial(), sent, "statusPage");
    // Fields with a default are given one even when they were not sent.
    const input = Object.fromEntries(Object.entries(fields).filter(([name]) => name in sent));
    const changed = await updateStatusPage(database, c.get("actor"), page.id, input);
    statusAnswers(deps).forget();
    return answer(c, changed ?? page);
  });

  routes.delete("/status-pages/:id", documented(docs.delete), async (c) => {
    const { id } = await openStatusPage(c, database, "editor");
    await deleteStatusPage(database, c.get("actor"), id);
    statusAnswers(deps).forget();
    return c.json({ statusPage: { id } });
  });

  const answer = async (c: Context<AppEnv>, page: StatusPage) => {
    const entries = await listEntries(database, page.id);
    const described = describe(page, publicUrl);
    return c.json({
      statusPage: {
        ...described,
        monitors: entries.map((entry) => ({
          id: entry.id,
          monitor: toUid(entry.monitorOwnerId, entry.monitorId),
          name: entry.shownName,
          group: entry.groupName,
          badgeUrl: `${described.url}/badge/${entry.id}.svg`,
        })),
      },
    });
  };

  routes.route("/", incidentsApi(deps));
  return routes;
}

const describe = (page: StatusPage, publicUrl: string) => ({
  id: page.id,
  workspace: page.workspaceId,
  slug: page.slug,
  url: `${publicUrl}/status/${page.slug}`,
  title: page.title,
  description: page.description,
  visibility: page.visibility,
  timezone: page.timezone,
  indexed: page.indexed,
  incidentAfterMinutes: page.incidentAfterMinutes,
  createdBy: page.createdBy,
  createdAt: page.createdAt.toISOString(),
  updatedAt: page.updatedAt.toISOString(),
});
