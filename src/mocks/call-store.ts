import { and, eq, sql, type SQL } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { mockCalls } from "../../db/schema.ts";
import type { Cursor } from "../lib/cursor.ts";

/** Calls are kept so long, and so many of each mock. */
export const CALL_DAYS = 14;
export const MAX_CALLS = 1_000;

export type MockCall = typeof mockCalls.$inferSelect;

/** Stores calls; those of mocks that were deleted meanwhile are dropped. */
export async function insertCalls({ sql: query }: Database, calls: readonly MockCall[]): Promise<void> {
  const rows = calls.map((call) => ({ ...call, servedAt: call.servedAt.toISOString() }));
  await query`
    insert into mock_calls (id, mock_id, served_at, method, path, request_headers, request_body, response_name,
                            response_type, status_code, response_headers, response_body)
    select c.id, c."mockId", c."servedAt", c.method, c.path, c."requestHeaders", c."requestBody", c."responseName",
           c."responseType", c."statusCode", c."responseHeaders", c."responseBody"
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as c(
             id uuid, "mockId" uuid, "servedAt" timestamptz, method text, path text, "requestHeaders" json,
             "requestBody" text, "responseName" text, "responseType" text, "statusCode" int,
             "responseHeaders" json, "responseBody" text)
      join mocks m on m.id = c."mockId"
        for key share of m`;
}

/** Removes what is too old, and of each given mock what is too much. */
export async function dropOldCalls({ sql: query }: Database, mockIds: readonly string[]): Promise<void> {
  await query`
    delete from mock_calls c using (
      select m.id as mock_id, greatest(
               now() - make_interval(days => ${CALL_DAYS}),
               (select l.served_at from mock_calls l where l.mock_id = m.id
                 order by l.served_at desc offset ${MAX_CALLS} limit 1)) as until
        from unnest(${query.array([...mockIds])}::uuid[]) as m(id)) as old
     where c.mock_id = old.mock_id and c.served_at <= old.until`;
}

export interface CallFilter {
  since?: Date;
  until?: Date;
  statusCode?: number;
  type?: string;
  method?: string;
  path?: string;
  direction: "asc" | "desc";
  after?: Cursor;
  limit: number;
  /** Headers and bodies are read only when they are wanted. */
  withDetails: boolean;
}

const servedAtText = sql<string>`to_char(${mockCalls.servedAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const headColumns = {
  id: mockCalls.id,
  servedAt: mockCalls.servedAt,
  method: mockCalls.method,
  path: mockCalls.path,
  responseName: mockCalls.responseName,
  responseType: mockCalls.responseType,
  statusCode: mockCalls.statusCode,
  at: servedAtText,
};

export type ListedCall = Omit<MockCall, "mockId" | "requestHeaders" | "responseHeaders"> & {
  requestHeaders?: MockCall["requestHeaders"];
  responseHeaders?: MockCall["responseHeaders"];
};

/** Calls of one mock by time; `next` is there when the limit cut the list. */
export async function listCalls(
  { db }: Database,
  mockId: string,
  filter: CallFilter,
): Promise<{ calls: ListedCall[]; next: Cursor | undefined }> {
  const order = filter.direction === "asc" ? sql`asc` : sql`desc`;
  const columns = filter.withDetails
    ? {
        ...headColumns,
        requestHeaders: mockCalls.requestHeaders,
        requestBody: mockCalls.requestBody,
        responseHeaders: mockCalls.responseHeaders,
        responseBody: mockCalls.responseBody,
      }
    : headColumns;
  const rows: (ListedCall & { at: string })[] = (
    await db
      .select(columns)
      .from(mockCalls)
      .where(and(eq(mockCalls.mockId, mockId), ...conditionsOf(filter)))
      .orderBy(sql`${mockCalls.servedAt} ${order}`, sql`${mockCalls.id} ${order}`)
      .limit(filter.limit + 1)
  ).map((row) => ({ requestBody: null, responseBody: null, ...row }));
  const calls = rows.slice(0, filter.limit);
  const last = calls.at(-1);
  return { calls, next: rows.length > filter.limit && last ? { at: last.at, id: last.id } : undefined };
}

function conditionsOf(filter: CallFilter): SQL[] {
  const conditions: SQL[] = [];
  const { since, until, statusCode, type, method, path, after, direction } = filter;
  if (since) conditions.push(sql`${mockCalls.servedAt} >= ${since.toISOString()}::text::timestamptz`);
  if (until) conditions.push(sql`${mockCalls.servedAt} <= ${until.toISOString()}::text::timestamptz`);
  if (statusCode !== undefined) conditions.push(sql`${mockCalls.statusCode} = ${statusCode}`);
  if (type !== undefined) conditions.push(sql`${mockCalls.responseType} = ${type}`);
  if (method !== undefined) conditions.push(sql`${mockCalls.method} = ${method}`);
  if (path !== undefined) conditions.push(sql`split_part(${mockCalls.path}, '?', 1) = ${path}`);
  if (after) {
    const order = direction === "asc" ? sql`>` : sql`<`;
    // As text: the driver would turn a parameter that is an instant into a Date and cut the microseconds.
    conditions.push(
      sql`(${mockCalls.servedAt}, ${mockCalls.id}) ${order} (${after.at}::text::timestamptz, ${after.id}::uuid)`,
    );
  }
  return conditions;
}
