import { sql } from "drizzle-orm";

import type { Database } from "../../../db/connect.ts";
import { collectionForks } from "../../../db/schema.ts";
import { toUid } from "../../lib/ids.ts";

/** How a collection says that it is a fork, in lists and in `info.fork`. */
export interface ForkMark {
  label: string;
  /** ISO time. */
  createdAt: string;
  /** Uid of the source, which may be gone. */
  from: string;
}

/** By the id of the fork; what is none has no entry. */
export async function listForkMarks(
  { db }: Pick<Database, "db">,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ForkMark>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({
      id: collectionForks.collectionId,
      label: collectionForks.label,
      createdAt: collectionForks.createdAt,
      sourceId: collectionForks.sourceId,
      sourceOwnerId: collectionForks.sourceOwnerId,
    })
    .from(collectionForks)
    // One parameter: a list of collections has thousands.
    .where(sql`${collectionForks.collectionId} = any (string_to_array(${ids.join(",")}, ',')::uuid[])`);
  return new Map(rows.map((row) => [row.id, markOf(row)]));
}

export const markOf = (fork: {
  label: string;
  createdAt: Date;
  sourceId: string;
  sourceOwnerId: number;
}): ForkMark => ({
  label: fork.label,
  createdAt: fork.createdAt.toISOString(),
  from: toUid(fork.sourceOwnerId, fork.sourceId),
});
