import {
  BASE,
  collection,
  environment,
  FILES,
  folder,
  get,
  item,
  pairs,
  post,
  table,
  type Case,
  type Json,
} from "../case.ts";

const of = (type: string, parameters: Record<string, unknown>): Json => ({ type, [type]: pairs(parameters) });

/** Chance and time are given by hand, so that both sides sign the same. */
const oauth1 = (more: Record<string, unknown>): Json =>
  of("oauth1", {
    consumerKey: "key",
    consumerSecret: "secret&/",
    token: "token",
    tokenSecret: "token secret",
    nonce: "nonce",
    timestamp: "1353832234",
    signatureMethod: "HMAC-SHA1",
    addParamsToHeader: true,
    ...more,
  });

const hawk = (more: Record<string, unknown> = {}): Json =>
  of("hawk", {
    authId: "id",
    authKey: "key",
    algorithm: "sha256",
    nonce: "nonce",
    timestamp: "1353832234",
    ...more,
  });

const edgegrid = (more: Record<string, unknown> = {}): Json =>
  of("edgegrid", {
    accessToken: "at",
    clientToken: "ct",
    clientSecret: "cs",
    nonce: "nonce",
    timestamp: "20200101T00:00:00+0000",
    ...more,
  });

const jwt = (more: Record<string, unknown> = {}): Json =>
  of("jwt", { algorithm: "HS256", secret: "secret", payload: '{"sub":"1","name":"{{v}}"}', ...more });

const auths: Record<string, Json> = {
  ...Object.fromEntries(
    ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT"].flatMap((signatureMethod) => [
      [`oauth1 ${signatureMethod} in the header`, oauth1({ signatureMethod })],
      [`oauth1 ${signatureMethod} in query or body`, oauth1({ signatureMethod, addParamsToHeader: false })],
    ]),
  ),
  "oauth1 with a realm": oauth1({ realm: "a realm" }),
  "oauth1 with a body hash": oauth1({ includeBodyHash: true }),
  "oauth1 with empty parameters": oauth1({ token: "", verifier: "", addEmptyParamsToSign: true }),
  "oauth1 without encoding of the header": oauth1({ disableHeaderEncoding: true }),
  "oauth1 with callback and verifier": oauth1({ callback: "http://a/b?c", verifier: "v" }),
  "oauth1 without a key": oauth1({ consumerKey: "" }),
  "oauth1 with an unknown method": oauth1({ signatureMethod: "NONE" }),
  hawk: hawk(),
  "hawk sha1 with everything": hawk({
    algorithm: "sha1",
    user: "u",
    extraData: "e",
    app: "app",
    delegation: "d",
  }),
  "hawk with the hash of the payload": hawk({ includePayloadHash: true }),
  "hawk without an id": hawk({ authId: "" }),
  edgegrid: edgegrid(),
  "edgegrid with headers and base": edgegrid({ headersToSign: "X-A", baseURL: "https://base.example" }),
  "edgegrid without tokens": edgegrid({ accessToken: "" }),
  jwt: jwt(),
  "jwt in the query": jwt({ addTokenTo: "queryParam", queryParamKey: "jwt" }),
  "jwt with header and prefix": jwt({ header: '{"kid":"k"}', headerPrefix: "JWT" }),
  "jwt with a secret in Base64": jwt({ secret: "c2VjcmV0", isSecretBase64Encoded: true }),
  "jwt HS384": jwt({ algorithm: "HS384" }),
  "jwt HS512": jwt({ algorithm: "HS512" }),
  "oauth2 with variables": of("oauth2", {
    accessToken: "{{v}}",
    addTokenTo: "header",
    headerPrefix: "{{v}}",
  }),
  "oauth2 in the query": of("oauth2", { accessToken: "a&b=c d", addTokenTo: "queryParams" }),
  "oauth2 of type MAC": of("oauth2", { accessToken: "t", tokenType: "mac" }),
  "oauth2 with an empty prefix": of("oauth2", { accessToken: "t", headerPrefix: "" }),
  ...Object.fromEntries(
    ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256"].map((algorithm) => [
      `digest ${algorithm} by hand`,
      of("digest", {
        username: "u",
        password: "p",
        realm: "realm",
        nonce: "nonce",
        algorithm,
        qop: "auth",
        nonceCount: "00000001",
        clientNonce: "client",
        opaque: "opaque",
      }),
    ]),
  ),
  "digest auth-int": of("digest", {
    username: "u",
    password: "p",
    realm: "r",
    nonce: "n",
    qop: "auth-int",
    nonceCount: "00000002",
    clientNonce: "c",
  }),
  "digest without challenge": of("digest", { username: "u", password: "p" }),
  "ntlm without challenge": of("ntlm", { username: "u", password: "p" }),
};

const form: Json = { body: { mode: "urlencoded", urlencoded: pairs({ b: "2", "a b": "c&d" }) } };
const raw: Json = { body: { mode: "raw", raw: '{"x":1}', options: { raw: { language: "json" } } } };

const challenge = (scheme: string, parameters: Record<string, unknown>, path: string): Case => ({
  id: `auth: ${scheme} answers ${path}`,
  collection: collection(
    [item("First", get(path)), item("Second", post(path, raw), { test: "console.log(pm.response.code);" })],
    { auth: of(scheme, parameters) },
  ),
});

const field = (fields: Json[]): Json => ({ body: { mode: "formdata", formdata: fields } });
const file = (key: string, src: unknown, more: Json = {}): Json => ({ key, type: "file", src, ...more });
const binary = (content: unknown): Json => ({ body: { mode: "file", file: content } });

const uploads: Record<string, Json> = {
  "one file": field([file("f", "text.txt")]),
  "a file in a list": field([file("f", ["text.txt"])]),
  "several files in one field": field([file("f", ["text.txt", "bytes.bin"])]),
  "files and texts": field([
    { key: "a", value: "1", type: "text" },
    file("f", "data.json"),
    file("e", "empty.txt"),
  ]),
  "a type by hand": field([file("f", "text.txt", { contentType: "application/x-own" })]),
  "a name by hand": field([file("f", "text.txt", { fileName: "own name.txt" })]),
  "a disabled file": field([
    file("f", "missing.txt", { disabled: true }),
    { key: "a", value: "1", type: "text" },
  ]),
  "a missing file": field([file("f", "missing.txt")]),
  "no source": field([file("f", null), file("g", ""), file("h", [])]),
  "a name from a variable": field([file("f", "{{name}}")]),
  "binary text": binary({ src: "text.txt" }),
  "binary bytes": binary({ src: "bytes.bin" }),
  "binary JSON": binary({ src: "data.json" }),
  "binary, empty": binary({ src: "empty.txt" }),
  "binary, missing": binary({ src: "missing.txt" }),
  "binary, no source": binary({}),
  "binary as text": binary("text.txt"),
  "binary from a variable": binary({ src: "{{name}}" }),
  "binary, content inside": binary({ content: "hello" }),
};

const behaviors: Record<string, Json> = {
  strictSSL: { strictSSL: true },
  insecureHTTPParser: { insecureHTTPParser: true },
  tlsPreferServerCiphers: { tlsPreferServerCiphers: true },
  disableUrlEncoding: { disableUrlEncoding: true },
  disableBodyPruning: { disableBodyPruning: true },
  disableCookies: { disableCookies: true },
  "protocolVersion http1": { protocolVersion: "http1" },
  "removed host": { disabledSystemHeaders: { host: true } },
  "removed everything": {
    disabledSystemHeaders: Object.fromEntries(
      [
        "user-agent",
        "accept",
        "cache-control",
        "postman-token",
        "accept-encoding",
        "connection",
        "content-type",
      ].map((name) => [name, true]),
    ),
  },
  "unheard-of": { unheardOf: 1, maxRedirects: "2", followRedirects: "false" },
  "not an object": { disabledSystemHeaders: null },
};

export const signedCases: Case[] = [
  ...table("signed", auths, (auth) => ({
    collection: collection([
      item("GET", get("/a b/c?x=1&y=a%20b&z=", { auth, header: pairs({ "X-A": "1" }) })),
      item("Form", post("/f?x=1", { auth, ...form })),
      item("JSON", post("/j", { auth, ...raw })),
    ]),
    environment: environment({ v: "a value" }),
  })),
  challenge(
    "digest",
    { username: "u", password: "p", clientNonce: "c", disableRetryRequest: true },
    "/status/401",
  ),
  challenge("ntlm", { username: "u", password: "p", domain: "d", workstation: "w" }, "/status/401"),
  {
    id: "auth: signed by the folder",
    collection: collection(
      [
        folder("Folder", [item("Inherited", get("/1?a=b")), item("Own", get("/2", { auth: hawk() }))], {
          auth: oauth1({}),
        }),
        item("Of the collection", get("/3")),
      ],
      { auth: edgegrid() },
    ),
  },
  ...table("file", uploads, (body) => ({
    collection: collection([
      item("Request", post("/upload", body), {
        test: "console.log(JSON.stringify(pm.request.body), pm.response && pm.response.code);",
      }),
      item("After", get("/after")),
    ]),
    environment: environment({ name: "text.txt" }),
    options: { workingDir: FILES },
  })),
  ...table("behavior", behaviors, (protocolProfileBehavior) => ({
    collection: collection([
      item("GET", { ...get("/a b?c=d e"), ...raw }, { protocolProfileBehavior }),
      item("POST", post("/cookies?set=a=1", raw), { protocolProfileBehavior }),
      item("Redirect", get("/chain/3"), { protocolProfileBehavior }),
      item("After", { method: "GET", url: `${BASE}/after` }),
    ]),
  })),
];
