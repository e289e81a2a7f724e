import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { isInVisibleWorkspace } from "../access/workspace-rights.ts";
import {
  type Comparables,
  type ElementType,
  type SearchBody,
  sharedComparables,
  toConditions,
} from "./search-filters.ts";
import { questionWords, toQuery } from "./search-text.ts";

/** Best first, and no further: whoever has not found it among so many asks more precisely. */
export const MAX_FOUND = 1000;

export type Found = {
  /** As stored; of items of a collection whatever the document says. */
  id: string;
  ownerId: number;
  name: string;
  description: string;
  method: string | null;
  url: string | null;
  tags: string[] | null;
  collectionId: string | null;
  collectionName: string | null;
  /** Of a spec, such as `OPENAPI:3.0`. */
  specType: string | null;
  workspaceId: string;
  workspaceName: string;
};

export interface SearchPage {
  rows: Found[];
  /** At most `MAX_FOUND`. */
  total: number;
}

type Searchable = Exclude<ElementType, "flows" | "documents">;

/** What is found by a question, for its reader, best first. Elements without all the words come when none has all. */
export async function search(
  database: Database,
  actor: Actor,
  request: SearchBody & { elementType: Searchable; limit: number; offset: number },
): Promise<SearchPage> {
  const words = questionWords(request.q ?? "");
  if (words.length === 0 && (request.q ?? "").trim() !== "") return { rows: [], total: 0 };
  const page = await searchFor(database, actor, request, words, "all");
  if (page.total > 0 || words.length < 2) return page;
  return searchFor(database, actor, request, words, "any");
}

type Request = Parameters<typeof search>[2];

async function searchFor(
  database: Database,
  actor: Actor,
  request: Request,
  words: string[],
  how: "all" | "any",
): Promise<SearchPage> {
  const source = sources[request.elementType];
  const conditions = [
    ...toConditions(request, { ...sharedComparables, ...workspaceComparables, ...source.comparables }),
    isInVisibleWorkspace(actor, sql`w.id`),
  ].filter((condition) => condition !== undefined);
  const where = sql.join([source.where, ...conditions], sql` and `);
  const name = (request.q ?? "").trim().toLowerCase().slice(0, 200);
  const rows = await database.db.execute<Found & { total: number }>(sql`
    with found as materialized (${source.candidates({ where, words, how, name })}),
    page as (
      select *, ${rank(words, name)} as place, (count(*) over ())::int as total from found
       order by place, name_key, key limit ${request.limit} offset ${request.offset})
    ${source.columns} order by page.place, page.name_key, page.key`);
  return { rows: [...rows], total: rows[0]?.total ?? 0 };
}

/** 0 = so it is called, 1 = so its name begins, then by how many of the words are not in its name. */
const rank = (words: readonly string[], name: string): SQL =>
  name === ""
    ? sql`0`
    : sql`case when name_key = ${name} then 0 when starts_with(name_key, ${name}) then 1 else 2 + ${missingWords(words)} end`;

const missingWords = (words: readonly string[]): SQL =>
  sql.join(
    words.map((word) => sql`(strpos(name_key, ${word}) = 0)::int`),
    sql` + `,
  );

interface Candidates {
  where: SQL;
  words: readonly string[];
  how: "all" | "any";
  /** The whole question in lower case. */
  name: string;
}

interface Source {
  comparables: Comparables;
  /** What always holds. */
  where: SQL;
  /** At most a thousand or so: key, name_key. */
  candidates: (wanted: Candidates) => SQL;
  /** From `page` to what is shown. */
  columns: SQL;
}

const workspaceComparables: Comparables = {
  workspaceId: { column: sql`w.id::text` },
  visibility: {
    column: sql`(case when w.visibility in ('public', 'partner') then w.visibility else 'internal' end)`,
  },
};

const tagsOf = (type: string, id: SQL): SQL =>
  sql`(select t.slug from element_tags t where t.element_type = ${type} and t.element_id = ${id})`;

/** Parts of collections, from the index of words. Exact names come by their own index, lest common words hide them. */
const fromIndex = (kind: SQL, comparables: Comparables): Source => ({
  comparables: {
    collectionId: { column: sql`c.id::text` },
    createdBy: { column: sql`c.owner_id::text` },
    ...comparables,
  },
  where: sql`s.kind = ${kind}`,
  candidates: ({ where, words, how, name }) => {
    const from = sql`
      select s.collection_id::text || to_char(s.position, 'FM000000') as key, s.name_key, s.collection_id, s.position
        from search_items s join collections c on c.id = s.collection_id join workspaces w on w.id = c.workspace_id
       where ${where}`;
    if (words.length === 0) return sql`${from} limit ${MAX_FOUND}`;
    return sql`
      (${from} and s.name_key = ${name} limit 200) union
      (${from} and s.words @@ ${toQuery(words, how)}::tsquery limit ${MAX_FOUND})`;
  },
  columns: sql`
    select s.item_id as id, c.owner_id as "ownerId", s.name, s.description, s.method, s.url,
           array${tagsOf("collection", sql`c.id::text`)} as tags, c.id as "collectionId", c.name as "collectionName",
           null as "specType", w.id as "workspaceId", w.name as "workspaceName", page.total
      from page join search_items s on s.collection_id = page.collection_id and s.position = page.position
           join collections c on c.id = s.collection_id join workspaces w on w.id = c.workspace_id`,
});

/** Elements with a row of their own, which are few: read one by one. */
const fromTable = (table: SQL, about: SQL, columns: SQL, comparables: Comparables): Source => ({
  comparables: { createdBy: { column: sql`e.owner_id::text` }, ...comparables },
  where: sql`true`,
  candidates: ({ where, words, how }) => {
    const holds = words.map((word) => sql`strpos(lower(${about}), ${word}) > 0`);
    const matches = holds.length === 0 ? sql`true` : sql.join(holds, how === "all" ? sql` and ` : sql` or `);
    return sql`
      select e.id::text as key, lower(left(e.name, 200)) as name_key, e.id
        from ${table} e join workspaces w on w.id = e.workspace_id
       where ${where} and (${matches}) limit ${MAX_FOUND}`;
  },
  columns: sql`
    select e.id, e.owner_id as "ownerId", e.name, null as method, null as url, null as "collectionId",
           null as "collectionName", ${columns}, w.id as "workspaceId", w.name as "workspaceName", page.total
      from page join ${table} e on e.id = page.id join workspaces w on w.id = e.workspace_id`,
});

const plain = sql`'' as description, null as tags, null as "specType"`;

/** A workspace is in itself, so that it can be read as what is in one. */
const workspacesTable = sql`
  (select id, name, about, coalesce(description, '') as description, created_by as owner_id, id as workspace_id
     from workspaces)`;

const sources: Record<Searchable, Source> = {
  requests: fromIndex(sql`'request'`, {
    method: { column: sql`s.method` },
    requestId: { column: sql`s.item_id` },
    type: { all: "http" },
  }),
  collections: fromIndex(sql`'collection'`, {
    tags: { members: tagsOf("collection", sql`c.id::text`) },
  }),
  workspaces: fromTable(
    workspacesTable,
    sql`e.name || ' ' || e.about || ' ' || e.description`,
    sql`case when e.description = '' then e.about else e.description end as description,
        array${tagsOf("workspace", sql`e.id::text`)} as tags, null as "specType"`,
    { tags: { members: tagsOf("workspace", sql`e.id::text`) } },
  ),
  environments: fromTable(sql`environments`, sql`e.name`, plain, {}),
  specs: fromTable(
    sql`specs`,
    sql`e.name || ' ' || e.type`,
    sql`'' as description, array${tagsOf("specification", sql`e.id::text`)} as tags, e.type as "specType"`,
    { specificationId: { column: sql`e.id::text` } },
  ),
  mocks: fromTable(sql`mocks`, sql`e.name`, plain, {}),
};
