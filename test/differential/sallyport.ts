import { join } from "node:path";

import { createEngine } from "../../src/engine/engine.ts";
import { createFileSource } from "../../src/engine/files.ts";
import { createScriptHost } from "../../src/engine/sandbox/host.ts";
import { defaultRunOptions, type FinalVariables, type RunInput, type Step } from "../../src/engine/types.ts";
import { FILES, type Case } from "./case.ts";
import type { ObservedStep, ObservedVariables, Told } from "./observation.ts";

export interface Sallyport {
  run(source: Case): Promise<Told>;
  stop(): Promise<void>;
}

/** Our engine as the runner starts it, with one warm script process. */
export function startSallyport(): Sallyport {
  const scripts = createScriptHost({
    command: [process.execPath, join(import.meta.dir, "../../src/engine/sandbox/child.ts")],
    maxIdle: 2,
    memoryLimitMb: 512,
    allowWithoutSeccomp: true,
  });
  const files = createFileSource({ workingDir: FILES, allowOutside: false });
  const engine = createEngine({ scripts, files });
  return {
    async run(source) {
      const steps: ObservedStep[] = [];
      let variables: FinalVariables = { environment: [], globals: [], collection: [] };
      let refused: string | undefined;
      const run = engine.run(toInput(source), {
        signal: new AbortController().signal,
        onFinished: (final) => {
          variables = final;
        },
      });
      for await (const event of run) {
        if (event.type === "step_finished") steps.push(toObserved(event.step));
        if (event.type === "run_finished" && event.summary.reason === "collection_invalid")
          refused = event.summary.detail;
      }
      return { steps, variables: readVariables(variables), ...(refused === undefined ? {} : { refused }) };
    },
    stop: () => engine.close(),
  };
}

function toInput({ collection, environment, globals, data, options = {} }: Case): RunInput {
  return {
    collection,
    // Cases are written in the form of the documents that they stand for.
    ...(environment ? { environment: environment as unknown as NonNullable<RunInput["environment"]> } : {}),
    ...(globals ? { globals: globals as unknown as NonNullable<RunInput["globals"]> } : {}),
    ...(data ? { data } : {}),
    options: {
      ...defaultRunOptions,
      requestTimeoutMs: options.timeoutRequest ?? 0,
      scriptTimeoutMs: options.timeoutScript ?? 0,
      followRedirects: !options.ignoreRedirects,
      bail: options.bail ?? "off",
      select: options.folder ?? [],
      ...(options.iterationCount === undefined ? {} : { iterationCount: options.iterationCount }),
    },
  };
}

function toObserved({ name, iteration, assertions, console, errors, response }: Step): ObservedStep {
  const requestError = errors.find(({ phase }) => phase === "request");
  return {
    name,
    iteration,
    assertions: assertions.map(({ name: title, status, error }) => ({
      name: title,
      status,
      // Which line it was, only we tell.
      ...(error ? { error: { name: error.name, message: error.message } } : {}),
    })),
    console: console.map(({ level, messages }) => ({ level, messages })),
    scriptErrors: errors
      .filter(({ phase }) => phase !== "request")
      .map(({ name: errorName, message }) => ({ name: errorName, message })),
    ...(requestError ? { requestError: requestError.code ?? requestError.message } : {}),
    ...(response ? { code: response.code } : {}),
  };
}

const readVariables = (variables: FinalVariables): ObservedVariables => ({
  environment: enabled(variables.environment),
  globals: enabled(variables.globals),
  collection: enabled(variables.collection),
});

const enabled = (variables: FinalVariables["environment"]): [string, unknown][] =>
  variables.filter((variable) => variable.enabled !== false).map(({ key, value }) => [key, value ?? null]);
