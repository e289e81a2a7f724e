import type { HttpClient, HttpResult, SendOptions } from "./http/client.ts";
import type { RunCookies } from "./http/cookies.ts";
import { buildRequest, isRequestError, readRequest } from "./request.ts";
import type { ScriptCallbacks, ScriptHttpRequest, SendRequestResult } from "./sandbox/protocol.ts";
import { toScriptResponse } from "./script-response.ts";

interface CallbackContext {
  http: HttpClient;
  cookies: RunCookies;
  sendOptions: SendOptions;
  /** The egress gate said no: the console must tell, whatever the script does with the error. */
  onDenied: (message: string) => void;
}

/** What a running script can reach: the same network layer, gate, limits and cookies as its request. */
export function createScriptCallbacks(context: CallbackContext): ScriptCallbacks {
  return {
    sendRequest: (request) => sendRequest(request, context),
    cookies: (operation) => Promise.resolve(context.cookies.apply(operation)),
  };
}

async function sendRequest(request: ScriptHttpRequest, context: CallbackContext): Promise<SendRequestResult> {
  try {
    const own = readRequest(request);
    const { http } = buildRequest(own, {
      resolve: (text) => text,
      auth: own.auth,
      behavior: { disableBodyPruning: true },
    });
    const result = await context.http.send(http, context.sendOptions);
    return toResult(result, context);
  } catch (error) {
    if (isRequestError(error)) return { error: { name: error.name, message: error.message } };
    throw error;
  }
}

function toResult(result: HttpResult, { cookies, onDenied }: CallbackContext): SendRequestResult {
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
