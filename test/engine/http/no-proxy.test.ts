import { expect, test } from "bun:test";

import { createBypass } from "../../../src/engine/http/no-proxy.ts";
import { encodeUrl } from "../../../src/engine/url-encode.ts";
import { parseUrl } from "../../../src/engine/url.ts";

test.each([
  ["example.com", "http://example.com/", true],
  ["example.com", "http://api.example.com/", true],
  [".example.com", "http://api.example.com/", true],
  ["*.example.com", "http://api.example.com/", true],
  ["*.example.com", "http://example.com/", false],
  [".example.com", "http://example.com/", true],
  ["example.com", "http://notexample.com/", false],
  ["example.com:8080", "http://example.com:8080/", true],
  ["example.com:8080", "http://example.com/", false],
  ["a, b  c", "http://c/", true],
  ["*", "http://anything/", true],
  ["", "http://anything/", false],
  ["EXAMPLE.com", "http://api.Example.COM/", true],
  ["example.com.", "http://example.com/", true],
  ["example.com", "http://example.com./", true],
  ["..example.com", "http://api.example.com/", true],
  ["a, *", "http://anything/", true],
  ["10.0.0.1", "http://10.0.0.1/", true],
  ["10.0.0.1", "http://110.0.0.1/", false],
  ["0.0.1", "http://10.0.0.1/", false],
  ["10.0.0.1:8080", "http://10.0.0.1:8080/", true],
  ["10.0.0.1:8080", "http://10.0.0.1/", false],
  ["10.0.0.0/8", "http://10.200.3.4/", true],
  ["10.0.0.0/8", "http://11.0.0.1/", false],
  ["10.0.0.0/8", "http://ten.example/", false],
  ["127.0.0.0/8", "http://2130706433/", true],
  ["::1", "http://[::1]/", true],
  ["[::1]", "http://[::1]:8080/", true],
  ["[::1]:8080", "http://[::1]/", false],
  ["fd00::/8", "http://[fd12::1]/", true],
  ["10.0.0.0/8", "http://[::ffff:10.0.0.1]/", true],
  [".", "http://example.com/", false],
])("NO_PROXY %j and %s", (noProxy, url, expected) => {
  expect(createBypass(noProxy)(encodeUrl(parseUrl(url)))).toBe(expected);
});
