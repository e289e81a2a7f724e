import { expect, test } from "bun:test";

import { createLineReader } from "../../../src/engine/sandbox/wire.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("lines come out whole, however the bytes are cut", () => {
  const lines: string[] = [];
  const read = createLineReader((line) => lines.push(line));

  for (const byte of bytes("grüße\n\nzwei\nrest")) read(Uint8Array.of(byte));
  read(bytes(" drei\nvier\n"));

  expect(lines).toEqual(["grüße", "", "zwei", "rest drei", "vier"]);
});

test("a line that grows beyond the limit is an error, even without an end", () => {
  const read = createLineReader(() => {}, 10);

  read(bytes("12345"));

  expect(() => read(bytes("678901"))).toThrow(RangeError);
});
