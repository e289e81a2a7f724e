import type { HttpClient, HttpResult, SendOptions } from "./http/client.ts";
import type { RunCookies } from "./http/cookies.ts";
import { HttpError } from "./http/errors.ts";
import { buildRequest, isRequestError, readRequest } from "./request.ts";
import type { ScriptCallbacks, ScriptHttpRequest, SendRequestResult } from "./sandbox/protocol.ts";
import { toScriptResponse } from "./script-response.ts";

interface ReachContext {
  http: HttpClient;
  cookies: RunCookies;
  runSignal: AbortSignal;
  sendOptions: (signal: AbortSignal) => SendOptions;
  /** The egress gate said no: the console must tell, whatever the script does with the error. */
  onDenied: (message: string) => void;
}

/** What one running script can reach: the same network layer, gate, limits and cookies as its request. */
export interface ScriptReach {
  callbacks: ScriptCallbacks;
  /** Stops what the script left under way: it has nobody to answer to. */
  end(): void;
}

/** Requests of one script that are under way at once; a loop may ask for thousands, the others wait. */
const MAX_SENDING = 10;

export function createScriptReach(context: ReachContext): ScriptReach {
  let ended: AbortController | undefined;
  const inTurn = createTurns(MAX_SENDING);
  return {
    callbacks: {
      sendRequest: (request) => {
        // Most scripts send nothing, and a combined signal is not free.
        ended ??= new AbortController();
        const signal = AbortSignal.any([context.runSignal, ended.signal]);
        return inTurn(() => sendRequest(request, context, signal));
      },
      cookies: (operation) => Promise.resolve(context.cookies.apply(operation)),
    },
    end: () => ended?.abort(new HttpError("request", "the script has ended", "ECONNABORTED")),
  };
}

function createTurns(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

async function sendRequest(
  request: ScriptHttpRequest,
  context: ReachContext,
  signal: AbortSignal,
): Promise<SendRequestResult> {
  try {
    const own = readRequest(request);
    const { http } = buildRequest(own, {
      resolve: (text) => text,
      auth: own.auth,
      behavior: { disableBodyPruning: true },
    });
    const result = await context.http.send(http, context.sendOptions(signal));
    return toResult(result, context);
  } catch (error) {
    if (isRequestError(error)) return { error: { name: error.name, message: error.message } };
    throw error;
  }
}

function toResult(result: HttpResult, { cookies, onDenied }: ReachContext): SendRequestResult {
  if ("error" in result) {
    const { kind, name, message, code } = result.error;
    if (kind === "egress_denied") onDenied(message);
    return { error: { name, message, ...(code === undefined ? {} : { code }) } };
  }
  return {
    response: toScriptResponse(result.response, result.timings.totalMs),
    cookies: cookies.list(result.sent.url.href),
  };
}
