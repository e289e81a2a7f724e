import type { Database } from "../../db/connect.ts";
import type { Actor } from "../../src/access/context.ts";
import { newId } from "../../src/lib/ids.ts";
import { type PageInput, pageFields } from "../../src/status/page.ts";
import { createStatusPage, type StatusPage } from "../../src/status/store.ts";
import type { createMake } from "./make.ts";

export interface StatusStage {
  page: StatusPage;
  monitorId: string;
  workspaceId: string;
  actor: Actor;
}

let made = 0;

/** A public page with one monitor, which is called differently inside and outside. */
export async function stageStatusPage(
  database: Database,
  make: ReturnType<typeof createMake>,
  {
    monitor = {},
    page = {},
    userId,
    workspaceId,
  }: {
    monitor?: Parameters<typeof make.monitor>[0];
    page?: Partial<PageInput>;
    userId?: number;
    workspaceId?: string;
  } = {},
): Promise<StatusStage> {
  const ownerId = userId ?? (await make.user({ role: "admin" })).id;
  const workspace = workspaceId ?? (await make.workspace({ createdBy: ownerId, visibility: "private" })).id;
  const { id: monitorId } = await make.monitor({
    ownerId,
    workspaceId: workspace,
    name: "internal-orders-prod",
    cron: "*/5 * * * *",
    nextRunAt: new Date(Date.now() + 60_000),
    state: "passed",
    stateSince: new Date(Date.now() - 3_600_000),
    ...monitor,
  });
  const actor: Actor = { userId: ownerId, email: "", name: "", role: "admin", via: "session", scopes: null };
  const input = pageFields.parse({
    slug: `page-${++made}`,
    title: "Acme status",
    visibility: "public",
    monitors: [{ monitor: monitorId, name: "Ordering", group: "For customers" }],
    ...page,
  });
  const stored = await createStatusPage(database, actor, { ...input, workspaceId: workspace });
  return { page: stored, monitorId, workspaceId: workspace, actor };
}

/** Hourly counts of a monitor. */
export const countHour = (
  { sql }: Database,
  monitorId: string,
  hour: Date,
  { passed = 0, failed = 0, errored = 0 }: { passed?: number; failed?: number; errored?: number },
) => sql`
  insert into run_hours (monitor_id, hour, runner_id, response_class, passed, failed, errored)
  values (${monitorId}, date_trunc('hour', ${hour}::timestamptz), ${newId()}, 1, ${passed}, ${failed}, ${errored})`;

/** A maintenance window of the workspace that is about all its monitors. */
export async function announceMaintenance(
  { sql }: Database,
  { workspaceId, actor }: Pick<StatusStage, "workspaceId" | "actor">,
  { startsAt, endsAt }: { startsAt: Date; endsAt: Date },
): Promise<void> {
  const windowId = newId();
  await sql`
    insert into maintenance_windows (id, workspace_id, name, reason, behaviour, covers, starts_at, ends_at, created_by)
    values (${windowId}, ${workspaceId}, 'internal-window', 'internal-reason', 'silence', 'all', ${startsAt}, ${endsAt},
            ${actor.userId})`;
  await sql`
    insert into maintenance_periods (id, window_id, workspace_id, starts_at, ends_at, behaviour, covers)
    values (${newId()}, ${windowId}, ${workspaceId}, ${startsAt}, ${endsAt}, 'silence', 'all')`;
}
