import type { Case } from "./case.ts";
import type { WireRequest } from "./recorder.ts";

export interface ObservedError {
  name: string;
  message: string;
}

/** One request of a run as a person reads its result. */
export interface ObservedStep {
  name: string;
  iteration: number;
  assertions: { name: string; status: string; error?: ObservedError }[];
  console: { level: string; messages: string[] }[];
  /** What scripts threw, in order. */
  scriptErrors: ObservedError[];
  /** Why there is no response. */
  requestError?: string;
  /** Status of the response. */
  code?: number;
}

/** Key, value and type of each variable, in order. */
export type ObservedVariables = Record<
  "environment" | "globals" | "collection",
  [key: string, value: unknown][]
>;

/** Everything that is compared, in one form for both runners. */
export interface Observation {
  requests: WireRequest[];
  /** In the order of execution: shows the flow. */
  steps: ObservedStep[];
  variables: ObservedVariables;
  /** The run could not even start. */
  refused?: string;
}

/** What a runner tells; the requests are what the recorder saw meanwhile. */
export type Told = Omit<Observation, "requests">;

/** Puts the addresses of the recording server where the case names them. */
export function addressed(source: Case, port: number): Case {
  const text = JSON.stringify(source)
    .replaceAll("%40%40", "@@")
    .replaceAll("@@BASE@@", `http://127.0.0.1:${port}`)
    .replaceAll("@@OTHER@@", `http://localhost:${port}`)
    .replaceAll("@@PORT@@", String(port));
  // The replaced texts contain nothing that JSON escapes, so the shape is what it was.
  return JSON.parse(text) as Case;
}
