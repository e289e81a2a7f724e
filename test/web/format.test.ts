import { expect, test } from "bun:test";

import { formatBytes, formatDuration, formatPercent, formatRelative, withQuery } from "../../web/format.ts";
import { ago, now } from "./samples.ts";

test.each([
  [0.83, "0.8 ms"],
  [412.4, "412 ms"],
  [3_204, "3.20 s"],
  [42_000, "42.0 s"],
  [125_000, "2 min 5 s"],
  [null, "–"],
])("%p ms reads %p", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test.each([
  [512, "512 B"],
  [4_100, "4.1 kB"],
  [12_000_000, "12 MB"],
])("%p bytes read %p", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [1, "100 %"],
  [0.99999, "99.99 %"],
  [0.5, "50.0 %"],
  [0, "0.0 %"],
  [null, "–"],
])("a share of %p reads %p: what is not whole never reads as 100", (share, text) => {
  expect(formatPercent(share)).toBe(text);
});

test.each([
  [ago(0), "now"],
  [ago(3), "3 min ago"],
  [ago(-0.5), "in 30 s"],
  [ago(60 * 50), "2 days ago"],
])("%p reads %p at noon", (at, text) => {
  expect(formatRelative(at, now)).toBe(text);
});

test("empty parameters leave no trace in an address", () => {
  expect(withQuery("/", { search: "a b", state: undefined, only: "" })).toBe("/?search=a+b");
});
