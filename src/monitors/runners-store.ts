import { and, asc, eq, inArray, or } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { monitorRunners, type monitors, runners, runnerWorkspaces } from "../../db/schema.ts";
import type { Tx } from "../access/audit/audit.ts";
import { invalidParam } from "../access/request.ts";

/** Where it runs; empty = on any healthy runner that its workspace sees. */
export const listRunnersOfMonitor = (
  database: Database,
  monitorId: string,
): Promise<{ id: string; name: string }[]> =>
  database.db
    .select({ id: runners.id, name: runners.name })
    .from(monitorRunners)
    .innerJoin(runners, eq(runners.id, monitorRunners.runnerId))
    .where(eq(monitorRunners.monitorId, monitorId))
    .orderBy(asc(runners.name), asc(runners.id))
    .limit(1000);

/** Makes these its runners; 400 for a runner that the workspace does not see. */
export async function setRunners(
  tx: Tx,
  monitor: typeof monitors.$inferSelect,
  runnerIds: string[],
): Promise<void> {
  await tx.delete(monitorRunners).where(eq(monitorRunners.monitorId, monitor.id));
  if (runnerIds.length === 0) return;
  const visible = await tx
    .selectDistinct({ id: runners.id })
    .from(runners)
    .leftJoin(runnerWorkspaces, eq(runnerWorkspaces.runnerId, runners.id))
    .where(
      and(
        inArray(runners.id, runnerIds),
        or(eq(runners.visibility, "all"), eq(runnerWorkspaces.workspaceId, monitor.workspaceId)),
      ),
    );
  const unseen = runnerIds.find((id) => !visible.some((runner) => runner.id === id));
  if (unseen) {
    throw invalidParam(
      "distribution",
      `the runner ${unseen} does not exist or is not visible in this workspace`,
    );
  }
  await tx.insert(monitorRunners).values(runnerIds.map((runnerId) => ({ monitorId: monitor.id, runnerId })));
}
