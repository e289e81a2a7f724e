import type { ScriptCookie, SendRequestResult } from "../protocol.ts";
import { parse, stringify } from "./json-text.ts";
import { toHttpRequest } from "./request.ts";
import { base64Body, Response } from "./response.ts";
import type { Script } from "./script.ts";

type Callback = (error: unknown, response?: Response, cookies?: unknown) => void;

/** `pm.sendRequest(request[, callback])`; variables are replaced with the scopes as they are now. */
export function createSendRequest(script: Script, replaceIn: (template: unknown) => unknown) {
  return (source: unknown, callback?: Callback): Promise<Response> | undefined => {
    const answer = send(script, replaceIn, source);
    if (typeof callback !== "function") return answer;
    void tell(answer, callback).catch((error: unknown) => script.fail(error));
    return undefined;
  };
}

async function tell(answer: Promise<Response>, callback: Callback): Promise<void> {
  let response: Response;
  try {
    response = await answer;
  } catch (error) {
    callback(error);
    return;
  }
  callback(null, response, response.cookies);
}

async function send(script: Script, replaceIn: (template: unknown) => unknown, source: unknown) {
  // Through JSON: own classes become plain data, and a getter of the script runs here and not later.
  const request = replaceIn(parse(stringify(toHttpRequest(source))));
  const result = (await script.ask("sendRequest", request)) as SendRequestResult;
  if ("error" in result) {
    const { name, message, code } = result.error;
    throw Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
  }
  const { bodyBase64, ...head } = result.response;
  return new Response(head, base64Body(script.bridge, bodyBase64), result.cookies);
}

/** Asks for cookies of any URL; the engine decides what a script may see. */
export const createAskCookies = (script: Script) => async (operation: unknown) => {
  const answer = (await script.ask("cookies", operation)) as
    | { cookies: ScriptCookie[] }
    | { error: { message: string } };
  if ("error" in answer) throw new Error(answer.error.message);
  return answer.cookies;
};
