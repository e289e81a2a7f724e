import type { ScriptHttpRequest } from "../protocol.ts";
import { CookieList } from "./cookies.ts";
import { parse, stringify } from "./json-text.ts";
import type { Modules } from "./modules.ts";
import { Request } from "./request.ts";
import { hostBody, Response } from "./response.ts";
import { VariableScope, VariablesView } from "./scopes.ts";
import type { Script } from "./script.ts";
import { createAskCookies, createSendRequest } from "./send-request.ts";
import { createTest } from "./tests.ts";
import { toString } from "./text.ts";

/** What a realm keeps between its scripts. */
export interface RealmParts {
  modules: Modules;
  expect: () => (value: unknown, message?: string) => unknown;
  dynamic: (name: string) => string;
}

export type Pm = ReturnType<typeof createPm>;

/** The `pm` object of one script. */
export function createPm(script: Script, { modules, expect, dynamic }: RealmParts) {
  const { input, bridge } = script;
  const { scopes, info } = input;
  const environment = new VariableScope(scopes.environment, dynamic, input.environmentName);
  const globals = new VariableScope(scopes.globals, dynamic);
  const collectionVariables = new VariableScope(scopes.collection, dynamic);
  const local = new VariableScope(scopes.local, dynamic);
  const data = Object.entries(input.data).map(([key, value]) => ({ key, value, enabled: true }));
  const variables = new VariablesView(
    local,
    [environment, collectionVariables, globals],
    input.data,
    dynamic,
  );
  const execution = createExecution(script);

  let request: Request | undefined;
  let response: Response | undefined;
  let cookies: CookieList | undefined;
  script.collect = () => ({
    scopes: withoutUndefined({
      environment: VariableScope.changes(environment),
      globals: VariableScope.changes(globals),
      collection: VariableScope.changes(collectionVariables),
      local: VariableScope.changes(local),
    }),
    ...(request && input.event === "prerequest" ? changedRequest(request, input.request) : {}),
  });

  return {
    info: {
      eventName: input.event,
      iteration: info.iteration,
      iterationCount: info.iterationCount,
      requestName: info.requestName,
      requestId: info.requestId,
    },
    environment,
    globals,
    collectionVariables,
    variables,
    iterationData: new VariableScope(data, dynamic),
    execution,
    setNextRequest: execution.setNextRequest,
    test: createTest(script, () => script.pm),
    sendRequest: createSendRequest(script, (template) => variables.replaceIn(template)),
    require: modules.require,
    visualizer: { set: () => {}, clear: () => {} },
    vault: createVault(),
    get expect() {
      return expect();
    },
    get request(): Request {
      request ??= Object.assign(new Request(input.request), { name: info.requestName, id: info.requestId });
      return request;
    },
    get response(): Response | undefined {
      if (input.response)
        response ??= withTo(new Response(input.response, hostBody(bridge), input.cookies), expect);
      return response;
    },
    get cookies(): CookieList {
      cookies ??= new CookieList(input.cookies, createAskCookies(script));
      return cookies;
    },
  };
}

/** `pm.response.to.have…` is `pm.expect(pm.response).to.have…`. */
function withTo(response: Response, expect: RealmParts["expect"]): Response {
  return Object.defineProperty(response, "to", {
    get: () => (expect()(response) as { to: unknown }).to,
    enumerable: false,
  });
}

function createExecution(script: Script) {
  const { input } = script;
  const location = Object.assign([...input.location.path], { current: input.location.current });
  return {
    location,
    setNextRequest: (name: unknown): void => {
      script.nextRequest = name === null || name === undefined ? null : toString(name);
    },
    skipRequest() {
      if (input.event !== "prerequest") throw new TypeError("pm.execution.skipRequest is not a function");
      script.skipsRequest = true;
      script.finish();
    },
  };
}

const refuse = () => Promise.reject(new Error("pm.vault is not available: a runner has no Postman Vault"));

function createVault() {
  return { get: refuse, set: refuse, unset: refuse };
}

/** Compared as text: a script that only read the request sends nothing back. */
function changedRequest(request: Request, before: ScriptHttpRequest): { request?: ScriptHttpRequest } {
  const after = stringify(request);
  if (after === stringify(new Request(before))) return {};
  // A Request serialises to the form that it was read from.
  return { request: parse(after) as ScriptHttpRequest };
}

function withoutUndefined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Only undefined members are dropped.
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
