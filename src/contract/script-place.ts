import type { ScriptLocation } from "./events.ts";

type Place = Pick<ScriptLocation, "kind" | "name" | "line">;

/** Which script of its owner it is: `source` of an assertion, `phase` of an error. */
export type ScriptName = "prerequest" | "test";

/** `line 7 of the test script of the folder "Orders"`: for the middle and the end of sentences. */
export function describePlace({ kind, name, line }: Place, script: ScriptName): string {
  const called = script === "test" ? "test script" : "pre-request script";
  const owner = owners.get(kind);
  return owner === undefined
    ? `line ${line} of the ${called} of "${name}"`
    : `line ${line} of the ${called} of the ${owner} "${name}"`;
}

const owners: ReadonlyMap<string, string> = new Map([
  ["collection", "collection"],
  ["folder", "folder"],
  ["request", "request"],
]);
