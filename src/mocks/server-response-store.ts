import { and, asc, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { mocks, mockServerResponses } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { AppError } from "../lib/errors.ts";
import { newId } from "../lib/ids.ts";
import type { ServerResponseInput } from "./server-response.ts";

/** Of one mock. */
const MAX_SERVER_RESPONSES = 100;

export type ServerResponse = typeof mockServerResponses.$inferSelect;

/** Everything but headers and body. */
const headColumns = {
  id: mockServerResponses.id,
  mockId: mockServerResponses.mockId,
  name: mockServerResponses.name,
  statusCode: mockServerResponses.statusCode,
  createdBy: mockServerResponses.createdBy,
  updatedBy: mockServerResponses.updatedBy,
  createdAt: mockServerResponses.createdAt,
  updatedAt: mockServerResponses.updatedAt,
};

/** Oldest first, without headers and bodies. */
export const listServerResponses = ({ db }: Database, mockId: string) =>
  db
    .select(headColumns)
    .from(mockServerResponses)
    .where(eq(mockServerResponses.mockId, mockId))
    .orderBy(asc(mockServerResponses.createdAt), asc(mockServerResponses.id))
    .limit(MAX_SERVER_RESPONSES);

export async function findServerResponse(
  { db }: Database,
  mockId: string,
  id: string,
): Promise<ServerResponse | undefined> {
  const [found] = await db.select().from(mockServerResponses).where(isOf(mockId, id));
  return found;
}

const isOf = (mockId: string, id: string) =>
  and(eq(mockServerResponses.id, id), eq(mockServerResponses.mockId, mockId));

/** 400 when the mock has as many as it may. */
export async function createServerResponse(
  { db }: Database,
  actor: Actor,
  mockId: string,
  input: ServerResponseInput & { name: string; statusCode: number },
): Promise<ServerResponse> {
  return await db.transaction(async (tx) => {
    await changesMock(tx, mockId);
    const count = await tx.$count(mockServerResponses, eq(mockServerResponses.mockId, mockId));
    if (count >= MAX_SERVER_RESPONSES) {
      throw new AppError(
        "bad_request",
        `A mock has ${MAX_SERVER_RESPONSES} server responses at most; delete one first.`,
      );
    }
    const [created] = await tx
      .insert(mockServerResponses)
      .values({
        id: newId(),
        mockId,
        headers: [],
        ...input,
        createdBy: actor.userId,
        updatedBy: actor.userId,
      })
      .returning();
    if (!created) throw new Error("insert of a server response returned no row");
    await audit(tx, actor, "created", created);
    return created;
  });
}

/** Changes what was given; undefined when the mock has no such server response. */
export async function updateServerResponse(
  { db }: Database,
  actor: Actor,
  { mockId, id }: { mockId: string; id: string },
  input: ServerResponseInput,
): Promise<ServerResponse | undefined> {
  return await db.transaction(async (tx) => {
    await changesMock(tx, mockId);
    const [updated] = await tx
      .update(mockServerResponses)
      .set({ ...input, updatedBy: actor.userId, updatedAt: sql`now()` })
      .where(isOf(mockId, id))
      .returning();
    if (updated) await audit(tx, actor, "updated", updated);
    return updated;
  });
}

/** What was deleted; undefined when the mock has no such server response. A mock that answered with it goes back to its examples. */
export async function deleteServerResponse(
  { db }: Database,
  actor: Actor,
  { mockId, id }: { mockId: string; id: string },
): Promise<ServerResponse | undefined> {
  return await db.transaction(async (tx) => {
    await changesMock(tx, mockId);
    const [deleted] = await tx.delete(mockServerResponses).where(isOf(mockId, id)).returning();
    if (!deleted) return undefined;
    await tx.update(mocks).set({ serverResponseId: null }).where(eq(mocks.serverResponseId, id));
    await audit(tx, actor, "deleted", deleted);
    return deleted;
  });
}

/** Counts the change, so that the next call sees it, and locks the mock: server responses of one are changed one after the other. */
const changesMock = (tx: Tx, mockId: string) =>
  tx
    .update(mocks)
    .set({ revision: sql`${mocks.revision} + 1` })
    .where(eq(mocks.id, mockId));

const audit = (tx: Tx, actor: Actor, verb: string, { id, mockId, name, statusCode }: ServerResponse) =>
  recordAudit(tx, actor, {
    action: `mock_server_response.${verb}`,
    subjectType: "mock",
    subjectId: mockId,
    change: { id, name, statusCode },
  });
