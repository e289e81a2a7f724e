import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import { tasks } from "../../db/schema.ts";
import { AppError } from "../../src/lib/errors.ts";
import { newId } from "../../src/lib/ids.ts";
import { startTask, tasksFinished } from "../../src/tasks/start.ts";
import { failSilentTasks, findLastTask, findTask, isTaskPending } from "../../src/tasks/store.ts";
import { startTaskSweeper } from "../../src/tasks/sweep.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";

setDefaultTimeout(120_000);

let api: TestApi;
let workspaceId: string;
beforeAll(async () => {
  api = await testApi();
  workspaceId = (await api.make.workspace({ visibility: "private", type: "team" })).id;
});

const subject = () => ({
  kind: "collection.duplicate",
  elementType: "collection",
  elementId: newId(),
  workspaceId,
});

const found = (id: string) => findTask(api.database, api.actor, id);

describe("a task", () => {
  test("is pending while its work goes on, and completed with what came of it", async () => {
    const gate = Promise.withResolvers<void>();

    const task = await startTask(api.deps, api.actor, subject(), async () => {
      await gate.promise;
      return { id: "new" };
    });

    expect(await found(task.id)).toMatchObject({ status: "pending", createdBy: api.actor.userId });
    gate.resolve();
    await tasksFinished(api.database);
    expect(await found(task.id)).toMatchObject({ status: "completed", result: { id: "new" } });
  });

  test("that was refused says why; one that broke says nothing of its insides", async () => {
    const refused = await startTask(api.deps, api.actor, subject(), () =>
      Promise.reject(new AppError("conflict", "It is taken.")),
    );
    const broken = await startTask(api.deps, api.actor, subject(), () =>
      Promise.reject(new Error("password of the database is 1234")),
    );

    await tasksFinished(api.database);
    expect(await found(refused.id)).toMatchObject({ status: "failed", reason: "It is taken." });
    const reason = (await found(broken.id))?.reason;
    expect(reason).toContain("unexpected");
    expect(reason).not.toContain("1234");
  });

  test("keeps a second one of its exclusive key out until it has ended", async () => {
    const gate = Promise.withResolvers<void>();
    const exclusive = { ...subject(), exclusiveKey: newId(), conflict: "Already at it." };
    const wait = async () => {
      await gate.promise;
      return {};
    };

    await startTask(api.deps, api.actor, exclusive, wait);

    expect(await isTaskPending(api.database, exclusive.exclusiveKey)).toBe(true);
    expect(startTask(api.deps, api.actor, exclusive, wait)).rejects.toThrow("Already at it.");
    gate.resolve();
    await tasksFinished(api.database);
    expect(await isTaskPending(api.database, exclusive.exclusiveKey)).toBe(false);
    const again = await startTask(api.deps, api.actor, exclusive, () => Promise.resolve({ second: true }));
    await tasksFinished(api.database);
    expect(await findLastTask(api.database, exclusive)).toMatchObject({ id: again.id, status: "completed" });
  });

  test("is shown to those only who see its workspace; what is no id is nothing", async () => {
    const stranger = await api.newKey({ role: "member" });
    const task = await startTask(api.deps, api.actor, subject(), () => Promise.resolve({}));

    expect(findTask(api.database, stranger.actor, task.id)).rejects.toThrow("do not have access");
    expect(await found(newId())).toBeUndefined();
    expect(await found("nonsense")).toBeUndefined();
    await tasksFinished(api.database);
  });
});

describe("the sweep", () => {
  test("fails the tasks of a server that died, and not those of one that lives", async () => {
    const gate = Promise.withResolvers<void>();
    const wait = async () => {
      await gate.promise;
      return {};
    };
    const [dead, alive] = [
      await startTask(api.deps, api.actor, subject(), wait),
      await startTask(api.deps, api.actor, subject(), wait),
    ];
    await api.database.sql`update tasks set alive_at = now() - interval '2 minutes' where id = ${dead.id}`;

    expect(await failSilentTasks(api.database, 60)).toBe(1);

    expect(await found(dead.id)).toMatchObject({ status: "failed" });
    expect((await found(dead.id))?.reason).toContain("has stopped");
    expect(await found(alive.id)).toMatchObject({ status: "pending" });
    gate.resolve();
    await tasksFinished(api.database);
    // What the sweep has decided stands, even if the work came to its end after all.
    expect(await found(dead.id)).toMatchObject({ status: "failed", result: null });
  });

  test("forgets old tasks, and its stop waits for those that are under way", async () => {
    const old = await startTask(api.deps, api.actor, subject(), () => Promise.resolve({}));
    await tasksFinished(api.database);
    await api.database.sql`update tasks set finished_at = now() - interval '8 days' where id = ${old.id}`;
    const gate = Promise.withResolvers<void>();

    const sweeper = startTaskSweeper(api.deps);
    await eventually(async () => {
      const rows = await api.database.db.select().from(tasks).where(eq(tasks.id, old.id));
      return rows.length === 0;
    });
    const last = await startTask(api.deps, api.actor, subject(), async () => {
      await gate.promise;
      return { late: true };
    });
    const stopped = sweeper.stop();
    gate.resolve();
    await stopped;

    expect(await found(last.id)).toMatchObject({ status: "completed", result: { late: true } });
  });
});
