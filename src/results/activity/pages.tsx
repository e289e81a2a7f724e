import { Hono } from "hono";

import { activityPage } from "../../../web/pages/activity.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { loadShell } from "../../workspaces/pages-shell.ts";
import { namesOf } from "../changes/deeds-store.ts";
import { idsIn } from "../changes/words.ts";
import { reachMonitor } from "../reach.ts";
import { entryOf } from "./entry.ts";
import { listActivity, parseActivityCursor } from "./store.ts";

const PAGE = 50;

/** `/monitors/:id/activity`: what people did, and how the state of the monitor changed. */
export function activityPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/monitors/:id/activity", async (c) => {
    const monitor = await reachMonitor(c, deps);
    const cursor = parseActivityCursor(c.req.query("cursor"));
    const [shell, found] = await Promise.all([
      loadShell(c, deps),
      listActivity(database, monitor.id, { cursor, limit: PAGE + 1 }),
    ]);
    const records = found.slice(0, PAGE);
    const ids = records.flatMap((record) => (record.source === "deed" ? idsIn(record.change ?? {}) : []));
    const names = await namesOf(database.sql, ids);
    return c.html(
      activityPage({
        shell,
        monitor,
        entries: records.map((record) => entryOf(record, names)),
        isFirst: cursor === undefined,
        next: found.length > PAGE ? records.at(-1)?.cursor : undefined,
      }),
    );
  });

  return routes;
}
