// Runs under node. Reads one case a line, runs it with newman, writes what it told as one line.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

import { formatValue } from "./format-value.mjs";

const newman = createRequire(import.meta.url)("newman");

/** Cases at once: while one waits for a timer or an answer, another has the processor. */
const CONCURRENT = 3;

// A promise that a script leaves rejected must not end the other cases.
process.on("unhandledRejection", () => {});

const waiting = [];
let running = 0;

for await (const line of createInterface({ input: process.stdin })) {
  waiting.push(JSON.parse(line));
  startNext();
}

function startNext() {
  if (running === CONCURRENT || waiting.length === 0) return;
  running++;
  const source = waiting.shift();
  run(source, (told) => {
    running--;
    process.stdout.write(`${JSON.stringify({ id: source.id, told })}\n`);
    startNext();
  });
}

function run({ collection, environment, globals, data, options = {} }, done) {
  const steps = new Map();
  const stepAt = ({ position, iteration, ref }) => {
    const key = ref ?? `${iteration}:${position}`;
    if (!steps.has(key))
      steps.set(key, { name: "", iteration, assertions: [], console: [], scriptErrors: [] });
    return steps.get(key);
  };
  // newman tells of the environment and the globals at the end, but of the collection's variables as they began.
  let collectionVariables;
  newman
    .run(
      {
        collection,
        environment,
        globals,
        iterationData: data,
        iterationCount: options.iterationCount,
        folder: options.folder,
        bail: options.bail === undefined ? undefined : [options.bail],
        ignoreRedirects: options.ignoreRedirects,
        timeoutRequest: options.timeoutRequest,
        timeoutScript: options.timeoutScript,
        reporters: [],
      },
      (error, summary) => {
        const variables = {
          environment: readVariables(summary?.environment?.values),
          globals: readVariables(summary?.globals?.values),
          collection: readVariables(collectionVariables ?? summary?.collection?.variables),
        };
        const isRefused = error && steps.size === 0;
        done({ steps: [...steps.values()], variables, ...(isRefused ? { refused: error.message } : {}) });
      },
    )
    .on("beforeItem", (_error, { cursor, item }) => {
      stepAt(cursor).name = item.name;
    })
    .on("script", (_error, { execution }) => {
      collectionVariables = execution?.collectionVariables?.values ?? collectionVariables;
    })
    .on("request", (error, { cursor, response }) => {
      // What a script sends is told in the same way.
      if (cursor.scriptId) return;
      const step = stepAt(cursor);
      if (error) step.requestError = error.code ?? error.message;
      else if (response) step.code = response.code;
    })
    .on("assertion", (error, { cursor, assertion, skipped, error: cause }) => {
      stepAt(cursor).assertions.push({
        name: assertion,
        status: skipped ? "skipped" : error ? "failed" : "passed",
        ...(error ? { error: readError(cause ?? error) } : {}),
      });
    })
    .on("console", (_error, { cursor, level, messages }) => {
      stepAt(cursor).console.push({ level, messages: messages.map(formatValue) });
    })
    .on("exception", (_error, { cursor, error }) => {
      stepAt(cursor).scriptErrors.push({
        name: error.name ?? "Error",
        message: String(error.message ?? error),
      });
    });
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
