import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseDataRows } from "../../../src/engine/formats/data-rows.ts";

const readOptions = createRequire(import.meta.url)("newman/lib/run/options.js");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "data-rows-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What newman makes of the same file. */
async function rowsInNewman(text: string): Promise<unknown> {
  const iterationData = join(folder, "rows");
  await writeFile(iterationData, text);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  readOptions(
    { collection: { item: [] }, iterationData },
    (error: Error | null, options: { iterationData: unknown }) =>
      error ? reject(error) : resolve(options.iterationData),
  );
  return promise;
}

describe("rows are those that newman reads:", () => {
  test.each([
    ["plain", "name,age\njane,31\njohn,32\n"],
    ["without a line end at the end", "a,b\n1,2"],
    ["Windows line ends", "a,b\r\n1,2\r\nx,y\r\n"],
    ["a byte order mark", "\uFEFFa,b\n1,2\n"],
    ["quotes around commas and line ends", 'a,b\n"x, y","one\ntwo"\n'],
    ["doubled quotes", 'a,b\n"say ""hi""",2\n'],
    ["quoted numbers stay text", 'a,b\n"1","2.5"\n'],
    ["numbers", "a,b,c,d,e\n1,-2,2.5,1e3,007\n"],
    ["what only looks like numbers", "a,b,c,d\n1.2.3,1-2,12ab,-\n"],
    ["white space around fields", "a , b\n  x ,  3  \n"],
    ["empty fields", "a,b,c\n,,\nx,,z\n"],
    ["short and long rows", "a,b,c\n1\n1,2,3,4\n"],
    ["a quote inside a field", 'a,b\n5" disk,x"y\n'],
    ["true and null are text", "a,b\ntrue,null\n"],
    ["other scripts", "naïve,日本\nä,語\n"],
    ["a JSON list", '[{"a":1,"b":{"c":[true,null]}},{"a":"x"}]'],
    ["a JSON list after a byte order mark", '\uFEFF[{"a":1}]'],
  ])("%s", async (_, text) => {
    expect(parseDataRows(text)).toEqual((await rowsInNewman(text)) as never);
  });
});

test("empty lines are no rows, not iterations without data", () => {
  expect(parseDataRows("a,b\n\n1,2\n  \n\n3,4\n\n")).toEqual([
    { a: 1, b: 2 },
    { a: 3, b: 4 },
  ]);
});

test("a number that would not stay what it is is text: a long id is sent as it stands", () => {
  expect(parseDataRows("id,big\n12345678901234567890,1e400\n")).toEqual([
    { id: "12345678901234567890", big: "1e400" },
  ]);
});

test.each([
  ["nothing", "", "has no rows"],
  ["a header only", "a,b\n", "has no rows"],
  ["an object", '{"a":1}', "is not a list of objects"],
  ["an empty list", "[]", "is not a list of objects"],
  ["a list of texts", '["a"]', "is not a list of objects"],
  ["broken JSON", '[{"a":1},', "begins like JSON"],
])("%s is refused", (_, text, why) => {
  expect(() => parseDataRows(text)).toThrow(why);
});

test("a million quotes are read at once", () => {
  const rows = parseDataRows(`a\n"${'""'.repeat(500_000)}"\n`);

  expect(rows).toEqual([{ a: '"'.repeat(500_000) }]);
});
