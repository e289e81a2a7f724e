import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { isRecord } from "../../lib/parse.ts";
import type { SecretBox } from "../../lib/seal.ts";
import { readPlace, readState, rebaseRows as rebase } from "../../workspaces/edited-rows.ts";
import type { Element } from "../elements.ts";
import { HIDDEN, hidden, wordOf } from "../revisions/describe.ts";
import { parseHeaderLines } from "../v1/params.ts";
import { openSecret, readSecret } from "./secret-text.ts";
import { lf, unfit } from "./texts.ts";

const rowSchema = z.object({
  /** Place in the list that the form was made from; absent for a new one. */
  was: z.int().min(0).optional(),
  key: z.string(),
  /** Of a file its name, which stays; of a secret what `readSecret` says. */
  value: z.string(),
  state: z.enum(["on", "off", "remove"]),
  kind: z.enum(["file", "secret"]).optional(),
  /** In an address it is a name without `=`. */
  isBare: z.literal(true).optional(),
});

/** A header, a parameter, a field of a form or a variable, as it is edited. */
export type Row = z.infer<typeof rowSchema>;

/** The list of a document; headers may be one text. */
const entriesOf = (list: unknown): Element[] =>
  typeof list === "string" ? parseHeaderLines(list) : Array.isArray(list) ? list.filter(isRecord) : [];

export const rowsOf = (list: unknown): Row[] => entriesOf(list).map(rowOf);

function rowOf(entry: Element, was: number): Row {
  const { type, key, value, src, disabled } = entry;
  const kind = type === "file" || type === "secret" ? type : undefined;
  const state = disabled === true ? "off" : "on";
  const text = kind === "file" ? wordOf(src ?? value) : kind === "secret" ? hidden(value) : wordOf(value);
  const isBare = kind === undefined && (value === null || value === undefined);
  return { was, key: wordOf(key), value: lf(text), state, ...(kind && { kind }), ...(isBare && { isBare }) };
}

/** Rows as a text of the form. */
export const rowsText = (rows: readonly Row[]): string => JSON.stringify(rows);

/** Of a text that `rowsText` made, or that came back from a page. Throws 400 at `field` for anything else. */
export function parseRows(field: string, text: string): Row[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const rows = z.array(rowSchema).safeParse(parsed);
  if (!rows.success) throw unfit(field, "The rows cannot be read; open the form again.");
  return rows.data;
}

/** Reads a table: each row sends each of its fields, so that the lists belong together. Rows that are empty are left out. */
export function readRows(
  field: string,
  { list, base, box }: { list: (name: string) => string[]; base: readonly Row[]; box: SecretBox },
): Row[] {
  const column = (name: string) => list(`${field}.${name}`);
  const [was, values, sealed, states] = [column("was"), column("value"), column("sealed"), column("state")];
  return column("key").flatMap((key, index): Row[] => {
    const place = readPlace(was[index]);
    const old = place === undefined ? undefined : base[place];
    const typed = lf(values[index] ?? "");
    if (!old && key.trim() === "" && typed === "") return [];
    const state = readState(states[index]);
    if (!old) return [{ key: key.trim(), value: typed, state }];
    if (old.kind === "file") return [{ ...old, key, state }];
    if (old.kind !== "secret") return [{ ...withoutBare(old, typed), key, value: typed, state }];
    return [{ ...old, key, state, value: readSecret(old.value, [typed, sealed[index] ?? ""], box) }];
  });
}

const withoutBare = ({ isBare, ...row }: Row, value: string): Row => ({
  ...row,
  ...(isBare && value === "" && { isBare }),
});

/**
 * The list that the rows describe. An entry whose row says what it says is the entry itself; another keeps all that no
 * row shows. `fresh` is what a new entry has beside. Throws 400 at `FIELD.key-PLACE` or `FIELD.value-PLACE`.
 */
export function applyRows(
  field: string,
  rows: readonly Row[],
  { list, box, fresh = {} }: { list: unknown; box: SecretBox; fresh?: Element },
): Element[] {
  const entries = entriesOf(list);
  return rows.flatMap((row, place): Element[] => {
    if (row.state === "remove") return [];
    const old = row.was === undefined ? undefined : entries[row.was];
    const before = old && rowOf(old, row.was ?? 0);
    if (old && isDeepStrictEqual(before, row)) return [old];
    judge(field, row, place);
    return [changedEntry({ ...(old ?? fresh) }, row, { before, box, field: `${field}.value-${place}` })];
  });
}

function changedEntry(
  entry: Element,
  row: Row,
  { before, box, field }: { before: Row | undefined; box: SecretBox; field: string },
): Element {
  entry["key"] = row.key;
  if (row.value !== before?.value || row.isBare !== before.isBare)
    entry["value"] = row.isBare ? null : storedValue(field, row, box);
  if (row.state === "off") entry["disabled"] = true;
  else if (before?.state === "off") delete entry["disabled"];
  return entry;
}

const storedValue = (field: string, { kind, value }: Row, box: SecretBox): string =>
  kind === "secret" ? openSecret(field, value, box) : value;

function judge(field: string, row: Row, place: number): void {
  if (row.key === "") throw unfit(`${field}.key-${place}`, "Give it a name, or remove it.");
  for (const part of ["key", "value"] as const) {
    if (row[part].includes("\0"))
      throw unfit(`${field}.${part}-${place}`, "It holds a NUL character, which no request can carry.");
  }
  if (row.was === undefined && row.value === HIDDEN)
    throw unfit(`${field}.value-${place}`, "Enter the value: dots stand for one that is hidden.");
}

/** What somebody changed since `base`, on top of what the list is now. */
export const rebaseRows = (mine: readonly Row[], base: readonly Row[], now: readonly Row[]): Row[] =>
  rebase(mine, { base, now, isWhole: ({ kind }) => kind === undefined });
