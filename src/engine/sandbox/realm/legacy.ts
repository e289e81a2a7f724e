import type { Modules } from "./modules.ts";
import type { Pm } from "./pm.ts";
import type { Script } from "./script.ts";
import { toString } from "./text.ts";

type Values = Record<string, () => unknown>;

/** Globals of Postman's first script API, each made on first use. */
export function legacyGlobals(script: Script, pm: Pm, modules: Modules): Values {
  const { input } = script;
  const tests: Record<string, unknown> = {};
  script.beforeFinish = () => {
    for (const [name, value] of Object.entries(tests)) addLegacyTest(script, name, value);
  };
  const environment = once(() => pm.environment.toObject());
  const globals = once(() => pm.globals.toObject());
  return {
    pm: () => pm,
    tests: () => tests,
    postman: once(() => createPostman(pm, input.event === "test")),
    environment,
    globals,
    data: () => input.data,
    iteration: () => input.info.iteration,
    request: once(() => legacyRequest(pm)),
    responseBody: () => pm.response?.text(),
    responseTime: () => pm.response?.responseTime,
    responseHeaders: once(() => headerObject(pm)),
    responseCookies: once(() => pm.cookies.all()),
    responseCode: once(() => {
      return pm.response?.details() ?? { code: Number.NaN, name: "", detail: "" };
    }),
    require: () => modules.require,
    _: () => modules.require("lodash"),
    CryptoJS: () => modules.require("crypto-js"),
    cheerio: () => modules.require("cheerio"),
    tv4: () => modules.require("tv4"),
    xml2Json: () => xml2Json(modules),
    Buffer: () => (modules.require("buffer") as { Buffer: unknown }).Buffer,
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

function createPostman(pm: Pm, isTest: boolean) {
  const common = {
    setEnvironmentVariable: (key: string, value: unknown) => pm.environment.set(key, text(value)),
    getEnvironmentVariable: (key: string) => pm.environment.get(key),
    clearEnvironmentVariable: (key: string) => pm.environment.unset(key),
    clearEnvironmentVariables: () => pm.environment.clear(),
    setGlobalVariable: (key: string, value: unknown) => pm.globals.set(key, text(value)),
    getGlobalVariable: (key: string) => pm.globals.get(key),
    clearGlobalVariable: (key: string) => pm.globals.unset(key),
    clearGlobalVariables: () => pm.globals.clear(),
    setNextRequest: (name: unknown) => pm.execution.setNextRequest(name),
  };
  if (!isTest) return common;
  return {
    ...common,
    getResponseHeader: (name: unknown) => pm.response?.headers.get(toString(name)),
    getResponseCookie: (name: unknown) => pm.cookies.one(toString(name)),
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
