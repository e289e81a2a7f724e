import { eq, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { globals } from "../../db/schema.ts";
import { recordAudit } from "../access/audit.ts";
import type { Actor, Deps } from "../access/context.ts";
import type { SecretBox } from "../lib/seal.ts";
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

/** Replaces all globals of a workspace that is there. */
export async function replaceGlobals(
  { database, secretBox }: GlobalsDeps,
  actor: Actor,
  workspaceId: string,
  values: EnvironmentValue[],
): Promise<void> {
  const sealed = { values: sealValues(secretBox, values), updatedBy: actor.userId };
  await database.db.transaction(async (tx) => {
    const [stored] = await tx
      .insert(globals)
      .values({ workspaceId, ...sealed })
      .onConflictDoUpdate({
        target: globals.workspaceId,
        set: { ...sealed, revision: sql`${globals.revision} + 1`, updatedAt: sql`now()` },
      })
      .returning({ revision: globals.revision });
    await recordAudit(tx, actor, {
      action: "globals.updated",
      subjectType: "globals",
      subjectId: workspaceId,
      // Names of variables are no secret; values may be.
      change: { revision: stored?.revision, keys: values.map((value) => value["key"]) },
    });
  });
}
