import { itemHref } from "../../../web/parts/collection-tree.tsx";
import type { DiffElementProps, DiffFieldProps } from "../../../web/parts/diff.tsx";
import { diffLines, foldLines } from "../../lib/line-diff.ts";
import type { ElementChange, FieldChange } from "./diff.ts";

/** Longest that a page shows of one field and of all; nobody reads more at once. */
const MAX_LINES = 300;
const MAX_ELEMENTS = 100;
const MAX_TOTAL_LINES = 3000;

/** Changes as a page shows them, and how many elements it leaves out. */
export function viewChanges(
  changes: readonly ElementChange[],
  { collectionId }: { collectionId: string },
): { elements: DiffElementProps[]; left: number } {
  const elements: DiffElementProps[] = [];
  let lines = 0;
  for (const change of changes) {
    if (elements.length >= MAX_ELEMENTS || lines >= MAX_TOTAL_LINES) break;
    const fields = change.fields.map(viewField);
    lines += fields.reduce((sum, field) => sum + field.lines.length, 0);
    elements.push({ ...change, href: hrefOf(change, collectionId), fields });
  }
  return { elements, left: changes.length - elements.length };
}

export function viewField({ label, before, after }: FieldChange): DiffFieldProps {
  const folded = before === after ? [] : foldLines(diffLines(before, after));
  return { label, lines: folded.slice(0, MAX_LINES), cut: Math.max(0, folded.length - MAX_LINES) };
}

function hrefOf({ kind, id, status }: ElementChange, collectionId: string): string | undefined {
  if (status === "removed" || id === "") return undefined;
  return kind === "folder" || kind === "request" ? itemHref(collectionId, id) : undefined;
}
