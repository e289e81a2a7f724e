import {
  BASE,
  collection,
  environment,
  get,
  item,
  pairs,
  PORT,
  post,
  requests,
  table,
  type Case,
  type Json,
} from "../case.ts";

const header = (...list: [key: string, value: unknown, more?: Json][]): Json => ({
  header: list.map(([key, value, more]) => ({ key, value, ...more })),
});

const values = environment({ name: "X-From-Variable", value: "a value", line: "a\nb" });

const headers: Record<string, Json> = {
  plain: get("/h", header(["X-One", "1"], ["x-two", "2"], ["X_THREE", "3"])),
  disabled: get("/h", header(["X-Off", "1", { disabled: true }], ["X-On", "1"])),
  duplicates: get("/h", header(["X-A", "1"], ["X-B", "2"], ["X-A", "3"])),
  "duplicates in other cases": get("/h", header(["X-A", "1"], ["x-b", "2"], ["x-a", "3"])),
  "duplicate with one disabled": get("/h", header(["X-A", "1"], ["X-A", "2", { disabled: true }])),
  "empty value": get("/h", header(["X-Empty", ""], ["X-Null", null])),
  "empty name": get("/h", header(["", "1"], ["X-A", "2"])),
  "spaces around": get("/h", header([" X-A ", " 1 "], ["X-B", "a  b"])),
  variables: get("/h", header(["{{name}}", "{{value}}"], ["X-Unknown", "{{unknown}}"])),
  "letters beyond ASCII": get("/h", header(["X-A", "café"])),
  "letters beyond Latin-1": get("/h", header(["X-A", "🐎"])),
  "line break in a value": get("/h", header(["X-A", "{{line}}"])),
  "bad name": get("/h", header(["X A", "1"])),
  "colon in a name": get("/h", header(["X:A", "1"])),
  "user agent by hand": get("/h", header(["User-Agent", "mine"])),
  "accept by hand": get("/h", header(["Accept", "application/json"])),
  "accept in lower case": get("/h", header(["accept", "text/html"])),
  "accept-encoding by hand": get("/h", header(["Accept-Encoding", "identity"])),
  "cache-control by hand": get("/h", header(["cache-control", "max-age=0"])),
  "token by hand": get("/h", header(["Postman-Token", "mine"])),
  "host by hand": get("/h", header(["X-A", "1"], ["host", "virtual.example"], ["X-B", "2"])),
  "connection close by hand": get("/h", header(["Connection", "close"])),
  "content-type without body": get("/h", header(["Content-Type", "application/json"])),
  "cookie by hand": get("/h", header(["X-A", "1"], ["Cookie", "a=1; b=2"], ["X-B", "2"])),
  "authorization by hand": get("/h", header(["authorization", "Own abc"])),
  "referer and origin by hand": get("/h", header(["Referer", `${BASE}/`], ["Origin", BASE])),
  "numbers as values": get("/h", header(["X-N", 5], ["X-B", true])),
  "a long value": get("/h", header(["X-Long", "0123456789".repeat(300)])),
  many: get("/h", header(...Array.from({ length: 60 }, (_, n): [string, string] => [`X-${n}`, `${n}`]))),
  "as text": get("/h", { header: "X-A: 1\nX-B: 2: 3" }),
};

const behaviors: Record<string, Json> = {
  "user-agent off": { disabledSystemHeaders: { "user-agent": true } },
  "accept off": { disabledSystemHeaders: { accept: true } },
  "accept-encoding off": { disabledSystemHeaders: { "accept-encoding": true } },
  "connection off": { disabledSystemHeaders: { connection: true } },
  "cache-control off": { disabledSystemHeaders: { "cache-control": true } },
  "token off": { disabledSystemHeaders: { "postman-token": true } },
  "content-type off": { disabledSystemHeaders: { "content-type": true } },
  "several off": { disabledSystemHeaders: { "user-agent": true, accept: true, "cache-control": true } },
  "off is false": { disabledSystemHeaders: { accept: false } },
};

const raw = (text: unknown, language?: string): Json => ({
  body: { mode: "raw", raw: text, ...(language ? { options: { raw: { language } } } : {}) },
});

const bodies: Record<string, Json> = {
  "raw text": post("/b", raw("hello {{value}}")),
  "raw json": post("/b", raw('{"a":"{{value}}","b":[1,2]}', "json")),
  "raw javascript": post("/b", raw("alert(1)", "javascript")),
  "raw html": post("/b", raw("<p>x</p>", "html")),
  "raw xml": post("/b", raw("<a/>", "xml")),
  "raw of no known language": post("/b", raw("x", "yaml")),
  "raw empty": post("/b", raw("")),
  "raw with letters beyond ASCII": post("/b", raw("žluť 🐎")),
  "raw with line breaks": post("/b", raw("a\r\nb\nc\r")),
  "raw with own type": post("/b", {
    ...raw("{}", "json"),
    ...header(["content-type", "application/vnd.api+json"]),
  }),
  "raw with disabled type": post("/b", {
    ...raw("{}", "json"),
    ...header(["Content-Type", "x/y", { disabled: true }]),
  }),
  "raw null": post("/b", raw(null)),
  "raw object": post("/b", raw({ a: 1 })),
  "raw json with braces in texts": post("/b", raw('{"a":"{{unknown}}","b":"}}{{"}', "json")),
  "body disabled": post("/b", { body: { mode: "raw", raw: "x", disabled: true } }),
  "no mode": post("/b", { body: {} }),
  "mode none": post("/b", { body: { mode: "none" } }),
  "body is null": post("/b", { body: null }),
  urlencoded: post("/b", {
    body: {
      mode: "urlencoded",
      urlencoded: pairs([
        ["a", "1"],
        ["b c", "d e"],
        ["é", "ü&="],
        ["(x)", "it's !*~"],
      ]),
    },
  }),
  "urlencoded duplicates": post("/b", {
    body: {
      mode: "urlencoded",
      urlencoded: pairs([
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
      ]),
    },
  }),
  "urlencoded empty values": post("/b", {
    body: {
      mode: "urlencoded",
      urlencoded: pairs([
        ["a", ""],
        ["b", null],
        ["", "c"],
      ]),
    },
  }),
  "urlencoded disabled": post("/b", {
    body: {
      mode: "urlencoded",
      urlencoded: [...pairs({ a: "1" }), { key: "off", value: "1", disabled: true }],
    },
  }),
  "urlencoded all disabled": post("/b", {
    body: { mode: "urlencoded", urlencoded: [{ key: "off", value: "1", disabled: true }] },
  }),
  "urlencoded with numeric names": post("/b", {
    body: {
      mode: "urlencoded",
      urlencoded: pairs([
        ["b", "1"],
        ["2", "2"],
        ["1", "3"],
      ]),
    },
  }),
  "urlencoded numbers": post("/b", {
    body: {
      mode: "urlencoded",
      urlencoded: pairs([
        ["n", 5],
        ["t", true],
      ]),
    },
  }),
  "urlencoded with own type": post("/b", {
    ...header(["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]),
    body: { mode: "urlencoded", urlencoded: pairs({ a: "1" }) },
  }),
  "urlencoded with a wrong type": post("/b", {
    ...header(["Content-Type", "text/plain"]),
    body: { mode: "urlencoded", urlencoded: pairs({ a: "1" }) },
  }),
  "urlencoded as text": post("/b", { body: { mode: "urlencoded", urlencoded: "a=1&b={{value}}" } }),
  "urlencoded variables": post("/b", {
    body: { mode: "urlencoded", urlencoded: pairs({ "{{name}}": "{{value}}" }) },
  }),
  multipart: post("/b", {
    body: {
      mode: "formdata",
      formdata: pairs([
        ["a", "1"],
        ["b c", "d e"],
        ["é", "ü"],
      ]).map((p) => ({ ...p, type: "text" })),
    },
  }),
  "multipart types": post("/b", {
    body: {
      mode: "formdata",
      formdata: [{ key: "j", value: '{"a":1}', type: "text", contentType: "application/json" }],
    },
  }),
  "multipart disabled": post("/b", {
    body: {
      mode: "formdata",
      formdata: [
        { key: "a", value: "1", type: "text" },
        { key: "off", value: "1", type: "text", disabled: true },
      ],
    },
  }),
  "multipart odd values": post("/b", {
    body: {
      mode: "formdata",
      formdata: pairs([
        ["n", 5],
        ["o", { a: 1 }],
        ["e", ""],
        ["null", null],
      ]).map((p) => ({ ...p, type: "text" })),
    },
  }),
  "multipart duplicates": post("/b", {
    body: {
      mode: "formdata",
      formdata: pairs([
        ["a", "1"],
        ["a", "2"],
      ]).map((p) => ({ ...p, type: "text" })),
    },
  }),
  "multipart empty": post("/b", { body: { mode: "formdata", formdata: [] } }),
  "multipart with own type": post("/b", {
    ...header(["Content-Type", "multipart/form-data"]),
    body: { mode: "formdata", formdata: [{ key: "a", value: "1", type: "text" }] },
  }),
  graphql: post("/b", {
    body: { mode: "graphql", graphql: { query: "{ a(b: {{value}}) }", variables: '{"v":"{{value}}"}' } },
  }),
  "graphql with operation": post("/b", {
    body: { mode: "graphql", graphql: { query: "query A { a }", operationName: "A", variables: "" } },
  }),
  "graphql with object variables": post("/b", {
    body: { mode: "graphql", graphql: { query: "{ a }", variables: { v: 1 } } },
  }),
  "graphql without variables": post("/b", { body: { mode: "graphql", graphql: { query: "{ a }" } } }),
  "graphql empty": post("/b", { body: { mode: "graphql", graphql: {} } }),
  PUT: { ...post("/b", raw("x")), method: "PUT" },
  PATCH: { ...post("/b", raw("x")), method: "PATCH" },
  "DELETE with body": { ...post("/b", raw("x")), method: "DELETE" },
  "DELETE without body": { ...get("/b"), method: "DELETE" },
  OPTIONS: { ...get("/b"), method: "OPTIONS" },
  HEAD: { ...get("/b"), method: "HEAD" },
  "GET with body": { ...post("/b", raw("x")), method: "GET" },
  "COPY with body": { ...post("/b", raw("x")), method: "COPY" },
  "LINK without body": { ...get("/b"), method: "LINK" },
  "PROPFIND with body": { ...post("/b", raw("<x/>", "xml")), method: "PROPFIND" },
  PURGE: { ...get("/b"), method: "PURGE" },
  "own method": { ...get("/b"), method: "MYMETHOD" },
  "method in lower case": { ...get("/b"), method: "post" },
  "method from a variable": { ...get("/b"), method: "{{method}}" },
  "no method": { url: `${BASE}/b` },
  "PUT without body": { ...get("/b"), method: "PUT" },
  "VIEW without body": { ...get("/b"), method: "VIEW" },
};

const auths: Record<string, Json> = {
  none: { type: "noauth" },
  basic: { type: "basic", basic: pairs({ username: "u", password: "p" }) },
  "basic with variables": { type: "basic", basic: pairs({ username: "{{name}}", password: "{{value}}" }) },
  "basic with odd letters": { type: "basic", basic: pairs({ username: "ü:x", password: "p:ä" }) },
  "basic without password": { type: "basic", basic: pairs({ username: "u" }) },
  "basic empty": { type: "basic", basic: [] },
  "basic as object": { type: "basic", basic: { username: "u", password: "p" } },
  bearer: { type: "bearer", bearer: pairs({ token: "t" }) },
  "bearer with a variable": { type: "bearer", bearer: pairs({ token: "{{value}}" }) },
  "bearer empty": { type: "bearer", bearer: pairs({ token: "" }) },
  "bearer missing": { type: "bearer" },
  "apikey in the header": { type: "apikey", apikey: pairs({ key: "X-Key", value: "v", in: "header" }) },
  "apikey by default": { type: "apikey", apikey: pairs({ key: "X-Key", value: "v" }) },
  "apikey in the query": { type: "apikey", apikey: pairs({ key: "k", value: "v w&x=y", in: "query" }) },
  "apikey without key": { type: "apikey", apikey: pairs({ value: "v" }) },
  "oauth2 token in the header": { type: "oauth2", oauth2: pairs({ accessToken: "t", addTokenTo: "header" }) },
  "oauth2 token in the query": {
    type: "oauth2",
    oauth2: pairs({ accessToken: "t", addTokenTo: "queryParams" }),
  },
  "oauth2 with prefix": { type: "oauth2", oauth2: pairs({ accessToken: "t", headerPrefix: "Token " }) },
  "oauth2 without token": { type: "oauth2", oauth2: pairs({ addTokenTo: "header" }) },
  "unknown type": { type: "unheard-of" },
};

export const messageCases: Case[] = [
  ...table("headers", headers, (request) => ({
    collection: collection([item("Request", request)]),
    environment: values,
  })),
  ...table("system headers", behaviors, (protocolProfileBehavior) => ({
    collection: collection([item("Request", post("/s", raw("{}", "json")), { protocolProfileBehavior })]),
  })),
  ...table("body", bodies, (request) => ({
    collection: collection([item("Request", request)]),
    environment: environment({ value: "a value", name: "n", method: "DELETE" }),
  })),
  ...table("auth", auths, (auth) => ({
    collection: collection([
      item("Request", get("/a?x=1", { auth })),
      item("Second", post("/a", { auth, ...raw("b") })),
    ]),
    environment: values,
  })),
  {
    id: "body: kept on GET when asked for",
    collection: collection([
      item(
        "Raw",
        { ...post("/b", raw("x")), method: "GET" },
        { protocolProfileBehavior: { disableBodyPruning: true } },
      ),
      item(
        "Form",
        { ...post("/b", { body: { mode: "urlencoded", urlencoded: pairs({ a: "1" }) } }), method: "GET" },
        {
          protocolProfileBehavior: { disableBodyPruning: true },
        },
      ),
    ]),
  },
  {
    id: "url: encoding switched off",
    collection: collection([
      item("Request", get("/a b?c=d e&f=ü"), { protocolProfileBehavior: { disableUrlEncoding: true } }),
      item("Plain", get("/a%20b?c=d+e"), { protocolProfileBehavior: { disableUrlEncoding: true } }),
    ]),
  },
  {
    id: "auth: inherited, overridden and refused",
    collection: collection(
      [
        item("From the collection", get("/1")),
        {
          name: "Folder",
          id: "f",
          auth: { type: "basic", basic: pairs({ username: "f", password: "f" }) },
          item: [
            item("From the folder", get("/2")),
            item("Own", get("/3", { auth: { type: "bearer", bearer: pairs({ token: "own" }) } })),
            item("Refused", get("/4", { auth: { type: "noauth" } })),
            item("Null", get("/5", { auth: null })),
            { name: "Inner", id: "i", item: [item("From the outer folder", get("/6"))] },
            { name: "Refusing", id: "r", auth: { type: "noauth" }, item: [item("Nobody's", get("/7"))] },
          ],
        },
        { name: "Null folder", id: "nf", auth: null, item: [item("Past the folder", get("/8"))] },
      ],
      { auth: { type: "bearer", bearer: pairs({ token: "collection" }) } },
    ),
  },
  {
    id: "auth: wins over a header by hand",
    collection: collection([
      item(
        "Request",
        get("/a", {
          ...header(["authorization", "hand"], ["X-A", "1"]),
          auth: { type: "bearer", bearer: pairs({ token: "t" }) },
        }),
      ),
      item(
        "Key",
        get("/a?k=1", {
          ...header(["x-key", "hand"]),
          auth: { type: "apikey", apikey: pairs({ key: "X-Key", value: "v" }) },
        }),
      ),
      item(
        "Query",
        get("/a?k=1&z=2", { auth: { type: "apikey", apikey: pairs({ key: "k", value: "v", in: "query" }) } }),
      ),
      item("Credentials", {
        method: "GET",
        url: `http://u:p@127.0.0.1:${PORT}/a`,
        auth: { type: "bearer", bearer: pairs({ token: "t" }) },
      }),
    ]),
  },
  {
    id: "protocolProfileBehavior: inherited",
    collection: collection(
      [
        {
          name: "Folder",
          id: "f",
          protocolProfileBehavior: { disabledSystemHeaders: { accept: true } },
          item: [
            item("In a folder", get("/1")),
            item("Own", get("/2"), { protocolProfileBehavior: { disableBodyPruning: true } }),
          ],
        },
        item("Of the collection", get("/3")),
      ],
      { protocolProfileBehavior: { disabledSystemHeaders: { "user-agent": true } } },
    ),
  },
  ...requests("request", {
    "description and other fields": get("/x", { description: "text", certificate: {}, responses: [] }),
    "its own proxy": get("/x", { proxy: { host: "127.0.0.1", port: 1, match: "http://*:*/*" } }),
    "url missing": { method: "GET" },
    "url null": { method: "GET", url: null },
    "header null": get("/x", { header: null }),
  }),
];
