import { expect, test } from "bun:test";

import { keepBody, safeData, safeText } from "../../src/engine/text.ts";

test.each([
  ["plain", "plain"],
  ["😀 stays", "😀 stays"],
  ["nul \u0000", "nul \ufffd"],
  ["high \ud800 alone", "high \ufffd alone"],
  ["low \udc00 alone", "low \ufffd alone"],
])("a text becomes safe to store: %j", (text, safe) => {
  expect(safeText(text)).toBe(safe);
});

test("safe data is a copy with safe keys and texts", () => {
  expect(safeData<object>({ "k\u0000": ["v\ud800", 1, null, { deep: "\u0000" }] })).toEqual({
    "k\ufffd": ["v\ufffd", 1, null, { deep: "\ufffd" }],
  });
});

const utf8 = (text: string) => Buffer.from(text);

test.each<[string, Uint8Array, string | undefined, number, object]>([
  ["short text", utf8("abc"), undefined, 10, { bytes: 3, text: "abc" }],
  ["exactly the limit", utf8("abc"), undefined, 3, { bytes: 3, text: "abc" }],
  ["above the limit", utf8("abcd"), undefined, 3, { bytes: 4, text: "abc", truncated: true }],
  ["a character at the cut", utf8("ab€"), undefined, 4, { bytes: 5, text: "ab", truncated: true }],
  ["nothing is kept at 0", utf8("abc"), undefined, 0, { bytes: 3 }],
  ["empty", utf8(""), undefined, 10, { bytes: 0 }],
  ["binary", new Uint8Array([0xff, 0xfe, 0xfd]), undefined, 10, { bytes: 3 }],
  ["NUL", utf8("a\u0000b"), undefined, 10, { bytes: 3 }],
  ["latin-1", new Uint8Array([0xfc]), "text/plain; charset=ISO-8859-1", 10, { bytes: 1, text: "ü" }],
  ["utf-16", new Uint8Array([0x61, 0]), "text/plain; charset=utf-16le", 10, { bytes: 2, text: "a" }],
  ["an unknown charset", utf8("abc"), "text/plain; charset=klingon", 10, { bytes: 3 }],
])("what is kept of a body: %s", (_name, body, contentType, maxBytes, kept) => {
  expect(keepBody(body, contentType ? [["Content-Type", contentType]] : [], maxBytes)).toEqual(kept as never);
});
