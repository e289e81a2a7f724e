import type { Shape } from "../../contract/events.ts";

export interface RetypedField {
  path: string;
  before: string;
  after: string;
}

export interface ShapeChange {
  added: string[];
  removed: string[];
  retyped: RetypedField[];
}

/**
 * What of a JSON answer's shape is different; undefined = nothing that can be told. Of a field that came, went or became
 * something else, what was below it is not listed. Of a shape that was cut, a field that is absent proves nothing.
 */
export function compareShapes(before: Shape, after: Shape): ShapeChange | undefined {
  if (before.hash === after.hash) return undefined;
  const [from, to] = [kindsOf(before), kindsOf(after)];
  const added = after.truncated || before.truncated ? [] : absentIn(to, from);
  const removed = after.truncated || before.truncated ? [] : absentIn(from, to);
  const retyped = [...from].flatMap(([path, kind]) => {
    const now = to.get(path);
    return now === undefined || now === kind ? [] : [{ path, before: kind, after: now }];
  });
  const gone = new Set([...added, ...removed, ...retyped.map(({ path }) => path)]);
  const isTop = (path: string) => !parentsOf(path).some((parent) => gone.has(parent));
  const change = {
    added: added.filter(isTop),
    removed: removed.filter(isTop),
    retyped: retyped.filter(({ path }) => isTop(path)),
  };
  return change.added.length + change.removed.length + change.retyped.length === 0 ? undefined : change;
}

/** Path → kinds in one text: a field of a list may have several. */
function kindsOf({ paths }: Shape): Map<string, string> {
  const kinds = new Map<string, string[]>();
  for (const line of paths) {
    const end = line.lastIndexOf(": ");
    const path = line.slice(0, end);
    kinds.set(path, [...(kinds.get(path) ?? []), line.slice(end + 2)]);
  }
  return new Map([...kinds].map(([path, found]) => [path, found.toSorted().join(" or ")]));
}

const absentIn = (these: ReadonlyMap<string, string>, those: ReadonlyMap<string, string>): string[] =>
  [...these.keys()].filter((path) => !those.has(path));

/** `$.a[].b` is below `$.a[]`, `$.a` and `$`. */
function parentsOf(path: string): string[] {
  const ends = [...path.matchAll(/\[\]|\./g)].map(({ index }) => index);
  return ends.map((end) => path.slice(0, end)).filter((parent) => parent !== path);
}
