import {
  BASE,
  collection,
  environment,
  get,
  item,
  table,
  testScripts,
  type Case,
  type Json,
} from "../case.ts";

const types = ["string", "boolean", "array", "object", "any", "secret", "json", "STRING", undefined];
const values = ["5", "text", "", "[1,2]", '{"a":1}', 5, 0, true, false, null, [1], { a: 1 }, undefined];

const variablesOf = (type: string | undefined): Json[] =>
  values.map((value, index) => ({
    key: `v${index}`,
    ...(value === undefined ? {} : { value }),
    ...(type === undefined ? {} : { type }),
    enabled: true,
  }));

const path = `/${values.map((_, index) => `{{v${index}}}`).join("/")}`;

const lookAt = (scope: string): string => `
console.log(JSON.stringify(${scope}.toObject()));
for (const key of Object.keys(${scope}.toObject()))
  console.log(key, typeof ${scope}.get(key), ${scope}.get(key), ${scope}.has(key), ${scope}.replaceIn("<{{" + key + "}}>"));
`;

const settings = [
  "'5', 'number'",
  "'x', 'number'",
  "5, 'string'",
  "'[1]', 'array'",
  "[1], 'array'",
  "{ a: 1 }, 'object'",
  "'x', 'boolean'",
  "null, 'string'",
  "5, 'unheard-of'",
  "undefined",
];

const setCookie = (cookie: string): string => `
const jar = pm.cookies.jar();
jar.set("${BASE}/", ${cookie}, (error, cookie) => {
  console.log(error && error.message, cookie && cookie.name, cookie && cookie.value, JSON.stringify(cookie), String(cookie));
  jar.get("${BASE}/", "c", (failure, value) => console.log(failure, value));
  jar.getAll("${BASE}/", (failure, all) => console.log(all.map(({ name, value, path }) => [name, value, path]), all.toObject()));
});
`;

const cookies = [
  ...["by script", "a%20b", "ü", "a;b", "a=b", '"q"', "a,b", "plain", "100%", "a+b"].map(
    (value) => `"c", ${JSON.stringify(value)}`,
  ),
  "{ name: 'c', value: 'a b' }",
  "{ key: 'c', value: 'v', path: '/', httpOnly: true, secure: false }",
  "{ name: 'c', value: 'v', expires: '2099-01-01T00:00:00Z' }",
  "{ name: 'c', value: 'v', domain: 'other.example' }",
  "'c=v; Path=/; HttpOnly'",
  "'c=a b'",
];

/** Odd values on their way through variables, cookies and bodies. */
export const valueCases: Case[] = [
  ...table("typed variables", Object.fromEntries(types.map((type) => [String(type), type])), (type) => ({
    collection: collection(
      [
        item("First", get(path), {
          pre: lookAt("pm.environment"),
          test: `pm.environment.set("v0", "7"); pm.environment.set("v1", { x: 1 }); ${lookAt("pm.environment")}`,
        }),
        item("Second", get("/second"), {
          pre: lookAt("pm.collectionVariables"),
          test: lookAt("pm.variables"),
        }),
      ],
      { variable: variablesOf(type) },
    ),
    environment: environment(variablesOf(type)),
  })),
  ...testScripts(
    "typed variables: set",
    Object.fromEntries(
      settings.map((setting) => [
        setting,
        `
          pm.environment.set("k", ${setting});
          console.log(typeof pm.environment.get("k"), pm.environment.get("k"), JSON.stringify(pm.environment.values));
          pm.environment.set("k", 9);
          console.log(typeof pm.environment.get("k"), pm.environment.get("k"));
          pm.environment.unset("k");
        `,
      ]),
    ),
  ),
  ...table(
    "cookies in scripts: set",
    Object.fromEntries(cookies.map((cookie) => [cookie, cookie])),
    (cookie) => ({
      collection: collection([
        item("Request", get("/a"), {
          pre: setCookie(cookie),
          test: "console.log(pm.cookies.toObject(), pm.cookies.get('c'), JSON.stringify(pm.cookies));",
        }),
        item("After", get("/next")),
      ]),
    }),
  ),
  {
    id: "variables: set to nothing",
    collection: collection([
      item("First", get("/1"), {
        test: `pm.environment.set("u"); pm.globals.set("n", null); pm.collectionVariables.set("f", NaN);
          console.log(pm.environment.get("u"), pm.globals.get("n"), pm.variables.replaceIn("<{{u}}{{n}}>"));`,
      }),
      item("Second", get("/{{u}}/{{n}}"), {
        test: `console.log(pm.environment.get("u"), pm.globals.get("n"), pm.variables.replaceIn("<{{u}}{{n}}>"));`,
      }),
    ]),
  },
  ...testScripts(
    "byte order mark",
    { text: "console.log(pm.response.text().length, responseBody.length, pm.response.json());" },
    "/bom",
  ),
  ...testScripts("words of errors", {
    "a number is called": "(5)();",
    "prototype of null": "Object.setPrototypeOf(null, {});",
    "keys of a number": "Reflect.ownKeys(1);",
  }),
  ...testScripts(
    "charset",
    { latin1: "console.log(pm.response.text(), responseBody.length, pm.response.contentInfo().charset);" },
    "/latin1",
  ),
  ...["utf-16le", "windows-1252", "shift_jis", "unheard-of"].map((charset): Case => ({
    id: `charset: ${charset}`,
    collection: collection([
      item("Request", get(`/bytes-as/${charset}`), {
        test: "console.log(JSON.stringify(pm.response.text()));",
      }),
    ]),
  })),
];
