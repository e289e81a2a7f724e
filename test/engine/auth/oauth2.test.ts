import { afterAll, expect, test } from "bun:test";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest, startServer, type ReceivedRequest } from "../support.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const list = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

interface TokenSettings {
  /** Of the n-th answer, from 1. */
  answer?: (count: number) => { code?: number; body: unknown };
}

/** An API below `/api` and its token endpoint at `/token`: tokens are `token-1`, `token-2`, … */
async function startTokenServer({ answer = (count) => ({ body: tokenOf(count) }) }: TokenSettings = {}) {
  const tokenRequests: ReceivedRequest[] = [];
  const apiRequests: ReceivedRequest[] = [];
  const server = await startServer((request, response) => {
    if (!request.url.startsWith("/token")) {
      apiRequests.push(request);
      response.setHeader("set-cookie", "session=1; Path=/");
      response.end();
      return;
    }
    tokenRequests.push(request);
    const { code = 200, body } = answer(tokenRequests.length);
    response.writeHead(code, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  return Object.assign(server, {
    tokenRequests,
    apiRequests,
    tokenUrl: `${server.url}/token`,
    sentTokens: () => apiRequests.map(({ headers }) => headers.authorization),
  });
}

const tokenOf = (count: number, more: object = {}) => ({ access_token: `token-${count}`, ...more });

const client = { clientId: "id:", clientSecret: "s&" };
const oauth2 = (parameters: Record<string, unknown>) => ({ type: "oauth2", oauth2: list(parameters) });
const byCredentials = (accessTokenUrl: string, more: Record<string, unknown> = {}) =>
  oauth2({ grant_type: "client_credentials", accessTokenUrl, scope: "a b", ...client, ...more });

const basic = `Basic ${Buffer.from("id::s&").toString("base64")}`;

test("client credentials: the token is fetched and sent", async () => {
  await using server = await startTokenServer();

  const step = await runRequest(
    { url: `${server.url}/api`, auth: byCredentials("{{tokenUrl}}") },
    { engine, environment: { values: list({ tokenUrl: server.tokenUrl }) } },
  );

  expect(step.errors).toEqual([]);
  expect(server.sentTokens()).toEqual(["Bearer token-1"]);
  expect(server.tokenRequests).toMatchObject([
    {
      method: "POST",
      url: "/token",
      body: "grant_type=client_credentials&scope=a%20b",
      headers: { authorization: basic, "content-type": "application/x-www-form-urlencoded" },
    },
  ]);
});

test.each([
  [
    "client in the body",
    { grant_type: "client_credentials", client_authentication: "body" },
    "grant_type=client_credentials&client_id=id%3A&client_secret=s%26",
  ],
  [
    "password",
    { grant_type: "password_credentials", username: "ü", password: "p w", client_authentication: "body" },
    "grant_type=password&username=%C3%BC&password=p%20w&client_id=id%3A&client_secret=s%26",
  ],
  [
    "audience and resource",
    { grant_type: "client_credentials", audience: "https://a", resource: "r" },
    "grant_type=client_credentials&audience=https%3A%2F%2Fa&resource=r",
  ],
  [
    "refresh token",
    { refreshToken: "r1", grant_type: "authorization_code" },
    "grant_type=refresh_token&refresh_token=r1",
  ],
])("what the token request says: %s", async (_what, parameters, body) => {
  await using server = await startTokenServer();
  const auth = oauth2({ ...client, accessTokenUrl: server.tokenUrl, ...parameters });

  const step = await runRequest({ url: `${server.url}/api`, auth }, { engine });

  expect(step.errors).toEqual([]);
  expect(server.tokenRequests.map((request) => request.body)).toEqual([body]);
  expect(server.sentTokens()).toEqual(["Bearer token-1"]);
});

const extra = (key: string, send_as: string | undefined, enabled = true) => ({
  key,
  value: `${key}&`,
  enabled,
  ...(send_as ? { send_as } : {}),
});
const extras = [
  extra("a", "request_body"),
  extra("b", "request_header"),
  extra("c", "request_url"),
  extra("d", undefined),
  extra("e", "request_body", false),
];

test.each([
  ["tokenRequestParams", {}, "grant_type=client_credentials&scope=a%20b&a=a%26&d=d%26"],
  ["refreshRequestParams", { refreshToken: "r" }, "grant_type=refresh_token&refresh_token=r&a=a%26&d=d%26"],
])("parameters of the user's own go where they are sent: %s", async (name, more, body) => {
  await using server = await startTokenServer();

  await runRequest(
    { url: `${server.url}/api`, auth: byCredentials(server.tokenUrl, { ...more, [name]: extras }) },
    { engine },
  );

  expect(server.tokenRequests).toMatchObject([{ url: "/token?c=c%26", body, headers: { b: "b&" } }]);
});

test("a refresh token goes to its own URL, and a new one replaces it when the access token ends", async () => {
  await using server = await startTokenServer({
    answer: (count) => ({ body: tokenOf(count, { refresh_token: `r${count + 1}`, expires_in: 0.0001 }) }),
  });
  const auth = oauth2({
    refreshToken: "r1",
    refreshTokenUrl: `${server.tokenUrl}/refresh`,
    accessTokenUrl: "x",
  });
  const item = { name: "Item", request: { url: `${server.url}/api` } };

  await runItems([item, item], { engine, collection: { auth } });

  expect(server.tokenRequests.map(({ url, body }) => `${url} ${body}`)).toEqual([
    "/token/refresh grant_type=refresh_token&refresh_token=r1",
    "/token/refresh grant_type=refresh_token&refresh_token=r2",
  ]);
  expect(server.sentTokens()).toEqual(["Bearer token-1", "Bearer token-2"]);
});

/** Takes each refresh token once, as servers do that rotate them. */
const startRotatingServer = () => {
  let newest = 1;
  return startTokenServer({
    answer: (count) => ({ body: tokenOf(count, { refresh_token: `r${++newest}`, expires_in: 3600 }) }),
  });
};
const refreshing = (server: { tokenUrl: string }, more: Record<string, unknown> = {}) =>
  oauth2({ ...client, refreshToken: "r1", refreshTokenUrl: server.tokenUrl, ...more });
const usedRefreshTokens = ({ tokenRequests }: { tokenRequests: ReceivedRequest[] }) =>
  tokenRequests.map(({ body }) => new URLSearchParams(body).get("refresh_token"));

test("the newest refresh token is used for all requests of a run, whatever else they ask for", async () => {
  await using server = await startRotatingServer();
  const item = (more: Record<string, unknown>) => ({
    name: "Item",
    request: { url: `${server.url}/api`, auth: refreshing(server, more) },
  });

  await runItems(
    [
      item({ refreshRequestParams: [extra("a", "request_body")] }),
      item({ refreshRequestParams: [extra("b", "request_body")] }),
      item({ refreshToken: "r3" }),
      item({ clientId: "another" }),
    ],
    { engine },
  );

  expect(usedRefreshTokens(server)).toEqual(["r1", "r2", "r3", "r1"]);
});

test("a refresh that failed does not lead back to an older refresh token", async () => {
  await using server = await startTokenServer({
    answer: (count) =>
      count === 2
        ? { code: 503, body: "busy" }
        : { body: tokenOf(count, { refresh_token: `r${count + 1}`, expires_in: 0.0001 }) },
  });
  const item = { name: "Item", request: { url: `${server.url}/api` } };

  await runItems([item, item, item], { engine, collection: { auth: refreshing(server) } });

  expect(usedRefreshTokens(server)).toEqual(["r1", "r2", "r2"]);
});

test("requests that differ only in where the token goes share one", async () => {
  await using server = await startRotatingServer();
  const item = (more: Record<string, unknown>) => ({
    name: "Item",
    request: { url: `${server.url}/api`, auth: refreshing(server, more) },
  });

  await runItems([item({}), item({ headerPrefix: "Token" }), item({ addTokenTo: "queryParams" })], {
    engine,
  });

  expect(server.tokenRequests).toHaveLength(1);
  expect(server.sentTokens()).toEqual(["Bearer token-1", "Token token-1", undefined]);
});

test.each([
  ["without an expiry", {}, ["Bearer token-1", "Bearer token-1", "Bearer token-2"]],
  ["before it expires", { expires_in: "3600" }, ["Bearer token-1", "Bearer token-1", "Bearer token-2"]],
  [
    "not after it has expired",
    { expires_in: 0.0001 },
    ["Bearer token-1", "Bearer token-2", "Bearer token-3"],
  ],
])("a token is used again within a run: %s", async (_when, more, expected) => {
  await using server = await startTokenServer({ answer: (count) => ({ body: tokenOf(count, more) }) });
  const item = { name: "Item", request: { url: `${server.url}/api`, auth: byCredentials(server.tokenUrl) } };

  await runItems([item, item], { engine });
  await runItems([item], { engine });

  expect(server.sentTokens()).toEqual(expected);
});

test("another scope is another token", async () => {
  await using server = await startTokenServer();
  const item = (scope: string) => ({
    name: scope,
    request: { url: `${server.url}/api`, auth: byCredentials(server.tokenUrl, { scope }) },
  });

  await runItems([item("a"), item("b"), item("a")], { engine });

  expect(server.sentTokens()).toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-1"]);
});

test("a stored access token is used as it is", async () => {
  await using server = await startTokenServer();
  const auth = byCredentials(server.tokenUrl, { accessToken: "stored", headerPrefix: "Token" });

  await runRequest({ url: `${server.url}/api`, auth }, { engine });

  expect(server.sentTokens()).toEqual(["Token stored"]);
  expect(server.tokenRequests).toEqual([]);
});

test("a stored access token stands in when the refresh fails", async () => {
  await using server = await startTokenServer({
    answer: () => ({ code: 400, body: { error: "invalid_grant" } }),
  });
  const auth = oauth2({ accessToken: "stored", refreshToken: "old", refreshTokenUrl: server.tokenUrl });

  await runRequest({ url: `${server.url}/api`, auth }, { engine });

  expect(server.tokenRequests).toHaveLength(1);
  expect(server.sentTokens()).toEqual(["Bearer stored"]);
});

test("a fetched token may go into the query", async () => {
  await using server = await startTokenServer();
  const auth = byCredentials(server.tokenUrl, { addTokenTo: "queryParams" });

  await runRequest({ url: `${server.url}/api?access_token=old&a=b`, auth }, { engine });

  expect(server.apiRequests.map(({ url }) => url)).toEqual(["/api?a=b&access_token=token-1"]);
});

test("an answer in the form of a form is read", async () => {
  await using server = await startTokenServer({
    answer: () => ({ body: "access_token=from%20form&scope=" }),
  });

  await runRequest({ url: `${server.url}/api`, auth: byCredentials(server.tokenUrl) }, { engine });

  expect(server.sentTokens()).toEqual(["Bearer from form"]);
});

test("the token endpoint gets no cookies of the API", async () => {
  await using server = await startTokenServer();
  const items = [
    { name: "sets a cookie", request: { url: `${server.url}/api` } },
    { name: "fetches", request: { url: `${server.url}/api`, auth: byCredentials(server.tokenUrl) } },
  ];

  await runItems(items, { engine });

  expect(server.tokenRequests.map(({ headers }) => headers.cookie)).toEqual([undefined]);
  expect(server.apiRequests.map(({ headers }) => headers.cookie)).toEqual([undefined, "session=1"]);
});

test.each([
  [
    "an OAuth error",
    { code: 401, body: { error: "invalid_client", error_description: "who?" } },
    "the OAuth 2.0 token endpoint answered 401 (invalid_client: who?)",
  ],
  [
    "something else",
    { code: 502, body: "Bad Gateway" },
    "the OAuth 2.0 token endpoint answered 502 (Bad Gateway)",
  ],
  [
    "no token",
    { body: { token: "x" } },
    'the OAuth 2.0 token endpoint answered 200 without an access token ({"token":"x"})',
  ],
])("a token endpoint that answers with %s is an error of the step", async (_what, answer, message) => {
  await using server = await startTokenServer({ answer: () => answer });

  const step = await runRequest(
    { url: `${server.url}/api`, auth: byCredentials(server.tokenUrl) },
    { engine },
  );

  expect(step.errors).toEqual([{ kind: "request", phase: "request", name: "AuthError", message }]);
  expect(server.apiRequests).toEqual([]);
});

test("a token endpoint that cannot be reached is named", async () => {
  await using server = await startTokenServer();
  const dead = "http://127.0.0.1:1/token";

  const step = await runRequest({ url: `${server.url}/api`, auth: byCredentials(dead) }, { engine });

  expect(step.errors).toMatchObject([
    {
      kind: "target",
      code: "ECONNREFUSED",
      message: "the OAuth 2.0 access token could not be fetched: connect ECONNREFUSED 127.0.0.1:1",
    },
  ]);
  expect(server.apiRequests).toEqual([]);
});

test("the egress gate is asked for the token, too", async () => {
  await using server = await startTokenServer();
  const asked: string[] = [];
  const gated = createEngine({
    scripts: noScripts,
    gate: {
      check: ({ url }) => {
        asked.push(url);
        return Promise.resolve({ allowed: !url.endsWith("/token"), detail: "no tokens" });
      },
    },
  });

  const step = await runRequest(
    { url: `${server.url}/api`, auth: byCredentials(server.tokenUrl) },
    { engine: gated },
  );
  await gated.close();

  expect(asked).toEqual([server.tokenUrl]);
  expect(step.errors).toMatchObject([{ kind: "egress_denied" }]);
  expect(step.console.map(({ level }) => level)).toEqual(["error"]);
  expect(server.requests).toEqual([]);
});

test.each(["authorization_code", "authorization_code_with_pkce", "implicit"])(
  "a grant that needs a person is an error that says what to do: %s",
  async (grant_type) => {
    await using server = await startTokenServer();
    const auth = oauth2({ grant_type, authUrl: "http://x/", accessTokenUrl: server.tokenUrl });

    const step = await runRequest({ url: `${server.url}/api`, auth }, { engine });

    expect(step.errors).toMatchObject([{ kind: "request", name: "AuthError" }]);
    expect(step.errors[0]?.message).toContain(
      `"${grant_type}" needs a person in a browser; store its access token`,
    );
    expect(server.requests).toEqual([]);
  },
);

test("a grant without a URL goes out unsigned, with a warning", async () => {
  await using server = await startTokenServer();

  const step = await runRequest({ url: `${server.url}/api`, auth: byCredentials("{{nobody}}") }, { engine });

  expect(server.sentTokens()).toEqual([undefined]);
  expect(step.console.map(({ messages }) => messages)).toEqual([
    [
      'runtime~oauth2.auth: could not sign the request: the grant "client_credentials" has no access token and no URL to fetch one from',
    ],
  ]);
});
