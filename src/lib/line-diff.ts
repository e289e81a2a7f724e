import { diffArrays } from "diff";

/** One line of a comparison; `gap` stands for lines that are the same and not shown, and says how many. */
export type DiffLine =
  | { kind: "same" | "added" | "removed"; text: string }
  | { kind: "gap"; text: ""; count: number };

/** A comparison that needs more edits than this takes too long; then all of one is removed and all of the other added. */
const MAX_EDITS = 2000;
const MAX_MS = 300;
/** Lines that stay the same, shown around each change. */
const CONTEXT = 3;

/** Lines of one text beside those of another: what is left out of `before` and what of `after` is new, in reading order. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [from, to] = [linesOf(before), linesOf(after)];
  const parts = diffArrays(from, to, { maxEditLength: MAX_EDITS, timeout: MAX_MS }) ?? [
    { value: from, removed: true, added: false },
    { value: to, removed: false, added: true },
  ];
  return parts.flatMap(({ value, added, removed }) =>
    value.map((text): DiffLine => ({ kind: added ? "added" : removed ? "removed" : "same", text })),
  );
}

/** No text has no lines; an empty line is one. */
const linesOf = (text: string): string[] => (text === "" ? [] : text.split("\n"));

/** Without the lines that are far from any change. */
export function foldLines(lines: readonly DiffLine[]): DiffLine[] {
  const near = new Uint8Array(lines.length);
  for (const [index, { kind }] of lines.entries()) {
    if (kind !== "same") near.fill(1, Math.max(0, index - CONTEXT), index + CONTEXT + 1);
  }
  const folded: DiffLine[] = [];
  for (const [index, line] of lines.entries()) {
    const last = folded.at(-1);
    if (near[index]) folded.push(line);
    else if (last?.kind === "gap") last.count++;
    else folded.push({ kind: "gap", text: "", count: 1 });
  }
  return folded;
}
