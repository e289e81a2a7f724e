import { BASE, collection, environment, get, item, pairs, PORT, post, table, type Case } from "../case.ts";

/** What a script finds: every member as it is, but for what is random. */
const look = `
console.log(pm.request.method, pm.request.url.toString(), JSON.stringify(pm.request.url));
console.log(JSON.stringify(pm.request.headers.all().map(({ key, value, disabled, system }) =>
  [key, /agent|token/i.test(key) ? "…" : value, disabled, system])));
console.log(JSON.stringify(pm.request.body), JSON.stringify(pm.request.auth));
`;

const form = (mode: string) =>
  post("/a", {
    body: {
      mode,
      [mode]: [
        { key: "a", value: "{{v}}", type: "text" },
        { key: "off", value: "1", disabled: true },
      ],
    },
  });

const requests: Record<string, unknown> = {
  plain: get("/a?b=c"),
  "without protocol": { method: "GET", url: `127.0.0.1:${PORT}/a?x={{v}}` },
  "parts of a URL": {
    method: "GET",
    url: {
      protocol: "http",
      host: ["127", "0", "0", "1"],
      port: PORT,
      path: [":p", "b"],
      query: [
        { key: "q", value: "{{v}}" },
        { key: "off", value: "1", disabled: true },
        { key: "n", value: null },
      ],
      variable: [{ key: "p", value: "{{v}}" }],
      hash: "h",
    },
  },
  fragment: get("/a#b"),
  "letters to encode": get("/a b?c=d e&ü=ö"),
  "disabled headers": get("/a", {
    header: [
      { key: "X-Off", value: "1", disabled: true },
      { key: "X-{{v}}", value: "{{v}}" },
    ],
  }),
  "headers of one name": get("/a", {
    header: [
      { key: "X-A", value: "1" },
      { key: "X-B", value: "2" },
      { key: "x-a", value: "3" },
    ],
  }),
  "cookie by hand": get("/a", { header: pairs({ Cookie: "a=b" }) }),
  "host by hand": get("/a", { header: pairs({ Host: "x.example" }) }),
  "raw text": post("/a", { body: { mode: "raw", raw: "{{v}}" } }),
  "raw JSON": post("/a", {
    body: { mode: "raw", raw: '{"a":"{{v}}"}', options: { raw: { language: "json" } } },
  }),
  "raw object": post("/a", { body: { mode: "raw", raw: { a: "1" } } }),
  "raw number": post("/a", { body: { mode: "raw", raw: 5 } }),
  "raw true": post("/a", { body: { mode: "raw", raw: true } }),
  urlencoded: form("urlencoded"),
  formdata: form("formdata"),
  graphql: post("/a", {
    body: { mode: "graphql", graphql: { query: "{a}", variables: '{"a":"{{v}}"}' } },
  }),
  "body null": post("/a", { body: null }),
  "body empty": post("/a", { body: {} }),
  "body disabled": post("/a", { body: { mode: "raw", raw: "x", disabled: true } }),
  "mode unknown": post("/a", { body: { mode: "weird", raw: "x" } }),
  "mode in capitals": post("/a", { body: { mode: "RAW", raw: "x" } }),
  "body of a GET": get("/a", { body: { mode: "raw", raw: "x" } }),
  "method from a variable": { method: "{{m}}", url: `${BASE}/a` },
  basic: get("/a", { auth: { type: "basic", basic: pairs({ username: "u", password: "{{v}}" }) } }),
  bearer: get("/a", { auth: { type: "bearer", bearer: pairs({ token: "{{v}}" }) } }),
  "key in the query": get("/a?z=1", {
    auth: { type: "apikey", apikey: pairs({ key: "k", value: "{{v}}", in: "query" }) },
  }),
  redirected: get("/redirect/302?to=/x"),
  "redirected with a body": post("/redirect/303?to=/x", { body: { mode: "raw", raw: "b" } }),
  "redirected with cookies": get("/cookies?set=a=1&to=/x"),
};

const changes: string[] = [
  ...["body", "auth", "headers"].flatMap((member) =>
    ["undefined", "null", "{}", "''", "'text'", "5", "[]"].map((value) => `pm.request.${member} = ${value}`),
  ),
  "pm.request.method = undefined",
  "pm.request.url = 'text'",
  "delete pm.request.body",
  "delete pm.request.auth",
  "delete pm.request.headers",
  "pm.request.body.mode = undefined",
  "pm.request.body.raw = null",
  "pm.request.body.raw = 5",
  "pm.request.body.raw = { a: 1 }",
  "pm.request.body.disabled = true",
  "pm.request.body.update({})",
  "pm.request.body.update(undefined)",
  "pm.request.body.mode = 'urlencoded'; pm.request.body.urlencoded = 'a=b'",
  "pm.request.body.mode = 'formdata'; pm.request.body.formdata = [{ key: 'a', value: 'b' }]",
  "pm.request.body.mode = 'graphql'; pm.request.body.graphql = { query: '{a}' }",
  "pm.request.body = { mode: 'raw', raw: { a: 1 } }",
  "pm.request.body = { mode: 'file' }",
  "pm.request.headers = [{ key: 'X-A', value: '1' }]",
  "pm.request.header = [{ key: 'X-A', value: '1' }]",
  "pm.request.headers.one('x-own').disabled = true",
  "pm.request.headers.insert({ key: 'X-I', value: '1' }, 'X-Own')",
  "pm.request.url.query.add('time=10:30')",
  "pm.request.url.query.one('old').disabled = true",
  "pm.request.url.query = 'a=b'",
  "pm.request.auth.use('basic', { username: 'u', password: 'p' })",
  "pm.request.auth.update({ token: 'x' })",
  "pm.request.auth.type = 'noauth'",
  "pm.request.authorizeUsing(null)",
  "pm.request.update({ method: 'put' })",
  "pm.request = undefined",
];

export const requestViewCases: Case[] = [
  ...table("request as scripts see it", requests, (request) => ({
    collection: collection([item("Request", request, { pre: look, test: look })]),
    environment: environment({ v: "a value", m: "pAtCh" }),
  })),
  ...table("change of a request", Object.fromEntries(changes.map((code) => [code, code])), (pre) => ({
    collection: collection([
      {
        ...item(
          "Request",
          post("/r?old=1", {
            header: pairs({ "X-Own": "own" }),
            body: { mode: "raw", raw: "body" },
            auth: { type: "bearer", bearer: pairs({ token: "t" }) },
          }),
          { pre, test: look },
        ),
      },
      item("After", get("/after")),
    ]),
  })),
  {
    id: "change of a request: the authorization of the folder stays",
    collection: collection(
      [
        item("Emptied", get("/1", { auth: { type: "bearer", bearer: pairs({ token: "own" }) } }), {
          pre: "pm.request.auth = {};",
        }),
        item("Taken away", get("/2", { auth: { type: "bearer", bearer: pairs({ token: "own" }) } }), {
          pre: "pm.request.auth = undefined;",
        }),
        item("Inherited", get("/3"), { test: look }),
      ],
      { auth: { type: "basic", basic: pairs({ username: "u", password: "p" }) } },
    ),
  },
];
