import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import type { ScriptScopes, ScriptSession } from "../../../src/engine/sandbox/protocol.ts";
import { runnerOf, scriptRequest, testHost } from "./support.ts";

const host = testHost();
let session: ScriptSession;
beforeAll(async () => {
  session = await host.open();
});
afterAll(() => host.close());
const { run, evaluate } = runnerOf(() => session);

const scopes = (fields: Partial<ScriptScopes>): { scopes: ScriptScopes } => ({
  scopes: { local: [], environment: [], collection: [], globals: [], ...fields },
});
const variable = (key: string, value: unknown, type?: string) => ({
  key,
  value,
  enabled: true,
  ...(type === undefined ? {} : { type }),
});

describe("a scope", () => {
  test.each([
    ["pm.environment", "environment"],
    ["pm.globals", "globals"],
    ["pm.collectionVariables", "collection"],
    ["pm.variables", "local"],
  ] as const)("%s is read, written and given back whole", async (api, name) => {
    const before = scopes({ [name]: [variable("a", "1"), variable("gone", "x")] });

    const result = await run(
      scriptRequest(
        `console.log(${api}.get("a"), ${api}.has("nope"));
        ${api}.set("b", { deep: [1] }); ${api}.set("a", 2); ${api}.unset("gone")`,
        before,
      ),
    );

    expect(result.console[0]?.messages).toEqual(["1", "false"]);
    expect(Object.keys(result.scopes)).toEqual([name]);
    expect(result.scopes[name]).toMatchObject([
      { key: "a", value: 2 },
      { key: "b", value: { deep: [1] } },
    ]);
  });

  test("that nobody changed is not given back", async () => {
    const before = scopes({ environment: [variable("a", "1")] });

    expect((await run(scriptRequest("pm.environment.get('a')", before))).scopes).toEqual({});
  });

  test("clear empties it, toObject shows what is disabled, too", async () => {
    const before = scopes({
      environment: [variable("a", "1"), { key: "off", value: "2", enabled: false }],
    });

    expect(await evaluate("pm.environment.toObject()", before)).toEqual({ a: "1", off: "2" });
    expect(await evaluate("pm.environment.toObject(true)", before)).toEqual({ a: "1" });
    expect((await run(scriptRequest("pm.environment.clear()", before))).scopes.environment).toEqual([]);
  });

  test("values come in their declared type, and a secret stays one", async () => {
    const before = scopes({
      environment: [variable("n", "5", "number"), variable("b", 0, "boolean"), variable("s", "x", "secret")],
    });

    expect(await evaluate("[pm.environment.get('n'), pm.environment.get('b')]", before)).toEqual([5, false]);
    const { scopes: after } = await run(scriptRequest("pm.environment.set('s', 'y')", before));
    expect(after.environment?.[2]).toMatchObject({ value: "y", type: "secret" });
  });
});

test("an undefined value is stored as nothing, and the script goes on", async () => {
  const { scopes: after, error } = await run(
    "pm.environment.set('u', undefined); pm.environment.set('n', null)",
  );

  expect(error).toBeUndefined();
  expect(after.environment).toMatchObject([
    { key: "u", value: null },
    { key: "n", value: null },
  ]);
});

describe("pm.variables", () => {
  const all = {
    ...scopes({
      local: [variable("x", "local")],
      environment: [variable("x", "environment"), variable("y", "environment")],
      collection: [variable("y", "collection"), variable("z", "collection")],
      globals: [variable("z", "globals"), variable("w", "globals")],
    }),
    data: { y: "data" },
  };

  test("reads the nearest scope", async () => {
    const expression = "['x', 'y', 'z', 'w', 'v'].map((name) => pm.variables.get(name) ?? null)";

    expect(await evaluate(expression, all)).toEqual(["local", "data", "collection", "globals", null]);
  });

  test("replaces in texts and objects, again and again, and leaves what is unknown", async () => {
    const nested = { ...scopes({ globals: [variable("a", "{{b}}"), variable("b", "!")] }) };

    expect(await evaluate("pm.variables.replaceIn({ t: ['{{a}}-{{nope}}'] })", nested)).toEqual({
      t: ["!-{{nope}}"],
    });
    expect(await evaluate("pm.variables.replaceIn('{{$guid}}')")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await evaluate("pm.variables.replaceIn('{{$randomFirstName}}')")).toMatch(/^[A-Z]/);
  });

  test("that multiply are stopped", async () => {
    const bomb = scopes({
      globals: "abcdefgh"
        .split("")
        .map((key, index) =>
          variable(key, index === 0 ? "x".repeat(1000) : `{{${"abcdefgh"[index - 1]}}}`.repeat(10)),
        ),
    });

    const { error } = await run(scriptRequest("pm.variables.replaceIn('{{h}}')", bomb));

    expect(error?.message).toContain("expand to more than");
  });

  test("a data row is read by pm.iterationData, too", async () => {
    expect(await evaluate("[pm.iterationData.get('y'), data.y]", all)).toEqual(["data", "data"]);
  });
});
