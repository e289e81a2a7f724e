import type { Database } from "../../../db/connect.ts";
import { asBeforeAndAfter } from "./change.ts";

export interface AuditRecord {
  id: number;
  at: Date;
  /** The same with microseconds, for cursors: Date has only ms. */
  atText: string;
  via: string;
  action: string;
  subjectType: string;
  subjectId: string;
  /** `before` and `after`. */
  change: Record<string, unknown>;
  address: string | null;
  userAgent: string | null;
  keyId: string | null;
  /** Null for what nobody did who is a user: background work, the command line. */
  actor: AuditUser | null;
  /** When it is about a user. */
  user: AuditUser | null;
}

export interface AuditUser {
  id: number;
  name: string;
  email: string;
  active: boolean;
}

/** A place in the trail. */
export interface AuditCursor {
  at: string;
  id: number;
}

export interface AuditFilter {
  userId?: number | undefined;
  action?: string | undefined;
  /** From this instant on. */
  since?: Date | undefined;
  /** Before this instant. */
  before?: Date | undefined;
  after?: AuditCursor | undefined;
  order: "asc" | "desc";
  limit: number;
}

/** A page of the audit trail. */
export async function listAuditRecords({ sql }: Database, filter: AuditFilter): Promise<AuditRecord[]> {
  const { userId, action, since, before, after, order, limit } = filter;
  const isDown = order === "desc";
  const place = after && sql`(${after.at}::text::timestamptz, ${after.id}::bigint)`;
  const rows = await sql<(Omit<AuditRecord, "change"> & { change: Record<string, unknown> | null })[]>`
      select r.id::float8 as id, r.at, r.via, r.action, r.subject_type as "subjectType",
        to_char(r.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "atText",
        r.subject_id as "subjectId", r.change, r.address, r.user_agent as "userAgent", r.key_id as "keyId",
        ${userJson(sql`a`, sql)} as actor, ${userJson(sql`u`, sql)} as user
      from audit_records r
      left join users a on a.id = r.actor_id
      left join users u on r.subject_type = 'user' and u.id::text = r.subject_id
      where true
        ${userId === undefined ? sql`` : sql`and r.actor_id = ${userId}`}
        ${action === undefined ? sql`` : sql`and r.action = ${action}`}
        ${since ? sql`and r.at >= ${since.toISOString()}::timestamptz` : sql``}
        ${before ? sql`and r.at < ${before.toISOString()}::timestamptz` : sql``}
        ${place ? (isDown ? sql`and (r.at, r.id) < ${place}` : sql`and (r.at, r.id) > ${place}`) : sql``}
      order by ${isDown ? sql`r.at desc, r.id desc` : sql`r.at, r.id`}
      limit ${limit}`;
  return rows.map((row) => ({ ...row, change: asBeforeAndAfter(row.action, row.change) }));
}

type Sql = Database["sql"];

const userJson = (alias: ReturnType<Sql>, sql: Sql) => sql`
  case when ${alias}.id is null then null else json_build_object('id', ${alias}.id, 'name', ${alias}.name,
    'email', ${alias}.email, 'active', ${alias}.deactivated_at is null) end`;

/** Every action that stands in the trail; skips from one to the next instead of reading it all. */
export async function listRecordedActions({ sql }: Database): Promise<string[]> {
  const rows = await sql<{ action: string }[]>`
    with recursive found as (
      (select action from audit_records order by action limit 1)
      union all
      select (select r.action from audit_records r where r.action > found.action order by r.action limit 1)
      from found where found.action is not null
    )
    select action from found where action is not null limit 1000`;
  return rows.map(({ action }) => action);
}
