import { expect, test } from "bun:test";

import {
  mayChangeBuiltIns,
  mayChangeLibraries,
  usesPromises,
} from "../../../src/engine/sandbox/script-code.ts";
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

test.each([
  ["pm.test('x', () => {})", false],
  ["pm.sendRequest(url).then(f)", true],
  ["const x = async () => {}", true],
  ["// athenian", false],
])("whether %p leaves work in promises: %p", (code, uses) => {
  expect(usesPromises(code)).toBe(uses);
});

test.each([
  ["pm.environment.set('a', 1); Math.max(1, 2) === 2", false],
  ["Array.prototype.last = f", true],
  ["JSON.parse = f", true],
  ["Math['random'] = f", true],
  ["Array['proto' + 'type'].map = f", true],
  ["const { [name]: p } = Array; p.map = f", true],
  ["Array['\\x70rototype'].map = f", true],
  ["const [first] = list; list[0].name; row['id']", true],
  ["list[0].name + row['id']", false],
  ["const a = {}; a.map = 1; if (Object.keys(a) == 1) {}", false],
])("whether %p may change what is built in: %p", (code, may) => {
  expect(mayChangeBuiltIns(code)).toBe(may);
});

test.each([
  ["_.mixin({})", true],
  ["moment.locale('de')", true],
  ["_.map([], f)", false],
])("whether %p may change libraries: %p", (code, may) => {
  expect(mayChangeLibraries(code)).toBe(may);
});
