import { expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";

import { runDocument, startServer, type ReceivedRequest } from "../support.ts";
import { runNewman, type Complaint } from "./newman.ts";

const list = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const keyUri = `data:application/pkcs8;kid=team/key;base64,${privateKey.replace(/-----[^-]+-----|\n/g, "")}`;

interface Case {
  type: string;
  parameters: Record<string, unknown>;
  request?: { url?: string } & Record<string, unknown>;
  behavior?: Record<string, unknown>;
}

const raw = { mode: "raw", raw: '{"a":"ü"}', options: { raw: { language: "json" } } };
const post = { method: "POST", body: raw };
const form = (values: Record<string, string>) => ({
  method: "POST",
  body: { mode: "urlencoded", urlencoded: list(values) },
});
const byHand = { header: list({ Authorization: "by hand", "X-One": "1" }) };

const oauth1 = {
  consumerKey: "key&",
  consumerSecret: "secret/",
  token: "token",
  tokenSecret: "token secret",
  signatureMethod: "HMAC-SHA1",
  timestamp: "1318622958",
  nonce: "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VSg",
  version: "1.0",
  addParamsToHeader: true,
};
const aws = { accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
/** What the signature takes for now. */
const dated = (more: Record<string, string> = {}) =>
  list({ Date: "Sun, 22 Nov 2026 01:02:03 GMT", "X-Two": " a  b ", ...more });
const hawk = { authId: "id", authKey: "key", algorithm: "sha256", nonce: "n0nce", timestamp: "1353832234" };
const edgegrid = {
  accessToken: "akab-access",
  clientToken: "akab-client",
  clientSecret: "secret=",
  nonce: "nonce",
  timestamp: "20140321T19:34:21+0000",
};
const digest = {
  username: "Mufasa",
  password: "Circle of Life",
  realm: "testrealm@host.com",
  nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
  nonceCount: "00000001",
  clientNonce: "0a4f113b",
  opaque: "5ccc069c403ebaf9f0171e9517f40e41",
};
const jwt = {
  secret: "s3cret",
  header: '{"kid":"k","typ":"JWT"}',
  payload: '{"sub":"{{user}}","n":1,"iat":5}',
};
const claims = { iat: 1_700_000_000, exp: 1_700_003_600, jti: "id", custom: [1] };
const asap = { alg: "RS256", iss: "me", aud: "you", kid: "team/key", claims: JSON.stringify(claims) };
const oauth2 = { accessToken: "t{{user}}" };

const odd = "/p%20th/ä/../x?b=2&a=1 2&c&&d=%2B+*'(1)!&e=ü";

const cases: Case[] = [
  { type: "basic", parameters: { username: "u", password: 0 }, request: byHand },
  { type: "basic", parameters: {} },
  { type: "bearer", parameters: { token: "" }, request: byHand },
  { type: "apikey", parameters: { key: "x-ONE", value: "2" }, request: byHand },

  ...["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT"].map((signatureMethod) => ({
    type: "oauth1",
    parameters: { ...oauth1, signatureMethod },
    request: byHand,
  })),
  ...["RSA-SHA1", "RSA-SHA256", "RSA-SHA512"].map((signatureMethod) => ({
    type: "oauth1",
    parameters: { ...oauth1, signatureMethod, privateKey },
  })),
  { type: "oauth1", parameters: { ...oauth1, realm: "a realm", callback: "http://c/?d=e", verifier: "v" } },
  { type: "oauth1", parameters: { ...oauth1, realm: "a realm", disableHeaderEncoding: true } },
  { type: "oauth1", parameters: { ...oauth1, addEmptyParamsToSign: true, token: "", version: "" } },
  { type: "oauth1", parameters: { ...oauth1, includeBodyHash: true }, request: post },
  { type: "oauth1", parameters: { ...oauth1, includeBodyHash: true } },
  { type: "oauth1", parameters: { ...oauth1, includeBodyHash: true }, request: form({ "a b": "c d" }) },
  { type: "oauth1", parameters: { ...oauth1, addParamsToHeader: false } },
  { type: "oauth1", parameters: { ...oauth1, addParamsToHeader: false }, request: post },
  {
    type: "oauth1",
    parameters: { ...oauth1, addParamsToHeader: false },
    request: form({ "a b": "c+d*(é)", oauth_token: "old", empty: "" }),
  },
  {
    type: "oauth1",
    parameters: { ...oauth1, addParamsToHeader: false, addEmptyParamsToSign: true, token: "" },
    request: form({ a: "b" }),
  },
  {
    type: "oauth1",
    parameters: { ...oauth1, addParamsToHeader: false, addEmptyParamsToSign: true, token: "" },
  },
  {
    type: "oauth1",
    parameters: { ...oauth1, addParamsToHeader: false },
    behavior: { disableUrlEncoding: true },
    request: { url: "/raw?a=1&b=x%20y" },
  },
  { type: "oauth1", parameters: { ...oauth1, consumerKey: "" }, request: byHand },
  { type: "oauth1", parameters: { ...oauth1, consumerSecret: "" } },
  { type: "oauth1", parameters: { ...oauth1, signatureMethod: "RSA-SHA1" } },
  { type: "oauth1", parameters: { ...oauth1, signatureMethod: "RSA-SHA1", privateKey: "no key" } },
  { type: "oauth1", parameters: { ...oauth1, signatureMethod: "HMAC-MD5" } },
  { type: "oauth1", parameters: oauth1, request: { url: "/q?oauth_token=old&a=b" } },

  { type: "awsv4", parameters: aws, request: { header: dated() } },
  { type: "awsv4", parameters: aws, request: { ...post, header: dated() } },
  { type: "awsv4", parameters: aws, request: { ...form({ "a b": "c d" }), header: dated() } },
  {
    type: "awsv4",
    parameters: { ...aws, service: "s3", region: "eu-west-1", sessionToken: "session" },
    request: { ...post, method: "PUT", header: dated({ authorization: "old", "x-amz-date": "old" }) },
  },
  { type: "awsv4", parameters: { ...aws, addAuthDataToQuery: true }, request: { header: dated() } },
  {
    type: "awsv4",
    parameters: { ...aws, addAuthDataToQuery: true, service: "s3", sessionToken: "session/+" },
    request: { header: dated(), url: "/s3?X-Amz-Expires=60&a=1" },
  },
  { type: "awsv4", parameters: aws, request: { header: dated({ Host: "s3.example.com" }) } },

  { type: "hawk", parameters: hawk, request: byHand },
  { type: "hawk", parameters: { ...hawk, algorithm: "sha1", extraData: 'e"x\\t', user: "u" } },
  { type: "hawk", parameters: { ...hawk, app: "app", delegation: "dlg" } },
  { type: "hawk", parameters: { ...hawk, app: "app" } },
  {
    type: "hawk",
    parameters: { ...hawk, includePayloadHash: true },
    request: { ...post, header: list({ "Content-Type": "Application/JSON; charset=utf-8" }) },
  },
  { type: "hawk", parameters: { ...hawk, includePayloadHash: true } },
  { type: "hawk", parameters: { ...hawk, algorithm: "md5" } },
  { type: "hawk", parameters: { ...hawk, authKey: "" }, request: byHand },

  { type: "edgegrid", parameters: edgegrid, request: byHand },
  { type: "edgegrid", parameters: edgegrid, request: post },
  { type: "edgegrid", parameters: { ...edgegrid, maxBodySize: 3 }, request: post },
  { type: "edgegrid", parameters: edgegrid, request: { ...post, method: "PUT" } },
  { type: "edgegrid", parameters: edgegrid, request: form({ "a b": "c d" }) },
  {
    type: "edgegrid",
    parameters: { ...edgegrid, headersToSign: "X-Two, x-none,X-ONE", baseURL: "https://a.example:8443/x" },
    request: { header: list({ "X-One": "1", "X-Two": " a \t b " }) },
  },
  { type: "edgegrid", parameters: { ...edgegrid, clientSecret: "" }, request: byHand },

  ...["", "MD5", "MD5-sess", "SHA-256", "SHA-512-256"].map((algorithm) => ({
    type: "digest",
    parameters: { ...digest, algorithm },
  })),
  ...["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"].flatMap((algorithm) =>
    ["auth", "auth-int"].map((qop) => ({
      type: "digest",
      parameters: { ...digest, algorithm, qop },
      request: post,
    })),
  ),
  { type: "digest", parameters: { ...digest, qop: "auth-int" } },
  { type: "digest", parameters: { ...digest, qop: "auth", opaque: "" }, request: byHand },
  { type: "digest", parameters: { ...digest, algorithm: "MD4" }, request: byHand },
  { type: "digest", parameters: { ...digest, username: "" }, request: byHand },
  { type: "digest", parameters: { username: "u", password: "p" }, request: byHand },

  ...["HS256", "HS384", "HS512"].map((algorithm) => ({ type: "jwt", parameters: { ...jwt, algorithm } })),
  ...["RS256", "RS384", "RS512"].map((algorithm) => ({
    type: "jwt",
    parameters: { ...jwt, algorithm, privateKey },
    request: byHand,
  })),
  {
    type: "jwt",
    parameters: { ...jwt, algorithm: "HS256", isSecretBase64Encoded: true, secret: "czNjcmV0" },
  },
  { type: "jwt", parameters: { ...jwt, algorithm: "HS256", headerPrefix: "" } },
  { type: "jwt", parameters: { ...jwt, algorithm: "HS256", headerPrefix: "JWT" } },
  { type: "jwt", parameters: { ...jwt, algorithm: "HS256", header: '{"alg":"none","x":1}', payload: {} } },
  { type: "jwt", parameters: { ...jwt, algorithm: "HS256", header: "", payload: " " } },
  { type: "jwt", parameters: { ...jwt, algorithm: "HS256", addTokenTo: "queryParam" } },
  {
    type: "jwt",
    parameters: { ...jwt, algorithm: "HS256", addTokenTo: "queryParam", queryParamKey: "k" },
    request: { url: "/j?k=old&a=b" },
  },
  { type: "jwt", parameters: { ...jwt, algorithm: "HS256", payload: "{" } },
  { type: "jwt", parameters: { ...jwt, algorithm: "HS256", secret: "" } },
  { type: "jwt", parameters: { ...jwt, algorithm: "none" } },
  { type: "jwt", parameters: { ...jwt, algorithm: "RS256" } },
  { type: "jwt", parameters: { ...jwt, algorithm: "RS256", privateKey: "no key" } },

  { type: "asap", parameters: { ...asap, privateKey }, request: byHand },
  { type: "asap", parameters: { ...asap, privateKey: keyUri } },
  { type: "asap", parameters: { ...asap, privateKey: encodeURIComponent(`"${keyUri}"`) } },
  { type: "asap", parameters: { ...asap, privateKey, alg: "RS512", sub: "s", iss: "i" } },
  {
    type: "asap",
    parameters: { ...asap, privateKey, claims: { ...claims, iss: "claimed", aud: ["a", "b"] } },
  },
  { type: "asap", parameters: { ...asap, privateKey: keyUri, kid: "other" } },
  { type: "asap", parameters: { ...asap, privateKey, aud: "" } },
  { type: "asap", parameters: { ...asap, privateKey, claims: "{" } },
  { type: "asap", parameters: { ...asap, privateKey, alg: "HS256" } },
  { type: "asap", parameters: { ...asap, privateKey: "no key" } },

  { type: "oauth2", parameters: oauth2, request: byHand },
  { type: "oauth2", parameters: { ...oauth2, headerPrefix: " Token " } },
  { type: "oauth2", parameters: { ...oauth2, headerPrefix: "" } },
  { type: "oauth2", parameters: { ...oauth2, tokenType: "MAC" }, request: byHand },
  {
    type: "oauth2",
    parameters: { ...oauth2, addTokenTo: "queryParams" },
    request: { ...byHand, url: "/o?access_token=old&a=b" },
  },
  { type: "oauth2", parameters: { ...oauth2, addTokenTo: "nowhere" }, request: byHand },
  { type: "oauth2", parameters: { addTokenTo: "header" }, request: byHand },

  { type: "ntlm", parameters: { username: "u", password: "p" }, request: byHand },
];

const toItem = (base: string, { type, parameters, request, behavior }: Case, index: number) => ({
  name: `${index} ${type}`,
  request: {
    method: "GET",
    ...request,
    url: `${base}${request?.url ?? odd}`,
    auth: { type, [type]: list(parameters) },
  },
  ...(behavior ? { protocolProfileBehavior: behavior } : {}),
});

/** Headers that an auth can touch; a GET's own ones are compared elsewhere. */
const compared = /^(authorization|x-amz-.*|x-one|content-type)$/i;

const comparable = ({ method, url, rawHeaders, body }: ReceivedRequest) => ({
  request: `${method} ${url}`,
  headers: rawHeaders
    .flatMap((name, index) =>
      index % 2 === 0 && compared.test(name) ? [`${name}: ${rawHeaders[index + 1]}`] : [],
    )
    .toSorted(),
  body,
});

test("every signature, and every complaint about a signature, is newman's", async () => {
  await using server = await startServer((_request, response) => void response.end());
  const document = {
    info: {
      name: "C",
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    variable: list({ user: "u{{n}}", n: "1" }),
    item: cases.map((one, index) => toItem(server.url, one, index)),
  };
  const complaints = (await runNewman(document)).map(withoutDetails);
  const expected = server.requests.splice(0).map(comparable);
  const { steps } = await runDocument(document);
  const sent = server.requests.map(comparable);

  expect(expected).toHaveLength(cases.length);
  expect(sent).toHaveLength(cases.length);
  const differing = cases.flatMap((one, index) =>
    Bun.deepEquals(sent[index], expected[index]) ? [] : [{ one, ours: sent[index], newman: expected[index] }],
  );
  expect(differing).toEqual([]);
  const own = steps.flatMap(({ position, console }) =>
    console.map(({ level, messages }) => ({ position: position - 1, level, message: messages[0] ?? "" })),
  );
  expect(own.map(withoutDetails)).toEqual(complaints);
  expect(complaints).toHaveLength(14);
}, 120_000);

/** What a parser says about nonsense differs from one program to the next. */
const withoutDetails = ({ message, ...complaint }: Complaint): Complaint => ({
  ...complaint,
  message: message.replace(/: (?:JSON|Expected|error:).*/, ": …"),
});
