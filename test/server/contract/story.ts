import type { Answer, TestApi } from "../../support/api.ts";
import { eventually } from "../../support/eventually.ts";
import { endpointOf, endpointsOf, type Known, nameOf } from "./endpoints.ts";

/** One call that succeeds, and what it leaves for the next ones. */
export interface Step {
  /** `POST /collections?workspace={workspaces}`; names in braces are those of `Known`. */
  call: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: any that starts with 2. */
  status?: number;
  /** Asks again until the answer is so: for work that goes on after its call. */
  until?: (body: Answer["body"]) => boolean;
  /** Ids out of the answer. */
  keep?: (body: Answer["body"], known: Known) => Known;
}

/** Tells what happened instead of a success. */
export interface Told {
  call: string;
  status: number;
  body: unknown;
}

export interface Outcome {
  known: Known;
  /** Endpoints that answered as they should. */
  good: Set<string>;
  /** What was fine, by endpoint. */
  calls: Map<string, { query: string; body: unknown }>;
  wrong: Told[];
}

/** Specifications are converted by a process of their own, which takes its time on a busy machine. */
const PATIENCE_MS = 60_000;

/** Plays the steps one after the other, and checks each answer against what its endpoint says of itself. */
export async function play(api: TestApi, steps: readonly Step[], known: Known = {}): Promise<Outcome> {
  const endpoints = endpointsOf(api);
  const outcome: Outcome = { known: { ...known }, good: new Set(), calls: new Map(), wrong: [] };
  for (const step of steps) {
    const [method = "", template = ""] = step.call.split(" ");
    const path = substitute(template, outcome.known);
    const body = typeof step.body === "string" ? step.body : deepSubstitute(step.body, outcome.known);
    const ask = () => api.call(method, path, body, { "x-api-key": api.key, ...step.headers });
    const { until } = step;
    const answer = await eventually(
      async () => {
        const got = await ask();
        return !until || got.status >= 400 || until(got.body) ? got : undefined;
      },
      { timeoutMs: PATIENCE_MS },
    );
    const endpoint = endpointOf(endpoints, method, path);
    const trouble = endpoint ? troubleOf(answer, step, endpoint.doc) : "no such endpoint";
    if (trouble !== undefined)
      outcome.wrong.push({
        call: step.call,
        status: answer.status,
        body: { trouble, ...asObject(answer.body) },
      });
    else if (endpoint) {
      outcome.good.add(nameOf(endpoint));
      outcome.calls.set(nameOf(endpoint), { query: /\?.*$/s.exec(path)?.[0] ?? "", body });
    }
    if (trouble === undefined && step.keep)
      Object.assign(outcome.known, step.keep(answer.body, outcome.known));
  }
  return outcome;
}

function troubleOf(
  answer: Answer,
  step: Step,
  doc: ReturnType<typeof endpointsOf>[number]["doc"],
): string | undefined {
  const expected = step.status ?? doc?.status;
  const isExpected = expected === undefined ? answer.status < 300 : answer.status === expected;
  if (!isExpected) return `status ${answer.status}`;
  if (!doc?.answer || (step.status !== undefined && step.status !== (doc.status ?? 200))) return undefined;
  const parsed = doc.answer.safeParse(answer.body);
  return parsed.success ? undefined : `not as described: ${parsed.error.message}`;
}

const substitute = (text: string, known: Known): string =>
  text.replaceAll(/\{([\w/-]+)\}/g, (_, name: string) => {
    const value = known[name];
    if (value === undefined) return "-";
    return encodeURIComponent(value);
  });

const deepSubstitute = (value: unknown, known: Known): unknown =>
  value === undefined
    ? undefined
    : JSON.parse(
        JSON.stringify(value).replaceAll(/<([\w/-]+)>/g, (match, name: string) => known[name] ?? match),
      );

const asObject = (body: unknown): object =>
  typeof body === "object" && body !== null ? body : { text: String(body).slice(0, 200) };
