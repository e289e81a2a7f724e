import { afterAll, expect, test } from "bun:test";

import * as fc from "fast-check";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runRequest, startServer } from "../support.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Names that some type knows, so that values get past the first checks. */
const names = words(`
  accessKey secretKey sessionToken service region addAuthDataToQuery username password realm
  nonce nonceCount clientNonce algorithm qop opaque accessToken clientToken clientSecret baseURL
  timestamp headersToSign maxBodySize authId authKey extraData app delegation includePayloadHash
  consumerKey consumerSecret token tokenSecret signatureMethod privateKey version callback
  verifier addParamsToHeader addEmptyParamsToSign disableHeaderEncoding header payload secret
  isSecretBase64Encoded addTokenTo headerPrefix queryParamKey alg kid iss exp aud sub claims key
  value in includeBodyHash domain workstation tokenType
`);
const types = words(`
  noauth basic bearer apikey asap awsv4 digest edgegrid hawk jwt ntlm oauth1 oauth2
`);
/** What leads somewhere, and anything. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    "HS256",
    "RS256",
    "ES512",
    "HMAC-SHA1",
    "RSA-SHA1",
    "sha256",
    "MD5-sess",
    "auth-int",
  ),
  fc.constantFrom<unknown>("queryParams", "queryParam", "query", "s3", true, "{}", "[1]", "%zz", "\r\nX: y"),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.jsonValue({ maxDepth: 2 }),
);
const parameters = fc.dictionary(fc.constantFrom(...names), value, { minKeys: 8, noNullPrototype: true });
const paths = fc.oneof(
  fc.webPath({ size: "small" }),
  fc.constantFrom("/%zz?{", "/?%=%&a", "/a b?c+d", "/?X-Amz-Date=1&oauth_token=%", "/{{x}}"),
);

test("no auth breaks a run, whatever its parameters are", async () => {
  await using server = await startServer((request, response) => {
    const isOdd = request.url.length % 2 === 1;
    response.writeHead(401, {
      "www-authenticate": isOdd ? 'Digest realm="r", nonce="n", algorithm="x' : ["NTLM AAAA", "Digest ,,=,"],
    });
    response.end();
  });

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...types),
      parameters,
      paths,
      fc.constantFrom("GET", "POST"),
      async (type, values, path, method) => {
        const list = Object.entries(values).map(([key, entry]) => ({ key, value: entry }));

        const step = await runRequest(
          {
            method,
            url: server.url + path,
            body: { mode: "urlencoded", urlencoded: [{ key: "a", value: "b" }] },
            auth: { type, [type]: list },
          },
          { engine },
        );

        for (const { kind } of step.errors) expect(kind).toBe("request");
        if (step.errors.length === 0) expect(step.response?.code).toBe(401);
      },
    ),
    { numRuns: 400 },
  );
}, 120_000);

test("a challenge of any shape is read in time", async () => {
  const evil = [
    "a".repeat(60_000),
    `a="${'b=\\"'.repeat(15_000)}`,
    `${",".repeat(60_000)} `,
    "a= ".repeat(20_000),
  ];
  for (const text of evil) {
    await using server = await startServer((_request, response) => {
      response.writeHead(401, { "www-authenticate": `Digest ${text}` });
      response.end();
    });
    const auth = { type: "digest", digest: { username: "u", password: "p" } };

    const step = await runRequest(
      { url: server.url, auth },
      { engine, options: { requestTimeoutMs: 30_000 } },
    );

    expect(step.response?.code).toBe(401);
  }
}, 120_000);
