import { and, asc, eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { environments } from "../../db/schema.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor, Deps } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import { newId } from "../lib/ids.ts";
import type { SecretBox } from "../lib/seal.ts";
import { type ChangeNote, noteColumns } from "../workspaces/revision.ts";
import { type EnvironmentInput, type EnvironmentValue, openValues, sealValues } from "./environment.ts";

const MAX_LISTED = 10_000;
const headColumns = {
  id: environments.id,
  workspaceId: environments.workspaceId,
  ownerId: environments.ownerId,
  name: environments.name,
  revision: environments.revision,
  createdAt: environments.createdAt,
  updatedAt: environments.updatedAt,
};

/** An environment without its values, as lists show it. */
export interface EnvironmentHead {
  id: string;
  workspaceId: string;
  ownerId: number;
  name: string;
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Secrets opened. */
export interface Environment extends EnvironmentHead {
  values: EnvironmentValue[];
}

type EnvironmentDeps = Pick<Deps, "database" | "secretBox">;

export const listEnvironments = (
  database: Database,
  filter: { workspaceId?: string; /** Only what the actor may see. */ visibleTo?: Actor } = {},
): Promise<EnvironmentHead[]> =>
  database.db
    .select(headColumns)
    .from(environments)
    .where(
      and(
        filter.workspaceId === undefined ? undefined : eq(environments.workspaceId, filter.workspaceId),
        filter.visibleTo && isInVisibleWorkspace(filter.visibleTo, environments.workspaceId),
      ),
    )
    .orderBy(asc(environments.createdAt), asc(environments.id))
    .limit(MAX_LISTED);

/** Without its values; undefined when it is not there. */
export async function findEnvironmentHead(
  database: Database,
  id: string,
): Promise<EnvironmentHead | undefined> {
  const [head] = await database.db.select(headColumns).from(environments).where(eq(environments.id, id));
  return head;
}

/** With its secrets in clear: for whoever may read them. */
export async function findEnvironment(
  { database, secretBox }: EnvironmentDeps,
  id: string,
): Promise<Environment | undefined> {
  const [row] = await database.db.select().from(environments).where(eq(environments.id, id));
  return row && { ...row, values: openValues(secretBox, row.values) };
}

/** What a run needs: secrets opened, and the revision that the run then names. */
export async function loadEnvironmentForRun(
  database: Database,
  secretBox: SecretBox,
  id: string,
): Promise<{ id: string; name: string; values: RunVariable[]; revision: number } | undefined> {
  const environment = await findEnvironment({ database, secretBox }, id);
  if (!environment) return undefined;
  const { name, revision, values } = environment;
  // `key` was checked to be a string when the environment was stored.
  return { id, name, revision, values: values as unknown as RunVariable[] };
}

export interface RunVariable {
  key: string;
  value: unknown;
  type?: string;
  enabled?: boolean;
}

export const createEnvironment = (
  { database, secretBox }: EnvironmentDeps,
  actor: Actor,
  input: NewEnvironment,
): Promise<EnvironmentHead> =>
  database.db.transaction((tx) => createEnvironmentIn(tx, { secretBox, actor }, input));

export interface NewEnvironment {
  workspaceId: string;
  name: string;
  values?: EnvironmentValue[];
  note?: ChangeNote;
}

/** The same in a transaction that makes more than that. */
export async function createEnvironmentIn(
  tx: Tx,
  { secretBox, actor }: Writer,
  input: NewEnvironment,
): Promise<EnvironmentHead> {
  const [created] = await tx
    .insert(environments)
    .values({
      id: newId(),
      workspaceId: input.workspaceId,
      ownerId: actor.userId,
      name: input.name,
      values: sealValues(secretBox, input.values ?? []),
      updatedBy: actor.userId,
      ...noteColumns(actor, input.note),
    })
    .returning(headColumns);
  if (!created) throw new Error("insert of an environment returned no row");
  await recordAudit(tx, actor, {
    action: "environment.created",
    subjectType: "environment",
    subjectId: created.id,
    change: { name: created.name, workspaceId: created.workspaceId, keys: keysOf(input.values) },
  });
  return created;
}

/** Who writes, and what seals the secrets. */
interface Writer extends Pick<Deps, "secretBox"> {
  actor: Actor;
}

/** Replaces what was given; undefined when there is no such environment. */
export async function updateEnvironment(
  deps: EnvironmentDeps,
  actor: Actor,
  id: string,
  input: EnvironmentInput,
): Promise<EnvironmentHead | undefined> {
  return await changeEnvironment(deps, actor, id, () => input);
}

/** Changes what is there; two changes at once come one after the other. Undefined when there is no such environment. */
export const changeEnvironment = (
  deps: EnvironmentDeps,
  actor: Actor,
  id: string,
  change: (environment: Environment) => EnvironmentInput,
): Promise<Environment | undefined> =>
  deps.database.db.transaction((tx) => changeEnvironmentIn(tx, { ...deps, actor }, id, change));

/** The same in a transaction that changes more than that. */
export async function changeEnvironmentIn(
  tx: Tx,
  { secretBox, actor, action = "environment.updated", note }: Writer & { action?: string; note?: ChangeNote },
  id: string,
  change: (environment: Environment) => EnvironmentInput,
): Promise<Environment | undefined> {
  const [row] = await tx.select().from(environments).where(eq(environments.id, id)).for("update");
  if (!row) return undefined;
  const before = { ...row, values: openValues(secretBox, row.values) };
  const { name = before.name, values = before.values } = change(before);
  const [updated] = await tx
    .update(environments)
    .set({
      name,
      values: sealValues(secretBox, values),
      updatedBy: actor.userId,
      ...noteColumns(actor, note),
      revision: sql`${environments.revision} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(environments.id, id))
    .returning(headColumns);
  if (!updated) throw new Error("an environment that was just locked is not there");
  await recordAudit(tx, actor, {
    action,
    subjectType: "environment",
    subjectId: id,
    change: {
      name,
      revision: updated.revision,
      keys: keysOf(values),
      before: { name: before.name, keys: keysOf(before.values) },
    },
  });
  return { ...updated, values };
}

/** What was deleted; undefined when there was nothing. Monitors that used it go on without an environment. */
export const deleteEnvironment = (
  database: Database,
  actor: Actor,
  id: string,
): Promise<EnvironmentHead | undefined> =>
  database.db.transaction((tx) => deleteEnvironmentIn(tx, actor, id));

/** The same in a transaction that changes more than that. */
export async function deleteEnvironmentIn(
  tx: Tx,
  actor: Actor,
  id: string,
): Promise<EnvironmentHead | undefined> {
  const [deleted] = await tx.delete(environments).where(eq(environments.id, id)).returning(headColumns);
  if (!deleted) return undefined;
  await recordAudit(tx, actor, {
    action: "environment.deleted",
    subjectType: "environment",
    subjectId: id,
    change: { name: deleted.name },
  });
  return deleted;
}

/** Names of variables are no secret; values may be. */
const keysOf = (values: EnvironmentValue[] | undefined) => values?.map((value) => value["key"]);
