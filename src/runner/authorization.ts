import { Agent, request } from "undici/index.js";
import { z } from "zod";

import type { EgressGate, EgressRequest } from "../engine/http/gate.ts";
import { toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { trusting } from "./certificates.ts";

export interface AuthorizationOptions {
  /** Address of the authorization service; `/validate` is appended. */
  baseUrl: string;
  /** PEM certificates trusted in addition to the built-in ones. */
  extraCaCerts?: string[];
  /** Default 5 s. */
  timeoutMs?: number;
  log: Log;
}

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Asks the authorization service about every request that wants to leave. Allowed is only what it answers with 200
 * and `allowed: true`; a service that is down, slow or not understood blocks. Nothing is cached.
 */
export function createAuthorizationGate(
  options: AuthorizationOptions,
): EgressGate & { close: () => Promise<void> } {
  const { log, timeoutMs = TIMEOUT_MS } = options;
  const url = `${options.baseUrl.replace(/\/+$/, "")}/validate`;
  const agent = new Agent({
    connect: { ...trusting(options.extraCaCerts), timeout: timeoutMs },
    maxResponseSize: MAX_ANSWER_BYTES,
  });

  async function ask(egress: EgressRequest, signal: AbortSignal): Promise<string | undefined> {
    const answer = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(questionOf(egress)),
      dispatcher: agent,
      signal,
    });
    const body = verdict.safeParse(await answer.body.json().catch(() => undefined));
    if (answer.statusCode !== 200 && !(body.success && !body.data.allowed))
      return `the authorization service answered ${answer.statusCode}`;
    if (!body.success) return "the answer of the authorization service is not understood";
    return body.data.allowed ? undefined : "the authorization service does not allow it";
  }

  return {
    check: async (egress, signal) => {
      const limit = new AbortController();
      const stop = () => limit.abort(signal.reason);
      const timer = setTimeout(() => limit.abort(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      const refusal = await ask(egress, limit.signal)
        .catch((error: unknown) => `the authorization service cannot be asked: ${toError(error).message}`)
        .finally(() => {
          clearTimeout(timer);
          signal.removeEventListener("abort", stop);
        });
      if (refusal === undefined) return { allowed: true };
      log.warn("request blocked", { method: egress.method, host: hostOf(egress.url), why: refusal });
      return { allowed: false, detail: refusal };
    },
    close: () => agent.destroy(),
  };
}

const verdict = z.looseObject({ allowed: z.boolean() });

/** What the service is told; a query parameter that occurs more than once is a list. */
function questionOf({ method, url, headers, body }: EgressRequest) {
  const queryParams: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of URL.parse(url)?.searchParams ?? []) add(queryParams, name, value);
  const headerValues: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of headers) add(headerValues, name, value);
  return {
    url,
    method,
    headers: headerValues,
    body: body === undefined ? null : Buffer.from(body).toString("utf8"),
    queryParams,
  };
}

function add(into: Record<string, string | string[]>, name: string, value: string): void {
  const known = into[name];
  into[name] = known === undefined ? value : [known, value].flat();
}

/** Addresses carry keys; the log names the host only. */
const hostOf = (url: string): string => URL.parse(url)?.host ?? "";
