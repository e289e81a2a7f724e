import { expect, test } from "bun:test";

import {
  createResolver,
  ExpansionError,
  resolveDeep,
  toScriptVariables,
  type Scopes,
} from "../../src/engine/variables.ts";

const list = (values: Record<string, unknown>) =>
  toScriptVariables(Object.entries(values).map(([key, value]) => ({ key, value })));

const scopes = (given: Partial<Record<keyof Scopes, Record<string, unknown>>> = {}): Scopes => ({
  local: list(given.local ?? {}),
  data: given.data ?? {},
  environment: list(given.environment ?? {}),
  collection: list(given.collection ?? {}),
  globals: list(given.globals ?? {}),
});

const order = ["local", "data", "environment", "collection", "globals"] as const;

test.each(order.map((name, index) => [name, order.slice(index)] as const))(
  "%s wins over everything behind it",
  (winner, present) => {
    const resolve = createResolver(scopes(Object.fromEntries(present.map((name) => [name, { x: name }]))));

    expect(resolve("{{x}}")).toBe(winner);
  },
);

test("a disabled variable is as good as absent", () => {
  const resolve = createResolver({
    ...scopes({ globals: { x: "from globals" } }),
    environment: toScriptVariables([
      { key: "x", value: "off", enabled: false },
      { key: "y", value: "off", disabled: true },
    ]),
  });

  expect(resolve("{{x}} {{y}}")).toBe("from globals {{y}}");
});

test("of several variables with one name the last enabled one counts", () => {
  const environment = toScriptVariables([
    { key: "x", value: "first" },
    { key: "x", value: "second" },
    { key: "x", value: "third", enabled: false },
  ]);

  expect(createResolver({ ...scopes(), environment })("{{x}}")).toBe("second");
});

test("values that name variables are resolved as well, also in names", () => {
  const resolve = createResolver(scopes({ environment: { a: "{{b}}", b: "end", name: "a" } }));

  expect(resolve("{{a}} {{{{name}}}}")).toBe("end end");
});

test("an unknown name stays as it is", () => {
  expect(createResolver(scopes())("{{nope}} {{ }} {{}} {single}")).toBe("{{nope}} {{ }} {{}} {single}");
});

test.each([
  [1, "1"],
  [0, "0"],
  [false, "false"],
  ["", ""],
  [null, "null"],
  [["a", 1], "a,1"],
  [{ a: 1 }, "[object Object]"],
])("the value %j is written as Postman writes it", (value, text) => {
  expect(createResolver(scopes({ environment: { x: value } }))("{{x}}")).toBe(text);
});

test("null in a data row leaves the name standing", () => {
  expect(createResolver(scopes({ data: { x: null } }))("{{x}}")).toBe("{{x}}");
});

test("names of object members are not variables", () => {
  expect(createResolver(scopes())("{{constructor}} {{__proto__}} {{$toString}}")).toBe(
    "{{constructor}} {{__proto__}} {{$toString}}",
  );
});

test("a variable that names itself stops by itself", () => {
  expect(createResolver(scopes({ environment: { a: "x{{a}}" } }))("{{a}}")).toBe(`${"x".repeat(19)}{{a}}`);
});

test("variables that multiply are stopped before they fill the memory", () => {
  const resolve = createResolver(scopes({ environment: { a: "{{a}}".repeat(20) } }));

  expect(() => resolve("{{a}}")).toThrow(ExpansionError);
});

test("one round alone cannot fill the memory", () => {
  const resolve = createResolver(scopes({ environment: { a: "x".repeat(1024 * 1024) } }));

  expect(() => resolve("{{a}}".repeat(100_000))).toThrow("16 MB");
});

test.each([
  ["$guid", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ["$timestamp", /^\d{10}$/],
  ["$isoTimestamp", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/],
  ["$randomInt", /^(?:\d{1,3}|1000)$/],
  ["$randomUUID", /^[0-9a-f-]{36}$/],
  ["$randomFirstName", /^\p{L}+$/u],
  ["$randomEmail", /@/],
  ["$randomBoolean", /^(?:true|false)$/],
])("{{%s}} is made afresh", (name, pattern) => {
  expect(createResolver(scopes())(`{{${name}}}`)).toMatch(pattern);
});

test("each mention of a dynamic variable has its own value", () => {
  const [first, second] = createResolver(scopes())("{{$guid}} {{$guid}}").split(" ");

  expect(first).not.toBe(second);
});

test("a variable of the user hides a dynamic one", () => {
  expect(createResolver(scopes({ environment: { $guid: "mine" } }))("{{$guid}}")).toBe("mine");
});

test("a deep value is resolved to a fixed depth, whatever its own", () => {
  let deep: unknown = "{{x}}";
  for (let level = 0; level < 100_000; level++) deep = [deep];

  expect(() => resolveDeep(deep, (text) => text)).not.toThrow();
});
