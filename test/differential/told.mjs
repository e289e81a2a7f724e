import { formatValue } from "./format-value.mjs";

/** Writes down what an oracle tells of a run, in the form that is compared. */
export function createNotes() {
  const steps = new Map();
  const stepAt = ({ position, iteration, ref }) => {
    const key = ref ?? `${iteration}:${position}`;
    if (!steps.has(key))
      steps.set(key, { name: "", iteration, assertions: [], console: [], scriptErrors: [] });
    return steps.get(key);
  };
  return {
    began(cursor, name) {
      stepAt(cursor).name = name;
    },
    answered(cursor, error, response) {
      // What a script sends is told in the same way.
      if (cursor.scriptId) return;
      const step = stepAt(cursor);
      if (error) step.requestError = error.code ?? error.message;
      else if (response) step.code = response.code;
    },
    asserted(cursor, { name, skipped, passed, error }) {
      stepAt(cursor).assertions.push({
        name,
        status: skipped ? "skipped" : passed ? "passed" : "failed",
        ...(passed || skipped ? {} : { error: readError(error) }),
      });
    },
    logged(cursor, level, messages) {
      stepAt(cursor).console.push({ level, messages: messages.map(formatValue) });
    },
    threw(cursor, error) {
      stepAt(cursor).scriptErrors.push({
        name: error.name ?? "Error",
        message: String(error.message ?? error),
      });
    },
    /** Everything; an error before the first step means that the run could not start. */
    told(error, { environment, globals, collection }) {
      const isRefused = error && steps.size === 0;
      return {
        steps: [...steps.values()],
        variables: {
          environment: readVariables(environment),
          globals: readVariables(globals),
          collection: readVariables(collection),
        },
        ...(isRefused ? { refused: error.message } : {}),
      };
    },
  };
}

function readError(cause) {
  if (typeof cause !== "object" || cause === null) return { name: "Error", message: String(cause) };
  return { name: cause.name, message: cause.message };
}

function readVariables(list) {
  const variables = [];
  list?.each((variable) => {
    const { key, value, disabled } = variable.toJSON();
    if (!disabled) variables.push([key, value ?? null]);
  });
  return variables;
}
