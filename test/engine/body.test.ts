import { expect, test } from "bun:test";

import { BodyError, encodeBody } from "../../src/engine/body.ts";

const resolve = (text: string) => text.replaceAll("{{x}}", "X");
const encode = (body: unknown, method = "POST", keepBody = false) => {
  const encoded = encodeBody(body, resolve, { method, keepBody });
  return encoded && { text: Buffer.from(encoded.bytes).toString(), contentType: encoded.contentType };
};

test.each([
  [undefined, "text/plain"],
  ["text", "text/plain"],
  ["json", "application/json"],
  ["xml", "application/xml"],
  ["html", "text/html"],
  ["javascript", "application/javascript"],
])("raw in the language %s is %s", (language, contentType) => {
  const body = { mode: "raw", raw: "a {{x}}", ...(language ? { options: { raw: { language } } } : {}) };

  expect(encode(body)).toEqual({ text: "a X", contentType });
});

test("an urlencoded body is escaped, skips disabled fields and gathers equal names", () => {
  const urlencoded = [
    { key: "a b", value: "1 2&=+ü" },
    { key: "off", value: "1", disabled: true },
    { key: "n", value: "{{x}}" },
    { key: "m", value: "(it's!*)" },
    { key: "n", value: "2" },
    { key: "empty" },
  ];

  expect(encode({ mode: "urlencoded", urlencoded })).toEqual({
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

  const encoded = encode({ mode: "formdata", formdata });

  const form = await new Response(encoded?.text ?? "", {
    headers: { "content-type": encoded?.contentType ?? "" },
  }).formData();
  expect([...form.keys()]).toEqual(["text", "typed", "quo%22te"]);
  expect(form.get("text")).toBe("a X");
  expect(encoded?.text).toContain("Content-Type: application/json\r\n\r\n{}");
});

test("a file in a form or as a body is refused by name until files are supported", () => {
  expect(() =>
    encode({ mode: "formdata", formdata: [{ key: "up", type: "file", src: "/etc/passwd" }] }),
  ).toThrow(BodyError);
  expect(() => encode({ mode: "file", file: { src: "/etc/passwd" } })).toThrow(BodyError);
});

test.each([
  [{ query: "{ a }", variables: "" }, '{"query":"{ a }"}'],
  [{ query: "{ {{x}} }", variables: '{"v": 1}' }, '{"query":"{ X }","variables":{"v": 1}}'],
  [
    { query: "{ a }", operationName: "op", variables: { v: "{{x}}" } },
    '{"query":"{ a }","operationName":"op","variables":{"v":"X"}}',
  ],
])("graphql %j is sent as JSON", (graphql, text) => {
  expect(encode({ mode: "graphql", graphql })).toEqual({ text, contentType: "application/json" });
});

test.each<[string, unknown]>([
  ["no body", undefined],
  ["disabled", { mode: "raw", raw: "x", disabled: true }],
  ["empty raw", { mode: "raw", raw: "" }],
  ["no fields", { mode: "urlencoded", urlencoded: [] }],
  ["only disabled fields", { mode: "formdata", formdata: [{ key: "a", value: "1", disabled: true }] }],
  ["empty file", { mode: "file", file: {} }],
  ["unknown mode", { mode: "future", future: 1 }],
])("nothing is sent for: %s", (_name, body) => {
  expect(encode(body)).toBeUndefined();
});

test.each(["GET", "HEAD", "get", "COPY", "PURGE", "UNLOCK"])(
  "%s sends a body only when told to",
  (method) => {
    const body = { mode: "raw", raw: "x" };

    expect(encode(body, method)).toBeUndefined();
    expect(encode(body, method, true)?.text).toBe("x");
  },
);

test.each(["POST", "DELETE", "PROPFIND", "OPTIONS"])("%s sends its body", (method) => {
  expect(encode({ mode: "raw", raw: "x" }, method)?.text).toBe("x");
});
