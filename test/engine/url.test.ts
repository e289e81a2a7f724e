import { expect, test } from "bun:test";
import { createRequire } from "node:module";

import { encodeUrl, resolveLocation, UrlError } from "../../src/engine/url-encode.ts";
import { parseUrl, urlText } from "../../src/engine/url.ts";

// Postman's own packages are the oracle.
interface NodeUrl {
  protocol: string;
  host: string;
  hostname: string;
  path: string;
}
const require = createRequire(import.meta.url);
const { Url } = require("postman-collection") as { Url: new (url: unknown) => { toString(): string } };
const urlEncoder = require("postman-url-encoder") as {
  toNodeUrl(url: unknown): NodeUrl;
  resolveNodeUrl(base: string, relative: string): string;
};

const texts = [
  "http://example.com",
  "example.com",
  "example.com:8080/a",
  "HTTP://EXAMPLE.com/Path",
  "https://example.com/a b?q=a b&r=ü#frag ment",
  "http://example.com/a%20b?x=%41%zz&y=100%",
  "http://example.com/?",
  "http://example.com?",
  "http://example.com?a=1&&b=2&",
  "http://example.com?a&b=&=c",
  "http://example.com?a=b=c&d==e",
  'http://example.com/?q=it\'s "quoted" <tag>',
  "http://example.com/{id}/[x]|^`/",
  "http://example.com/a/../b/./c//d",
  "http://example.com\\a\\b?c\\d",
  "http:///example.com/x",
  "   http://example.com/trimmed",
  "http://user:p@ss@example.com/x",
  "http://user@example.com/x",
  "http://[::1]:8080/x",
  "http://[2001:db8::1]/x",
  "http://münchen.example/straße?ß=ä",
  "http://example.com/emoji/😀?e=😀",
  "http://example.com/:id/:missing",
  "http://example.com/{{left over}}?q={{also#left/over}}",
  "http://example.com/a?b?c#d#e",
  "http://example.com/;v=1,2;x=$&+!*()'",
  "localhost:3000",
  "example.com/path:with:colons",
];

test.each(texts)("a URL text is encoded as Postman encodes it: %s", (text) => {
  const oracle = urlEncoder.toNodeUrl(new Url(text));

  const encoded = encodeUrl(parseUrl(text));

  expect([encoded.protocol, encoded.host, encoded.hostname, encoded.path]).toEqual([
    oracle.protocol,
    oracle.host,
    oracle.hostname,
    oracle.path,
  ]);
});

const objects: Record<string, unknown>[] = [
  { protocol: "https", host: ["api", "example", "com"], path: ["v1", "users"] },
  { protocol: "https", host: "api.example.com", path: "/v1/users", port: "8443" },
  { host: ["{{base}}"], path: ["a"], query: [{ key: "q", value: "1" }] },
  {
    protocol: "http",
    host: ["h"],
    path: [":id", ":file.json", ":id", ":none", ":empty"],
    variable: [
      { key: "id", value: "42" },
      { key: "file", value: "report" },
      { key: "empty", value: "" },
    ],
  },
  {
    protocol: "http",
    host: ["h"],
    path: [""],
    query: [
      { key: "a", value: "1&2#3=4" },
      { key: "b=c&d", value: "{{x&y}}" },
      { key: "off", value: "x", disabled: true },
      { key: "only", value: null },
      { key: null, value: "v" },
      { key: "", value: "" },
    ],
  },
  { protocol: "http", host: ["h"], query: [{ key: "off", value: "x", disabled: true }] },
  { protocol: "http", host: ["h"], path: [], query: [{ key: "" }] },
  { protocol: "http", host: ["h"], hash: "top", auth: { user: "u", password: "p" } },
  { protocol: "http://", host: ["h"], path: "/" },
  { host: "h", path: "a/b/" },
];

test.each(objects)("a URL object becomes the text that Postman makes of it: %j", (object) => {
  const oracle = new Url(structuredClone(object)).toString();

  expect(urlText(object)).toBe(oracle);
});

test("an object that has only raw is that text", () => {
  expect(urlText({ raw: "http://h/x?y=1" })).toBe("http://h/x?y=1");
});

test.each([
  ["", "no host"],
  ["http://", "no host"],
  ["file:///etc/passwd", "not supported"],
  ["ftp://h/x", "not supported"],
  ["unix:/var/run/docker.sock", "not supported"],
  ["http://unix:/var/run/docker.sock:/info", "not supported"],
  ["http+unix://%2Fvar%2Frun%2Fdocker.sock/x", "not supported"],
  ["http://h:99999/", "not a port"],
  ["http://h:x/", "not a port"],
  ["http://a b/", "not a host"],
  ["http://{{base}}/x", "not a host"],
])("a URL that cannot be requested is refused with a sentence: %j", (text, reason) => {
  const encode = () => encodeUrl(parseUrl(text));

  expect(encode).toThrow(UrlError);
  expect(encode).toThrow(reason);
});

test.each([
  ["http://0x7f.1/", "127.0.0.1"],
  ["http://2130706433/", "127.0.0.1"],
  ["http://127.1/", "127.0.0.1"],
  ["http://[::FFFF:127.0.0.1]/", "::ffff:7f00:1"],
  ["http://ＥＸＡＭＰＬＥ.com/", "example.com"],
])("a host has one spelling for gate, cookies and connections: %s", (text, hostname) => {
  expect(encodeUrl(parseUrl(text)).hostname).toBe(hostname);
});

test("disableUrlEncoding leaves path and query as written", () => {
  expect(encodeUrl(parseUrl("http://h/a b?c=é"), { encode: false }).path).toBe("/a b?c=é");
});

const base = "http://h.example:81/dir/page?q=1";
test.each([
  "http://other/x",
  "HTTPS://other/x",
  "//other/x",
  "/root?x=1",
  "sibling",
  "../up",
  "?only=query",
  "",
])("a Location is resolved as Postman resolves it: %j", (location) => {
  const oracle = urlEncoder.resolveNodeUrl(base, location);

  expect(resolveLocation(encodeUrl(parseUrl(base)), location)).toBe(oracle);
});
