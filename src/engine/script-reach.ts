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

export function createScriptReach(context: ReachContext): ScriptReach {
  let ended: AbortController | undefined;
  return {
    callbacks: {
      sendRequest: (request) => {
        // Most scripts send nothing, and a combined signal is not free.
        ended ??= new AbortController();
        const signal = AbortSignal.any([context.runSignal, ended.signal]);
        return sendRequest(request, context, signal);
      },
      cookies: (operation) => Promise.resolve(context.cookies.apply(operation)),
    },
    end: () => ended?.abort(new HttpError("request", "the script has ended", "ECONNABORTED")),
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
