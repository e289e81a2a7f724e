import type { HttpResponse } from "./http/client.ts";
import type { ScriptHttpResponse } from "./sandbox/protocol.ts";
import type { HeaderList } from "./types.ts";

/** A response in the form that crosses into the script process. */
export const toScriptResponse = (response: HttpResponse, responseTimeMs: number): ScriptHttpResponse => ({
  code: response.code,
  status: response.status,
  header: grouped(response.headers),
  bodyBase64: response.body.toString("base64"),
  responseTimeMs: Math.round(responseTimeMs),
  bodyBytes: response.bodyWireBytes,
  headerBytes: response.headerBytes,
});

/** Headers of one name stand together, at the place of the first: Postman collects them by name. */
function grouped(headers: HeaderList): HeaderList {
  const byName = new Map<string, HeaderList>();
  for (const header of headers) {
    const group = byName.get(header[0]);
    if (group) group.push(header);
    else byName.set(header[0], [header]);
  }
  return byName.size === headers.length ? headers : [...byName.values()].flat();
}
