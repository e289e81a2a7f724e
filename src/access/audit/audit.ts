import { sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { auditRecords } from "../../../db/schema.ts";
import type { Actor } from "../context.ts";
import { withoutSecretValues } from "./change.ts";

/** A transaction of drizzle; every write and its audit record share one. */
export type Tx = Parameters<Parameters<Database["db"]["transaction"]>[0]>[0];

/** Who acts when nobody is signed in: first start, background loops. */
export const systemActor: Actor = {
  userId: 0,
  email: "",
  name: "system",
  role: "admin",
  via: "system",
  scopes: null,
};

export interface AuditEntry {
  /** `<noun>.<verb in the past>`, e.g. `collection.created`. */
  action: string;
  subjectType: string;
  subjectId: string;
  /** Before and after, never a secret. */
  change?: Record<string, unknown>;
  /** Absent = where the subject is, or was when something was last recorded of it. */
  workspaceId?: string;
}

/** Writes one line of the audit trail; `tx` is the transaction of the change, so neither stands without the other. */
export async function recordAudit(
  tx: Tx,
  actor: Pick<Actor, "userId" | "via" | "keyId" | "origin">,
  entry: AuditEntry,
): Promise<void> {
  await tx.insert(auditRecords).values({
    actorId: actor.userId === systemActor.userId ? null : actor.userId,
    via: actor.via,
    action: entry.action,
    subjectType: entry.subjectType,
    subjectId: entry.subjectId,
    change: entry.change ? withoutSecretValues(entry.change) : null,
    address: actor.origin?.address ?? null,
    userAgent: actor.origin?.userAgent ?? null,
    keyId: actor.keyId ?? null,
    workspaceId: entry.workspaceId ?? workspaceOf(entry),
  });
}

/** What stands in a workspace, by type of subject. */
const tablesInWorkspaces: ReadonlyMap<string, string> = new Map([
  ["collection", "collections"],
  ["environment", "environments"],
  ["monitor", "monitors"],
  ["mock", "mocks"],
  ["spec", "specs"],
  ["webhook", "webhooks"],
]);

/** What was deleted is in its table no more: then the trail itself knows. */
function workspaceOf({ subjectType, subjectId }: AuditEntry) {
  if (subjectType === "workspace" || subjectType === "globals") return subjectId;
  const table = tablesInWorkspaces.get(subjectType);
  if (table === undefined) return null;
  return sql`coalesce(
    (select e.workspace_id from ${sql.identifier(table)} e where e.id = ${subjectId}::uuid),
    (select r.workspace_id from audit_records r
      where r.subject_type = ${subjectType} and r.subject_id = ${subjectId} and r.workspace_id is not null
      order by r.id desc limit 1))`;
}
