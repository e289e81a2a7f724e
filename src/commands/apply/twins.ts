import { AppError } from "../../lib/errors.ts";
import type { WorkspaceContent } from "./content.ts";
import { labelOf as labelOfRule } from "./steps-rules.ts";
import { labelOf as labelOfSummary } from "./steps-summaries.ts";
import type { Target } from "./target.ts";

/** Kinds of elements of a workspace, each with what messages call several of them. */
const kinds = {
  collections: "collections",
  environments: "environments",
  monitors: "monitors",
  mocks: "mocks",
  specs: "specs",
  channels: "alert channels",
  rules: "alert rules",
  windows: "maintenance windows",
  summaries: "summaries",
  statusPages: "status pages",
} as const;
export type ElementList = keyof typeof kinds;

/** What the elements in the files are known by. */
export function namesInFiles(list: ElementList, content: WorkspaceContent, target: Target): string[] {
  if (list === "rules") return content.rules.map((one) => labelOfRule(one, target));
  if (list === "summaries") return content.summaries.map((one) => labelOfSummary(one, target));
  if (list === "statusPages") return content.statusPages.map(({ slug }) => slug);
  return content[list].map(({ name }) => name);
}

/** One element for one name. Throws when files or the workspace use a name twice: nobody could tell which is meant. */
export function refuseTwins(content: WorkspaceContent, target: Target): void {
  // The keys are those of the object above.
  for (const list of Object.keys(kinds) as ElementList[]) {
    const wanted = namesInFiles(list, content, target);
    const twice = wanted.find((name, at) => wanted.indexOf(name) !== at);
    if (twice !== undefined)
      throw new AppError(
        "bad_request",
        `The files of workspace "${target.name}" hold two ${kinds[list]} named "${twice}".`,
      );
    const there = target.actual[list].map(({ name }) => name);
    const double = wanted.find((name) => there.indexOf(name) !== there.lastIndexOf(name));
    if (double !== undefined)
      throw new AppError(
        "conflict",
        `Workspace "${target.name}" holds several ${kinds[list]} named "${double}": rename or delete all but one.`,
      );
  }
}
