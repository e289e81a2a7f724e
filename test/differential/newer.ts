/**
 * Cases in which Postman's runtime 7.56 does otherwise than the older one in newman 6: top-level await, `pm.sendRequest` as
 * a promise, unhandled rejections, `URL` and the like, thrown texts, own cookies over redirects. 7.56 counts there.
 */
export const newerThanNewman = new Set([
  "cookies: over redirects",
  "error: after await",
  "error: in a promise",
  "error: in an async function",
  "library: lodash",
  "library: tv4",
  "pm: await of a timer",
  "pm: encoders",
  "pm: globals of a script",
  "pm: throws in a test",
  "pm: top-level await",
  "redirect option: at most one",
  "redirect option: authorization kept",
  "redirect option: followed",
  "redirect option: method kept",
  "redirect option: referer removed",
  "redirect: headers by hand",
  "sendRequest before the request: promise",
  "sendRequest: promise",
  "sendRequest: promise chain",
  "sendRequest: refused",
  "sendRequest: refused promise",
  "sendRequest: wrong url",
  "time: a script that waits too long",
]);
