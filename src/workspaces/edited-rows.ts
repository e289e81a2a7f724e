import { isDeepStrictEqual } from "node:util";

/** A row of a table that is edited: an entry of a list of a document. */
export interface EditedRow {
  /** Place in the list that the form was made from; absent for a new one. */
  was?: number | undefined;
  key: string;
  state: "on" | "off" | "remove";
}

/** Of a field of a form; what is no state is on. */
export const readState = (text: string | undefined): EditedRow["state"] =>
  text === "off" || text === "remove" ? text : "on";

/** Of a field of a form; undefined for a new row. */
export const readPlace = (text: string | undefined): number | undefined =>
  /^\d{1,6}$/.test(text ?? "") ? Number(text) : undefined;

/**
 * What somebody changed since `base`, on top of what the list is now; entries are known again by their names. An entry
 * that has gone meanwhile becomes a new one if its row `isWhole`.
 */
export function rebaseRows<Row extends EditedRow>(
  mine: readonly Row[],
  { base, now, isWhole }: { base: readonly Row[]; now: readonly Row[]; isWhole: (row: Row) => boolean },
): Row[] {
  const left = [...now];
  const take = (key: string): Row | undefined => {
    const at = left.findIndex((row) => row.key === key);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  const changed = mine.flatMap((row): Row[] => {
    const old = row.was === undefined ? undefined : base[row.was];
    if (!old) return [row];
    const current = take(old.key);
    if (isDeepStrictEqual(row, old)) return current ? [current] : [];
    if (current?.was !== undefined) return [{ ...row, was: current.was }];
    return row.state !== "remove" && isWhole(row) ? [{ ...row, was: undefined }] : [];
  });
  return [...changed, ...left];
}
