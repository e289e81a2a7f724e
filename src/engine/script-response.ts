import type { HttpResponse } from "./http/client.ts";
import type { ScriptHttpResponse } from "./sandbox/protocol.ts";

/** A response in the form that crosses into the script process. */
export const toScriptResponse = (response: HttpResponse, responseTimeMs: number): ScriptHttpResponse => ({
  code: response.code,
  status: response.status,
  header: response.headers,
  bodyBase64: response.body.toString("base64"),
  responseTimeMs: Math.round(responseTimeMs),
  bodyBytes: response.bodyWireBytes,
  headerBytes: response.headerBytes,
});
