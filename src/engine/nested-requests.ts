import type { PlannedItem } from "./collection.ts";
import type { RunRequest, RunRequestResult, ScriptScopes } from "./sandbox/protocol.ts";
import type { RunContext, StepPlace, StepResult } from "./step.ts";
import { toScriptVariables } from "./variables.ts";

/** Requests that run requests that run requests: Postman's limit. */
const MAX_DEPTH = 10;

interface NestedRequests {
  run: RunContext;
  place: StepPlace;
  execute: (run: RunContext, place: StepPlace) => Promise<StepResult>;
  /** Takes over what the request's scripts asserted and printed: it belongs to the step that asked. */
  report: (result: StepResult) => void;
}

/** `pm.execution.runRequest`: another request of the collection, with its scripts, in a session of its own. */
export function createRunRequest({ run, place, execute, report }: NestedRequests) {
  return async ({ id, variables, scopes }: RunRequest): Promise<RunRequestResult> => {
    const depth = (run.depth ?? 0) + 1;
    const item = run.findItem?.(id);
    if (!item) return refused(`runRequest: the collection has no request "${id}"`);
    if (depth > MAX_DEPTH) {
      return refused(`Max pm.execution.runRequest depth of ${MAX_DEPTH} has been reached.`);
    }
    const overrides = toScriptVariables(Object.entries(variables).map(([key, value]) => ({ key, value })));
    const before = { ...scopes, local: [...scopes.local, ...overrides] };
    const session = run.openNestedSession?.();
    const nested: RunContext = {
      ...run,
      depth,
      scopes: { ...before, data: run.scopes.data },
      openSession: () => (session ? session.open() : run.openSession()),
    };
    try {
      const result = await execute(nested, { ...place, item });
      report(result);
      return toResult(result, changedScopes(before, nested.scopes, overrides));
    } finally {
      await session?.close();
    }
  };
}

export type FindItem = (idOrName: string) => PlannedItem | undefined;

function toResult({ step, response }: StepResult, scopes: Partial<ScriptScopes>): RunRequestResult {
  const [error] = step.errors;
  if (error) return { error: { name: error.name, message: error.message } };
  return { response: step.skipped ? null : (response ?? null), scopes };
}

/** A scope that changes becomes a new list. What was given for this request alone does not come back. */
function changedScopes(
  before: ScriptScopes,
  after: ScriptScopes,
  overrides: ScriptScopes["local"],
): Partial<ScriptScopes> {
  const given = new Map(overrides.map(({ key, value }) => [key, value]));
  const isGiven = ({ key, value }: { key: string; value: unknown }) =>
    given.has(key) && given.get(key) === value;
  const { environment, collection, globals, local } = after;
  return {
    ...(environment === before.environment ? {} : { environment }),
    ...(collection === before.collection ? {} : { collection }),
    ...(globals === before.globals ? {} : { globals }),
    ...(local === before.local ? {} : { local: local.filter((variable) => !isGiven(variable)) }),
  };
}

const refused = (message: string): RunRequestResult => ({ error: { name: "Error", message } });
