import { createAuthorizer, type AuthSession } from "./auth/auth.ts";
import type { FileSource } from "./files.ts";
import type { HttpClient, HttpRequest, HttpResult, SendOptions } from "./http/client.ts";
import type { JsonObject } from "./json.ts";
import { draftRequest, finishRequest, toSignable, type BuiltRequest } from "./request.ts";
import type { ScriptHttpRequest } from "./sandbox/protocol.ts";
import type { Resolve } from "./variables.ts";

export interface SendContext {
  http: HttpClient;
  options: SendOptions;
  resolve: Resolve;
  behavior: JsonObject;
  files: FileSource;
  auth: JsonObject | undefined;
  authSession: AuthSession;
  /** The `auth` of the document whose memory counts; without one nothing is remembered. */
  authOwner?: object | undefined;
  /** Tells people what is wrong with the authorization. */
  warn: (message: string) => void;
}

export interface SentRequest {
  built: BuiltRequest;
  result: HttpResult;
}

/**
 * Builds, signs and sends one request; when the server answers with a challenge, as often as it takes. The last
 * response counts. Throws what `isRequestError` knows, and `HttpError` when a token could not be fetched.
 */
export async function sendRequest(request: ScriptHttpRequest, context: SendContext): Promise<SentRequest> {
  const { http, options, auth, authSession, authOwner = {}, resolve, warn } = context;
  const draft = await draftRequest(request, context);
  const send = (tokenRequest: HttpRequest) => http.send(tokenRequest, tokenOptions(options));
  const authorizer = createAuthorizer(auth, { session: authSession, owner: authOwner, resolve, send });
  if (!authorizer) return sendOnce(finishRequest(draft, {}), http, options);
  const signable = toSignable(draft);
  for (;;) {
    const signed = await authorizer.sign(signable);
    if (signed.warning !== undefined) warn(signed.warning);
    const { connection } = signed;
    const legOptions = connection ? onOwnConnection(options, connection) : options;
    const sent = await sendOnce(finishRequest(draft, signed), http, legOptions);
    if ("error" in sent.result) return sent;
    const verdict = authorizer.judge(sent.result.response, signable);
    if (verdict.warning !== undefined) warn(verdict.warning);
    if (!verdict.again || options.signal.aborted) return sent;
  }
}

const sendOnce = async (
  built: BuiltRequest,
  http: HttpClient,
  options: SendOptions,
): Promise<SentRequest> => ({ built, result: await http.send(built.http, options) });

/** A token endpoint is another server than the one under test: it gets none of that one's cookies. */
function tokenOptions({ cookies: _cookies, ...options }: SendOptions): SendOptions {
  return { ...options, followRedirects: true, keepAuthorization: false };
}

/** A login of a connection is a thing of HTTP/1.1: HTTP/2 is left only to those who insist on it. */
function onOwnConnection(
  { protocolVersion, ...options }: SendOptions,
  privateConnection: NonNullable<SendOptions["privateConnection"]>,
): SendOptions {
  return { ...options, ...(protocolVersion === "http2" ? { protocolVersion } : {}), privateConnection };
}
