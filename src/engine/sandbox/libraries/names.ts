/**
 * What `require` and `pm.require` offer, each with the bundle that holds it. The second half are modules of Node
 * as written for browsers: none of them reaches outside the realm.
 */
export const libraryAliases: Record<string, string> = {
  ajv: "ajv",
  atob: "atob",
  btoa: "btoa",
  chai: "chai",
  cheerio: "cheerio",
  "crypto-js": "crypto-js",
  "csv-parse/lib/sync": "csv-parse/lib/sync",
  json: "json",
  lodash: "lodash",
  moment: "moment",
  "postman-collection": "postman-collection",
  tv4: "tv4",
  uuid: "uuid",
  xml2js: "xml2js",
  assert: "assert",
  buffer: "buffer",
  events: "events",
  path: "path",
  punycode: "punycode",
  querystring: "querystring",
  stream: "stream",
  string_decoder: "string_decoder",
  timers: "timers",
  url: "url",
  util: "util",
};

/** Source of each bundle, for the bundler; a name that is missing is bundled from the module of that name. */
export const librarySources: Record<string, string> = {
  ...withoutDefault("buffer", "path", "querystring", "string_decoder", "url", "util"),
  atob: "module.exports = globalThis.atob",
  btoa: "module.exports = globalThis.btoa",
  timers:
    "module.exports = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate }",
  // Postman's own is a function that has itself as its only member.
  uuid: "const v4 = () => crypto.randomUUID(); module.exports = Object.assign(v4, { v4 })",
  lodash3: 'module.exports = require("lodash3").noConflict()',
  json: "module.exports = JSON",
  assert: 'module.exports = require("assert/build/assert.js")',
  "content-info": 'module.exports = require("postman-collection/lib/content-info/index.js")',
  "http-reasons": 'module.exports = require("http-reasons")',
  "json-locator": 'module.exports = require("liquid-json/vendor/parse.js")',
  "dynamic-variables": 'module.exports = require("postman-collection/lib/superstring/dynamic-variables.js")',
};

/** The bundler's stand-ins for modules of Node have a default export, which the modules have not. */
function withoutDefault(...names: string[]): Record<string, string> {
  const members = "const { default: _, ...members }";
  return Object.fromEntries(
    names.map((name) => [name, `${members} = require("${name}"); module.exports = members;`]),
  );
}

/** Modules that were written for Node look at its `process`; they get a stand-in that knows nothing. */
export const withProcess = new Set(["assert", "stream", "util"]);

export const processSource =
  "var process = { env: {}, nextTick: (run, ...values) => queueMicrotask(() => run(...values)), browser: true };";

export const libraryNames: string[] = [
  ...new Set([...Object.values(libraryAliases), ...Object.keys(librarySources)]),
];
