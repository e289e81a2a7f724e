import type { ScriptHttpRequest, ScriptHttpResponse, ScriptScopes } from "../protocol.ts";
import { decodedBytes } from "../wire.ts";
import { CookieList } from "./cookies.ts";
import { createExecution } from "./execution.ts";
import { parse, stringify } from "./json-text.ts";
import type { PostmanJson } from "./json.ts";
import { lockMembers, lockValues } from "./locked.ts";
import type { Modules } from "./modules.ts";
import { Request, toSource } from "./request.ts";
import { base64Body, hostBody, Response, type ResponseHead } from "./response.ts";
import { VariableScope, VariablesView } from "./scopes.ts";
import type { Script } from "./script.ts";
import { createAskCookies, createSendRequest } from "./send-request.ts";
import { createTest } from "./tests.ts";
import { createVault } from "./vault.ts";
import { createVisualizer } from "./visualizer.ts";

/** What a realm keeps between its scripts. */
export interface RealmParts {
  modules: Modules;
  json: PostmanJson;
  expect: () => (value: unknown, message?: string) => unknown;
  dynamic: (name: string) => string;
}

export type Pm = ReturnType<typeof createPm>;

/** The `pm` object of one script. Its members are fixed, and not listed, as in Postman. */
export function createPm(script: Script, parts: RealmParts) {
  const { input } = script;
  const { info } = input;
  const scopes = createScopes(script, parts.dynamic);
  const http = createHttpMembers(script, parts);
  script.collect = () => ({ scopes: scopes.changes(), ...http.changes() });
  const members = {
    info: lockValues(
      {},
      {
        eventName: input.event,
        iteration: info.iteration,
        iterationCount: info.iterationCount,
        requestName: info.requestName,
        requestId: info.requestId,
      },
    ),
    vault: createVault(script),
    datasets: () => {
      throw new Error("pm.datasets is not available: datasets live in Postman's cloud");
    },
    ...scopes.members,
    execution: createExecution(script, scopes.share, http.toResponse),
    sendRequest: createSendRequest(script, http.toResponse),
    require: parts.modules.requirePackage,
    visualizer: createVisualizer(),
  };
  const base = {
    get expect() {
      return parts.expect();
    },
  };
  const test = createTest(script, () => script.pm);
  // The prototype has one member, which is not copied: it is made on first use.
  const pm = Object.assign(Object.create(base) as typeof base, { test });
  return lockMembers(lockValues(pm, members), http.members);
}

function createScopes({ input }: Script, dynamic: RealmParts["dynamic"]) {
  const environment = new VariableScope(input.scopes.environment, dynamic, input.environmentName);
  const globals = new VariableScope(input.scopes.globals, dynamic);
  const collectionVariables = new VariableScope(input.scopes.collection, dynamic);
  const local = new VariableScope(input.scopes.local, dynamic);
  const data = Object.entries(input.data).map(([key, value]) => ({ key, value, enabled: true }));
  const layers = [environment, collectionVariables, globals];
  const variables = new VariablesView(local, layers, input.data, dynamic);
  const all = { environment, globals, collection: collectionVariables, local };
  return {
    members: {
      environment,
      globals,
      collectionVariables,
      variables,
      iterationData: new VariableScope(data, dynamic),
    },
    changes: () =>
      withoutUndefined({
        environment: VariableScope.changes(environment),
        globals: VariableScope.changes(globals),
        collection: VariableScope.changes(collectionVariables),
        local: VariableScope.changes(local),
      }),
    /** For a request that runs within this script: it starts with these, and what it changes comes back. */
    share: {
      read: () => ({
        environment: VariableScope.all(environment),
        globals: VariableScope.all(globals),
        collection: VariableScope.all(collectionVariables),
        local: VariableScope.all(local),
      }),
      write(changed: Partial<ScriptScopes>) {
        for (const [name, scope] of Object.entries(all)) {
          // The names are those of the scopes.
          const list = changed[name as keyof ScriptScopes];
          if (list) VariableScope.replace(scope, list);
        }
      },
    },
  };
}

export type SharedScopes = ReturnType<typeof createScopes>["share"];

function createHttpMembers(script: Script, { json, modules, expect }: RealmParts) {
  const { input, bridge } = script;
  let request: Request | undefined;
  let response: Response | undefined;
  let cookies: CookieList | undefined;
  const head = input.response ?? (input.event === "test" ? noAnswer : undefined);
  const answered = head && {
    get response(): Response {
      response ??= withTo(new Response(head, hostBody(bridge), json, modules.internal), expect);
      return response;
    },
  };
  const common = {
    get request(): Request {
      request ??= withTo(new Request(input.request), expect);
      return request;
    },
    get cookies(): CookieList {
      cookies ??= new CookieList(input.cookies, createAskCookies(script));
      return cookies;
    },
  };
  return {
    // A script before the request finds no `pm.response` at all.
    members: answered ? lockMembers(common, answered) : (common as typeof common & { response?: Response }),
    changes: () => (request && input.event === "prerequest" ? changedRequest(request, input.request) : {}),
    toResponse: ({ bodyBase64, ...rest }: ScriptHttpResponse) =>
      withTo(
        new Response(
          { ...rest, decodedBytes: decodedBytes(bodyBase64) },
          base64Body(bridge, bodyBase64),
          json,
          modules.internal,
        ),
        expect,
      ),
  };
}

/** Tests of a request that got no answer find a response without a code; the declared type is that of a real one. */
const noAnswer = {
  header: [] as [string, string][],
  responseTimeMs: 0,
  bodyBytes: 0,
  headerBytes: 0,
  decodedBytes: 0,
} as unknown as ResponseHead;

/** `pm.response.to.have…` is `pm.expect(pm.response).to.have…`. */
function withTo<T extends object>(subject: T, expect: RealmParts["expect"]): T {
  return Object.defineProperty(subject, "to", {
    get: () => (expect()(subject) as { to: unknown }).to,
    enumerable: false,
  });
}

/** Compared as text: a script that only read the request sends nothing back. */
function changedRequest(request: Request, before: ScriptHttpRequest): { request?: ScriptHttpRequest } {
  const after = stringify(toSource(request));
  if (after === stringify(toSource(new Request(before)))) return {};
  // Written from a Request in the form that it was read from.
  return { request: parse(after) as ScriptHttpRequest };
}

function withoutUndefined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Only undefined members are dropped.
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
