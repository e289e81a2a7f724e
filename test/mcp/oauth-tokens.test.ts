import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { decide, type Person, signIn } from "./consent.ts";
import { rawClient } from "./raw-client.ts";
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

describe("tokens", () => {
  test("a code works once; the second use ends what the first one got", async () => {
    const clientId = await raw.register();
    const code = await raw.newCode(clientId);

    const first = await raw.exchange(clientId, code);
    const before = await raw.statusWith(first.body.access_token);
    const second = await raw.exchange(clientId, code);

    expect([first.status, before]).toEqual([200, 200]);
    expect([second.status, second.body.error]).toEqual([400, "invalid_grant"]);
    expect(await raw.statusWith(first.body.access_token)).toBe(401);
    expect((await raw.refresh(clientId, first.body.refresh_token)).body.error).toBe("invalid_grant");
  });

  test("of two that bring a code at the same time one gets tokens", async () => {
    const clientId = await raw.register();
    const code = await raw.newCode(clientId);

    const answers = await Promise.all([1, 2, 3, 4].map(() => raw.exchange(clientId, code)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test.each<[string, Record<string, string>, string]>([
    ["another verifier", { code_verifier: "w".repeat(43) }, "invalid_grant"],
    ["a verifier that is too short", { code_verifier: "v" }, "invalid_grant"],
    ["no verifier", { code_verifier: "" }, "invalid_request"],
    ["another redirect URI", { redirect_uri: "https://agent.example/" }, "invalid_grant"],
    ["another resource", { resource: "https://elsewhere.example" }, "invalid_target"],
    ["another grant type", { grant_type: "password" }, "unsupported_grant_type"],
    ["no client", { client_id: "" }, "invalid_client"],
  ])("a code with %s gets none", async (_, change, error) => {
    const clientId = await raw.register();

    const { status, body } = await raw.exchange(clientId, await raw.newCode(clientId), change);

    expect([status, body.error]).toEqual([error === "invalid_client" ? 401 : 400, error]);
  });

  test("a code is good for a minute, and for its client only", async () => {
    const [clientId, other] = [await raw.register(), await raw.register()];
    const [late, stolen] = [await raw.newCode(clientId), await raw.newCode(clientId)];

    const byOther = await raw.exchange(other, stolen);
    await api.database.sql`update oauth_tokens set expires_at = now() where kind = 'code'`;
    const afterwards = await raw.exchange(clientId, late);

    expect([byOther.body.error, afterwards.body.error]).toEqual(["invalid_grant", "invalid_grant"]);
  });

  test("each refresh gives a new refresh token; an old one that comes again later ends them all", async () => {
    const clientId = await raw.register();
    const first = await raw.exchange(clientId, await raw.newCode(clientId));

    const second = await raw.refresh(clientId, first.body.refresh_token);
    const good = await raw.statusWith(second.body.access_token);
    await api.database.sql`update oauth_tokens set used_at = used_at - interval '11 seconds'`;
    const replayed = await raw.refresh(clientId, first.body.refresh_token);
    const third = await raw.refresh(clientId, second.body.refresh_token);

    expect([second.status, good]).toEqual([200, 200]);
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
    expect([replayed.body.error, third.body.error]).toEqual(["invalid_grant", "invalid_grant"]);
    expect(await raw.statusWith(second.body.access_token)).toBe(401);
  });

  test("two requests of a client that refresh at the same time both go on", async () => {
    const clientId = await raw.register();
    const first = await raw.exchange(clientId, await raw.newCode(clientId));

    const both = await Promise.all([1, 2].map(() => raw.refresh(clientId, first.body.refresh_token)));
    const statuses = await Promise.all(both.map(({ body }) => raw.statusWith(body.access_token)));

    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(statuses).toEqual([200, 200]);
  });

  test("a refresh may ask for fewer rights, never for more", async () => {
    const clientId = await raw.register();
    const first = await raw.exchange(clientId, await raw.newCode(clientId));

    const fewer = await raw.refresh(clientId, first.body.refresh_token, {
      scope: "collections:read mocks:write",
    });
    const none = await raw.refresh(clientId, fewer.body.refresh_token, { scope: "mocks:write" });

    expect(fewer.body.scope).toBe("collections:read");
    expect(none.body.error).toBe("invalid_scope");
  });

  test("a token that is revoked ends with its whole family; another client cannot revoke it", async () => {
    const [clientId, other] = [await raw.register(), await raw.register()];
    const { body } = await raw.exchange(clientId, await raw.newCode(clientId));
    const revoke = (client: string) =>
      fetch(`${api.url}/oauth/revoke`, {
        method: "POST",
        body: new URLSearchParams({ token: body.refresh_token, client_id: client }),
      });

    const byOther = await revoke(other);
    const before = await raw.statusWith(body.access_token);
    const byOwner = await revoke(clientId);

    expect([byOther.status, before, byOwner.status]).toEqual([200, 200, 200]);
    expect(await raw.statusWith(body.access_token)).toBe(401);
    expect((await raw.refresh(clientId, body.refresh_token)).body.error).toBe("invalid_grant");
  });

  test("no secret is stored: what is in the tables opens nothing", async () => {
    const clientId = await raw.register();
    const { body } = await raw.exchange(clientId, await raw.newCode(clientId));

    const rows = await api.database.sql`select * from oauth_tokens, oauth_grants, oauth_clients`;

    expect(JSON.stringify(rows)).not.toContain(body.access_token);
    expect(JSON.stringify(rows)).not.toContain(body.refresh_token);
  });

  test("a token is for the endpoints of MCP under this public URL, and ends with its person", async () => {
    const clientId = await raw.register();
    const { body } = await raw.exchange(clientId, await raw.newCode(clientId));
    const headers = { authorization: `Bearer ${body.access_token}`, "x-api-key": body.access_token };

    expect((await fetch(`${api.url}/api/me`, { headers })).status).toBe(401);

    await api.database.sql`update oauth_grants set audience = 'https://before.example'`;
    expect(await raw.statusWith(body.access_token)).toBe(401);

    await api.database.sql`update oauth_grants set audience = ${api.url}`;
    await api.database.sql`update users set deactivated_at = now() where id = ${api.actor.userId}`;
    const whileGone = await raw.statusWith(body.access_token);
    await api.database.sql`update users set deactivated_at = null where id = ${api.actor.userId}`;
    expect([whileGone, await raw.statusWith(body.access_token)]).toEqual([401, 200]);
  });
});

describe("the list of connected programs", () => {
  const open = async (who: Person) =>
    (await fetch(`${api.url}/connected-apps`, { headers: { cookie: who.cookie } })).text();
  const grantIn = (html: string) => /\/connected-apps\/([\w-]+)\/revoke/.exec(html)?.[1] ?? "";
  const disconnect = (who: Person, id: string) =>
    fetch(`${api.url}/connected-apps/${id}/revoke`, {
      method: "POST",
      headers: { cookie: who.cookie },
      body: new URLSearchParams({ csrf: who.csrf }),
      redirect: "manual",
    });

  test("shows a person's own, and a button ends one", async () => {
    const { actor } = await api.newKey({ role: "member" });
    const [who, stranger] = [
      await signIn(api, actor.userId),
      await signIn(api, (await api.newKey({ role: "member" })).actor.userId),
    ];
    const clientId = await raw.register();
    const { back } = await decide(raw.authorizeUrl(clientId), who);
    const { body } = await raw.exchange(clientId, back?.searchParams.get("code") ?? "");
    const id = grantIn(await open(who));

    const byStranger = await disconnect(stranger, id);
    const before = await raw.statusWith(body.access_token);
    const byOwner = await disconnect(who, id);

    expect(grantIn(await open(stranger))).toBe("");
    expect([byStranger.status, before, byOwner.status]).toEqual([403, 200, 303]);
    expect(await raw.statusWith(body.access_token)).toBe(401);
    expect(grantIn(await open(who))).toBe("");
  });

  test("what was allowed and ended stands in the audit trail, without secrets", async () => {
    const { body } = await api.call("GET", "/audit/logs?action=oauth_grant.created&limit=1");

    expect(JSON.stringify(body)).toContain("agent.example");
    expect(JSON.stringify(body)).not.toMatch(/sp(at|rt|ac)_/);
  });
});
