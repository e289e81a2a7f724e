import { collection, environment, get, item, pairs, post, type Case } from "../case.ts";

export const variableCases: Case[] = [
  {
    id: "variables: every scope has its rank",
    collection: collection(
      [
        item("Request", get("/{{g}}/{{c}}/{{e}}/{{d}}/{{l}}"), {
          pre: "pm.variables.set('l', 'local'); for (const n of ['g', 'c', 'e', 'd', 'l']) console.log(n, pm.variables.get(n));",
          test: "console.log(pm.variables.toObject());",
        }),
      ],
      { variable: pairs({ c: "collection", e: "collection", d: "collection", l: "collection" }) },
    ),
    globals: { values: pairs({ g: "globals", c: "globals", e: "globals", d: "globals", l: "globals" }) },
    environment: environment({ e: "environment", d: "environment", l: "environment" }),
    data: [{ d: "data", l: "data" }],
  },
  {
    id: "variables: disabled ones",
    collection: collection(
      [
        item("Request", get("/{{on}}/{{off}}"), {
          test: "console.log(pm.environment.get('off'), pm.environment.has('off'), pm.environment.toObject(), pm.variables.get('off'));",
        }),
      ],
      {
        variable: [
          { key: "off", value: "collection" },
          { key: "coff", value: "1", disabled: true },
        ],
      },
    ),
    environment: environment([
      { key: "on", value: "on", enabled: true },
      { key: "off", value: "off", enabled: false },
    ]),
  },
  {
    id: "variables: types",
    collection: collection(
      [
        item("Request", get("/{{n}}/{{b}}/{{o}}/{{s}}/{{nil}}"), {
          test: "for (const n of ['n', 'b', 'o', 's', 'nil', 'none']) console.log(n, typeof pm.collectionVariables.get(n), pm.collectionVariables.get(n), pm.variables.get(n));",
        }),
      ],
      {
        variable: [
          { key: "n", value: 5 },
          { key: "b", value: false },
          { key: "o", value: { a: 1 } },
          { key: "s", value: "5", type: "string" },
          { key: "nil", value: null },
          { key: "none" },
        ],
      },
    ),
  },
  {
    id: "variables: secret, default, boolean and number types",
    collection: collection([
      item("Request", get("/{{s}}/{{n}}/{{b}}"), {
        test: "console.log(pm.environment.toObject(), typeof pm.environment.get('n'), typeof pm.environment.get('b'));",
      }),
    ]),
    environment: environment([
      { key: "s", value: "secret", type: "secret", enabled: true },
      { key: "d", value: "default", type: "default", enabled: true },
      { key: "n", value: "5", type: "number", enabled: true },
      { key: "b", value: "true", type: "boolean", enabled: true },
    ]),
  },
  {
    id: "variables: circles and depth",
    collection: collection([
      item("Request", get("/{{a}}/{{d1}}/{{self}}"), {
        test: "console.log(pm.variables.replaceIn('{{a}}').length > 0, pm.variables.replaceIn('{{d1}}'));",
      }),
    ]),
    environment: environment({
      a: "{{b}}",
      b: "{{a}}",
      self: "{{self}}x",
      d1: "{{d2}}",
      d2: "{{d3}}",
      d3: "{{d4}}",
      d4: "deep",
    }),
  },
  {
    id: "variables: names put together",
    collection: collection([item("Request", get("/{{{{inner}}}}/{{pre{{inner}}}}"))]),
    environment: environment({ inner: "name", name: "value", prename: "joined" }),
  },
  {
    id: "variables: odd names",
    collection: collection([item("Request", get("/{{a b}}/{{a.b}}/{{a-b}}/{{ü}}/{{ spaced }}/{{a:b}}"))]),
    environment: environment({
      "a b": "1",
      "a.b": "2",
      "a-b": "3",
      ü: "4",
      " spaced ": "5",
      spaced: "6",
      "a:b": "7",
    }),
  },
  {
    id: "variables: the same key twice",
    collection: collection(
      [
        item("Request", get("/{{a}}/{{c}}"), {
          test: "console.log(pm.environment.get('a'), pm.environment.toObject()); pm.environment.set('a', '3'); pm.environment.unset('c');",
        }),
      ],
      {
        variable: [...pairs({ c: "1" }), ...pairs({ c: "2" })],
      },
    ),
    environment: environment([
      { key: "a", value: "1", enabled: true },
      { key: "a", value: "2", enabled: true },
    ]),
  },
  {
    id: "variables: in bodies, headers and auth",
    collection: collection([
      item(
        "Request",
        post("/x", {
          header: pairs({ "{{h}}": "{{v}}" }),
          body: {
            mode: "raw",
            raw: '{"v":"{{v}}","j":{{j}},"q":"{{quoted}}"}',
            options: { raw: { language: "json" } },
          },
          auth: { type: "apikey", apikey: pairs({ key: "{{h2}}", value: "{{v}}" }) },
        }),
      ),
    ]),
    environment: environment({ h: "X-H", h2: "X-H2", v: "value", j: '{"a":1}', quoted: 'a "b"' }),
  },
];
