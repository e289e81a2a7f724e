import { sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { collectionAnswers } from "../../db/schema.ts";
import type { CollectionHead } from "./store.ts";

/** Which answer: that of a revision. */
export type AnswerKey = Pick<CollectionHead, "id" | "revision" | "updatedAt">;

/** A part of a stored answer, and how long the whole is; undefined when there is none of this revision. */
export async function readAnswerPart(
  { sql: query }: Database,
  { id, revision, updatedAt }: AnswerKey,
  { from, sizeBytes }: { from: number; sizeBytes: number },
): Promise<{ part: Uint8Array<ArrayBuffer>; totalBytes: number } | undefined> {
  // The instant in milliseconds, because a Date has no more.
  const [row] = await query<{ part: Uint8Array<ArrayBuffer>; totalBytes: number }[]>`
    select substr(body, ${from + 1}, ${sizeBytes}) as part, octet_length(body) as "totalBytes"
      from collection_answers
     where collection_id = ${id} and revision = ${revision}
       and date_trunc('milliseconds', updated_at) = ${updatedAt}`;
  return row;
}

/** Keeps an answer in place of an older one. A collection that has gone meanwhile has no answer. */
export async function storeAnswer(
  { db }: Database,
  { id, revision, updatedAt }: AnswerKey,
  body: Buffer,
): Promise<void> {
  await db.execute(sql`
    insert into collection_answers (collection_id, revision, updated_at, body)
    select id, ${revision}, ${updatedAt.toISOString()}::timestamptz, ${body}
      from collections where id = ${id} for key share
        on conflict (collection_id) do update
       set revision = excluded.revision, updated_at = excluded.updated_at, body = excluded.body
     where ${collectionAnswers}.revision <= excluded.revision`);
}
