import { expect, test } from "bun:test";

import { credentialsOf, maskCredentials } from "../../src/lib/url-credentials.ts";

test.each([
  ["http://user:pass@proxy:3128", "http://***@proxy:3128"],
  ["http://user@proxy", "http://***@proxy"],
  ["http://user:p@ss@proxy/path@x", "http://***@proxy/path@x"],
  ["user:pass@proxy:3128", "***@proxy:3128"],
  ["socks5://user:pass@proxy", "socks5://***@proxy"],
  ["http://proxy:3128/?a@b", "http://proxy:3128/?a@b"],
  ["no url at all", "no url at all"],
])("%s is shown as %s", (text, shown) => {
  expect(maskCredentials(text)).toBe(shown);
});

test.each([
  ["http://us%40er:p%3Ass@h", "us@er:p:ss"],
  ["http://user@h", "user:"],
  ["http://:pass@h", ":pass"],
  ["http://user:100%@h", "user:100%"],
  ["http://h", undefined],
])("the credentials of %s are %j", (url, credentials) => {
  expect(credentialsOf(new URL(url))).toBe(credentials);
});
