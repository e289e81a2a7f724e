import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import type { Cursor } from "../lib/cursor.ts";
import { problem } from "../lib/errors.ts";
import { isUuid, newId } from "../lib/ids.ts";
import { cursorAt, isBeyond } from "./paging.ts";

export type SystemEnvironment = {
  id: string;
  name: string;
  label: string;
  color: string;
  description: string;
  isProduction: boolean;
  createdAt: string;
  updatedAt: string;
  /** Environments that stand for it. */
  associationCount: number;
  /** Sort key of lists. */
  at: string;
};

export interface SystemEnvironmentInput {
  name: string;
  label?: string | undefined;
  color: string;
  description?: string | undefined;
  isProduction: boolean;
}

const columns = sql`
  s.id, s.name, s.label, s.color, s.description, s.is_production as "isProduction",
  ${isoTime(sql`s.created_at`)} as "createdAt", ${isoTime(sql`s.updated_at`)} as "updatedAt",
  (select count(*)::int from system_environment_associations a where a.system_environment_id = s.id) as "associationCount",
  ${cursorAt(sql`s.created_at`)} as at`;

/** As the API answers instants: milliseconds and `Z`. */
export function isoTime(instant: SQL): SQL<string> {
  return sql<string>`to_char((${instant}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Oldest first, one more than `limit` when there are more; `total` counts all that match. */
export async function listSystemEnvironments(
  { db }: Database,
  filter: { isProduction?: boolean | undefined; limit: number; after?: Cursor | undefined },
): Promise<{ rows: SystemEnvironment[]; total: number }> {
  const matches =
    filter.isProduction === undefined ? sql`true` : sql`s.is_production = ${filter.isProduction}`;
  const [rows, totals] = await Promise.all([
    db.execute<SystemEnvironment>(sql`
      select ${columns} from system_environments s
       where ${matches} and ${isBeyond(sql`(s.created_at, s.id)`, filter.after)}
       order by s.created_at, s.id limit ${filter.limit + 1}`),
    db.execute<{ total: number }>(
      sql`select count(*)::int as total from system_environments s where ${matches}`,
    ),
  ]);
  return { rows: [...rows], total: totals[0]?.total ?? 0 };
}

export async function findSystemEnvironment(
  db: Database["db"] | Tx,
  id: string,
): Promise<SystemEnvironment | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await db.execute<SystemEnvironment>(
    sql`select ${columns} from system_environments s where s.id = ${id}`,
  );
  return row;
}

/** 409 when the name or the label is taken. */
export async function createSystemEnvironment(
  { db }: Database,
  actor: Actor,
  input: SystemEnvironmentInput,
): Promise<SystemEnvironment> {
  const id = newId();
  const label = input.label ?? labelOf(input.name);
  return await db.transaction(async (tx) => {
    const made = await tx.execute(sql`
      insert into system_environments (id, name, label, color, description, is_production, created_by)
      values (${id}, ${input.name}, ${label}, ${input.color}, ${input.description ?? ""}, ${input.isProduction},
              ${actor.userId})
          on conflict do nothing returning id`);
    if (made.length === 0) throw taken(input.name);
    await recordAudit(tx, actor, {
      action: "system_environment.created",
      subjectType: "system_environment",
      subjectId: id,
      change: { ...input, label },
    });
    return await getStored(tx, id);
  });
}

/** Lower-case letters, digits, `_` and `-`, as Postman's labels are. */
const labelOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 50) || "environment";

const taken = (name: string) =>
  problem("conflict", `A system environment with the name "${name}" or its label exists already.`);

/** Changes what was given; undefined when there is none of that id, 409 when the name is taken. */
export async function updateSystemEnvironment(
  { db }: Database,
  actor: Actor,
  id: string,
  input: Partial<Omit<SystemEnvironmentInput, "label">>,
): Promise<SystemEnvironment | undefined> {
  return await db.transaction(async (tx) => {
    const before = await findSystemEnvironment(tx, id);
    if (!before) return undefined;
    const after = { ...before, ...input };
    const updated = await tx.execute(sql`
      update system_environments s
         set name = ${after.name}, color = ${after.color}, description = ${after.description},
             is_production = ${after.isProduction}, updated_at = now()
       where s.id = ${id} and not exists (
             select 1 from system_environments o where o.name = ${after.name} and o.id <> s.id)
      returning s.id`);
    if (updated.length === 0) throw taken(after.name);
    const { name, color, description, isProduction } = before;
    await recordAudit(tx, actor, {
      action: "system_environment.updated",
      subjectType: "system_environment",
      subjectId: id,
      change: { before: { name, color, description, isProduction }, after: input },
    });
    return await getStored(tx, id);
  });
}

async function getStored(tx: Tx, id: string): Promise<SystemEnvironment> {
  const stored = await findSystemEnvironment(tx, id);
  if (!stored) throw new Error("a system environment that was just written is not there");
  return stored;
}
