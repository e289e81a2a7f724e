import type { SendOptions } from "./http/client.ts";
import type { RunCookies } from "./http/cookies.ts";
import type { JsonObject } from "./json.ts";
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
    maxRedirects: typeof maxRedirects === "number" ? maxRedirects : 10,
    followOriginalMethod: flag(behavior, "followOriginalHttpMethod") ?? false,
    keepAuthorization: flag(behavior, "followAuthorizationHeader") ?? false,
    withoutReferer: flag(behavior, "removeRefererHeaderOnRedirect") ?? false,
    ...(flag(behavior, "disableCookies") ? {} : { cookies }),
  };
}

const flag = (behavior: JsonObject, name: string): boolean | undefined => {
  const value = behavior[name];
  return typeof value === "boolean" ? value : undefined;
};
