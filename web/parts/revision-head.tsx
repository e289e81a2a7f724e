import { Time } from "./time.tsx";

/** One revision of a document, without the document. */
export interface RevisionRow {
  revision: number;
  changedAt: Date;
  changedBy: { id: number; name: string } | undefined;
  through: string | null;
  message: string | null;
  isCurrent: boolean;
}

const words: ReadonlyMap<string | null, string> = new Map([
  ["page", "edited here"],
  ["api", "through the API"],
  ["import", "imported"],
  ["merge", "merged from a fork"],
  ["pull", "pulled from the original"],
  ["sync", "generated from a specification"],
  ["apply", "applied from files"],
  ["restore", "an older revision restored"],
  ["system", "by the control plane"],
]);

/** How a revision came, in words. */
export const throughWords = (through: string | null): string => words.get(through) ?? "not known";

/** Who made a revision, when and how, in a line. */
export function RevisionLine({ revision, now }: { revision: RevisionRow; now: Date }) {
  return (
    <p class="summary">
      <span>{revision.changedBy?.name ?? "Somebody"}</span>
      <span class="dim">{throughWords(revision.through)}</span>
      <Time at={revision.changedAt} now={now} show="both" />
      {revision.isCurrent && <span class="dim">the current one</span>}
      {revision.message !== null && <span class="quote">“{revision.message}”</span>}
    </p>
  );
}
