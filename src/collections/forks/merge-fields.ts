import { isDeepStrictEqual } from "node:util";

import { isRecord } from "../../lib/parse.ts";
import type { Fields, MergeRules } from "../../lib/three-way.ts";

/** How elements of collections are merged. */
export const collectionRules: MergeRules = {
  bookkeeping: new Set([
    "uid",
    "owner",
    "fork",
    "createdAt",
    "updatedAt",
    "lastUpdatedBy",
    "info._postman_id",
    "info.uid",
    "info.fork",
    "info.createdAt",
    "info.updatedAt",
    "info.lastUpdatedBy",
    "info._exporter_id",
    "info._collection_link",
  ]),
  openedRecords: new Set(["info", "request"]),
  namedEntries: new Map([
    ["event", "listen"],
    ["variable", "key"],
  ]),
};

/** True when nothing but bookkeeping differs. */
export const sameFields = (one: Fields, other: Fields): boolean =>
  isDeepStrictEqual(withoutBookkeeping(one), withoutBookkeeping(other));

function withoutBookkeeping(fields: Fields, prefix = ""): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key]) => !collectionRules.bookkeeping.has(prefix + key))
      .map(([key, value]) => [
        key,
        key === "info" && isRecord(value) ? withoutBookkeeping(value, "info.") : value,
      ]),
  );
}
