import { and, asc, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { collections, environments, mocks, mockServerResponses, workspaces } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { invalidParam } from "../access/request.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import { newId } from "../lib/ids.ts";
import { defaultMockConfig, type MockInput } from "./mock.ts";

const MAX_LISTED = 10_000;

export type Mock = typeof mocks.$inferSelect;

/** A mock with what it points at. */
export interface MockWithReferences extends Mock {
  collectionOwnerId: number;
  environmentOwnerId: number | null;
  /** Its workspace is open to everybody. */
  isPublic: boolean;
}

const selectMocks = (db: Database["db"] | Tx) =>
  db
    .select({
      mock: mocks,
      collectionOwnerId: collections.ownerId,
      environmentOwnerId: environments.ownerId,
      isPublic: sql<boolean>`${workspaces.visibility} = 'public'`,
    })
    .from(mocks)
    .innerJoin(workspaces, eq(workspaces.id, mocks.workspaceId))
    .innerJoin(collections, eq(collections.id, mocks.collectionId))
    .leftJoin(environments, eq(environments.id, mocks.environmentId));

const withReferences = ({
  mock,
  ...references
}: Awaited<ReturnType<typeof selectMocks>>[number]): MockWithReferences => ({ ...mock, ...references });

/** Those that the actor sees, oldest first. */
export async function listMocks(
  database: Database,
  actor: Actor,
  filter: { workspaceId?: string } = {},
): Promise<MockWithReferences[]> {
  const rows = await selectMocks(database.db)
    .where(
      and(
        filter.workspaceId === undefined ? undefined : eq(mocks.workspaceId, filter.workspaceId),
        isInVisibleWorkspace(actor, mocks.workspaceId),
      ),
    )
    .orderBy(asc(mocks.createdAt), asc(mocks.id))
    .limit(MAX_LISTED);
  return rows.map(withReferences);
}

export async function findMock(
  { db }: { db: Database["db"] | Tx },
  id: string,
): Promise<MockWithReferences | undefined> {
  const [row] = await selectMocks(db).where(eq(mocks.id, id));
  return row && withReferences(row);
}

/** The workspace of a collection, for a mock that names none; 400 when there is no such collection. */
export async function workspaceOfCollection({ db }: Database, collectionId: string): Promise<string> {
  const [found] = await db
    .select({ workspaceId: collections.workspaceId })
    .from(collections)
    .where(eq(collections.id, collectionId));
  if (!found) throw invalidParam("collection", "the collection does not exist");
  return found.workspaceId;
}

/** 400 when what it points at is not in its workspace. Named like its collection when it has no name. */
export async function createMock(
  database: Database,
  actor: Actor,
  input: MockInput & { collectionId: string; workspaceId: string },
): Promise<MockWithReferences> {
  const { config, collectionId, workspaceId } = input;
  return await database.db.transaction(async (tx) => {
    const collectionName = await requireReferences(tx, workspaceId, input);
    const id = newId();
    await tx.insert(mocks).values({
      id,
      workspaceId,
      ownerId: actor.userId,
      name: input.name ?? collectionName ?? "Mock",
      collectionId,
      environmentId: input.environmentId ?? null,
      private: input.private ?? false,
      config: { ...defaultMockConfig, ...config },
    });
    const created = await findMock({ db: tx }, id);
    if (!created) throw new Error("insert of a mock returned no row");
    await recordAudit(tx, actor, {
      action: "mock.created",
      subjectType: "mock",
      subjectId: id,
      change: { name: created.name, workspaceId, collectionId, private: created.private },
    });
    return created;
  });
}

/** Changes what was given; undefined when there is no such mock. */
export async function updateMock(
  database: Database,
  actor: Actor,
  id: string,
  input: MockInput,
): Promise<MockWithReferences | undefined> {
  return await database.db.transaction(async (tx) => {
    const [before] = await tx.select().from(mocks).where(eq(mocks.id, id)).for("update");
    if (!before) return undefined;
    await requireReferences(tx, before.workspaceId, input);
    if (input.serverResponseId) await requireServerResponse(tx, id, input.serverResponseId);
    const { config, ...columns } = input;
    await tx
      .update(mocks)
      .set({
        ...columns,
        ...(config && { config: { ...before.config, ...config } }),
        revision: sql`${mocks.revision} + 1`,
        updatedAt: sql`now()`,
      })
      .where(eq(mocks.id, id));
    await recordAudit(tx, actor, {
      action: actionOf(before, input),
      subjectType: "mock",
      subjectId: id,
      change: { before: valuesOf(before, input), after: { ...input } },
    });
    return await findMock({ db: tx }, id);
  });
}

/** What the changed fields were. */
const valuesOf = (before: Mock, input: MockInput): Partial<Mock> =>
  Object.fromEntries(Object.entries(before).filter(([field]) => field in input));

function actionOf(before: Mock, input: MockInput): string {
  const isToggle = Object.keys(input).length === 1 && input.private !== undefined;
  if (!isToggle || input.private === before.private) return "mock.updated";
  return input.private ? "mock.unpublished" : "mock.published";
}

/** The name of the collection, when one is given. */
async function requireReferences(
  tx: Tx,
  workspaceId: string,
  { collectionId, environmentId }: MockInput,
): Promise<string | undefined> {
  if (environmentId) {
    const [environment] = await tx
      .select({ id: environments.id })
      .from(environments)
      .where(and(eq(environments.id, environmentId), eq(environments.workspaceId, workspaceId)))
      .for("key share");
    if (!environment) throw invalidParam("environment", "the environment does not exist in this workspace");
  }
  if (collectionId === undefined) return undefined;
  const [collection] = await tx
    .select({ name: collections.name })
    .from(collections)
    .where(and(eq(collections.id, collectionId), eq(collections.workspaceId, workspaceId)))
    .for("key share");
  if (!collection) throw invalidParam("collection", "the collection does not exist in this workspace");
  return collection.name;
}

async function requireServerResponse(tx: Tx, mockId: string, id: string): Promise<void> {
  const [found] = await tx
    .select({ id: mockServerResponses.id })
    .from(mockServerResponses)
    .where(and(eq(mockServerResponses.id, id), eq(mockServerResponses.mockId, mockId)));
  if (!found) throw invalidParam("config.serverResponseId", "the mock has no such server response");
}

/** What was deleted, with its server responses and calls; undefined when there was nothing. */
export async function deleteMock(database: Database, actor: Actor, id: string): Promise<Mock | undefined> {
  return await database.db.transaction(async (tx) => {
    const [deleted] = await tx.delete(mocks).where(eq(mocks.id, id)).returning();
    if (!deleted) return undefined;
    await recordAudit(tx, actor, {
      action: "mock.deleted",
      subjectType: "mock",
      subjectId: id,
      change: { name: deleted.name, workspaceId: deleted.workspaceId },
    });
    return deleted;
  });
}
