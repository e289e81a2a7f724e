import { describe, expect, test } from "bun:test";

import { z } from "zod";

import { AppError } from "../../src/lib/errors.ts";
import { isNestedDeeperThan, isRecord, parseJson, parseOrThrow } from "../../src/lib/parse.ts";

const refusal = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, ...error.body };
    throw error;
  }
  return undefined;
};

describe("parseOrThrow", () => {
  const schema = z.object({ list: z.array(z.object({ name: z.string() })) });

  test("gives back what fits", () => {
    expect(parseOrThrow(schema, { list: [{ name: "a" }] })).toEqual({ list: [{ name: "a" }] });
  });

  test("names every field that does not, below the given root", () => {
    const refused = refusal(() => parseOrThrow(schema, { list: [{ name: 1 }, {}] }, "body"));

    expect(refused).toMatchObject({
      code: "bad_request",
      name: "malformedRequestError",
      details: [
        expect.stringMatching(/^body\.list\.0\.name: invalid/),
        expect.stringMatching(/^body\.list\.1\.name: invalid/),
      ],
    });
  });

  test("a thousand problems are told as twenty", () => {
    const refused = refusal(() => parseOrThrow(schema, { list: Array.from({ length: 1000 }, () => ({})) }));

    expect(refused?.details).toHaveLength(20);
  });
});

describe("parseJson", () => {
  test.each(["", "{", "nope", "{'a':1}", "\u0000"])("%j is refused in one sentence", (text) => {
    expect(refusal(() => parseJson(text))?.message).toMatch(/^The request body is not valid JSON \(.+\)\.$/);
  });

  test.each([1_000, 200_000])("%i levels are refused without running out of stack", (depth) => {
    const text = "[".repeat(depth) + "]".repeat(depth);

    expect(refusal(() => parseJson(text))?.code).toBe("bad_request");
  });

  test("two hundred levels pass", () => {
    expect(parseJson("[".repeat(200) + "]".repeat(200))).toBeArray();
  });
});

test.each([
  ['[{"a":[]},{"b":[]},[[]]]', 3, false],
  ['[{"a":[]},{"b":[]},[[]]]', 2, true],
  ['["[[[[", "\\"[[[[", "\\\\", {}]', 2, false],
  ['"[[["', 0, false],
])("%s nests deeper than %i: %p", (text, limit, expected) => {
  expect(isNestedDeeperThan(text, limit)).toBe(expected);
});

test.each([
  [{}, true],
  [[], false],
  [null, false],
  ["text", false],
])("%j is a record: %p", (value, expected) => {
  expect(isRecord(value)).toBe(expected);
});
