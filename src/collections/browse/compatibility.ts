import type { FindingRow } from "../../../web/pages/compatibility.tsx";
import type { CheckCollection } from "../../access/context.ts";
import type { CollectionDocument } from "../collection.ts";

interface Subject {
  id: string;
  revision: number;
}

/** Findings of the revision; `load` is asked for the document only when they are not known. */
export type CompatibilityCheck = (
  subject: Subject,
  load: () => Promise<CollectionDocument>,
) => Promise<FindingRow[]>;

const MAX_KNOWN = 200;

/** Findings of a revision never change, so the last ones are remembered. Without a checker nothing is found. */
export function createCompatibilityCheck(check: CheckCollection | undefined): CompatibilityCheck {
  const known = new Map<string, Promise<FindingRow[]>>();
  return (subject, load) => {
    const key = `${subject.id} ${subject.revision}`;
    const found = known.get(key) ?? load().then((document) => check?.(document) ?? []);
    // Last used is last removed; what has failed is tried again.
    known.delete(key);
    known.set(key, found);
    found.catch(() => known.delete(key));
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
    return found;
  };
}
