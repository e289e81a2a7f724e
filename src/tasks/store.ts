import { and, desc, eq, inArray, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { tasks } from "../../db/schema.ts";
import type { Actor } from "../access/context.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { isUuid, newId } from "../lib/ids.ts";

export type Task = typeof tasks.$inferSelect;

/** What a task is about. */
export interface TaskSubject {
  /** `<noun>.<verb>`, e.g. `collection.duplicate`. */
  kind: string;
  elementType: string;
  elementId: string;
  workspaceId: string;
  /** While a task of this name is pending, no second one starts. */
  exclusiveKey?: string;
}

export type TaskEnd =
  | { status: "completed"; result: Record<string, unknown> }
  | { status: "failed"; reason: string };

/** Undefined when a pending task has the exclusive key. */
export async function insertTask(
  { db }: Database,
  actor: Pick<Actor, "userId">,
  subject: TaskSubject,
): Promise<Task | undefined> {
  const [task] = await db
    .insert(tasks)
    .values({ ...subject, id: newId(), createdBy: actor.userId })
    .onConflictDoNothing({ target: tasks.exclusiveKey, where: sql`status = 'pending'` })
    .returning();
  return task;
}

/** False when it has ended before, e.g. because a sweep gave it up. */
export async function endTask({ db }: Database, id: string, end: TaskEnd): Promise<boolean> {
  const ended = await db
    .update(tasks)
    .set({ ...end, finishedAt: sql`now()` })
    .where(and(eq(tasks.id, id), eq(tasks.status, "pending")))
    .returning({ id: tasks.id });
  return ended.length > 0;
}

export async function keepAlive({ db }: Database, ids: string[]): Promise<void> {
  await db
    .update(tasks)
    .set({ aliveAt: sql`now()` })
    .where(and(inArray(tasks.id, ids), eq(tasks.status, "pending")));
}

/** Undefined for an unknown id; throws 403 when the actor may not see the workspace that it is about. */
export async function findTask(database: Database, actor: Actor, id: string): Promise<Task | undefined> {
  if (!isUuid(id)) return undefined;
  const [task] = await database.db.select().from(tasks).where(eq(tasks.id, id));
  if (task) await requireWorkspaceRole(database, actor, task.workspaceId, "viewer");
  return task;
}

/** Whether a pending task has the key. */
export async function isTaskPending({ db }: Database, exclusiveKey: string): Promise<boolean> {
  const found = await db
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(eq(tasks.exclusiveKey, exclusiveKey), eq(tasks.status, "pending")))
    .limit(1);
  return found.length > 0;
}

/** The newest one about an element, for states such as "in sync". Rights are the caller's to check. */
export async function findLastTask(
  { db }: Database,
  { elementId, kind }: Pick<TaskSubject, "elementId" | "kind">,
): Promise<Task | undefined> {
  const [task] = await db
    .select()
    .from(tasks)
    .where(and(eq(tasks.elementId, elementId), eq(tasks.kind, kind)))
    .orderBy(desc(tasks.createdAt), desc(tasks.id))
    .limit(1);
  return task;
}

/** Fails the tasks whose server has been silent for `silentSeconds`; how many there were. */
export async function failSilentTasks({ db }: Database, silentSeconds: number): Promise<number> {
  const failed = await db
    .update(tasks)
    .set({
      status: "failed",
      reason: "The server that worked on it has stopped; start it again.",
      finishedAt: sql`now()`,
    })
    .where(
      and(
        eq(tasks.status, "pending"),
        sql`${tasks.aliveAt} < now() - make_interval(secs => ${silentSeconds}::float8)`,
      ),
    )
    .returning({ id: tasks.id });
  return failed.length;
}

/** Removes tasks that ended more than `days` ago. */
export async function deleteOldTasks({ db }: Database, days: number): Promise<void> {
  await db.delete(tasks).where(sql`${tasks.finishedAt} < now() - make_interval(days => ${days}::int)`);
}
