import { isUuid } from "./ids.ts";

/** Place in a list that is ordered by creation and id: creation as text with microseconds, because Date has only ms. */
export interface Cursor {
  at: string;
  id: string;
}

/** Opaque to clients. */
export const encodeCursor = ({ at, id }: Cursor): string => Buffer.from(`${at} ${id}`).toString("base64url");

/** Undefined for what `encodeCursor` did not write. */
export function decodeCursor(text: string): Cursor | undefined {
  const [at = "", id = ""] = Buffer.from(text, "base64url").toString("utf8").split(" ");
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(at) && !Number.isNaN(Date.parse(at));
  return isInstant && isUuid(id) ? { at, id } : undefined;
}

/** Place in a list that is ordered by number, opaque to clients. */
export const encodeNumber = (id: number): string => Buffer.from(`#${id}`).toString("base64url");

/** Undefined for what `encodeNumber` did not write. */
export function decodeNumber(text: string): number | undefined {
  const [, digits] = /^#(\d{1,15})$/.exec(Buffer.from(text, "base64url").toString("utf8")) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
