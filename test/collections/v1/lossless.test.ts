import { describe, expect, setDefaultTimeout, test } from "bun:test";

import * as fc from "fast-check";

import type { Element } from "../../../src/collections/elements.ts";
import { applyFolder, folderSchema, folderToV1 } from "../../../src/collections/v1/folder.ts";
import { applyRequest, requestSchema, requestToV1 } from "../../../src/collections/v1/request.ts";
import { applyResponse, responseSchema, responseToV1 } from "../../../src/collections/v1/response.ts";

setDefaultTimeout(120_000);

const json = () => fc.jsonValue({ maxDepth: 2 });
/** Fields as they should be, as they may be, and missing. */
const field = <T>(good: fc.Arbitrary<T>) =>
  fc.option(fc.oneof({ arbitrary: good, weight: 8 }, { arbitrary: json(), weight: 1 }), { nil: undefined });
const record = (shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Element> =>
  fc
    .tuple(fc.record(shape), fc.dictionary(fc.constantFrom("x-a", "x-b"), json()))
    .map(([known, extra]) => JSON.parse(JSON.stringify({ ...known, ...extra })));

const word = () => fc.constantFrom("a", "b c", "{{v}}", ":id", "", "?", "#", "&=", "é");
const description = () => fc.oneof(word(), record({ content: word(), type: word() }));
const param = record({
  key: field(word()),
  value: field(word()),
  disabled: field(fc.boolean()),
  description: field(description()),
  type: field(fc.constantFrom("text", "file")),
  src: field(word()),
});
const url = fc.oneof(
  word().map((path) => `https://h/${path}`),
  record({
    raw: field(word()),
    protocol: field(word()),
    host: field(fc.array(word())),
    path: field(fc.array(word())),
    query: field(fc.array(param)),
    variable: field(fc.array(param)),
  }),
);
const body = record({
  mode: field(fc.constantFrom("raw", "urlencoded", "formdata", "file", "graphql", "other")),
  raw: field(word()),
  urlencoded: field(fc.array(param)),
  formdata: field(fc.array(param)),
  file: field(record({ src: word() })),
  graphql: field(record({ query: word() })),
  options: field(record({})),
});
const request = record({
  method: field(word()),
  url: field(url),
  header: field(fc.oneof(fc.array(param), fc.constant("A: b\n// C: d"))),
  body: field(body),
  auth: field(record({ type: word() })),
  description: field(description()),
});
const item = record({
  name: field(word()),
  request: field(fc.oneof(request, word())),
  event: field(fc.array(record({ listen: word() }))),
  protocolProfileBehavior: field(record({})),
});
const response = record({
  name: field(word()),
  originalRequest: field(request),
  code: field(fc.integer()),
  status: field(word()),
  header: field(fc.array(param)),
  responseTime: field(fc.integer()),
  body: field(word()),
  cookie: field(fc.array(json())),
});
const folder = record({
  name: field(word()),
  description: field(description()),
  auth: field(record({ type: word() })),
  variable: field(fc.array(param)),
});

const kinds = [
  ["request", item, requestToV1, applySent(requestSchema, applyRequest)],
  ["response", response, responseToV1, applySent(responseSchema, applyResponse)],
  ["folder", folder, folderToV1, applySent(folderSchema, applyFolder)],
] as const;

/** Only what the API would take; the rest is 400 and changes nothing. */
function applySent<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  apply: (element: Element, fields: T) => void,
) {
  return (element: Element, sent: unknown): boolean => {
    const parsed = schema.safeParse(sent);
    if (parsed.success) apply(element, parsed.data);
    return parsed.success;
  };
}

describe("whatever stands in a document", () => {
  test.each(kinds)("a %s can be read and written back without a change", (_, arbitrary, toV1, apply) => {
    let written = 0;
    fc.assert(
      fc.property(arbitrary, (made) => {
        const before = JSON.stringify(made);
        const element = structuredClone(made);
        const read: unknown = JSON.parse(JSON.stringify(toV1(element)));
        if (apply(element, read)) written++;
        expect(JSON.stringify(element)).toBe(before);
      }),
      { numRuns: 300 },
    );
    expect(written).toBeGreaterThan(100);
  });
});
