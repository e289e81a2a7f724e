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
  "csv-parse": "csv-parse/lib/sync",
  "csv-parse/lib/sync": "csv-parse/lib/sync",
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
  atob: "module.exports = globalThis.atob",
  btoa: "module.exports = globalThis.btoa",
  timers:
    "module.exports = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate }",
  "content-info": 'module.exports = require("postman-collection/lib/content-info/index.js")',
  "http-reasons": 'module.exports = require("http-reasons")',
  "json-locator": 'module.exports = require("liquid-json/vendor/parse.js")',
  "dynamic-variables": 'module.exports = require("postman-collection/lib/superstring/dynamic-variables.js")',
};

export const libraryNames: string[] = [
  ...new Set([...Object.values(libraryAliases), ...Object.keys(librarySources)]),
];
