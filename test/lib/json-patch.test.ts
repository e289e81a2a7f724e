import { expect, test } from "bun:test";

import { AppError } from "../../src/lib/errors.ts";
import { applyPatch, type PatchOperation } from "../../src/lib/json-patch.ts";

/** The examples of RFC 6902, appendix A, that succeed. */
const succeeding: [string, unknown, PatchOperation[], unknown][] = [
  [
    "A.1 add a member",
    { foo: "bar" },
    [{ op: "add", path: "/baz", value: "qux" }],
    { baz: "qux", foo: "bar" },
  ],
  [
    "A.2 add an element",
    { foo: ["bar", "baz"] },
    [{ op: "add", path: "/foo/1", value: "qux" }],
    { foo: ["bar", "qux", "baz"] },
  ],
  ["A.3 remove a member", { baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
  [
    "A.4 remove an element",
    { foo: ["a", "b", "c"] },
    [{ op: "remove", path: "/foo/1" }],
    { foo: ["a", "c"] },
  ],
  [
    "A.5 replace a value",
    { baz: "qux", foo: "bar" },
    [{ op: "replace", path: "/baz", value: "boo" }],
    { baz: "boo", foo: "bar" },
  ],
  [
    "A.6 move a value",
    { foo: { bar: "baz", waldo: "fred" }, qux: { corge: "grault" } },
    [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
    { foo: { bar: "baz" }, qux: { corge: "grault", thud: "fred" } },
  ],
  [
    "A.7 move an element",
    { foo: ["all", "grass", "cows", "eat"] },
    [{ op: "move", from: "/foo/1", path: "/foo/3" }],
    { foo: ["all", "cows", "eat", "grass"] },
  ],
  [
    "A.8 test a value",
    { baz: "qux", foo: ["a", 2, "c"] },
    [
      { op: "test", path: "/baz", value: "qux" },
      { op: "test", path: "/foo/1", value: 2 },
    ],
    { baz: "qux", foo: ["a", 2, "c"] },
  ],
  [
    "A.10 add a nested member",
    { foo: "bar" },
    [{ op: "add", path: "/child", value: { grandchild: {} } }],
    { foo: "bar", child: { grandchild: {} } },
  ],
  ["A.14 ~ escapes", { "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
  [
    "A.16 add an array",
    { foo: ["bar"] },
    [{ op: "add", path: "/foo/-", value: ["abc"] }],
    { foo: ["bar", ["abc"]] },
  ],
  ["the whole document", { foo: 1 }, [{ op: "replace", path: "", value: [1] }], [1]],
  ["null is a value", { foo: 1 }, [{ op: "add", path: "/foo", value: null }], { foo: null }],
  ["copy", { a: { b: [1] } }, [{ op: "copy", from: "/a/b", path: "/c" }], { a: { b: [1] }, c: [1] }],
];

test.each(succeeding)("%s", (_name, document, operations, expected) => {
  const before = structuredClone(document);

  expect(applyPatch(document, operations)).toEqual(expected);
  expect(document).toEqual(before);
});

const failing: [string, unknown, PatchOperation, string][] = [
  ["A.9 a test that fails", { baz: "qux" }, { op: "test", path: "/baz", value: "bar" }, "conflict"],
  [
    "A.12 add below what is not there",
    { foo: "bar" },
    { op: "add", path: "/baz/bat", value: 1 },
    "path that does not exist",
  ],
  [
    "A.15 numbers are no strings",
    { "/": 9, "~1": 10 },
    { op: "test", path: "/~01", value: "10" },
    "conflict",
  ],
  ["remove what is not there", { foo: 1 }, { op: "remove", path: "/bar" }, "path that does not exist"],
  [
    "replace what is not there",
    { foo: 1 },
    { op: "replace", path: "/bar", value: 1 },
    "path that does not exist",
  ],
  ["behind the end of a list", [1], { op: "add", path: "/2", value: 1 }, "path that does not exist"],
  ["remove the place behind the end", [1], { op: "remove", path: "/-" }, "Invalid path"],
  ["leading zeros", [1, 2], { op: "remove", path: "/01" }, "Invalid path"],
  ["no leading slash", { foo: 1 }, { op: "remove", path: "foo" }, "Invalid path"],
  ["a broken escape", { foo: 1 }, { op: "remove", path: "/f~2" }, "Invalid path"],
  ["move into itself", { a: { b: {} } }, { op: "move", from: "/a", path: "/a/b" }, "Invalid path"],
  ["add without a value", {}, { op: "add", path: "/a" }, "empty value"],
  ["replace without a value", { a: 1 }, { op: "replace", path: "/a" }, "empty value"],
  ["copy without a source", { a: 1 }, { op: "copy", path: "/b" }, "Invalid path"],
  [
    "what is inherited is not there",
    {},
    { op: "add", path: "/__proto__/x", value: 1 },
    "path that does not exist",
  ],
];

test.each(failing)("is refused: %s", (_name, document, operation, expected) => {
  let thrown: unknown;
  try {
    applyPatch(document, [operation]);
  } catch (error) {
    thrown = error;
  }

  expect(thrown).toBeInstanceOf(AppError);
  const { code, message } = thrown as AppError;
  expect(`${code}: ${message}`).toContain(expected);
});

test("`__proto__` is a key like any other", () => {
  const patched = applyPatch({}, [{ op: "add", path: "/__proto__", value: { polluted: true } }]);

  expect(Object.hasOwn(patched as object, "__proto__")).toBeTrue();
  expect((patched as Record<string, unknown>)["polluted"]).toBeUndefined();
});
