import type { Database } from "../../../db/connect.ts";
import { removeOldWindows } from "../limits/store.ts";
import type { KeyCall } from "./calls.ts";

export interface StoredCall extends KeyCall {
  /** How long ago it was. */
  ageMs: number;
}

/** One statement for all of them. */
export async function storeCalls({ sql }: Database, calls: readonly StoredCall[]): Promise<void> {
  await sql`
    insert into api_key_calls
      (at, key_id, user_id, method, route, path, address, user_agent, decision, rule, status)
    select now() - make_interval(secs => age_ms / 1000), key_id, user_id, method, route, path, address, user_agent,
      case when rule is null then 'allowed' else 'denied' end, rule, status
    from unnest(
      ${calls.map(({ ageMs }) => ageMs)}::float8[],
      ${calls.map(({ keyId }) => keyId)}::uuid[],
      ${calls.map(({ userId }) => userId)}::int[],
      ${calls.map(({ method }) => method)}::text[],
      ${calls.map(({ route }) => route)}::text[],
      ${calls.map(({ path }) => path)}::text[],
      ${calls.map(({ address }) => address)}::text[],
      ${calls.map(({ userAgent }) => userAgent)}::text[],
      ${calls.map(({ rule }) => rule)}::text[],
      ${calls.map(({ status }) => status)}::int[])
      as c (age_ms, key_id, user_id, method, route, path, address, user_agent, rule, status)`;
}

/** A call as it is listed. */
export interface ListedCall extends KeyCall {
  id: number;
  at: Date;
  decision: "allowed" | "denied";
}

export interface CallFilter {
  /** Null = calls of nobody: without a key, or with one that nobody knows. */
  keyId: string | null;
  decision?: "allowed" | "denied" | undefined;
  /** Only calls before the one with this id. */
  beforeId?: number | undefined;
  limit: number;
}

/** Newest first. */
export const listCalls = async ({ sql }: Database, filter: CallFilter): Promise<ListedCall[]> => [
  ...(await sql<ListedCall[]>`
    select id::float8 as id, at, key_id as "keyId", user_id as "userId", method, route, path, address,
      user_agent as "userAgent", decision, rule, status
    from api_key_calls
    where ${filter.keyId === null ? sql`key_id is null and user_id is null` : sql`key_id = ${filter.keyId}`}
      ${filter.decision === undefined ? sql`` : sql`and decision = ${filter.decision}`}
      ${filter.beforeId === undefined ? sql`` : sql`and id < ${filter.beforeId}`}
    order by id desc limit ${filter.limit}`),
];

/** Of one statement, so that it holds no locks for long. */
const REMOVED_AT_ONCE = 5_000;

/** Removes calls that have had their time, in batches; other servers may do the same. Returns how many. */
export async function removeOldCalls({ sql }: Database, keptSeconds: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const { count } = await sql`
      delete from api_key_calls where id in (
        select id from api_key_calls where at < now() - make_interval(secs => ${keptSeconds})
        order by at limit ${REMOVED_AT_ONCE} for update skip locked)`;
    removed += count;
    if (count < REMOVED_AT_ONCE) return removed;
  }
}

/** What has had its time: calls of keys, and windows of limits. */
export async function removeOldRecords(database: Database, keptSeconds: number): Promise<void> {
  await removeOldCalls(database, keptSeconds);
  await removeOldWindows(database);
}
