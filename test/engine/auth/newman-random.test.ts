import { expect, test } from "bun:test";

import * as fc from "fast-check";

import { runDocument, startServer, type TestServer } from "../support.ts";
import { runNewman } from "./newman.ts";

const list = (values: object) => Object.entries(values).map(([key, value]) => ({ key, value }));

const text = fc.oneof(
  fc.constantFrom("", "a", "a b", "~/&=+", "x{{u}}", "'(*)!~", '"q"'),
  fc.string({ maxLength: 6 }).filter((value) => !/[{}]/.test(value)),
);
const any = fc.oneof(text, fc.constant(true), fc.constant(5));

type Parameters = Record<string, fc.Arbitrary<unknown>>;

/** `always` gets the type past its first checks and takes chance out of its signature. */
const auth = (type: string, always: Record<string, unknown>, sometimes: Parameters) =>
  fc
    .record(sometimes, { requiredKeys: [] })
    .map((values) => ({ type, parameters: { ...always, ...values } as Record<string, unknown> }));

const fixed = { timestamp: "1353832234", nonce: "n" };
const one = <T>(...values: T[]) => fc.constantFrom(...values);
const auths = fc.oneof(
  auth("basic", {}, { username: text, password: text }),
  auth("bearer", {}, { token: any }),
  auth("apikey", { key: "k" }, { value: text, in: one("query", "header", "") }),
  auth(
    "oauth1",
    { ...fixed, consumerKey: "c", consumerSecret: "s" },
    {
      token: any,
      tokenSecret: any,
      version: any,
      realm: text,
      callback: any,
      verifier: any,
      addParamsToHeader: fc.boolean(),
      addEmptyParamsToSign: fc.boolean(),
      disableHeaderEncoding: fc.boolean(),
      includeBodyHash: fc.boolean(),
    },
  ).chain(({ type, parameters }) =>
    one("HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT").map((signatureMethod) => ({
      type,
      parameters: { ...parameters, signatureMethod },
    })),
  ),
  auth(
    "hawk",
    { ...fixed, authId: "i", authKey: "k", algorithm: "sha1" },
    {
      extraData: text,
      app: text,
      delegation: text,
      user: text,
      algorithm: one("sha1", "sha256"),
    },
  ),
  auth(
    "digest",
    { realm: "r", nonce: "n", clientNonce: "c", nonceCount: "00000001", password: "p" },
    {
      username: text,
      password: text,
      realm: text,
      nonce: text,
      opaque: text,
      qop: one("auth", "auth-int"),
      algorithm: one("MD5", "SHA-256", "MD5-sess", "SHA-512-256"),
    },
  ),
  auth(
    "edgegrid",
    { ...fixed, accessToken: "a", clientToken: "c", clientSecret: "s" },
    {
      headersToSign: one("x-a", "X-A,x-b", "x-c", ""),
      maxBodySize: one<unknown>(1, "2", 0, 100),
      baseURL: one("", "http://a:80/x", "b.example", "https://c:443"),
    },
  ),
  auth(
    "awsv4",
    { accessKey: "a", secretKey: "s" },
    {
      sessionToken: text,
      service: one("s3", "ec2", ""),
      region: one("eu", ""),
      addAuthDataToQuery: fc.boolean(),
    },
  ),
  auth(
    "jwt",
    { algorithm: "HS256", secret: "s", payload: "{}" },
    {
      algorithm: one("HS384", "HS512"),
      payload: one<unknown>("", '{"a":"{{u}}"}', { b: 1 }, "[]", null),
      header: one<unknown>("", '{"typ":"JWT"}', { kid: "k" }),
      headerPrefix: text,
      queryParamKey: text,
      addTokenTo: one("header", "queryParam", ""),
    },
  ),
  auth("oauth2", {}, { accessToken: text, addTokenTo: one("header", "queryParams", ""), headerPrefix: any }),
);

const bodies = one<object | undefined>(
  undefined,
  { mode: "raw", raw: "tëxt" },
  { mode: "raw", raw: '{"a":"{{u}}"}', options: { raw: { language: "json" } } },
  { mode: "urlencoded", urlencoded: list({ a: "1", "b c": "ü&=" }) },
  { mode: "urlencoded", urlencoded: [] },
  { mode: "graphql", graphql: { query: "{a}", variables: "" } },
);
const paths = one(
  "",
  "/",
  "/p",
  "/?",
  "/#h",
  "/a%20b/c d/ü",
  "/q?a=1&b=2&a=0",
  "/q?x=%2F+ y&é&=z&&",
  "/../x/./y//z",
  "/q?a=b#frag",
  "/s(*)!~;,@$/{{u}}?w='{{u}}'",
  "/k?k=1&oauth_token=z&access_token=q&token=t",
);

/** Newman signs bodies that it does not send, and leaves out of AWS's URLs those that it does. */
const signsOtherBody = (method: string, parameters: Record<string, unknown>): boolean =>
  method === "GET" || parameters["addAuthDataToQuery"] === true;

const items = fc
  .record({ auth: auths, path: paths, body: bodies, method: one("GET", "POST", "PUT", "DELETE") })
  .map(({ auth: { type, parameters }, body, ...request }) => ({
    ...request,
    ...(body && !signsOtherBody(request.method, parameters) ? { body } : {}),
    auth: { type, [type]: list(parameters) },
  }));

const compared = /^(?:authorization|x-amz-.*|k)$/i;

/** What arrived, by the number of its item; a request that was never sent is missing. */
const received = (server: TestServer) =>
  Object.fromEntries(
    server.requests.splice(0).map(({ method, url, headers, rawHeaders, body }) => [
      headers["x-number"],
      {
        request: `${method} ${url}`,
        headers: rawHeaders
          .flatMap((name, at) =>
            at % 2 === 0 && compared.test(name) ? [`${name}: ${rawHeaders[at + 1]}`] : [],
          )
          .toSorted(),
        body,
      },
    ]),
  );

test("any parameters give the request that newman sends", async () => {
  await using server = await startServer((_request, response) => void response.end());
  const samples = fc.sample(items, { numRuns: 200, seed: 5 });
  const header = { "X-A": "1", "X-B": " 2  3 ", Date: "Sun, 22 Nov 2026 01:02:03 GMT" };
  const document = {
    info: { name: "C", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
    variable: list({ u: "v w" }),
    item: samples.map(({ path, ...request }, number) => ({
      name: `${number}`,
      request: { ...request, url: server.url + path, header: list({ ...header, "X-Number": `${number}` }) },
    })),
  };

  await runNewman(document);
  const expected = received(server);
  await runDocument(document);
  const sent = received(server);

  expect(Object.keys(expected).length).toBeGreaterThan(190);
  const differing = samples.flatMap((sample, number) =>
    Bun.deepEquals(sent[number], expected[number])
      ? []
      : [{ sample, ours: sent[number], newman: expected[number] }],
  );
  expect(differing).toEqual([]);
}, 120_000);
