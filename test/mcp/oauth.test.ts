import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { decide, fieldsOf, type Person, signIn } from "./consent.ts";
import { rawClient, redirectUri } from "./raw-client.ts";
import { type McpApi, servedMcp } from "./served.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: McpApi;
let person: Person;
let raw: ReturnType<typeof rawClient>;
beforeAll(async () => {
  api = await servedMcp();
  person = await signIn(api);
  raw = rawClient(api, person);
});
afterAll(() => api.stop());

describe("what is here", () => {
  test("is described where RFC 8414 and RFC 9728 look, for each endpoint", async () => {
    const read = async (path: string) => (await fetch(api.url + path)).json();

    expect(await read("/.well-known/oauth-authorization-server")).toMatchObject({
      issuer: api.url,
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
      registration_endpoint: `${api.url}/oauth/register`,
    });
    for (const path of ["", "/mcp", "/minimal", "/code"]) {
      expect(await read(`/.well-known/oauth-protected-resource${path}`)).toMatchObject({
        resource: api.url + path,
        authorization_servers: [api.url],
      });
    }
  });
});

describe("registration", () => {
  test.each<[string, unknown, string]>([
    ["no JSON", "", "invalid_client_metadata"],
    ["no redirect URI", { client_name: "x" }, "invalid_client_metadata"],
    ["an empty list", { redirect_uris: [] }, "invalid_client_metadata"],
    ["what is no URL", { redirect_uris: ["here"] }, "invalid_redirect_uri"],
    ["a script", { redirect_uris: ["javascript:alert(1)"] }, "invalid_redirect_uri"],
    ["data", { redirect_uris: ["data:text/html,x"] }, "invalid_redirect_uri"],
    ["http elsewhere", { redirect_uris: ["http://agent.example/"] }, "invalid_redirect_uri"],
    ["a fragment", { redirect_uris: ["https://agent.example/#x"] }, "invalid_redirect_uri"],
    ["a password", { redirect_uris: ["https://a:b@agent.example/"] }, "invalid_redirect_uri"],
    ["another flow", { redirect_uris: [redirectUri], response_types: ["token"] }, "invalid_client_metadata"],
  ])("with %s is refused", async (_, body, error) => {
    const response = await raw.postJson("/oauth/register", body);

    expect([response.status, await response.json()]).toMatchObject([400, { error }]);
  });

  test.each([
    "https://agent.example/cb",
    "http://127.0.0.1:9999/cb",
    "http://[::1]/cb",
    "cursor://anysphere/cb",
  ])("%s may be registered", async (uri) => {
    expect((await raw.postJson("/oauth/register", { redirect_uris: [uri] })).status).toBe(201);
  });

  test("by hundreds in an hour is refused, so that nobody fills the table", async () => {
    const other = await servedMcp();
    const body = JSON.stringify({ redirect_uris: [redirectUri] });
    await other.database.sql`
      insert into oauth_clients (id, name, redirect_uris)
      select gen_random_uuid(), 'x', array['https://x.example/'] from generate_series(1, 200)`;

    const response = await fetch(`${other.url}/oauth/register`, { method: "POST", body });
    await other.stop();

    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("3600");
  });
});

describe("the page that asks", () => {
  test("names the program, where the answer goes and what it may do, and lets a form lead there", async () => {
    const clientId = await raw.register();
    const page = await fetch(raw.authorizeUrl(clientId), { headers: { cookie: person.cookie } });
    const html = await page.text();

    expect(html).toContain("Agent");
    expect(html).toContain("agent.example");
    expect(html).toContain(api.actor.email);
    expect(fieldsOf(html).getAll("scopes")).toEqual(["collections:read", "collections:write"]);
    expect(page.headers.get("content-security-policy")).toContain("form-action 'self' https://agent.example");
    expect(html).not.toContain("<script>");
  });

  test("wants a session first, and comes back to the question", async () => {
    const url = raw.authorizeUrl(await raw.register());

    const response = await fetch(url, { headers: { accept: "text/html" }, redirect: "manual" });

    expect(response.headers.get("location")).toBe(
      `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`,
    );
  });

  test("takes no answer without the token of the session, or from another site", async () => {
    const clientId = await raw.register();
    const without = await decide(raw.authorizeUrl(clientId), person, (fields) => {
      fields.delete("csrf");
      fields.set("decision", "allow");
    });
    const foreign = await fetch(new URL("/oauth/authorize", api.url), {
      method: "POST",
      headers: { cookie: person.cookie, origin: "https://evil.example" },
      body: new URLSearchParams({ csrf: person.csrf, decision: "allow" }),
    });

    expect([without.status, foreign.status]).toEqual([403, 403]);
  });

  test("sends the code with state and issuer, and a no as well", async () => {
    const clientId = await raw.register();

    const yes = await decide(raw.authorizeUrl(clientId), person);
    const no = await decide(raw.authorizeUrl(clientId), person, (fields) => fields.set("decision", "deny"));

    expect([yes.status, yes.back?.origin]).toEqual([303, "https://agent.example"]);
    expect(yes.back?.searchParams.get("state")).toBe("s&1");
    expect(yes.back?.searchParams.get("iss")).toBe(api.url);
    expect(no.back?.searchParams.get("error")).toBe("access_denied");
    expect(no.back?.searchParams.has("code")).toBe(false);
  });

  test("never leads to an address that is not registered", async () => {
    const clientId = await raw.register();
    const answers = await Promise.all([
      decide(raw.authorizeUrl(clientId, { redirect_uri: "https://evil.example/" }), person),
      decide(raw.authorizeUrl(clientId, { redirect_uri: `${redirectUri}/` }), person),
      decide(raw.authorizeUrl(clientId, { redirect_uri: `${redirectUri}?x=1` }), person),
      decide(raw.authorizeUrl(clientId, { redirect_uri: "" }), person),
      decide(raw.authorizeUrl(newId()), person),
      decide(raw.authorizeUrl("nobody"), person),
    ]);

    expect(answers.map(({ status, back }) => [status, back])).toEqual(answers.map(() => [400, undefined]));
  });

  test("lets a program on this machine choose its port, and nothing else", async () => {
    const clientId = await raw.register(["http://127.0.0.1:1000/cb"]);
    const ask = (uri: string) => decide(raw.authorizeUrl(clientId, { redirect_uri: uri }), person);

    expect((await ask("http://127.0.0.1:2000/cb")).back?.port).toBe("2000");
    expect((await ask("http://127.0.0.1:2000/other")).status).toBe(400);
    expect((await ask("http://localhost:1000/cb")).status).toBe(400);
    expect((await ask("https://127.0.0.1:1000/cb")).status).toBe(400);
  });

  test.each<[string, Record<string, string>, string]>([
    ["no challenge", { code_challenge: "" }, "invalid_request"],
    ["a plain challenge", { code_challenge_method: "plain" }, "invalid_request"],
    ["another flow", { response_type: "token" }, "unsupported_response_type"],
    ["unknown scopes", { scope: "everything" }, "invalid_scope"],
    ["another installation", { resource: "https://elsewhere.example/mcp" }, "invalid_target"],
  ])("tells the client about %s", async (_, change, error) => {
    const { back } = await decide(raw.authorizeUrl(await raw.register(), change), person);

    expect(back?.searchParams.get("error")).toBe(error);
    expect(back?.searchParams.get("state")).toBe("s&1");
  });

  test("asks again when every right was taken away, and gives none that were not asked for", async () => {
    const clientId = await raw.register();

    const none = await decide(raw.authorizeUrl(clientId), person, (fields) => {
      fields.delete("scopes");
      fields.set("decision", "allow");
    });
    const more = await decide(raw.authorizeUrl(clientId), person, (fields) => {
      fields.append("scopes", "mocks:write");
      fields.set("decision", "allow");
    });
    const { body } = await raw.exchange(clientId, more.back?.searchParams.get("code") ?? "");

    expect(none.html).toContain("Choose at least one right");
    expect(body.scope).toBe("collections:read collections:write");
  });
});
