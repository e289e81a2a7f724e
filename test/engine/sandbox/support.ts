import { join } from "node:path";

import { createScriptHost } from "../../../src/engine/sandbox/host.ts";
import type {
  ExecuteOptions,
  ScriptCallbacks,
  ScriptHost,
  ScriptHostOptions,
  ScriptHttpResponse,
  ScriptRequest,
  ScriptResult,
  ScriptSession,
} from "../../../src/engine/sandbox/protocol.ts";

export const childCommand = [process.execPath, join(import.meta.dir, "../../../src/engine/sandbox/child.ts")];

export const testHost = (options: Partial<ScriptHostOptions> = {}): ScriptHost =>
  createScriptHost({ command: childCommand, maxIdle: 2, memoryLimitMb: 400, ...options });

export const base64 = (text: string): string => Buffer.from(text).toString("base64");

export const response = (body: string, fields: Partial<ScriptHttpResponse> = {}): ScriptHttpResponse => ({
  code: 200,
  status: "OK",
  header: [["Content-Type", "application/json; charset=utf-8"]],
  bodyBase64: base64(body),
  responseTimeMs: 12,
  bodyBytes: Buffer.byteLength(body),
  headerBytes: 40,
  ...fields,
});

export const scriptRequest = (code: string, fields: Partial<ScriptRequest> = {}): ScriptRequest => ({
  event: "test",
  code,
  scopes: { local: [], environment: [], collection: [], globals: [] },
  data: {},
  request: { method: "GET", url: "https://api.test/users?page=1", header: [{ key: "Accept", value: "*/*" }] },
  response: response('{"id":7,"tags":["a","b"]}'),
  cookies: [],
  info: { requestName: "Get users", requestId: "r1", iteration: 0, iterationCount: 3 },
  location: { path: ["Shop", "Users", "Get users"], current: "Get users" },
  ...fields,
});

/** A pre-request script sees no response. */
export function prerequest(code: string, fields: Partial<ScriptRequest> = {}): ScriptRequest {
  const { response: _, ...request } = scriptRequest(code, { event: "prerequest", ...fields });
  return request;
}

export const noCallbacks: ScriptCallbacks = {
  sendRequest: () => Promise.resolve({ error: { name: "Error", message: "not expected" } }),
  cookies: () => Promise.resolve({ cookies: [] }),
};

export interface Runner {
  run: (
    request: string | ScriptRequest,
    options?: Partial<ExecuteOptions>,
    callbacks?: ScriptCallbacks,
  ) => Promise<ScriptResult>;
  /** What an expression is inside a script, by way of JSON. */
  evaluate: (expression: string, fields?: Partial<ScriptRequest>) => Promise<unknown>;
}

export function runnerOf(session: () => ScriptSession): Runner {
  const run: Runner["run"] = (request, options = {}, callbacks = noCallbacks) =>
    session().execute(typeof request === "string" ? scriptRequest(request) : request, callbacks, {
      timeoutMs: 5000,
      maxConsoleBytes: 10_000,
      ...options,
    });
  return {
    run,
    async evaluate(expression, fields = {}) {
      const code = `pm.globals.set("out", (${expression}\n))`;
      const { error, scopes } = await run(scriptRequest(code, fields));
      if (error) throw new Error(`${error.name}: ${error.message}`);
      return scopes.globals?.find(({ key }) => key === "out")?.value;
    },
  };
}
