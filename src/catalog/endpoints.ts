import type { Step } from "../contract/events.ts";
import { isUuid } from "../lib/ids.ts";
import { percent, round } from "./service.ts";

/** Endpoints that requests of runs were sent to, and how they answered; no IO. */
export interface EndpointFacts {
  method: string;
  path: string;
  host: string;
  /** Of each answer, in ms. */
  timesMs: number[];
  requests: number;
  /** Answers from 400 on by their code; `0` = no answer. */
  errors: Map<string, number>;
  codes: Set<string>;
}

const MAX_ENDPOINTS = 5000;

/** Adds what the steps sent to `facts`, by method, host and path; segments that name one thing become `{id}`. */
export function addSteps(facts: Map<string, EndpointFacts>, steps: readonly Step[]): void {
  for (const step of steps) {
    const place = step.request && placeOf(step.request.method, step.request.url);
    if (!place) continue;
    const key = `${place.method} ${place.host}${place.path}`;
    const known = facts.get(key);
    if (!known && facts.size >= MAX_ENDPOINTS) continue;
    const fact = known ?? { ...place, timesMs: [], requests: 0, errors: new Map(), codes: new Set() };
    facts.set(key, fact);
    addStep(fact, step);
  }
}

function addStep(fact: EndpointFacts, { response, timings }: Step): void {
  fact.requests++;
  if (timings && response) fact.timesMs.push(timings.totalMs);
  const code = String(response?.code ?? 0);
  if (response) fact.codes.add(code);
  if (!response || response.code >= 400) fact.errors.set(code, (fact.errors.get(code) ?? 0) + 1);
}

function placeOf(method: string, url: string): Pick<EndpointFacts, "method" | "path" | "host"> | undefined {
  if (!URL.canParse(url)) return undefined;
  const { host, pathname } = new URL(url);
  const path = pathname
    .split("/")
    .map((segment) => (/^\d+$/.test(segment) || isUuid(segment) ? "{id}" : segment))
    .join("/");
  return { method, path, host };
}

export interface EndpointFilter {
  methods?: readonly string[] | undefined;
  hosts?: readonly string[] | undefined;
  codes?: readonly string[] | undefined;
  search?: string | undefined;
}

export const isWanted = (fact: EndpointFacts, { methods, hosts, codes, search }: EndpointFilter): boolean =>
  (!methods || methods.includes(fact.method)) &&
  (!hosts || hosts.includes(fact.host)) &&
  (!codes || codes.some((code) => fact.codes.has(code))) &&
  (search === undefined ||
    `${fact.method} ${fact.host}${fact.path}`.toLowerCase().includes(search.toLowerCase()));

export function endpointBody(fact: EndpointFacts) {
  const totalErrors = [...fact.errors.values()].reduce((sum, count) => sum + count, 0);
  return {
    method: fact.method,
    path: fact.path,
    host: fact.host,
    requestCount: fact.requests,
    performance: {
      p90LatencyMs: percentile(fact.timesMs, 0.9),
      p95LatencyMs: percentile(fact.timesMs, 0.95),
    },
    errors: {
      totalErrors,
      errorRatePct: percent(totalErrors, fact.requests) ?? 0,
      breakdown: Object.fromEntries(fact.errors),
    },
  };
}
export type EndpointBody = ReturnType<typeof endpointBody>;

/** The nearest rank; 0 without any value. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
}

export const sortKeys = ["count", "endpoint", "p95LatencyMs", "errorRate"] as const;
export type SortKey = (typeof sortKeys)[number];

/** Ties in the order of their paths. */
export function sortEndpoints(
  endpoints: readonly EndpointBody[],
  key: SortKey,
  direction: "asc" | "desc",
): EndpointBody[] {
  const sign = direction === "asc" ? 1 : -1;
  const name = ({ host, path, method }: EndpointBody) => `${host}${path} ${method}`;
  const value = (endpoint: EndpointBody): number => {
    if (key === "count") return endpoint.requestCount;
    return key === "p95LatencyMs" ? endpoint.performance.p95LatencyMs : endpoint.errors.errorRatePct;
  };
  return endpoints.toSorted((left, right) => {
    const byName = name(left) < name(right) ? -1 : 1;
    if (key === "endpoint") return sign * byName;
    return sign * (value(left) - value(right)) || byName;
  });
}
