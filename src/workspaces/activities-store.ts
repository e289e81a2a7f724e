import type { Database } from "../../db/connect.ts";

export interface Activity {
  /** Of the line in the audit trail. */
  id: number;
  at: Date;
  /** Null for what nobody did by hand. */
  user: { id: number; email: string; name: string } | null;
  /** As in the audit trail, e.g. `collection.created`. */
  action: string;
  /** How it was done: `session`, `api_key`, `cli`, `system`. */
  via: string;
  elementType: string;
  elementId: string;
  /** The name that it has, or had. */
  elementName: string | null;
}

export interface ActivityFilter {
  userId?: number | undefined;
  elementType?: string | undefined;
  /** Older than this line of the trail. */
  before?: number | undefined;
  limit: number;
}

/** What happened in a workspace, newest first; `next` is there when the limit cut the list. */
export async function listActivities(
  { sql }: Database,
  workspaceId: string,
  filter: ActivityFilter,
): Promise<{ activities: Activity[]; next: number | undefined }> {
  const { userId, elementType, before } = filter;
  // Lines first, names after them: the page is small, the trail is not.
  const rows = await sql<Activity[]>`
    with page as (
      select * from audit_records
       where workspace_id = ${workspaceId}
         and ${userId === undefined ? sql`true` : sql`actor_id = ${userId}`}
         and ${elementType === undefined ? sql`true` : sql`subject_type = ${elementType}`}
         and ${before === undefined ? sql`true` : sql`id < ${before}`}
       order by id desc limit ${filter.limit + 1}
    )
    select p.id::int8::float8 as id, p.at, p.action, p.via, p.subject_type as "elementType", p.subject_id as "elementId",
           case when u.id is not null then json_build_object('id', u.id, 'email', u.email, 'name', u.name) end as user,
           coalesce(case p.subject_type
                      when 'collection' then (select name from collections where id = p.subject_id::uuid)
                      when 'environment' then (select name from environments where id = p.subject_id::uuid)
                      when 'monitor' then (select name from monitors where id = p.subject_id::uuid)
                      when 'mock' then (select name from mocks where id = p.subject_id::uuid)
                      when 'spec' then (select name from specs where id = p.subject_id::uuid)
                      when 'workspace' then (select name from workspaces where id = p.subject_id::uuid)
                    end,
                    p.change ->> 'name', p.change -> 'before' ->> 'name', p.change -> 'after' ->> 'name') as "elementName"
      from page p left join users u on u.id = p.actor_id
     order by p.id desc`;
  const activities = rows.slice(0, filter.limit);
  return { activities, next: rows.length > filter.limit ? activities.at(-1)?.id : undefined };
}
