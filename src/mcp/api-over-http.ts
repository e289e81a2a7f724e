import type { ApiClientOptions } from "../lib/api-client.ts";
import { AppError, toError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { readAnswer } from "./read-answer.ts";
import type { CallApi } from "./tool.ts";

/** A run may be waited for five minutes, which is Postman's limit as well. */
const TIMEOUT_MS = 310_000;

/** Calls the API of a control plane with an API key. */
export function callApiOver({ server, apiKey, extraCaCerts }: ApiClientOptions): CallApi {
  const base = server.replace(/\/+$/, "");
  return async ({ method, path, headers, body, signal }) => {
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const response = await fetch(`${base}/api${path}`, {
        method,
        headers: {
          ...headers,
          "x-api-key": apiKey,
          "user-agent": `sallyport-mcp/${VERSION}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(extraCaCerts && { tls: { ca: extraCaCerts } }),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      return await readAnswer(response);
    } catch (thrown) {
      const error = toError(thrown);
      const reason = "code" in error && typeof error.code === "string" ? error.code : error.message;
      const message = `The control plane at ${base} cannot be reached (${reason}).`;
      throw new AppError("unavailable", message, { cause: error });
    }
  };
}
