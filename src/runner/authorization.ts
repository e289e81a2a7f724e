import { Agent, request } from "undici/index.js";
import { z } from "zod";

import type { EgressRequest, EgressVerdict } from "../engine/http/gate.ts";
import { toError } from "../lib/errors.ts";
import { credentialsOf } from "../lib/url-credentials.ts";
import { trusting } from "./certificates.ts";

export interface AuthorizationOptions {
  /** Address of the authorization service; `/validate` is appended. Credentials in it become Basic ones. */
  baseUrl: string;
  /** PEM certificates trusted in addition to the built-in ones. */
  extraCaCerts?: string[];
  /** Default 5 s. */
  timeoutMs?: number;
}

export interface AuthorizationService {
  check(egress: Question, signal: AbortSignal): Promise<EgressVerdict>;
  close(): Promise<void>;
}

type Question = Omit<EgressRequest, "dialer" | "hostname">;

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_REASON_CHARS = 300;

/**
 * Asks the authorization service about every request that wants to leave. Allowed is only what it answers with 200
 * and `allowed: true`; a service that is down, slow or not understood blocks. Nothing is cached.
 */
export function createAuthorizationService(options: AuthorizationOptions): AuthorizationService {
  const { timeoutMs = TIMEOUT_MS } = options;
  const { url, credentials } = splitCredentials(options.baseUrl);
  const limits = {
    connect: { ...trusting(options.extraCaCerts), timeout: timeoutMs },
    maxResponseSize: MAX_ANSWER_BYTES,
  };
  const agent = new Agent(limits);
  /** Keeps no connection. */
  const freshAgent = new Agent({ ...limits, pipelining: 0 });

  async function ask(
    egress: Question,
    signal: AbortSignal,
    dispatcher: Agent = agent,
  ): Promise<string | undefined> {
    const answer = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", ...credentials },
      body: JSON.stringify(questionOf(egress)),
      dispatcher,
      signal,
    });
    const body = verdict.safeParse(await answer.body.json().catch(() => undefined));
    if (answer.statusCode === 200 && body.success && body.data.allowed) return undefined;
    if (answer.statusCode === 200 && !body.success)
      return "the answer of the authorization service is not understood";
    const said = body.success ? saidBy(body.data) : undefined;
    return body.success && !body.data.allowed
      ? `the authorization service does not allow it (${answer.statusCode})${said ? `: ${said}` : ""}`
      : `the authorization service answered ${answer.statusCode}`;
  }

  /** A service may close an idle connection just as it is used again; to ask twice changes nothing. */
  const askAgain = (egress: Question, signal: AbortSignal): Promise<string | undefined> =>
    ask(egress, signal).catch((error: unknown) => {
      if (!isClosed(error) || signal.aborted) throw error;
      return ask(egress, signal, freshAgent);
    });

  return {
    check: async (egress, signal) => {
      const limit = new AbortController();
      const stop = () => limit.abort(signal.reason);
      const timer = setTimeout(() => limit.abort(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      const refusal = await askAgain(egress, limit.signal)
        .catch((error: unknown) => `the authorization service cannot be asked: ${toError(error).message}`)
        .finally(() => {
          clearTimeout(timer);
          signal.removeEventListener("abort", stop);
        });
      return refusal === undefined ? { allowed: true } : { allowed: false, detail: refusal };
    },
    close: async () => void (await Promise.all([agent.destroy(), freshAgent.destroy()])),
  };
}

const closedCodes = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

const isClosed = (error: unknown): boolean =>
  error instanceof Error && "code" in error && closedCodes.has(String(error.code));

const verdict = z.looseObject({ allowed: z.boolean() });

/** A service may say why; Postman's contract has no member for it. */
function saidBy(answer: Record<string, unknown>): string | undefined {
  const said = [answer["reason"], answer["message"]].find((text) => typeof text === "string" && text !== "");
  // Only a text was found.
  return (said as string | undefined)?.replaceAll(/[\p{Cc}\s]+/gu, " ").slice(0, MAX_REASON_CHARS);
}

function splitCredentials(baseUrl: string): { url: string; credentials: Record<string, string> } {
  const url = new URL(`${baseUrl.replace(/\/+$/, "")}/validate`);
  const pair = credentialsOf(url);
  url.username = "";
  url.password = "";
  if (pair === undefined) return { url: url.href, credentials: {} };
  return {
    url: url.href,
    credentials: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` },
  };
}

/** What the service is told; a query parameter that occurs more than once is a list. */
function questionOf({ method, url, headers, body }: Question) {
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
