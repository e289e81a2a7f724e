import { expect, test } from "bun:test";

import { createRedactor } from "../../src/engine/redact.ts";

const value = 'p@ss/w+rd & "quotes"ü';
const redact = createRedactor([{ name: "password", value }]);

test.each<[string, (secret: string) => string]>([
  ["as it is", (secret) => secret],
  ["percent-encoded", encodeURIComponent],
  [
    "percent-encoded in lower case",
    (secret) => encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
  ],
  ["as a form field", (secret) => new URLSearchParams([["", secret]]).toString().slice(1)],
  ["in a URL", encodeURI],
  ["in JSON", (secret) => JSON.stringify(secret).slice(1, -1)],
  ["in JSON in JSON", (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
  ["in HTML", (secret) => secret.replaceAll("&", "&amp;").replaceAll('"', "&quot;")],
  ["Base64", (secret) => Buffer.from(secret).toString("base64")],
  ["Base64 for URLs", (secret) => Buffer.from(secret).toString("base64url")],
])("a secret is removed %s", (_name, encode) => {
  const text = `before ${encode(value)} after`;

  expect(redact(text)).toBe("before «password» after");
});

test.each(["u", "us", "use", "user"])("Basic credentials of %s are removed whole", (user) => {
  const text = `Basic ${Buffer.from(`${user}:${value}`).toString("base64")}`;

  expect(redact(text)).toBe("Basic «password»");
});

test("every occurrence goes, and the rest stays", () => {
  expect(redact(`${value},${value}, plain`)).toBe("«password»,«password», plain");
});

test("secrets that contain or overlap each other leave nothing of either", () => {
  const both = createRedactor([
    { name: "short", value: "secret" },
    { name: "long", value: "my-secret-value" },
    { name: "tail", value: "value-tail" },
  ]);

  expect(both("a my-secret-value-tail b secret c")).toBe("a «long» b «short» c");
});

test("a secret that is part of a mark does not break the mark", () => {
  const both = createRedactor([
    { name: "password", value: "hunter22" },
    { name: "other", value: "pass" },
  ]);

  expect(both("hunter22")).toBe("«password»");
});

test("a secret that was cut off at the end of a kept body goes, too", () => {
  expect(createRedactor([{ name: "key", value: "0123456789abcdef" }])("body 0123456789")).toBe("body «key»");
});

test("values of fewer than four characters are not redacted", () => {
  const text = "abc 1 true";

  expect(
    createRedactor([
      { name: "a", value: "abc" },
      { name: "b", value: "1" },
      { name: "c", value: "" },
    ])(text),
  ).toBe(text);
});

test("special characters of patterns are plain letters", () => {
  expect(createRedactor([{ name: "x", value: "$&.*+?^(" }])("a $&.*+?^( b")).toBe("a «x» b");
});

test("a secret with a lone surrogate is no obstacle", () => {
  expect(createRedactor([{ name: "x", value: "abc\ud800def" }])("text")).toBe("text");
});

test("many secrets over a large text are fast enough for every event", () => {
  const secrets = Array.from({ length: 200 }, (_unused, index) => ({
    name: `s${index}`,
    value: `value-${index}-${"x".repeat(20)}`,
  }));
  const redactAll = createRedactor(secrets);
  const text = "lorem ipsum dolor ".repeat(4_000);

  expect(redactAll(`${text}${secrets[150]?.value}`)).toBe(`${text}«s150»`);
});
