import { describe, expect, test } from "bun:test";

import { array, assert, constantFrom, nat, property, record, tuple, type Arbitrary } from "fast-check";

import { plugins, singles, subjects, tails, words } from "./expressions.ts";
import { makeImplementation, ownSource, publishedSource, type Step } from "./implementations.ts";

/** chai as published is the oracle: all of this gives the same on the core that scripts get. */
const [own, published] = await Promise.all([ownSource(), publishedSource()]);

const prelude =
  "class Shop { constructor() { this.price = 1 } sell() {} static open() {} } globalThis.Shop = Shop;";

describe("every assertion, on every kind of value, plain and negated", () => {
  const [ours, theirs] = [makeImplementation(own, prelude), makeImplementation(published, prelude)];

  test.each(tails)("%s", (tail) => {
    for (const subject of subjects) {
      for (const start of ["to", "to.not", "an", "to.include", "deep", "have.lengthOf", "not.nested"]) {
        const code = `expect(${subject}, "why").${start}.${tail}`;

        expect(`${code}\n${ours.observe(code)}`).toBe(`${code}\n${theirs.observe(code)}`);
      }
    }
  });
});

test.each(singles)("%s", (code) => {
  const [ours, theirs] = [makeImplementation(own, prelude), makeImplementation(published, prelude)];

  expect(ours.observe(code)).toBe(theirs.observe(code));
  // Once more, for what the code changed.
  expect(ours.observe(code)).toBe(theirs.observe(code));
});

test.each(plugins)("with plugin %#", (plugin, ...codes) => {
  const [ours, theirs] = [own, published].map((source) =>
    makeImplementation(source, `${prelude}\n${plugin}`),
  );

  for (const code of codes)
    expect(`${code}\n${ours?.observe(code)}`).toBe(`${code}\n${theirs?.observe(code)}`);
});

test("assertions that are kept and used again know as much as ever", () => {
  const [ours, theirs] = [makeImplementation(own, prelude), makeImplementation(published, prelude)];
  const value = constantFrom(
    "1",
    "0",
    '"a"',
    '"price"',
    "2",
    "[1]",
    "{ price: 1 }",
    '"number"',
    "undefined",
    "/a/",
  );
  const step: Arbitrary<Step> = record(
    { on: nat({ max: 12 }), word: constantFrom(...words), values: array(value, { maxLength: 3 }) },
    { requiredKeys: ["on", "word"] },
  );
  const chain = tuple(constantFrom(...subjects), array(step, { minLength: 1, maxLength: 12 }));

  assert(
    property(chain, (drawn) => {
      expect(ours.runChain(drawn)).toBe(theirs.runChain(drawn));
    }),
    { numRuns: 3000 },
  );
});

test("nothing of the published core is left in what scripts get", () => {
  // Names of functions inside the files that are replaced.
  const marks = ["proxyGetter", "isProxyEnabled() && !flag(this", "canSetPrototype", "chainableBehavior"];

  expect(marks.filter((mark) => published.includes(mark))).toEqual(marks);
  // chai's `utils.proxify` stays for plugins.
  expect(marks.filter((mark) => own.includes(mark))).toEqual(["proxyGetter"]);
});

test("an error in a message is shown as in Postman's engine, without what this one adds to it", () => {
  const { observe } = makeImplementation(own);

  expect(observe("expect(new TypeError('late')).to.equal(1)")).toContain(
    "expected TypeError: late to equal 1",
  );
});
