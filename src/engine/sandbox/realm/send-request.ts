import type { ScriptCookie, ScriptHttpResponse, SendRequestResult } from "../protocol.ts";
import { CookieList } from "./cookies.ts";
import { parse, stringify } from "./json-text.ts";
import { toHttpRequest } from "./request.ts";
import type { Response } from "./response.ts";
import type { Script } from "./script.ts";

type Callback = (this: unknown, error: unknown, response?: Response, history?: unknown) => void;
interface Answer {
  response: Response;
  history: { cookies: CookieList };
}

/**
 * `pm.sendRequest(request[, callback])`. Variables in it are sent as they are written, as Postman's runtime does: scripts
 * replace them themselves.
 */
export function createSendRequest(script: Script, toResponse: ToResponse) {
  return function sendRequest(this: unknown, source: unknown, callback?: Callback): unknown {
    const answer = send(script, toResponse, source);
    if (typeof callback !== "function") return answer.then(({ response }) => response);
    // Also while nothing is under way: a request that cannot be sent is told to the callback, too.
    script.hold();
    void tell(answer, callback, this)
      .catch((error: unknown) => script.fail(error))
      .then(() => script.release());
    return this;
  };
}

async function tell(answer: Promise<Answer>, callback: Callback, pm: unknown): Promise<void> {
  let received: Answer;
  try {
    received = await answer;
  } catch (error) {
    Reflect.apply(callback, pm, [error]);
    return;
  }
  Reflect.apply(callback, pm, [null, received.response, received.history]);
}

type ToResponse = (response: ScriptHttpResponse) => Response;

async function send(script: Script, toResponse: ToResponse, source: unknown): Promise<Answer> {
  if (!source) throw new Error("sendrequest: nothing to request");
  // Through JSON: own classes become plain data, and a getter of the script runs here and not later.
  const request = parse(stringify(toHttpRequest(source)));
  const result = (await script.ask("sendRequest", request)) as SendRequestResult;
  if ("error" in result) {
    const { name, message, code } = result.error;
    throw Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
  }
  return { response: toResponse(result.response), history: { cookies: new CookieList(result.cookies) } };
}

/** Asks for cookies of any URL; the engine decides what a script may see. */
export const createAskCookies = (script: Script) => async (operation: unknown) => {
  const answer = (await script.ask("cookies", operation)) as
    | { cookies: ScriptCookie[] }
    | { error: { message: string } };
  if ("error" in answer) throw new Error(answer.error.message);
  return answer.cookies;
};
