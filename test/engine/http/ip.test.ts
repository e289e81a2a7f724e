import { expect, test } from "bun:test";

import { array, assert, integer, property, record } from "fast-check";

import { isInRange, isRangeWithin, parseIp, parseRange } from "../../../src/engine/http/ip.ts";

const toNumber = (bytes: readonly number[]): bigint =>
  bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

const ipv6 = array(integer({ min: 0, max: 0xff_ff }), { minLength: 8, maxLength: 8 });
const ipv4 = array(integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });
const spelled = (groups: number[]): string => groups.map((group) => group.toString(16)).join(":");

test("an IPv6 address is the same in every spelling", () => {
  assert(
    property(ipv6, (groups) => {
      const full = groups.map((group) => group.toString(16).padStart(4, "0")).join(":");
      const short = new URL(`http://[${full}]`).hostname.slice(1, -1);
      const mixed = `${spelled(groups.slice(0, 6))}:${groups
        .slice(6)
        .flatMap((group) => [group >> 8, group & 255])
        .join(".")}`;

      const expected = groups.flatMap((group) => [group >> 8, group & 255]);
      const isMapped = toNumber(expected) >> 32n === 0xff_ffn;
      for (const text of [full, full.toUpperCase(), short, mixed])
        expect(parseIp(text)).toEqual(isMapped ? expected.slice(12) : expected);
    }),
  );
});

test.each([
  [ipv4.map((bytes) => bytes.join(".")), 32],
  [ipv6.map(spelled), 128],
])("an address lies in a range exactly when their first bits are equal", (addresses, size) => {
  const input = record({
    one: addresses,
    other: addresses,
    bits: integer({ min: 0, max: size }),
    near: integer({ min: 0, max: size }),
  });
  assert(
    property(input, ({ one, other, bits, near }) => {
      const range = parseRange(`${one}/${bits}`);
      const base = parseIp(one);
      const far = parseIp(other);
      if (!range || !base || !far || base.length * 8 !== size || far.length * 8 !== size) return;
      // Also neighbours, of which more are inside.
      const flipped = toNumber(base) ^ (near < size ? 1n << BigInt(near) : 0n);
      const neighbour = base.map((_, index) =>
        Number((flipped >> BigInt((base.length - 1 - index) * 8)) & 255n),
      );
      for (const address of [far, neighbour, base]) {
        const rest = BigInt(size - bits);
        expect(isInRange(range, address)).toBe(toNumber(address) >> rest === toNumber(base) >> rest);
      }
    }),
  );
});

test.each([
  ["10.0.0.0/8", "10.0.0.0/8", true],
  ["10.1.0.0/16", "10.0.0.0/8", true],
  ["10.0.0.0/7", "10.0.0.0/8", false],
  ["11.0.0.0/16", "10.0.0.0/8", false],
  ["::ffff:10.1.0.0/112", "10.0.0.0/8", true],
  ["0.0.0.0/0", "::/0", false],
])("%s within %s: %p", (inner, outer, expected) => {
  const [innerRange, outerRange] = [parseRange(inner), parseRange(outer)];

  expect(innerRange && outerRange && isRangeWithin(innerRange, outerRange)).toBe(expected);
});

test.each([
  "",
  "10.0.0",
  "10.0.0.256",
  "010.0.0.1",
  "1::2::3",
  "g::",
  "::1/129",
  "10.0.0.1/-1",
  "10.0.0.0/08x",
])("%j is neither an address nor a range", (text) => {
  expect(parseRange(text)).toBeUndefined();
});
