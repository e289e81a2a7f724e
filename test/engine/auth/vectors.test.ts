import { afterEach, expect, setSystemTime, test } from "bun:test";

import type {
  AuthContext,
  AuthParameters,
  Sign,
  SignableRequest,
} from "../../../src/engine/auth/auth-type.ts";
import { awsv4 } from "../../../src/engine/auth/awsv4.ts";
import { digest } from "../../../src/engine/auth/digest.ts";
import { edgegrid } from "../../../src/engine/auth/edgegrid.ts";
import { hawk } from "../../../src/engine/auth/hawk.ts";
import { ntlmv2Responses } from "../../../src/engine/auth/ntlm-message.ts";
import { oauth1 } from "../../../src/engine/auth/oauth1.ts";
import type { HeaderList } from "../../../src/engine/types.ts";
import { encodeUrl } from "../../../src/engine/url-encode.ts";
import { parseUrl } from "../../../src/engine/url.ts";

afterEach(() => void setSystemTime());

interface Vector {
  method?: string;
  url: string;
  headers?: HeaderList;
  body?: string;
  contentType?: string;
}

const context: AuthContext = {
  memory: {},
  tokens: new Map(),
  refreshTokens: new Map(),
  leg: 0,
  onSecret: () => {},
  now: () => new Date("2026-01-01T00:00:00Z"),
  send: () => Promise.reject(new Error("no vector needs the network")),
};

async function authorization(sign: Sign, parameters: AuthParameters, vector: Vector): Promise<string> {
  const { method = "GET", url, headers = [], body, contentType = "text/plain" } = vector;
  const request: SignableRequest = {
    method,
    url: encodeUrl(parseUrl(url)),
    encodesUrl: true,
    headers,
    body: body === undefined ? undefined : { bytes: Buffer.from(body), contentType },
    isForm: contentType.endsWith("urlencoded"),
  };
  const result = await sign(parameters, request, context);
  return result.headers?.find(([name]) => name === "Authorization")?.[1] ?? "";
}

const mufasa = { username: "Mufasa", password: "Circle of Life", qop: "auth", nonceCount: "00000001" };
const rfc7616 = {
  ...mufasa,
  realm: "http-auth@example.org",
  nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
  clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};

test.each([
  [
    "RFC 2617, 3.5",
    {
      ...mufasa,
      password: "Circle Of Life",
      realm: "testrealm@host.com",
      nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
      clientNonce: "0a4f113b",
    },
    "6629fae49393a05397450978507c4ef1",
  ],
  ["RFC 7616, 3.9.1, MD5", { ...rfc7616, algorithm: "MD5" }, "8ca523f5e9506fed4657c9700eebdbec"],
  [
    "RFC 7616, 3.9.1, SHA-256",
    { ...rfc7616, algorithm: "SHA-256" },
    "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
  ],
])("digest: %s", async (_source, parameters, response) => {
  const header = await authorization(digest.sign, parameters, { url: "http://host.example/dir/index.html" });

  expect(header).toContain(`response="${response}"`);
});

test("oauth1: RFC 5849, 1.2", async () => {
  const header = await authorization(
    oauth1,
    {
      consumerKey: "dpf43f3p2l4k3l03",
      consumerSecret: "kd94hf93k423kf44",
      token: "nnch734d00sl2jdk",
      tokenSecret: "pfkkdhi9sl3r4s00",
      signatureMethod: "HMAC-SHA1",
      timestamp: "137131202",
      nonce: "chapoH",
      addParamsToHeader: true,
    },
    { url: "http://photos.example.net/photos?file=vacation.jpg&size=original" },
  );

  expect(header).toContain('oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"');
});

test("oauth1: fields of a form are signed (the example of Twitter's manual)", async () => {
  const header = await authorization(
    oauth1,
    {
      consumerKey: "xvz1evFS4wEEPTGEFPHBog",
      consumerSecret: "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
      token: "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
      tokenSecret: "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
      signatureMethod: "HMAC-SHA1",
      timestamp: "1318622958",
      nonce: "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
      version: "1.0",
      addParamsToHeader: true,
    },
    {
      method: "POST",
      url: "https://api.twitter.com/1.1/statuses/update.json?include_entities=true",
      body: "status=Hello%20Ladies%20%2B%20Gentlemen%2C%20a%20signed%20OAuth%20request%21",
      contentType: "application/x-www-form-urlencoded",
    },
  );

  expect(header).toContain('oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"');
});

const hawkKey = {
  authId: "dh37fgj492je",
  authKey: "werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn",
  algorithm: "sha256",
  timestamp: "1353832234",
  nonce: "j4h3g2",
  extraData: "some-app-ext-data",
};

test.each([
  ["a GET", {}, {}, 'mac="6R4rV5iE+NPoym+WwjeHzjAGXUtLNIxmo1vpMofpLAE="'],
  [
    "a payload",
    { includePayloadHash: true },
    { method: "POST", body: "Thank you for flying Hawk" },
    'hash="Yi9LfIIFRtBEPt74PVmbTF/xVAwPn7ub15ePICfgnuY=", ext="some-app-ext-data", mac="aSe1DERmZuRl3pI36/9BdZmnErTw3sNzOOAUlfeKjVw="',
  ],
])("hawk: the example of its manual with %s", async (_what, parameters, vector, expected) => {
  const header = await authorization(
    hawk,
    { ...hawkKey, ...parameters },
    { url: "http://example.com:8000/resource/1?b=1&a=2", ...vector },
  );

  expect(header).toContain(expected);
});

const akamai = {
  accessToken: "akab-access-token-xxx-xxxxxxxxxxxxxxxx",
  clientToken: "akab-client-token-xxx-xxxxxxxxxxxxxxxx",
  clientSecret: `${"x".repeat(43)}=`,
  nonce: "nonce-xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
  timestamp: "20140321T19:34:21+0000",
  maxBodySize: 2048,
};

test.each([
  ["simple GET", "/", {}, "tL+y4hxyHxgWVD30X3pWnGKHcPzmrIF+LThiAOhMxYU="],
  ["GET with query", "/testapi/v1/t1?p1=1&p2=2", {}, "hKDH1UlnQySSHjvIcZpDMbQHihTQ0XyVAKZaApabdeA="],
  [
    "POST inside the limit",
    "/testapi/v1/t3",
    { method: "POST", body: "datadatadatadatadatadatadatadata" },
    "hXm4iCxtpN22m4cbZb4lVLW5rhX8Ca82vCFqXzSTPe4=",
  ],
  [
    "POST too large",
    "/testapi/v1/t3",
    { method: "POST", body: "d".repeat(2049) },
    "6Q6PiTipLae6n4GsSIDTCJ54bEbHUBp+4MUXrbQCBoY=",
  ],
  [
    "PUT",
    "/testapi/v1/t6",
    { method: "PUT", body: "PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP" },
    "GNBWEYSEWOLtu+7dD52da2C39aX/Jchpon3K/AmBqBU=",
  ],
])("edgegrid: Akamai's test data, %s", async (_name, path, vector, signature) => {
  const url = `https://akaa-baseurl-xxxxxxxxxxx-xxxxxxxxxxxxx.luna.akamaiapis.net${path}`;

  const header = await authorization(edgegrid, akamai, { url, ...vector });

  expect(header).toEndWith(`signature=${signature}`);
});

test.each([
  ["get-vanilla", "/", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  [
    "get-vanilla-query-order-key-case",
    "/?Param2=value2&Param1=value1",
    {},
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  ],
  [
    "post-vanilla",
    "/",
    { method: "POST" },
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  ],
  [
    "post-header-key-sort",
    "/",
    { method: "POST", headers: [["My-Header1", "value1"]] },
    "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
  ],
] as [string, string, Partial<Vector>, string][])(
  "awsv4: Amazon's test suite, %s",
  async (_name, path, vector, signature) => {
    setSystemTime(new Date("2015-08-30T12:36:00Z"));

    const header = await authorization(
      awsv4,
      {
        accessKey: "AKIDEXAMPLE",
        secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        service: "service",
        region: "us-east-1",
      },
      { url: `https://example.amazonaws.com${path}`, ...vector },
    );

    expect(header).toEndWith(`Signature=${signature}`);
  },
);

test("ntlm: MS-NLMP, 4.2.4", () => {
  const responses = ntlmv2Responses(
    {
      serverChallenge: Buffer.from("0123456789abcdef", "hex"),
      isUnicode: true,
      targetInfo: Buffer.from(
        "02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000",
        "hex",
      ),
    },
    { username: "User", domain: "Domain", password: "Password", workstation: "" },
    { clientChallenge: Buffer.alloc(8, 0xaa), nowMs: -11_644_473_600_000 },
  );

  expect(responses.lm.toString("hex")).toBe("86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa");
  expect(responses.nt.toString("hex", 0, 16)).toBe("68cd0ab851e51c96aabc927bebef6a1c");
});
