import type { Actor, Deps } from "../access/context.ts";
import { AppError, problem, toError } from "../lib/errors.ts";
import { endTask, insertTask, keepAlive, type Task, type TaskEnd, type TaskSubject } from "./store.ts";

/** A server says so often that it still works on a task, in ms; see `sweep.ts` for who listens. */
const ALIVE_INTERVAL_MS = 5_000;

type TaskDeps = Pick<Deps, "database" | "log">;

/** What the work of a task gives back: small, without secrets, stored with the task. */
export type TaskResult = Record<string, unknown>;

/** Tasks that this process works on, per database; `sweep.ts` waits for them when the server stops. */
const running = new WeakMap<Deps["database"], Set<Promise<void>>>();

/**
 * Starts work that goes on after the answer; comes back as soon as the task is stored. The work writes its own audit
 * records. What it throws ends the task as `failed`: an `AppError` with its sentence, anything else as an unexpected error
 * that is logged. Throws 409 as a problem with `conflict` as its sentence when the exclusive key is taken.
 */
export async function startTask(
  deps: TaskDeps,
  actor: Actor,
  subject: TaskSubject & { conflict?: string },
  work: (task: Task) => Promise<TaskResult>,
): Promise<Task> {
  const { conflict = "The same operation is already in progress.", ...stored } = subject;
  const task = await insertTask(deps.database, actor, stored);
  if (!task) throw problem("conflict", conflict);
  const own = runningOf(deps.database);
  const finished = runTask(deps, task, work).finally(() => own.delete(finished));
  own.add(finished);
  return task;
}

/** Resolves when this process works on no task of the database any more. */
export async function tasksFinished(database: Deps["database"]): Promise<void> {
  const own = runningOf(database);
  while (own.size > 0) await Promise.all(own);
}

function runningOf(database: Deps["database"]): Set<Promise<void>> {
  const known = running.get(database) ?? new Set();
  running.set(database, known);
  return known;
}

/** Never throws: a task that could not be ended is failed by the sweep. */
async function runTask(
  { database, log }: TaskDeps,
  task: Task,
  work: (task: Task) => Promise<TaskResult>,
): Promise<void> {
  const warn = (error: unknown) => {
    log.warn("task could not be stored", { taskId: task.id, error: toError(error).message });
  };
  const timer = setInterval(() => void keepAlive(database, [task.id]).catch(warn), ALIVE_INTERVAL_MS);
  try {
    const end = await endOf(work, task, log);
    await endTask(database, task.id, end);
  } catch (error) {
    warn(error);
  } finally {
    clearInterval(timer);
  }
}

async function endOf(
  work: (task: Task) => Promise<TaskResult>,
  task: Task,
  log: Deps["log"],
): Promise<TaskEnd> {
  try {
    return { status: "completed", result: await work(task) };
  } catch (thrown) {
    if (thrown instanceof AppError) return { status: "failed", reason: thrown.message };
    const error = toError(thrown);
    log.error("task failed", {
      taskId: task.id,
      kind: task.kind,
      error: error.message,
      cause: error.cause === undefined ? undefined : toError(error.cause).message,
      stack: error.stack,
    });
    return { status: "failed", reason: "An unexpected error occurred; the server's log has the cause." };
  }
}
