import { sql } from "drizzle-orm";

import type { BeforeDeletion, Doomed } from "../access/context.ts";
import { carryChannels, closeAlerts, outliveMonitors } from "./closing-store.ts";
import type { Ending } from "./closing.ts";
import { LOCK_SPACE } from "./evaluate-store.ts";

/** Postgres has room for some thousands of locks in all; beyond these an evaluation at the same moment is retried. */
const MAX_LOCKS = 500;

/**
 * Ends the open alerts of monitors that are about to be deleted with everything that is known of them, for whoever was told.
 * Runs first in the transaction that deletes.
 */
export const closeBeforeDeletion =
  (publicUrl: string): BeforeDeletion =>
  async (tx, actor, doomed) => {
    const monitors = monitorsOf(doomed);
    // Evaluations end first; else one could open an alert that nothing is left of, or wait for us while we wait for it.
    await tx.execute(sql`
      select pg_advisory_xact_lock(${LOCK_SPACE}::int, hashtext(id::text))
        from (select m.id from monitors m
               where m.id in ${monitors}
                 and (exists (select 1 from alert_signals g where g.monitor_id = m.id)
                      or exists (select 1 from alert_states s where s.monitor_id = m.id and s.state = 'firing'))
               order by m.id limit ${MAX_LOCKS}) busy`);
    const ending: Ending = { why: whyOf(doomed), by: actor.name };
    if ("workspaceId" in doomed) {
      const { workspaceId } = doomed;
      const where = sql`s.workspace_id = ${workspaceId}`;
      await closeAlerts(tx, publicUrl, { where, ending, takesWaiting: true });
      await carryChannels(tx, sql`c.workspace_id = ${workspaceId}`);
      await outliveMonitors(tx, sql`d.workspace_id = ${workspaceId}`, { workspaceGoes: true });
      return;
    }
    await closeAlerts(tx, publicUrl, { where: sql`s.monitor_id in ${monitors}`, ending, takesWaiting: true });
    await outliveMonitors(tx, sql`d.monitor_id in ${monitors}`);
  };

function monitorsOf(doomed: Doomed) {
  if ("monitorId" in doomed) return sql`(select ${doomed.monitorId}::uuid)`;
  if ("collectionId" in doomed) {
    return sql`(select id from monitors where collection_id = ${doomed.collectionId})`;
  }
  return sql`(select id from monitors where workspace_id = ${doomed.workspaceId})`;
}

const whyOf = (doomed: Doomed) => {
  if ("monitorId" in doomed) return "monitor_deleted";
  return "collectionId" in doomed ? "collection_deleted" : "workspace_deleted";
};
