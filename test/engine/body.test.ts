import { expect, test } from "bun:test";

import { BodyError } from "../../src/engine/body-error.ts";
import { encodeBody } from "../../src/engine/body.ts";
import { FileError, type FileSource } from "../../src/engine/files.ts";

const resolve = (text: string) => text.replaceAll("{{x}}", "X");
/** Two files and nothing else. */
const files: FileSource = {
  read: async (path) => {
    if (path === "dir/up.txt") return Buffer.from("file text");
    if (path === "pic.png") return new Uint8Array([0x89, 0x50, 0, 0xff]);
    throw new FileError(`"${path}", no such file`);
  },
};

async function encode(
  body: unknown,
  method = "POST",
  more: { keepBody?: boolean; contentType?: string } = {},
) {
  const { keepBody = false, contentType } = more;
  const encoded = await encodeBody(body, { resolve, method, keepBody, contentType, files });
  return encoded && { text: Buffer.from(encoded.bytes).toString("latin1"), contentType: encoded.contentType };
}

const encodeForm = (...formdata: object[]) => encode({ mode: "formdata", formdata });

test.each([
  [undefined, "text/plain"],
  ["text", "text/plain"],
  ["json", "application/json"],
  ["xml", "application/xml"],
  ["html", "text/html"],
  ["javascript", "application/javascript"],
])("raw in the language %s is %s", async (language, contentType) => {
  const body = { mode: "raw", raw: "a {{x}}", ...(language ? { options: { raw: { language } } } : {}) };

  expect(await encode(body)).toEqual({ text: "a X", contentType });
});

test("an urlencoded body is escaped, skips disabled fields and gathers equal names", async () => {
  const urlencoded = [
    { key: "a b", value: "1 2&=+ü" },
    { key: "off", value: "1", disabled: true },
    { key: "n", value: "{{x}}" },
    { key: "m", value: "(it's!*)" },
    { key: "n", value: "2" },
    { key: "empty" },
  ];

  expect(await encode({ mode: "urlencoded", urlencoded })).toEqual({
    text: "a%20b=1%202%26%3D%2B%C3%BC&n=X&n=2&m=%28it%27s%21%2A%29&empty=",
    contentType: "application/x-www-form-urlencoded",
  });
});

test("a form is multipart with one part per enabled text field", async () => {
  const formdata = [
    { key: "text", value: "a {{x}}", type: "text" },
    { key: "typed", value: "{}", contentType: "application/json" },
    { key: "off", value: "1", disabled: true },
    { key: 'quo"te', value: 'line\r\nContent-Disposition: form-data; name="evil"' },
  ];

  const encoded = await encode({ mode: "formdata", formdata });

  const form = await new Response(encoded?.text ?? "", {
    headers: { "content-type": encoded?.contentType ?? "" },
  }).formData();
  expect([...form.keys()]).toEqual(["text", "typed", "quo%22te"]);
  expect(form.get("text")).toBe("a X");
  expect(encoded?.text).toContain("Content-Type: application/json\r\n\r\n{}");
});

const partOf = (text = "", name: string): string => {
  const [, part = ""] = text.split(`name="${name}"`);
  return part.slice(0, part.indexOf("\r\n--"));
};

test("files of a form have their name and the type of their extension", async () => {
  const form = await encodeForm(
    { key: "one", type: "file", src: "dir/up.txt" },
    { key: "typed", type: "file", src: "{{x}}", contentType: "text/x-own", disabled: true },
    { key: "own", type: "file", src: "dir/up.txt", fileName: "other.html", contentType: "text/{{x}}" },
    { key: "unknown", type: "file", value: "aGVsbG8=" },
    { key: "text", type: "text", value: "v", fileName: "t.xml" },
  );

  expect(partOf(form?.text, "one")).toBe('; filename="up.txt"\r\nContent-Type: text/plain\r\n\r\nfile text');
  expect(partOf(form?.text, "own")).toBe('; filename="other.html"\r\nContent-Type: text/X\r\n\r\nfile text');
  expect(partOf(form?.text, "unknown")).toBe("\r\nContent-Type: application/octet-stream\r\n\r\nhello");
  expect(partOf(form?.text, "text")).toBe('; filename="t.xml"\r\nContent-Type: application/xml\r\n\r\nv');
});

test("a field with several files becomes one part for each; bytes stay as they are", async () => {
  const form = await encodeForm({ key: "f", type: "file", src: ["dir/up.txt", "pic.png"] });

  expect(form?.text.match(/filename="[^"]*"/g)).toEqual(['filename="up.txt"', 'filename="pic.png"']);
  expect(form?.text).toContain("Content-Type: image/png\r\n\r\n\x89P\0\xff\r\n--");
});

test.each([[undefined], [null], [[]]])(
  "a file field without a file (%j) is an empty part, as in Postman",
  async (src) => {
    const form = await encodeForm({ key: "f", type: "file", src });

    expect(partOf(form?.text, "f")).toBe('; filename=""\r\n\r\n');
  },
);

test("a file name beyond Latin-1 is given twice, and cannot break out of its line", async () => {
  const form = await encodeForm({ key: "f", type: "file", value: "eA==", fileName: 'a"\r\nb 日.csv' });

  expect(form?.text).toContain('filename="a%22%0D%0Ab ');
  expect(form?.text).toContain("filename*=UTF-8''a%22%0D%0Ab%20%E6%97%A5.csv");
});

test("a boundary that the user chose is used", async () => {
  const contentType = "multipart/form-data; boundary=mine";

  const form = await encode({ mode: "formdata", formdata: [{ key: "a", value: "1" }] }, "POST", {
    contentType,
  });

  expect(form?.contentType).toBe(contentType);
  expect(form?.text).toBe('--mine\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--mine--\r\n');
});

test("a file that cannot be read is an error in Postman's words", async () => {
  await expect(encodeForm({ key: "up", type: "file", src: "/etc/passwd" })).rejects.toThrow(
    new BodyError('Form param `up`, file load error: "/etc/passwd", no such file'),
  );
  await expect(encode({ mode: "file", file: { src: "/etc/passwd" } })).rejects.toThrow(
    new BodyError('Binary file load error: "/etc/passwd", no such file'),
  );
});

test.each([
  [{ src: "dir/up.txt" }, "file text", "text/plain"],
  ["dir/up.txt", "file text", "text/plain"],
  [{ content: "aGVsbG8=" }, "hello", ""],
])("the body of %j is the file", async (file, text, contentType) => {
  expect(await encode({ mode: "file", file })).toEqual({ text, contentType });
});

test.each([
  ['{"a": 1, // one\n/* two */ "b":"http://x//y /* */ \\"//"}', '{"a": 1, \n "b":"http://x//y /* */ \\"//"}'],
  ["[1] // to the end", "[1] "],
  ["[1] /* not closed", "[1] "],
  ["no comment", "no comment"],
])("JSON loses its comments and nothing else: %j", async (raw, text) => {
  const json = { mode: "raw", raw, options: { raw: { language: "json" } } };

  expect((await encode(json))?.text).toBe(text);
  expect((await encode({ mode: "raw", raw }))?.text).toBe(raw);
  expect((await encode({ mode: "raw", raw }, "POST", { contentType: "application/ld+json" }))?.text).toBe(
    text,
  );
});

test.each([
  [{ query: "{ a }", variables: "" }, '{"query":"{ a }"}'],
  [{ query: "{ {{x}} }", variables: '{"v": 1}' }, '{"query":"{ X }","variables":{"v": 1}}'],
  [
    { query: "{ a }", operationName: "op", variables: { v: "{{x}}" } },
    '{"query":"{ a }","operationName":"op","variables":{"v":"X"}}',
  ],
])("graphql %j is sent as JSON", async (graphql, text) => {
  expect(await encode({ mode: "graphql", graphql })).toEqual({ text, contentType: "application/json" });
});

test.each<[string, unknown]>([
  ["no body", undefined],
  ["disabled", { mode: "raw", raw: "x", disabled: true }],
  ["empty raw", { mode: "raw", raw: "" }],
  ["no fields", { mode: "urlencoded", urlencoded: [] }],
  ["only disabled fields", { mode: "formdata", formdata: [{ key: "a", value: "1", disabled: true }] }],
  ["empty file", { mode: "file", file: {} }],
  ["unknown mode", { mode: "future", future: 1 }],
])("nothing is sent for: %s", async (_name, body) => {
  expect(await encode(body)).toBeUndefined();
});

test.each(["GET", "HEAD", "get", "COPY", "PURGE", "UNLOCK"])(
  "%s sends a body only when told to",
  async (method) => {
    const body = { mode: "raw", raw: "x" };

    expect(await encode(body, method)).toBeUndefined();
    expect((await encode(body, method, { keepBody: true }))?.text).toBe("x");
  },
);

test.each(["POST", "DELETE", "PROPFIND", "OPTIONS"])("%s sends its body", async (method) => {
  expect((await encode({ mode: "raw", raw: "x" }, method))?.text).toBe("x");
});
