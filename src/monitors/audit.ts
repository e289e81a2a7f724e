import { eq } from "drizzle-orm";

import { monitorRunners, type monitors } from "../../db/schema.ts";
import type { Tx } from "../access/audit/audit.ts";
import { type AuditChange, changeOf } from "../access/audit/change.ts";
import type { MonitorInput } from "./monitor.ts";

type Monitor = typeof monitors.$inferSelect;

/** Name of an update in the audit trail: pausing and resuming are told from the rest. */
export function actionOf(before: Monitor, { active, ...rest }: MonitorInput): string {
  const isToggle = Object.keys(rest).length === 0 && active !== undefined && active !== before.active;
  if (!isToggle) return "monitor.updated";
  return active ? "monitor.resumed" : "monitor.paused";
}

/** What an update changed; of runners their ids, when the update speaks of them. */
export const changeOfMonitor = (
  before: Monitor & { runnerIds: string[] | undefined },
  after: Monitor & { runnerIds: string[] | undefined },
): AuditChange => changeOf(settingsOf(before), settingsOf(after));

/** Without what moves by itself. */
function settingsOf<T extends Monitor>(monitor: T): Partial<T> {
  const { nextRunAt: _n, updatedAt: _u, failureStreak: _f, state: _s, stateSince: _a, ...settings } = monitor;
  // What is left are fields of the same monitor.
  return settings as Partial<T>;
}

export const runnerIdsOf = async (tx: Tx, monitorId: string): Promise<string[]> => {
  const rows = await tx.select().from(monitorRunners).where(eq(monitorRunners.monitorId, monitorId));
  return rows.map(({ runnerId }) => runnerId);
};
