import type { Variable } from "./content.ts";

/** One line of a plan. */
export interface Step {
  kind:
    | "workspace"
    | "environment"
    | "globals"
    | "collection"
    | "spec"
    | "runner"
    | "mock"
    | "monitor"
    | "alert channel"
    | "alert rule"
    | "maintenance window"
    | "summary"
    | "status page";
  name: string;
  /** The workspace that it is in; absent for what is in none. */
  workspace?: string;
  action: "create" | "update" | "delete" | "unchanged" | "kept";
  /** What changes, in words. */
  detail?: string;
  /** Does it; absent where nothing is to be done. */
  run?: () => Promise<void>;
}

const marks = { create: "+", update: "~", delete: "-" } as const;

/** The plan for a person: what is to be done, workspace by workspace, then in one sentence. */
export function describePlan(steps: Step[]): string[] {
  const lines: string[] = [];
  const groups = Map.groupBy(steps, ({ workspace }) => workspace ?? "");
  for (const [workspace, group] of groups) {
    const shown = group.flatMap((step) => {
      if (step.action === "unchanged" || step.action === "kept") return [];
      const detail = step.detail ? `: ${step.detail}` : "";
      return [`  ${marks[step.action]} ${step.kind} "${step.name}"${detail}`];
    });
    const kept = group.filter(({ action }) => action === "kept");
    if (shown.length === 0 && kept.length === 0) continue;
    lines.push(workspace === "" ? "team" : `workspace "${workspace}"`, ...shown);
    if (kept.length > 0) {
      const names = kept.map(({ kind, name }) => `${kind} "${name}"`).join(", ");
      lines.push(`  not in the files and kept (--prune deletes): ${names}`);
    }
  }
  return [...lines, summary(steps)];
}

export const hasWork = (steps: Step[]): boolean => steps.some(({ run }) => run !== undefined);

function summary(steps: Step[]): string {
  if (!hasWork(steps)) return "Nothing to do: everything is as the files say.";
  const count = (action: Step["action"]) => steps.filter((step) => step.action === action).length;
  return `Plan: ${count("create")} to create, ${count("update")} to update, ${count("delete")} to delete, ${count("unchanged")} unchanged.`;
}

/**
 * The variables to store: those of the file, secrets without a value with the one that is there. Undefined when that is
 * what there is already.
 */
export function planVariables(
  wanted: Variable[],
  known: Variable[],
): { values: Variable[]; detail: string } | undefined {
  const before = new Map(known.map((variable) => [variable.key, variable]));
  const values = wanted.map((variable) => {
    const old = before.get(variable.key);
    const isHidden = variable["type"] === "secret" && !variable["value"] && old !== undefined;
    return isHidden ? { ...variable, value: old["value"] } : variable;
  });
  const after = new Map(values.map((variable) => [variable.key, variable]));
  const changed = [
    ...values.filter((one) => !before.has(one.key)).map(({ key }) => `+${key}`),
    ...values
      .filter((one) => before.has(one.key) && essence(before.get(one.key)) !== essence(one))
      .map(({ key }) => `~${key}`),
    ...known.filter((one) => !after.has(one.key)).map(({ key }) => `-${key}`),
  ];
  const isOrdered = known.map(({ key }) => key).join("\n") === values.map(({ key }) => key).join("\n");
  if (changed.length === 0 && isOrdered) return undefined;
  return { values, detail: changed.length === 0 ? "order" : changed.join(" ") };
}

const essence = (variable: Variable | undefined): string =>
  JSON.stringify([
    variable?.["value"] ?? "",
    variable?.["type"] === "secret",
    variable?.["enabled"] !== false,
    variable?.["description"] ?? "",
  ]);
