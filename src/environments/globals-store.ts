import { eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { globals } from "../../db/schema.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor, Deps } from "../access/context.ts";
import type { SecretBox } from "../lib/seal.ts";
import { type ChangeNote, noteColumns } from "../workspaces/revision.ts";
import { type EnvironmentValue, openValues, sealValues } from "./environment.ts";
import type { RunVariable } from "./store.ts";

type GlobalsDeps = Pick<Deps, "database" | "secretBox">;

export interface Globals {
  /** Secrets opened. */
  values: EnvironmentValue[];
  revision: number;
  updatedAt: Date;
}

/** With secrets in clear: for whoever may read them. Undefined when none were ever set. */
export async function findGlobals(
  { database, secretBox }: GlobalsDeps,
  workspaceId: string,
): Promise<Globals | undefined> {
  const [row] = await database.db.select().from(globals).where(eq(globals.workspaceId, workspaceId));
  return row && { ...row, values: openValues(secretBox, row.values) };
}

/** What a run needs: secrets opened. A run changes its own copy only, as in Postman. */
export async function loadGlobalsForRun(
  database: Database,
  secretBox: SecretBox,
  workspaceId: string,
): Promise<RunVariable[]> {
  const found = await findGlobals({ database, secretBox }, workspaceId);
  // `key` was checked to be a string when the globals were stored.
  return (found?.values ?? []) as unknown as RunVariable[];
}

/** Changes the globals of a workspace that is there, and returns their new revision; two changes at once come one after the other. */
export async function changeGlobals(
  { database, secretBox }: GlobalsDeps,
  actor: Actor,
  workspaceId: string,
  change: (values: EnvironmentValue[]) => EnvironmentValue[],
  note?: ChangeNote,
): Promise<number> {
  return await database.db.transaction(async (tx) => {
    await tx
      .insert(globals)
      .values({ workspaceId, values: [], revision: 0, updatedBy: actor.userId })
      .onConflictDoNothing();
    const [row] = await tx.select().from(globals).where(eq(globals.workspaceId, workspaceId)).for("update");
    if (!row) throw new Error("globals that were just made are not there");
    const before = openValues(secretBox, row.values);
    const values = change(before);
    const revision = row.revision + 1;
    await tx
      .update(globals)
      .set({
        values: sealValues(secretBox, values),
        revision,
        updatedBy: actor.userId,
        ...noteColumns(actor, note),
        updatedAt: sql`now()`,
      })
      .where(eq(globals.workspaceId, workspaceId));
    await recordAudit(tx, actor, {
      action: "globals.updated",
      subjectType: "globals",
      subjectId: workspaceId,
      // Names of variables are no secret; values may be.
      change: {
        before: { revision: row.revision, keys: keysOf(before) },
        after: { revision, keys: keysOf(values) },
      },
    });
    return revision;
  });
}

const keysOf = (values: EnvironmentValue[]) => values.map((value) => value["key"]);

/** Puts variables to those that are there; same names are replaced. */
export const addValues =
  (added: EnvironmentValue[]) =>
  (values: EnvironmentValue[]): EnvironmentValue[] => {
    const keys = new Set(added.map((variable) => variable["key"]));
    return [...values.filter((variable) => !keys.has(variable["key"])), ...added];
  };
