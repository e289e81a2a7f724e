import type { SendOptions } from "./http/client.ts";
import type { RunCookies } from "./http/cookies.ts";
import { toText, type JsonObject } from "./json.ts";
import type { RunOptions } from "./types.ts";

/** How a request is sent: what its `protocolProfileBehavior` says, else what the run says, else as Postman does. */
export function toSendOptions(
  behavior: JsonObject,
  options: RunOptions,
  { cookies, signal }: { cookies: RunCookies; signal: AbortSignal },
): SendOptions {
  const { maxRedirects } = behavior;
  return {
    signal,
    timeoutMs: options.requestTimeoutMs,
    maxResponseBytes: options.maxResponseBytes,
    strictSsl: flag(behavior, "strictSSL") ?? options.strictSsl,
    followRedirects: flag(behavior, "followRedirects") ?? options.followRedirects,
    maxRedirects: /^\d+$/.test(toText(maxRedirects)) ? Number(maxRedirects) : 10,
    followOriginalMethod: flag(behavior, "followOriginalHttpMethod") ?? false,
    keepAuthorization: flag(behavior, "followAuthorizationHeader") ?? false,
    withoutReferer: flag(behavior, "removeRefererHeaderOnRedirect") ?? false,
    rawLocation: flag(behavior, "disableUrlEncoding") ?? false,
    ...protocolOptions(behavior),
    ...(flag(behavior, "disableCookies") ? {} : { cookies }),
  };
}

/** `tlsPreferServerCiphers` has no part here: the server chooses among what is offered. */
function protocolOptions(behavior: JsonObject): Pick<SendOptions, "protocolVersion" | "tls"> {
  const { protocolVersion, tlsDisabledProtocols, tlsCipherSelection } = behavior;
  const tls = { disabledProtocols: textsOf(tlsDisabledProtocols), ciphers: textsOf(tlsCipherSelection) };
  const isSpecial = tls.disabledProtocols.length + tls.ciphers.length > 0;
  return {
    ...(protocolVersion === "http2" || protocolVersion === "auto" ? { protocolVersion } : {}),
    ...(isSpecial ? { tls } : {}),
  };
}

const textsOf = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((entry) => typeof entry === "string") : [];

const flag = (behavior: JsonObject, name: string): boolean | undefined => {
  const value = behavior[name];
  return typeof value === "boolean" ? value : undefined;
};
