import { eq } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import * as schema from "../../db/schema.ts";
import type { RunEvent } from "../../src/contract/events.ts";
import { hashSecret, newId } from "../../src/lib/ids.ts";
import { addToHours } from "../../src/runs/hours.ts";
import { packEvents } from "../../src/runs/packed-events.ts";

/** Makes valid rows; a test states only the columns that matter to it. Owners and parents are made when not given. */
export function createMake({ db, sql }: Database) {
  let made = 0;

  const user = async (row: Partial<typeof schema.users.$inferInsert> = {}) => {
    const number = ++made;
    const values = {
      email: `user-${number}@example.test`,
      name: `User ${number}`,
      passwordHash: "not a hash: nobody signs in",
      role: "member" as const,
      ...row,
    };
    return one(await db.insert(schema.users).values(values).returning());
  };

  const workspace = async (row: Partial<typeof schema.workspaces.$inferInsert> = {}) => {
    const createdBy = row.createdBy ?? (await user()).id;
    const values = {
      id: newId(),
      name: `Workspace ${++made}`,
      type: "team" as const,
      visibility: "team",
      createdBy,
      updatedBy: createdBy,
      ...row,
    };
    return one(await db.insert(schema.workspaces).values(values).returning());
  };

  /** The workspace and the owner of something in it. */
  const parents = async (row: { workspaceId?: string; ownerId?: number }) => {
    const ownerId = row.ownerId ?? (await user()).id;
    return { ownerId, workspaceId: row.workspaceId ?? (await workspace({ createdBy: ownerId })).id };
  };

  const collection = async (row: Partial<typeof schema.collections.$inferInsert> = {}) => {
    const owned = await parents(row);
    const name = row.name ?? `Collection ${++made}`;
    const info = {
      name,
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    };
    const values = {
      id: newId(),
      updatedBy: owned.ownerId,
      document: { info, item: [{ name: "Request", request: { method: "GET", url: "http://127.0.0.1:1/" } }] },
      ...row,
      ...owned,
      name,
    };
    return one(await db.insert(schema.collections).values(values).returning());
  };

  const environment = async (row: Partial<typeof schema.environments.$inferInsert> = {}) => {
    const owned = await parents(row);
    const values = { id: newId(), name: `Environment ${++made}`, values: [], ...row, ...owned };
    return one(await db.insert(schema.environments).values(values).returning());
  };

  /** `key` is what an instance would send; its hash is stored. */
  const runner = async ({
    key = `sprk_test_${newId()}`,
    ...row
  }: Partial<typeof schema.runners.$inferInsert> & { key?: string } = {}) => {
    const createdBy = row.createdBy ?? (await user()).id;
    const values = {
      id: newId(),
      name: `Runner ${++made}`,
      visibility: "all" as const,
      keyHash: hashSecret(key),
      createdBy,
      ...row,
    };
    return { ...one(await db.insert(schema.runners).values(values).returning()), key };
  };

  const runnerInstance = async (row: Partial<typeof schema.runnerInstances.$inferInsert> = {}) => {
    const values = {
      id: newId(),
      runnerId: row.runnerId ?? (await runner()).id,
      uniqueId: newId(),
      hostname: "host.example.test",
      version: "0.1.0",
      osType: "linux",
      concurrency: 1,
      publicKey: "",
      ...row,
    };
    return one(await db.insert(schema.runnerInstances).values(values).returning());
  };

  const monitor = async (row: Partial<typeof schema.monitors.$inferInsert> = {}) => {
    const owned = await parents(row);
    const values = {
      id: newId(),
      name: `Monitor ${++made}`,
      collectionId: row.collectionId ?? (await collection(owned)).id,
      options: {
        strictSSL: true,
        followRedirects: true,
        requestTimeout: null,
        requestDelay: 0,
        runTimeout: 300_000,
        scriptTimeout: 5_000,
      },
      notifications: { onError: [], onFailure: [] },
      ...row,
      ...owned,
    };
    return one(await db.insert(schema.monitors).values(values).returning());
  };

  const execution = async (row: Partial<typeof schema.executions.$inferInsert> = {}) => {
    const values = {
      id: newId(),
      monitorId: row.monitorId ?? (await monitor()).id,
      trigger: "manual" as const,
      ...row,
    };
    return one(await db.insert(schema.executions).values(values).returning());
  };

  /** Queued, for any runner, claimable for an hour. */
  const run = async (row: Partial<typeof schema.runs.$inferInsert> = {}) => {
    const monitorId = row.monitorId ?? (await monitor()).id;
    const [owner] = await db.select().from(schema.monitors).where(eq(schema.monitors.id, monitorId));
    const values = {
      id: newId(),
      workspaceId: owner?.workspaceId ?? "",
      validUntil: new Date(Date.now() + 3_600_000),
      ...row,
      monitorId,
      executionId: row.executionId ?? (await execution({ monitorId })).id,
    };
    const made = one(await db.insert(schema.runs).values(values).returning());
    if (made.status === "finished")
      await addToHours(sql, sql`(select * from runs where id = ${made.id}) ended`);
    return made;
  };

  /** Events of an attempt, as one batch. */
  const events = async (runId: string, attempt: number, batch: RunEvent[]) => {
    await db.insert(schema.runEvents).values({ runId, attempt, ...packEvents(batch) });
  };

  return {
    user,
    workspace,
    collection,
    environment,
    runner,
    runnerInstance,
    monitor,
    execution,
    run,
    events,
  };
}

function one<T>(rows: T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error("insert returned no row");
  return row;
}
