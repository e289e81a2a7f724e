import type { Child } from "hono/jsx";

import { Activity } from "../../web/parts/activity.tsx";
import { Changes } from "../../web/parts/changes.tsx";
import { MonitorTabs } from "../../web/parts/monitor-tabs.tsx";
import type { Deps } from "../access/context.ts";
import { entryOf } from "./activity/entry.ts";
import { listActivity } from "./activity/store.ts";
import { namesOf } from "./changes/deeds-store.ts";
import { loadMonitorChanges } from "./changes/load.ts";
import { idsIn } from "./changes/words.ts";
import type { MonitorDetail } from "./monitor-detail.ts";

const ENTRIES = 5;
const TROUBLED = new Set(["failing", "error", "aborted"]);

export interface Surroundings {
  tabs: Child;
  changes: Child;
  activity: Child;
}

/** What stands on the page of a monitor beside its statistics: its other pages, what changed, what was done. */
export async function loadSurroundings(deps: Deps, monitor: MonitorDetail, now: Date): Promise<Surroundings> {
  const [changes, records] = await Promise.all([
    TROUBLED.has(monitor.standing) ? loadMonitorChanges(deps, monitor.id) : undefined,
    listActivity(deps.database, monitor.id, { limit: ENTRIES }),
  ]);
  const ids = records.flatMap((record) => (record.source === "deed" ? idsIn(record.change ?? {}) : []));
  const names = await namesOf(deps.database.sql, ids);
  return {
    tabs: <MonitorTabs monitorId={monitor.id} place="results" />,
    changes: changes && <Changes changes={changes} now={now} place="monitor" />,
    activity: records.length > 0 && (
      <section aria-labelledby="activity-heading">
        <h2 id="activity-heading">Latest activity</h2>
        <Activity entries={records.map((record) => entryOf(record, names))} now={now} />
      </section>
    ),
  };
}
