import type { Bridge } from "./bridge.ts";
import { legacyGlobals } from "./legacy.ts";
import { createPm, type RealmParts } from "./pm.ts";
import { Script, type ScriptInput } from "./script.ts";

/** What a script finds, for freezing all of it that is not made for each script anew. */
export function sampleObjects(bridge: Bridge, parts: RealmParts): unknown[] {
  const script = new Script(input, bridge);
  const pm = createPm(script, parts);
  script.pm = pm;
  const { modules } = parts;
  const legacy = legacyGlobals(script, pm, modules);
  const response = pm.response;
  const expect = parts.expect();
  return [
    pm,
    Object.getPrototypeOf(pm),
    pm.request,
    pm.request.url,
    pm.request.headers,
    pm.request.body,
    response,
    response?.headers,
    response && Reflect.get(response, "to"),
    pm.cookies,
    pm.cookies.jar(),
    pm.environment.values,
    expect,
    expect(0),
    modules.internal("chai"),
    modules.require,
    modules.requirePackage,
    legacy("postman"),
  ];
}

const input: ScriptInput = {
  event: "test",
  scopes: { local: [], environment: [], collection: [], globals: [] },
  data: {},
  request: { method: "POST", url: "http://localhost/?a=b", header: [], body: { mode: "raw", raw: "" } },
  response: {
    code: 200,
    status: "OK",
    header: [["a", "b"]],
    responseTimeMs: 0,
    bodyBytes: 0,
    headerBytes: 0,
    decodedBytes: 0,
  },
  cookies: [{ name: "a", value: "b" }],
  info: { requestName: "", requestId: "", iteration: 0, iterationCount: 1 },
  location: { path: [""], current: "" },
  maxConsoleBytes: 0,
  usesPromises: false,
};
