import { createDeprecations } from "./deprecation.ts";
import type { Modules } from "./modules.ts";
import type { Pm } from "./pm.ts";
import type { Script } from "./script.ts";
import { toString } from "./text.ts";

type Values = Record<string, () => unknown>;

/** Globals of Postman's first script API by name, each made on first use. Most scripts use `pm` only. */
export function legacyGlobals(script: Script, pm: Pm, modules: Modules): (name: string) => unknown {
  let values: Values | undefined;
  return (name) => {
    if (name === "pm") return pm;
    values ??= createValues(script, pm, modules);
    return values[name]?.();
  };
}

function createValues(script: Script, pm: Pm, modules: Modules): Values {
  const { input } = script;
  const tests: Record<string, unknown> = {};
  script.beforeFinish = () => {
    for (const [name, value] of Object.entries(tests)) addLegacyTest(script, name, value);
  };
  const warning = createDeprecations((message) => script.print("warn", [message]));
  const environment = once(() => pm.environment.toObject());
  const globals = once(() => pm.globals.toObject());
  const values: Values = {
    tests: () => tests,
    postman: () => createPostman(pm, input.response !== undefined, { environment, globals }),
    environment,
    globals,
    data: () => input.data,
    request: () => legacyRequest(pm),
    responseHeaders: () => headerObject(pm),
    responseCookies: () => pm.response && pm.cookies,
    responseCode: () => pm.response?.details(),
    _: () => modules.lend("lodash3"),
    CryptoJS: () => modules.require("crypto-js"),
    cheerio: () => modules.require("cheerio"),
    tv4: () => modules.require("tv4"),
    xml2Json: () => xml2Json(modules),
  };
  const wrapped = Object.entries(values).map(([name, make]) => [name, once(() => warning(name, make()))]);
  return {
    ...(Object.fromEntries(wrapped) as Values),
    iteration: () => input.info.iteration,
    responseBody: () => pm.response?.text(),
    responseTime: () => pm.response?.responseTime,
    require: () => modules.require,
    Buffer: () => (modules.require("buffer") as { Buffer: unknown }).Buffer,
    File: () => (modules.require("buffer") as { File: unknown }).File,
  };
}

/** Every name that `legacyGlobals` has: the globals of the realm are defined once, for all scripts. */
export const legacyNames = [
  "pm",
  "tests",
  "postman",
  "environment",
  "globals",
  "data",
  "iteration",
  "request",
  "responseBody",
  "responseTime",
  "responseHeaders",
  "responseCookies",
  "responseCode",
  "require",
  "_",
  "CryptoJS",
  "cheerio",
  "tv4",
  "xml2Json",
  "Buffer",
  "File",
];

function once(make: () => unknown): () => unknown {
  let made: { value: unknown } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function addLegacyTest(script: Script, name: string, value: unknown): void {
  const settle = script.addTest();
  if (value) return settle({ name, status: "passed" });
  const error = { name: "AssertionError", message: `expected ${String(value)} to be truthy` };
  settle({ name, status: "failed", error });
}

/** Values were always stored as text; what is empty stays what it is. */
const text = (value: unknown): unknown => (value || value === false ? toString(value) : value);

interface Copies {
  environment: () => unknown;
  globals: () => unknown;
}

function legacyScope(variables: Pm["environment"], copy: () => unknown) {
  // Made by `toObject` of a scope.
  const values = () => copy() as Record<string, unknown>;
  return {
    get: (key: string) => variables.get(key),
    set: (key: string, value: unknown) => {
      values()[key] = text(value);
      variables.set(key, text(value));
    },
    clear: (key: string) => {
      Reflect.deleteProperty(values(), key);
      variables.unset(key);
    },
    clearAll: () => {
      for (const key of Object.keys(values())) Reflect.deleteProperty(values(), key);
      variables.clear();
    },
  };
}

/** The `environment` and `globals` of the first API are copies, which these methods keep up to date. */
function createPostman(pm: Pm, isTest: boolean, copies: Copies) {
  const environment = legacyScope(pm.environment, copies.environment);
  const globals = legacyScope(pm.globals, copies.globals);
  const common = {
    setEnvironmentVariable: environment.set,
    getEnvironmentVariable: environment.get,
    clearEnvironmentVariable: environment.clear,
    clearEnvironmentVariables: environment.clearAll,
    setGlobalVariable: globals.set,
    getGlobalVariable: globals.get,
    clearGlobalVariable: globals.clear,
    clearGlobalVariables: globals.clearAll,
    setNextRequest: (name: unknown) => pm.execution.setNextRequest(name),
  };
  if (!isTest) return common;
  return {
    ...common,
    getResponseHeader: (name: unknown) => pm.response?.headers.get(name),
    getResponseCookie: (name: unknown) => pm.cookies.one(name),
  };
}

/** As they were written; the last of several with one name wins. */
const headerObject = (pm: Pm) =>
  pm.response && Object.fromEntries(pm.response.headers.members.map(({ key, value }) => [key, value]));

function legacyRequest(pm: Pm) {
  const { url, method, headers, body } = pm.request;
  const form = body?.mode === "urlencoded" ? body.urlencoded : body?.formdata;
  return {
    id: pm.info.requestId,
    name: pm.info.requestName,
    method,
    url: url.toString(),
    headers: headers.toObject(true),
    data: form ? form.toObject(true) : body?.mode === "raw" ? (body.raw ?? "") : {},
  };
}

type ParseXml = (text: string, options: object, done: (error: unknown, result: unknown) => void) => void;

function xml2Json(modules: Modules) {
  const { parseString } = modules.require("xml2js") as { parseString: ParseXml };
  return (text: unknown): unknown => {
    let parsed: unknown = {};
    const options = { explicitArray: false, async: false, trim: true, mergeAttrs: false };
    parseString(String(text), options, (_, result) => {
      parsed = result;
    });
    return parsed;
  };
}
